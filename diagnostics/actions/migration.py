"""Carrying the answers of a round to one with a later version of the instrument."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics import tasks
from diagnostics.choices import EditionState, MigrationState
from diagnostics.models import AnswerMigration, Round, VersionMapping
from diagnostics.reports.migration import faults
from municipalities.actions import RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def start(
    *, by: User, mapping: VersionMapping, source: Round, target: Round, confirm_all: bool, now: datetime
) -> AnswerMigration:
    """Begin to carry the answers of `source` to `target`, once; a second time goes on with what is left.

    `confirm_all`: the municipality confirms every answer again, unchanged ones included. Raises `RefusedError`.
    """
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    check_can(by, Permission.MANAGE_ROUNDS)
    with transaction.atomic():
        kept = (
            VersionMapping.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=mapping.pk)
        )
        if source.version_id != kept.source_id or target.version_id != kept.target_id:
            raise RefusedError(_("The rounds do not use the versions of this mapping."))
        if kept.target.state == EditionState.DRAFT:
            raise RefusedError(_("Publish the new version first: a draft can still change under the answers."))
        if faults(kept):
            raise RefusedError(_("The mapping has faults now. Mend it first."))
        migration, is_new = AnswerMigration.objects.get_or_create(
            source=source,
            target=target,
            defaults={
                "mapping": kept,
                "content": kept.content,
                "confirm_all": confirm_all,
                "started_at": now,
                "started_by": by,
            },
        )
        if is_new:
            record_event(
                "answers.migration_begun",
                by=by,
                at=now,
                subject=migration,
                source=source.name,
                target=target.name,
            )
        elif migration.state == MigrationState.DONE:
            AnswerMigration.objects.filter(pk=migration.pk).update(state=MigrationState.QUEUED)
        tasks.carry_answers.delay_on_commit(migration.pk)
    return migration
