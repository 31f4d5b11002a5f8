"""What the fields of a mail hold, and the words around its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml
from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from municipalities.choices import AdhesionState, MailKind
from municipalities.models import Act, Adhesion, MailTemplate, Municipality
from municipalities.notifications.recipients import (
    TO_CITIZENS,
    TO_COUNCIL,
    TO_MONITORS,
    Recipient,
    recipient,
    recipients_of,
)
from municipalities.rules.adhesion_states import TABLE
from municipalities.rules.mail_templates import Rendered, fields_of, render, used
from municipalities.rules.reminders import KINDS, answer_by

if TYPE_CHECKING:
    from accounts.models import User

SHIPPED: Final = Path(__file__).parent.parent / "data" / "mail_templates.yaml"


class Text(NamedTuple):
    """Subject and body of a kind of mail, with fields in braces."""

    subject: str
    body: str


def shipped() -> dict[MailKind, Text]:
    """The texts that the portal brings, by kind."""
    rows = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return {MailKind(kind): Text(row["subject"], row["body"].strip()) for kind, row in rows.items()}


def text_of(kind: MailKind) -> Text:
    """The text in use: what staff wrote, or what the portal brings."""
    template = MailTemplate.objects.filter(kind=kind).first()
    return Text(template.subject, template.body) if template else shipped()[kind]


def write(
    text: Text,
    kind: MailKind,
    *,
    to: Recipient,
    adhesion: Adhesion | None,
    by: User | None,
    today: date,
    words: Mapping[str, str],
    municipality: Municipality | None = None,
) -> Rendered:
    """The mail to one person, complete with what stands below every mail. `words` go before what the portal knows itself;
    `datos` among them is where a citizen sees and deletes what is kept of them.

    `municipality` is for a mail about a municipality and no adhesion of it.
    """
    place = adhesion.municipality if adhesion else municipality
    known = _known(kind, to=to, adhesion=adhesion, place=place, by=by, today=today)
    rendered = render(kind, text.subject, text.body, known | dict(words))
    context = {"body": rendered.body, "site_url": settings.SITE_URL, "to_council": kind in TO_COUNCIL}
    context |= {
        "municipality": place,
        "to_citizen": kind in TO_CITIZENS,
        "to_monitor": kind in TO_MONITORS,
        "own_data": words.get("datos", ""),
    }
    context["leave"] = leave_address(kind, to)
    whole = render_to_string("municipalities/email/outbox.txt", context).strip() + "\n"
    return rendered._replace(body=whole)


def preview(text: Text, kind: MailKind, *, municipality: Municipality, by: User, now: datetime) -> Rendered:
    """How a text would read for a municipality now. What somebody has yet to type is stood for by an example."""
    real = Adhesion.objects.open().filter(municipality=municipality).select_related("adviser", "campaign").first()
    shown = Adhesion(
        pk=real.pk if real else 0,
        municipality=municipality,
        state=_state_of(kind),
        state_since=now,
        adviser=real.adviser if real else None,
        campaign=real.campaign if real else None,
    )
    readers = [] if kind in TO_COUNCIL | {MailKind.DIGEST} else recipients_of([shown])[shown.pk]
    to = readers[0] if readers else recipient(by)
    examples = {
        "motivo": _("(here goes the reason that is typed)"),
        "que_hacer": _("(here goes what to do)"),
        "autoridad": _("(here goes the name of whoever signs)"),
        "tareas": _("(here goes the list)"),
        "titulo": _("(here goes the title)"),
        "decision": _("(here goes what was decided)"),
        "lugar": _("(here goes the place)"),
        "novedades": _("(here goes what happened)"),
        "salir": settings.SITE_URL,
        "ronda": _("(here goes the name of the round)"),
        "anterior": _("(here goes the name of the round before)"),
        "avance": _("(here goes how far it has come)"),
        "publico_desde": f"{timezone.localdate(now) + timedelta(days=30):%d-%m-%Y}",
        "folio": folios(text, [shown]).get(shown.pk) or "MGAM-0000-0000",
    }
    if {"ronda", "lugar", "titulo"} & set(fields_of(kind)):
        # The day of an adhesion's answer says nothing of a diagnostic's.
        examples["plazo"] = f"{timezone.localdate(now) + timedelta(days=30):%d-%m-%Y}"
    about = None if kind == MailKind.DIGEST else shown
    return write(text, kind, to=to, adhesion=about, by=by, today=timezone.localdate(now), words=examples)


def _state_of(kind: MailKind) -> AdhesionState:
    """The state in which an adhesion is when a mail of this kind goes out."""
    for state, reminder in KINDS.items():
        if reminder == kind:
            return state
    return next((step.end for step in TABLE if step.mail == kind), AdhesionState.PROSPECT)


def folios(text: Text, adhesions: Iterable[Adhesion]) -> dict[int, str]:
    """The folio of the act in use of each adhesion, by the adhesion's number; nothing is asked when the text needs none."""
    if "folio" not in used(f"{text.subject} {text.body}"):
        return {}
    acts = Act.objects.current().filter(adhesion__in=[adhesion.pk for adhesion in adhesions])
    return dict(acts.values_list("adhesion_id", "folio"))


def _known(
    kind: MailKind,
    *,
    to: Recipient,
    adhesion: Adhesion | None,
    place: Municipality | None,
    by: User | None,
    today: date,
) -> dict[str, str]:
    words = {
        "saludo": _greeting(kind, to),
        "quien": str(by) if by else _("the team of Municipal Open Government"),
        "enlace": address(kind, adhesion, to),
    }
    if place:
        words |= {"municipio": place.name, "region": place.region.name}
    if adhesion:
        asked = contact(adhesion, by)
        since = timezone.localdate(adhesion.state_since)
        deadline = answer_by(adhesion.state, since, today)
        words |= {
            "campana": adhesion.campaign.name if adhesion.campaign else "",
            "contacto": f"{asked.name} ({asked.email})" if asked else "",
            "plazo": f"{deadline:%d-%m-%Y}" if deadline else "",
        }
    return {name: words[name] for name in fields_of(kind) if name in words}


def _greeting(kind: MailKind, to: Recipient) -> str:
    """By name. Without one, a citizen is one person; the address of a municipality may be read by several."""
    if to.name:
        return _("Dear %(name)s:") % {"name": to.name}
    return _("Dear neighbour:") if kind in TO_CITIZENS else _("Dear all:")


def contact(adhesion: Adhesion, by: User | None) -> User | None:
    """Whom the municipality may ask: the adviser, else whoever of the council took the step that it is told of."""
    for person in (adhesion.adviser, by):
        if person and person.is_active and person.is_council:
            return person
    return None


def address(kind: MailKind, adhesion: Adhesion | None, to: Recipient) -> str:
    """The whole address of the page where this reader goes on; who has no account is led to what everyone may see."""
    if adhesion is None:
        return link("portal:desk")
    if kind in TO_COUNCIL:
        return link("municipalities:adhesion_file", adhesion.pk)
    place = adhesion.municipality
    page = "adhesion_desk" if to.user_id else "adhesion_public"
    return link(f"municipalities:{page}", place.cut, place.slug)


def leave_address(kind: MailKind | str, to: Recipient) -> str:
    """Where the reader of a mail that comes by itself leaves without signing in; empty for every other kind. Who forwards the
    mail gives this away; it can be taken back."""
    if kind == MailKind.DIGEST and to.user_id:
        return link("municipalities:leave_digest", _leaving(kind).sign(str(to.user_id)))
    if kind == MailKind.PLAN_NEWS:
        return link("action_plans:follow_leave_all", _leaving(kind).sign(to.mark))
    return ""


def who_leaves(kind: MailKind, token: str) -> str | None:
    """Whom `leave_address` named: the number of an account, or an address's mark. None for what the portal did not make."""
    try:
        return _leaving(kind).unsign(token)
    except signing.BadSignature:
        return None


def _leaving(kind: MailKind | str) -> signing.Signer:
    return signing.Signer(salt=f"leave the {kind}")


def link(name: str, *arguments: object) -> str:
    """The whole address of a page."""
    return settings.SITE_URL + reverse(name, args=arguments)
