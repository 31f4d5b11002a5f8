"""What staff decide about mails: their words, and those that did not leave."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import MailKind, MailState
from municipalities.models import Mail, MailTemplate
from municipalities.notifications import bounces, outbox
from municipalities.notifications.words import shipped
from municipalities.permissions import check_can
from municipalities.rules.bounces import Bounce
from municipalities.rules.mail_states import Step
from municipalities.rules.mail_states import step as step_named
from municipalities.rules.mail_templates import unknown

if TYPE_CHECKING:
    from accounts.models import User


def template_of(kind: MailKind, *, now: datetime) -> MailTemplate:
    """The text of a kind as staff see it: the stored one, or what the portal brings, not stored yet."""
    stored = MailTemplate.objects.filter(kind=kind).select_related("updated_by").first()
    text = shipped()[kind]
    return stored or MailTemplate(kind=kind, subject=text.subject, body=text.body, updated_at=now)


def save_template(*, by: User, kind: MailKind, subject: str, body: str, seen: str, now: datetime) -> MailTemplate:
    """Put other words into a kind of mail, from the next one on.

    `seen` is the `version` of the text that the person had before them; raises `OvertakenError` when somebody changed it since,
    `RefusedError` for a field that this kind does not have.
    """
    check_can(by, Permission.MANAGE_MAILS)
    wrong = unknown(kind, f"{subject}\n{body}")
    if wrong:
        raise RefusedError(_("This kind of mail has no field %(fields)s.") % {"fields": ", ".join(wrong)})
    with transaction.atomic():
        template = _locked(kind, seen, now=now)
        if (template.subject, template.body) != (subject, body):
            _put(template, subject, body, by=by, now=now, editor=by, event="mail.template_changed")
    return template


def restore_template(*, by: User, kind: MailKind, seen: str, now: datetime) -> MailTemplate:
    """Go back to the words that the portal brings; later editions of the portal may improve them again."""
    check_can(by, Permission.MANAGE_MAILS)
    text = shipped()[kind]
    with transaction.atomic():
        template = _locked(kind, seen, now=now)
        _put(template, text.subject, text.body, by=by, now=now, editor=None, event="mail.template_restored")
    return template


def version(template: MailTemplate) -> str:
    """What names the text that somebody saw: the moment of its last change, empty for one never stored."""
    return template.updated_at.isoformat() if template.pk else ""


def _locked(kind: MailKind, seen: str, *, now: datetime) -> MailTemplate:
    # Made first where there is none, so that two people who change it at once find the same row to lock.
    text = shipped()[kind]
    fresh = MailTemplate(kind=kind, subject=text.subject, body=text.body, updated_at=now)
    MailTemplate.objects.bulk_create([fresh], ignore_conflicts=True)
    template = MailTemplate.objects.select_for_update(of=("self",)).select_related("updated_by").get(kind=kind)
    nobody_edited = not seen and template.updated_by_id is None
    if version(template) != seen and not nobody_edited:
        who = template.updated_by or _("The portal")
        raise OvertakenError(
            _("In the meantime %(who)s changed this text. Nothing of yours was saved: both are below.") % {"who": who}
        )
    return template


def _put(
    template: MailTemplate,
    subject: str,
    body: str,
    *,
    by: User,
    now: datetime,
    editor: User | None,
    event: str,
) -> None:
    template.subject, template.body = subject, body
    template.updated_by, template.updated_at = editor, now
    template.save(update_fields=["subject", "body", "updated_by", "updated_at"])
    record_event(event, by=by, at=now, subject=template, mail=str(template.kind))


def decide(*, by: User, mail: Mail, step: Step, seen: str, now: datetime, reason: str = "") -> Mail:
    """Take a decision of `rules.mail_states` about one mail, once.

    Raises `OvertakenError` when the mail is no longer in `seen`, the state that the person saw, and `RefusedError` when the
    reason is missing.
    """
    check_can(by, Permission.MANAGE_MAILS)
    with transaction.atomic():
        locked = Mail.objects.select_for_update().get(pk=mail.pk)
        if locked.state != seen or locked.state not in step.starts:
            raise OvertakenError(
                _("In the meantime this mail changed: it is now “%(state)s”. Nothing of yours was done.")
                % {"state": locked.get_state_display()}
            )
        if step.reason and not reason.strip():
            raise RefusedError(_("Say the reason."))
        if step.end == MailState.QUEUED:
            outbox.again(locked, now=now)
        else:
            _end(locked, step.end, reason.strip(), now=now)
        record_event(
            f"mail.{step.event}",
            by=by,
            at=now,
            subject=locked,
            municipality_cut=locked.municipality_id or "",
            reason=reason.strip(),
        )
    return locked


def note_bounces(*, now: datetime) -> int:
    """Mark the mails that came back into the portal's own mailbox; returns how many. What came back before changes nothing."""
    return sum(_came_back(bounce, now=now) for letter in bounces.waiting() for bounce in letter)


def _came_back(bounce: Bounce, *, now: datetime) -> bool:
    with transaction.atomic():
        mail = Mail.objects.select_for_update().filter(message_id=bounce.message_id).first()
        if mail is None or mail.state not in step_named("devuelto").starts:
            return False
        _end(mail, MailState.BOUNCED, bounce.said, now=now)
        cut = mail.municipality_id or ""
        record_event("mail.bounced", by=None, at=now, subject=mail, municipality_cut=cut, reason=bounce.said)
    return True


def _end(mail: Mail, state: MailState, reason: str, *, now: datetime) -> None:
    mail.state = state
    if state == MailState.SENT:
        mail.sent_at = mail.handed_at or now
    if state == MailState.BOUNCED:
        mail.bounced_at, mail.last_error = now, reason[:300]
    mail.save(update_fields=["state", "sent_at", "bounced_at", "last_error"])
