"""Invented forums, meetings and contributions for the plans of the demonstration, by the portal's own actions.

Everything happens in the order of its dates, in one transaction, and nothing is sent: addresses end in `.invalid`, and what the
actions write stands in the log of mails as sent. The same plans give the same co-creation.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from accounts.choices import Language
from accounts.models import User
from action_plans.actions import contributions, forum, meetings, moderation, personal_data, responses, sign_ups
from action_plans.actions.contributions import Sent
from action_plans.actions.forum import Seat
from action_plans.actions.meetings import Details
from action_plans.choices import (
    ContributionKind,
    ContributionState,
    HideReason,
    MeetingKind,
    PlanStage,
    Sector,
    Verdict,
)
from action_plans.models import Contribution, Forum, Meeting, Plan
from action_plans.rules.plan_states import LISTENING
from config.page_cache import forget_public_pages
from municipalities.choices import MailState
from municipalities.imports import demonstration_people as people
from municipalities.models import Mail, Municipality
from municipalities.rules.demonstration import dice_of

DAY: Final = timedelta(days=1)
RULES: Final = (
    "El foro reúne a la municipalidad y a la comunidad en partes iguales.\n\n"
    "Se reúne al menos cada tres meses. Cualquier organización de la comuna puede pedir un puesto por escrito; el foro responde "
    "en la reunión siguiente. Decide por acuerdo y, si no lo hay, por mayoría. Sus actas son públicas. Son datos de demostración."
)
SEATS: Final = (
    (Sector.MUNICIPALITY, "Secretaría Comunal de Planificación", "Encargada de demostración", True),
    (Sector.MUNICIPALITY, "Dirección de Desarrollo Comunitario", "Encargado de demostración", False),
    (Sector.CIVIL_SOCIETY, "Unión comunal de juntas de vecinos", "Dirigenta de demostración", True),
    (Sector.CIVIL_SOCIETY, "Consejo comunal de organizaciones", "Consejero de demostración", False),
    (Sector.ACADEMIA, "Liceo de la comuna", "Profesora de demostración", True),
)
# Days from today, kind, title, agenda, capacity.
MEETINGS: Final = (
    (-120, MeetingKind.FORUM, "Primera reunión del foro", "Presentación del diagnóstico y de las brechas.", None),
    (-60, MeetingKind.WORKSHOP, "Taller de prioridades", "Qué brechas cerrar primero, por mesas.", 40),
    (18, MeetingKind.FORUM, "Reunión del foro", "Revisión de los aportes recibidos.", None),
    (32, MeetingKind.WORKSHOP, "Taller abierto a la comunidad", "Cómo se mide cada compromiso.", 25),
)
PROPOSALS: Final = (
    ("Sesiones en vivo", "Que el concejo municipal transmita sus sesiones y guarde las grabaciones en el sitio."),
    (
        "Presupuesto en palabras",
        "Que el presupuesto se explique con ejemplos: cuánto cuesta una plaza, cuánto un consultorio.",
    ),
    ("Respuestas a tiempo", "Que cada solicitud de información muestre cuántos días lleva y quién debe responderla."),
    ("Actas de las juntas", "Que las actas del consejo de organizaciones se publiquen antes de una semana."),
    ("Mapa de obras", "Que un mapa muestre las obras de la comuna, cuánto cuestan y cuándo terminan."),
    ("Datos abiertos", "Que las patentes y permisos se publiquen en un archivo que se pueda usar, cada mes."),
    ("Grabar las sesiones", "Queremos ver las sesiones del concejo después del trabajo: que queden grabadas."),
    ("Audiencias en los barrios", "Que el municipio cuente sus resultados en los barrios y no solo en el centro."),
)
ANSWERS: Final = (
    (Verdict.ACCEPTED, "Se incluyó en el plan: la unidad de informática tiene los equipos y comienza este año."),
    (Verdict.PARTLY, "Se hará para las obras sobre 100 millones de pesos; para las menores no hay personal todavía."),
    (Verdict.REJECTED, "No depende del municipio: la ley pone ese plazo. Lo llevaremos a la asociación de municipios."),
)


def load(*, now: datetime) -> int:
    """Give each plan of the demonstration a forum, meetings and contributions; returns how many plans got them.

    A municipality that has a forum is left as it is. Raises `LookupError` when there is no plan.
    """
    plans = Plan.objects.exclude(stage=PlanStage.CANCELLED).select_related("municipality__region").order_by("pk")
    if not plans:
        raise LookupError("There is no action plan: make those of the demonstration first.")
    count = 0
    with translation.override(Language.SPANISH), transaction.atomic():
        last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        for plan in plans:
            if not Forum.objects.filter(municipality=plan.municipality).exists():
                _Story(plan, now=now).tell()
                count += 1
        send_nothing_after(last)
        # What was written long ago was sent before its reader was forgotten.
        personal_data.forget(now=now)
    return count


def send_nothing_after(last: int) -> None:
    """Mails younger than the number stand in the log as sent, and nothing waits for the end of the transaction."""
    written = Mail.objects.filter(pk__gt=last, state=MailState.QUEUED)
    written.update(state=MailState.SENT, attempts=1, claimed_at=F("created_at"), sent_at=F("created_at"))
    # Hundreds of tasks to send what is not to be sent.
    transaction.get_connection().run_on_commit.clear()
    transaction.on_commit(forget_public_pages)


def propose(plan: Plan, number: int, *, key: UUID, at: datetime) -> Contribution:
    """One of the proposals, by somebody without an account who confirms it an hour later."""
    title, text = PROPOSALS[number]
    sent = Sent(
        kind=ContributionKind.PROPOSAL,
        text=text,
        client_id=key,
        shown_as=f"Vecina de demostración {number + 1}",
        email=mailbox(number, plan.municipality),
        title=title,
    )
    made = contributions.contribute(plan=plan, sent=sent, now=at)
    contributions.confirm(key=made.authors.get().key, now=at + timedelta(hours=1))
    made.refresh_from_db()
    return made


def mailbox(number: int, place: Municipality) -> str:
    """An address that leads nowhere."""
    return f"vecina{number}.{place.pk}@{people.DOMAIN}"


class _Story:
    """What happened round one plan."""

    def __init__(self, plan: Plan, *, now: datetime) -> None:
        self.plan, self.now, self.place = plan, now, plan.municipality
        self.dice = dice_of(f"cocreation of {self.place.pk}")
        since = timezone.localdate(now) - 400 * DAY
        self.by: User = people.coordinator(self.place, since=since, now=now)

    def tell(self) -> None:
        self._forum()
        for days, kind, title, agenda, capacity in MEETINGS:
            self._meeting(days, kind, title, agenda, capacity)
        if self.plan.stage in LISTENING:
            self._contributions()

    def _forum(self) -> None:
        at = self.now - 150 * DAY
        name = f"Foro de Gobierno Abierto de {self.place.name}"
        made = forum.publish_rules(by=self.by, municipality=self.place, name=name, rules=RULES, now=at)
        for sector, organisation, person, shows in SEATS:
            seat = Seat(sector, organisation, person, shows, timezone.localdate(at))
            forum.add_member(by=self.by, forum=made, seat=seat, now=at)

    def _meeting(self, days: int, kind: MeetingKind, title: str, agenda: str, capacity: int | None) -> None:
        day = timezone.localdate(self.now) + (days + self.dice.randrange(5)) * DAY
        starts = timezone.make_aware(datetime.combine(day, time(18, 30)))
        said = Details(
            kind, title, agenda, starts, starts + timedelta(hours=2), "Salón municipal", "", capacity, self.plan
        )
        announced = min(self.now - 2 * DAY, starts - 20 * DAY)
        key = self._key(f"meeting:{days}")
        held = meetings.plan_meeting(
            by=self.by, municipality=self.place, key=key, details=said, announce=True, now=announced
        )
        for number in range(self.dice.randint(2, 8)):
            row = sign_ups.sign_up(
                meeting=held, name=f"Vecina de demostración {number + 1}", email=mailbox(number, self.place),
                sector=Sector.OTHER, now=announced + timedelta(hours=number + 1),
            )  # fmt: skip
            sign_ups.confirm(token=row.token, now=announced + timedelta(hours=number + 2))
        if days < 0:
            self._minutes(held)

    def _minutes(self, held: Meeting) -> None:
        came = {
            Sector.MUNICIPALITY: 4,
            Sector.CIVIL_SOCIETY: self.dice.randint(6, 20),
            Sector.OTHER: self.dice.randint(3, 15),
        }
        meetings.publish_minutes(
            by=self.by,
            meeting=held,
            minutes="Se presentó el tema, se conversó en mesas y se leyeron las conclusiones. Son datos de demostración.",
            agreements="Publicar las conclusiones en el sitio\nRevisar el avance en la reunión siguiente",
            attendance=came,
            now=held.ends_at + 3 * DAY,
        )

    def _contributions(self) -> None:
        made = [
            propose(self.plan, number, key=self._key(f"contribution:{number}"), at=self.now - (30 - number) * DAY)
            for number in range(self.dice.randint(5, len(PROPOSALS)))
        ]
        waiting = [each.pk for each in made if each.state == ContributionState.WAITING]
        given: dict[str, Any] = {"by": self.by, "plan": self.plan}
        # The last two arrived just now: one waits to be read, one for its answer.
        public = moderation.publish(**given, contributions=waiting[:-1], now=self.now - 20 * DAY)
        for number, each in enumerate(public[:-1]):
            verdict, reasons = ANSWERS[number % len(ANSWERS)]
            if number == 1:
                moderation.hide(
                    **given,
                    contributions=[each.pk],
                    reason=HideReason.PERSONAL_DATA,
                    note="Nombraba a una persona.",
                    now=self.now - 15 * DAY,
                )
                continue
            at = self.now - self.dice.randint(3, 14) * DAY
            responses.respond(**given, contributions=[each.pk], verdict=verdict, reasons=reasons, now=at)

    def _key(self, what: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.place.pk}:{self.plan.pk}:{what}")
