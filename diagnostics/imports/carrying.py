"""The answers of one round into those of another, of the same version or by a mapping, diagnostic by diagnostic. What is done is
never done twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.actions import record_event
from diagnostics.choices import AnswerOrigin, DiagnosticState, MigrationState, SnapshotKind
from diagnostics.imports.opening import open_diagnostics
from diagnostics.models import (
    Answer,
    AnswerMigration,
    AnswerRevision,
    Diagnostic,
    EvidenceUse,
    MigrationReport,
    Round,
)
from diagnostics.reports import scores, snapshots
from diagnostics.reports.answers import given, instrument_of
from diagnostics.reports.migration import sources
from diagnostics.rules import mapping as rules
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.mapping import Carried


def carry_migration(migration_id: int, *, now: datetime) -> None:
    """Carry what is left of a migration. Each diagnostic is one transaction: a worker killed in between loses nothing."""
    migration = AnswerMigration.objects.select_related("mapping", "source__version", "target__version").get(
        pk=migration_id
    )
    todo = list(sources(migration.source, only_for=None if migration.mapping else migration.target))
    done = set(_reports(migration).values_list("source", flat=True))
    AnswerMigration.objects.filter(pk=migration.pk).update(
        state=MigrationState.WORKING, total=len(todo), done=len(done)
    )
    for source in todo:
        if source.pk not in done:
            _carry(migration, source, now)
    AnswerMigration.objects.filter(pk=migration.pk).update(state=MigrationState.DONE, finished_at=now)


@transaction.atomic
def _carry(migration: AnswerMigration, source: Diagnostic, now: datetime) -> None:
    """One diagnostic, whole or not at all; nothing when another worker did it meanwhile."""
    # First the round, as whoever opens diagnostics does: else the two could wait for each other.
    target_round = Round.objects.select_for_update(of=("self",), no_key=True).select_related("version")
    migration.target = target_round.get(pk=migration.target_id)
    source = (
        Diagnostic.objects.select_for_update(of=("self",))
        .select_related("municipality__region", "round", "version")
        .get(pk=source.pk)
    )
    if _reports(migration).filter(source=source).exists():
        return
    carried = rules.carry(
        given(source),
        rules.from_data(migration.content),
        instrument_of(migration.source.version),
        instrument_of(migration.target.version),
    )
    by = migration.started_by
    if migration.mapping:
        snapshots.take(source, kind=SnapshotKind.BEFORE_MIGRATION, name=_("Before the new version"), by=by, now=now)
    target = _target(migration, source, now)
    kept = _write(migration, source, target, carried, now) if target.state in WRITABLE else sorted(carried.answers)
    lines = [[line.question, line.fate.value, line.why.value, list(line.targets)] for line in carried.lines]
    MigrationReport.objects.update_or_create(
        migration=migration, source=source, defaults={"target": target, "lines": lines, "kept": kept}
    )
    AnswerMigration.objects.filter(pk=migration.pk).update(done=F("done") + 1)
    record_event(
        "answers.carried",
        by=by,
        at=now,
        subject=target,
        municipality_cut=target.municipality_id,
        source=migration.source.name,
    )
    scores.store_scores(target.pk, now=now)


def _reports(migration: AnswerMigration) -> QuerySet[MigrationReport]:
    """Of what is done: a diagnostic that was cancelled and opened again is still to be filled."""
    return MigrationReport.objects.filter(migration=migration).exclude(target__state=DiagnosticState.CANCELLED)


def _target(migration: AnswerMigration, source: Diagnostic, now: datetime) -> Diagnostic:
    """The municipality's diagnostic of the new round, locked; opened where there is none."""
    place, round_, by = source.municipality, migration.target, migration.started_by
    open_diagnostics(round_, [place], by=by, now=now, before={place.pk: source}, starts_from=migration.source)
    standing = Diagnostic.objects.standing().select_for_update(of=("self",))
    return standing.select_related("round", "version").get(round=round_, municipality=place, version=round_.version)


def _write(
    migration: AnswerMigration, source: Diagnostic, target: Diagnostic, carried: Carried, now: datetime
) -> list[str]:
    """Write the answers where nobody wrote yet; return the questions that had an answer, which stays."""
    standing = {row.question: row for row in Answer.objects.select_for_update().filter(diagnostic=target)}
    kept = sorted(name for name in carried.answers if name in standing and standing[name].version)
    sure = dict(Answer.objects.filter(diagnostic=source).values_list("question", "confidence"))
    origins: dict[str, list[str]] = defaultdict(list)
    for line in carried.lines:
        for name in line.targets:
            origins[name].append(line.question)
    rows = []
    for name, answer in carried.answers.items():
        if name in kept:
            continue
        row = standing.get(name) or Answer(diagnostic=target, question=name)
        row.value, row.is_na, row.text = answer.value, answer.is_na, answer.text
        row.confidence = sure.get(origins[name][0], "") if len(origins[name]) == 1 else ""
        row.origin, row.version, row.to_confirm = AnswerOrigin.CARRIED, 1, migration.confirm_all or answer.to_confirm
        row.updated_at, row.updated_by = now, migration.started_by
        rows.append(row)
    Answer.objects.bulk_create([row for row in rows if row.pk is None])
    fields = ["value", "is_na", "text", "confidence", "origin", "version", "to_confirm", "updated_at", "updated_by"]
    Answer.objects.bulk_update([row for row in rows if row.question in standing], fields)
    AnswerRevision.objects.bulk_create(first_revision(row, f"migration:{migration.pk}") for row in rows)
    _point(source, target, origins, migration, now)
    Diagnostic.objects.filter(pk=target.pk).update(answers_changed_at=now)
    return kept


def first_revision(row: Answer, source: str) -> AnswerRevision:
    """What begins the history of an answer that was carried; `source` says from where, and makes it one if it is done twice."""
    return AnswerRevision(
        answer=row,
        client_id=uuid5(NAMESPACE_URL, f"{source}:{row.diagnostic_id}:{row.question}"),
        base_version=0,
        version=1,
        origin=AnswerOrigin.CARRIED,
        at=row.updated_at,
        by=row.updated_by,
        value=row.value,
        is_na=row.is_na,
        text=row.text,
        confidence=row.confidence,
    )


def _point(
    source: Diagnostic,
    target: Diagnostic,
    origins: dict[str, list[str]],
    migration: AnswerMigration,
    now: datetime,
) -> None:
    """The evidence of the old answers stands behind the new ones too."""
    uses: dict[str, list[int]] = defaultdict(list)
    found = EvidenceUse.objects.filter(diagnostic=source, evidence__removed_at__isnull=True)
    for question, evidence in found.order_by("linked_at", "pk").values_list("question", "evidence"):
        uses[question].append(evidence)
    EvidenceUse.objects.bulk_create(
        (
            EvidenceUse(
                evidence_id=evidence, diagnostic=target, question=name, linked_by=migration.started_by, linked_at=now
            )
            for name, olds in origins.items()
            for evidence in dict.fromkeys(one for old in olds for one in uses[old])
        ),
        ignore_conflicts=True,
    )
