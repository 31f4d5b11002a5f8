"""Carrying the answers of a round to another, of the same version or a later one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics import tasks
from diagnostics.choices import EditionState, MigrationState
from diagnostics.models import AnswerMigration, Round, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.migration import faults
from diagnostics.rules import mapping as rules
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
        about = {"mapping": kept, "content": kept.content, "confirm_all": confirm_all}
        return _begin(by=by, source=source, target=target, now=now, about=about)


def start_same(*, by: User, source: Round, target: Round, now: datetime) -> AnswerMigration:
    """The same between two rounds of one version, for the municipalities that have a diagnostic in `target`. Each confirms its
    answers again."""
    check_can(by, Permission.MANAGE_ROUNDS)
    return begin_same(by=by, source=source, target=target, now=now)


def begin_same(*, by: User, source: Round, target: Round, now: datetime) -> AnswerMigration:
    """The same for whoever has asked already whether the person may."""
    if source.version_id != target.version_id:
        raise RefusedError(_("The rounds do not use the same version."))
    instrument = instrument_of(source.version)
    about = {"content": rules.to_data(rules.propose(instrument, instrument)), "confirm_all": True}
    with transaction.atomic():
        return _begin(by=by, source=source, target=target, now=now, about=about)


def again(*, by: User, migration: AnswerMigration, now: datetime) -> AnswerMigration:
    """Go on with what is left of a migration."""
    source, target = migration.source, migration.target
    if migration.mapping is None:
        return start_same(by=by, source=source, target=target, now=now)
    everything = migration.confirm_all
    return start(by=by, mapping=migration.mapping, source=source, target=target, confirm_all=everything, now=now)


def _begin(*, by: User, source: Round, target: Round, now: datetime, about: dict[str, Any]) -> AnswerMigration:
    migration, is_new = AnswerMigration.objects.get_or_create(
        source=source, target=target, defaults=about | {"started_at": now, "started_by": by}
    )
    if is_new:
        record_event(
            "answers.migration_begun", by=by, at=now, subject=migration, source=source.name, target=target.name
        )
    elif migration.state == MigrationState.DONE:
        AnswerMigration.objects.filter(pk=migration.pk).update(state=MigrationState.QUEUED)
    tasks.carry_answers.delay_on_commit(migration.pk)
    return migration
