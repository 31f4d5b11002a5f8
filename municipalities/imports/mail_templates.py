"""The texts of mails, from the file the app ships into the database."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from municipalities.imports.register import TableReport
from municipalities.models import MailTemplate
from municipalities.notifications.words import shipped


@transaction.atomic
def load_mail_templates() -> TableReport:
    """Bring the texts in line with the shipped ones, but for those that somebody edited: these stay. Idempotent.

    Raises KeyError or ValueError for a file that is malformed.
    """
    stored = {template.kind: template for template in MailTemplate.objects.select_for_update()}
    now = timezone.now()
    added, changed, kept = 0, [], 0
    for kind, text in shipped().items():
        template = stored.get(kind)
        if template is None:
            MailTemplate.objects.create(kind=kind, subject=text.subject, body=text.body, updated_at=now)
            added += 1
        elif (template.subject, template.body) == text:
            continue
        elif template.updated_by_id:
            kept += 1
        else:
            template.subject, template.body, template.updated_at = text.subject, text.body, now
            template.save(update_fields=["subject", "body", "updated_at"])
            changed.append(f"mailtemplate {kind}: text changed")
    return TableReport(
        table="mailtemplate",
        added=added,
        changed=tuple(changed),
        unchanged=len(stored) - len(changed) - kept,
        kept=kept,
    )
