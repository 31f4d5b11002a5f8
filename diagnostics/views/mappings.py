"""How answers go from one version of an instrument to the next: the mapping, its dry run, the migration."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from diagnostics.actions import instruments as actions
from diagnostics.actions.migration import again, start
from diagnostics.choices import EditionState, MigrationState
from diagnostics.exports.migration import dry_run_csv, dry_run_xlsx
from diagnostics.forms.instrument_versions import MappingForm, MigrationForm
from diagnostics.models import AnswerMigration, InstrumentVersion, Round, VersionMapping
from diagnostics.reports import migration as reports
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import mapping as rules
from diagnostics.rules.instrument import Question
from diagnostics.rules.mapping import Fate
from diagnostics.views.instruments import refuse, staff, version_of
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can
from municipalities.rules.differences import compare

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _pair(pk: int, source: int) -> tuple[InstrumentVersion, InstrumentVersion]:
    """The version that answers go to and the one that they come from, two of one instrument."""
    target, before = version_of(pk), version_of(source)
    if target.pk == before.pk or target.family_id != before.family_id or before.state == EditionState.DRAFT:
        raise Http404
    return target, before


def _kept(source: int, pk: int) -> VersionMapping | None:
    return (
        VersionMapping.objects.select_related("source", "target", "added_by").filter(source=source, target=pk).first()
    )


@never_cache
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, pk: int, source: int) -> HttpResponse:
    """The mapping between two versions, written here or brought as a file; a proposal where there is none yet."""
    user = staff(request)
    target, before = _pair(pk, source)
    kept = _kept(source, pk)
    proposal = rules.propose(instrument_of(before), instrument_of(target))
    stands = rules.write(rules.from_data(kept.content) if kept else proposal)
    form = MappingForm(
        request.POST or None,
        request.FILES or None,
        initial={"text": stands, "seen": kept.checksum if kept else ""},
    )
    status, theirs = 200, None
    if request.method == "POST" and form.is_valid():
        told = {"text": form.told(), "seen": form.cleaned_data["seen"]}
        try:
            actions.keep_mapping(by=user, source=before, target=target, now=timezone.now(), **told)
        except RefusedError as refusal:
            form = MappingForm({**told, "seen": kept.checksum if kept else ""})
            form.full_clean()
            status = refuse(form, refusal)
            theirs = compare(stands, told["text"]) if isinstance(refusal, OvertakenError) else None
        else:
            messages.success(request, _("The mapping was saved."))
            return redirect("diagnostics:instrument_mapping", pk, source)
    context = {
        "target": target,
        "source": before,
        "kept": kept,
        "form": form,
        "theirs": theirs,
        "faults": reports.faults(kept) if kept else [],
        "rounds": Round.objects.filter(version=before),
        "migrations": kept.migrations.select_related("source", "target") if kept else [],
    }
    return render(request, "diagnostics/instruments/mapping.html", context, status=status)


@never_cache
@require_safe
def download(request: HttpRequest, pk: int, source: int) -> HttpResponse:
    """The mapping as its file; the proposal where none was saved."""
    staff(request)
    target, before = _pair(pk, source)
    kept = _kept(source, pk)
    old, new = instrument_of(before), instrument_of(target)
    body = rules.write(rules.from_data(kept.content) if kept else rules.propose(old, new))
    name = f"{old.key}-{old.version}-{new.version}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="application/yaml; charset=utf-8", headers=headers)


def _dry(pk: int, source: int, round_pk: int) -> tuple[VersionMapping, Round, list[reports.Row]]:
    _pair(pk, source)
    kept = _kept(source, pk)
    if kept is None or reports.faults(kept):
        raise Http404
    round_ = get_object_or_404(Round, pk=round_pk, version=source)
    return kept, round_, reports.dry_run(kept, round_)


@never_cache
@require_http_methods(["GET", "POST"])
def dry_run(request: HttpRequest, pk: int, source: int, round_pk: int) -> HttpResponse:
    """What would become of each answer of a round, then the migration to another round."""
    user = staff(request)
    kept, round_, rows = _dry(pk, source, round_pk)
    targets = Round.objects.filter(version=pk).exclude(pk=round_pk)
    form = MigrationForm(request.POST or None, targets=targets)
    if request.method == "POST":
        check_can(user, Permission.MANAGE_ROUNDS)
        if form.is_valid():
            try:
                begun = start(by=user, mapping=kept, source=round_, now=timezone.now(), **form.cleaned_data)
            except RefusedError as refusal:
                refuse(form, refusal)
            else:
                return redirect("diagnostics:answer_migration", begun.pk)
    old = instrument_of(kept.source)
    context = {
        "mapping": kept,
        "round": round_,
        "rows": [(row, _told(row, old.by_id)) for row in rows],
        "totals": {fate.value: sum(row.carried.count(fate) for row in rows) for fate in Fate},
        "form": form,
        "can_start": targets.exists() and kept.target.state != EditionState.DRAFT,
    }
    return render(request, "diagnostics/instruments/dry_run.html", context)


def _told(row: reports.Row, questions: dict[str, Question]) -> list[tuple[str, str, object, object]]:
    """The answers that do not simply go along, in words."""
    return [
        (
            line.question,
            getattr(questions.get(line.question), "text", ""),
            reports.FATES[line.fate],
            reports.REASONS[line.why],
        )
        for line in row.carried.lines
        if line.fate != Fate.CARRIED
    ]


@never_cache
@require_safe
def dry_run_file(request: HttpRequest, pk: int, source: int, round_pk: int) -> HttpResponse:
    """The dry run as XLSX, or CSV when asked: a line for each answer."""
    staff(request)
    kept, _round, rows = _dry(pk, source, round_pk)
    old = instrument_of(kept.source)
    if request.GET.get("formato") == "csv":
        body: str | bytes = dry_run_csv(rows, old)
        kind, suffix = "text/csv; charset=utf-8", "csv"
    else:
        body, kind, suffix = dry_run_xlsx(rows, old), _XLSX, "xlsx"
    headers = {"Content-Disposition": f'attachment; filename="ensayo-{round_pk}.{suffix}"'}
    return HttpResponse(body, content_type=kind, headers=headers)


@never_cache
@require_http_methods(["GET", "POST"])
def migration(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a migration is and what became of the answers; sent again, it goes on with what is left."""
    user = staff(request)
    found = get_object_or_404(
        AnswerMigration.objects.select_related("source", "target__version", "mapping", "started_by"), pk=pk
    )
    if request.method == "POST":
        try:
            again(by=user, migration=found, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        return redirect("diagnostics:answer_migration", pk)
    reported = found.reports.select_related("source__municipality", "target").order_by("source__municipality__name")
    rows = [
        (report, {fate.value: sum(line[1] == fate for line in report.lines) for fate in Fate}, len(report.kept))
        for report in reported
    ]
    context = {"migration": found, "rows": rows, "working": found.state != MigrationState.DONE}
    return render(request, "diagnostics/instruments/migration.html", context)
