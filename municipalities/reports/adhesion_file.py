"""What the council sees of one adhesion: the steps a person may take, and the parts of its file."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from municipalities.choices import AdhesionState, Office, SignatureState
from municipalities.models import Adhesion, Authority, Mail, Signature
from municipalities.notifications.recipients import Recipient, recipients
from municipalities.notifications.words import preview, text_of
from municipalities.permissions import can
from municipalities.reports.contact_log import notes_of
from municipalities.rules.acceptance import Acceptance, acceptance
from municipalities.rules.adhesion_states import Step, steps_from
from municipalities.rules.four_facts import told
from municipalities.rules.mail_templates import Rendered
from municipalities.rules.next_steps import CONSEQUENCES, asked

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

    from accounts.models import User

EVENTS_SHOWN: Final = 100
MAILS_SHOWN: Final = 30
NOTES_SHOWN: Final = 5


# What a step is called on its button, where the name of the state would not say it.
_DECIDE: Final = _("Decide on the signed act")
_LABELS: Final[dict[AdhesionState, StrOrPromise]] = {
    AdhesionState.INVITED: _("Invite"),
    AdhesionState.CONVERSING: _("Note that it is in conversation"),
    AdhesionState.ACT_ISSUED: _("Issue the act"),
    AdhesionState.UNDER_REVIEW: _("Take up the review"),
    AdhesionState.RETURNED: _DECIDE,
    AdhesionState.VERIFIED: _DECIDE,
    AdhesionState.IN_FORCE: _("Put in force"),
    AdhesionState.SUSPENDED: _("Suspend"),
    AdhesionState.WITHDRAWN: _("End it"),
}


class Button(NamedTuple):
    """What the person may do now, and the page where it is done; `ends` are the states that it may lead to."""

    ends: frozenset[AdhesionState]
    href: str
    label: StrOrPromise
    is_ending: bool = False


def buttons(adhesion: Adhesion, user: User) -> list[Button]:
    """The steps of the table that are the person's to take, in its order; those about the signed act are one, its review."""
    permissions = {step.permission for step in steps_from(adhesion.state) if step.permission}
    held = {permission for permission in permissions if can(user, permission, adhesion.municipality)}
    pending = pending_signature(adhesion)
    found: dict[str, Button] = {}
    for step in steps_from(adhesion.state):
        href = _address(adhesion, step, pending) if step.permission in held else ""
        if href in found:
            found[href] = found[href]._replace(ends=found[href].ends | {step.end})
        elif href:
            is_ending = step.end == AdhesionState.WITHDRAWN
            found[href] = Button(frozenset({step.end}), href, _LABELS.get(step.end, step.end.label), is_ending)
    return list(found.values())


def _address(adhesion: Adhesion, step: Step, pending: Signature | None) -> str:
    if step.end in {AdhesionState.VERIFIED, AdhesionState.RETURNED}:
        return signature_address(pending) if pending else ""
    if step.end == AdhesionState.ACT_ISSUED:
        return reverse("municipalities:issue_act", args=[adhesion.pk])
    if step.end in CONSEQUENCES:
        return reverse("municipalities:adhesion_step", args=[adhesion.pk, step.end.value])
    return ""


def pending_signature(adhesion: Adhesion) -> Signature | None:
    """The signed act that waits for a decision."""
    waiting = Signature.objects.filter(act__adhesion=adhesion, act__replaced_at__isnull=True)
    return waiting.filter(state__in=[SignatureState.WAITING, SignatureState.JUDGED]).select_related("act").first()


def signature_address(signature: Signature) -> str:
    return reverse("municipalities:signature", args=[signature.act.adhesion_id, signature.pk])


def file_of(adhesion: Adhesion, user: User, *, now: datetime) -> dict[str, Any]:
    """The parts of the file of an adhesion as of `now`, for someone of the council."""
    acts = adhesion.acts.select_related("document", "authority", "issued_by", "template")
    wanted = asked(adhesion.state)
    due = wanted.due(timezone.localdate(adhesion.state_since))
    today = timezone.localdate(now)
    notes = list(notes_of(adhesion.municipality, user)[: NOTES_SHOWN + 1])
    return {
        "notes": notes[:NOTES_SHOWN],
        "more_notes": len(notes) > NOTES_SHOWN,
        "promotes": can(user, Permission.PROMOTE_ADHESION, adhesion.municipality),
        "today": today,
        "asked": wanted,
        "due": due,
        "is_late": due is not None and due < today,
        "days": (today - timezone.localdate(adhesion.state_since)).days,
        "acts": [
            {"act": act, "signatures": _signatures(act.signatures.all())}
            for act in acts.prefetch_related(
                "signatures__document", "signatures__submitted_by", "signatures__decided_by"
            )
        ],
        "events": adhesion.timeline[:EVENTS_SHOWN],
        "mails": Mail.objects.filter(adhesion=adhesion)[:MAILS_SHOWN],
        "authorities": Authority.objects.on(today).filter(municipality=adhesion.municipality_id),
        "others": Adhesion.objects.filter(municipality=adhesion.municipality_id).exclude(pk=adhesion.pk),
    }


def _signatures(found: Any) -> list[dict[str, Any]]:
    return [{"signature": signature, "facts": told(signature.facts)} for signature in found]


def what_stands_against(signature: Signature) -> Acceptance:
    """What lies between a signed act and its acceptance at this moment."""
    people = signature.checks.exclude(by=signature.submitted_by_id).values("by").distinct().count()
    return acceptance(signature.facts, signature.method, people)


def mayors_on(signature: Signature) -> list[Authority]:
    """The authority rows that prove, or disprove, that the mayor in office signed: those of the day of the signature."""
    if signature.signed_at is None:
        return []
    day: date = timezone.localdate(signature.signed_at)
    found = Authority.objects.on(day).filter(municipality=signature.act.adhesion.municipality_id)
    return list(found.filter(office__in=[Office.MAYOR, Office.ACTING_MAYOR]))


class MailPreview(NamedTuple):
    """Who would get which mail."""

    to: list[Recipient]
    letter: Rendered


def mail_preview(step: Step, adhesion: Adhesion, *, by: User, now: datetime) -> MailPreview | None:
    """The mail that a step sends, None when it sends none."""
    if step.mail is None:
        return None
    letter = preview(text_of(step.mail), step.mail, municipality=adhesion.municipality, by=by, now=now)
    return MailPreview(recipients(step.mail, adhesion), letter)
