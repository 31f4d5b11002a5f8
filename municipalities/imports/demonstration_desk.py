"""What lies on the council's desk in the demonstration: contacts made, tasks, saved filters, what citizens ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from accounts.models import User
from municipalities.actions import contact_log, filters, requests
from municipalities.actions.contact_log import Noted
from municipalities.choices import ContactKind
from municipalities.filters.adhesions import TABLE
from municipalities.models import Municipality
from municipalities.rules.demonstration import dice_of

NOTES: Final = (
    (ContactKind.CALL, "Preguntaron qué les toca hacer el primer año.", "Mandar el resumen de los compromisos"),
    (ContactKind.VISIT, "Reunión con el equipo de transparencia.", "Confirmar la fecha con la alcaldía"),
    (ContactKind.MAIL, "Enviamos el modelo y un ejemplo de acta.", ""),
    (ContactKind.EVENT, "Conversamos en el encuentro regional.", "Llamar para acordar una visita"),
    (ContactKind.CALL, "Piden ver antes el texto del acta.", "Enviar el texto del acta"),
)
FILTERS: Final = (
    ("Alejadas en conversación", "estado=conversing&distancia=alejados", True),
    ("Sin respuesta hace un mes", "dias=30&espera=municipio", True),
    ("Devueltas que esperan", "estado=returned", False),
)
REQUESTS: Final = (
    "Me gustaría que mi municipio contara sus cuentas como los vecinos de al lado.",
    "",
    "Somos una junta de vecinos y queremos participar.",
    "¿Por qué no está mi comuna?",
)


def fill(
    accompanied: Sequence[tuple[Municipality, User]],
    *,
    administrator: User,
    until: date,
    asked_in: Sequence[Municipality],
) -> None:
    """Note contacts with every second municipality of `accompanied`, save filters, and ask in `asked_in`, up to `until`."""
    for number, (place, adviser) in enumerate(accompanied[::2]):
        _note(place, administrator if number % 7 == 0 else adviser, number=number, until=until)
    for name, query, is_shared in FILTERS:
        filters.save_filter(by=administrator, table=TABLE, name=name, query=query, is_shared=is_shared)
    for number, (place, message) in enumerate(zip(asked_in, REQUESTS, strict=False)):
        at = _at(until - timedelta(days=6 + 9 * number))
        asked = requests.ask_for_adhesion(
            municipality=place, now=at, name="Vecina de demostración" if message else "", message=message
        )
        if number == len(REQUESTS) - 1:
            requests.answer_request(by=administrator, asked=asked, now=at + timedelta(days=2))


def _note(place: Municipality, by: User, *, number: int, until: date) -> None:
    """A contact made some time ago; its next step is overdue, due today, to come, or done."""
    kind, notes, next_step = NOTES[number % len(NOTES)]
    on = until - timedelta(days=dice_of(place.pk).randint(2, 70))
    next_on = until + timedelta(days=(-4, 0, 3, 10)[number % 4])
    noted = Noted(
        kind=kind,
        on=on,
        with_whom=f"Coordinación de demostración de {place.name}",
        notes=notes,
        next_step=next_step,
        next_on=max(on, next_on) if next_step else None,
        responsible=by if next_step else None,
    )
    note = contact_log.add_note(by=by, municipality=place, noted=noted, now=_at(on))
    if next_step and number % 3 == 0:
        contact_log.set_done(by=by, note=note, done=True, now=_at(on + timedelta(days=1)))


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(16)))
