"""The council's pages of imports: the list, one import from the file to its publication, and its errors as a table."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.events import sentence
from accounts.models import Event, User
from accounts.permissions import Permission
from budget import actions
from budget.choices import ImportState, Severity
from budget.exports import harmless
from budget.forms import ImportForm
from budget.models import Finding, Import
from budget.rules.import_states import IN_WORK, TRANSITIONS
from budget.rules.problems import Problem
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

PAGE: Final = 25
FINDINGS: Final = 50
# The last part of the address of a step -> what is done, and what the person is told.
STEPS: Final[dict[str, tuple[Callable[..., Import], StrOrPromise]]] = {
    "publicar": (
        actions.publish_import,
        gettext_lazy("The import is being published. Its pages change as their summaries are computed."),
    ),
    "descartar": (actions.discard_import, gettext_lazy("The import was discarded. Nothing of it was published.")),
    "releer": (actions.read_again, gettext_lazy("The file is on its way again.")),
}


@never_cache
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """The imports, newest first, and the form that brings a file."""
    user = cast(User, request.user)
    check_can(user, Permission.VIEW_IMPORTS)
    form = ImportForm() if can(user, Permission.IMPORT_BUDGET) else None
    if request.method == "POST":
        check_can(user, Permission.IMPORT_BUDGET)
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid() and (job := _bring(request, form, user)):
            return redirect(job)
    found = Import.objects.visible_to(user).select_related("file", "by")
    found = found.annotate(count=Count("datasets")).order_by("-created_at", "-pk")  # a count drops the model's order
    state = request.GET.get("estado", "")
    if state in ImportState.values:
        found = found.filter(state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("pagina"))
    return render(request, "budget/imports.html", {"form": form, "page": page, "state": state})


def _bring(request: HttpRequest, form: ImportForm, user: User) -> Import | None:
    """Begin the import of the form's file; an error lands on the form."""
    file = form.cleaned_data["file"]
    try:
        begun = actions.begin_import(file, name=file.name, by=user)
    except ValidationError as error:
        form.add_error("file", error)
        return None
    if not begun.is_new:
        messages.info(request, _("This very file is already on its way: here it is."))
    return begun.job


@never_cache
@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: how far it is, what it would change, what was found, what can be done."""
    user = cast(User, request.user)
    job = _job(user, pk)
    working = job.state in IN_WORK
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "budget/import.html#progress", _progress(job))
        if not working:
            # The work is done: the page around the bar changes too.
            response["HX-Refresh"] = "true"
        return response
    context = _progress(job) | {
        "problems": [Problem.from_json(stored) for stored in job.errors],
        "before": _published_before(job),
        "steps": _steps(job, user),
        "entries": [{"at": event.at, "sentence": sentence(event), "reason": event.reason} for event in _events(job)],
        "findings": _findings(job, request.GET.get("gravedad", ""), request.GET.get("pagina")),
    }
    return render(request, "budget/import.html", context)


@require_POST
def import_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Publish, discard or read again; whoever comes second is told what happened."""
    user = cast(User, request.user)
    job = _job(user, pk)
    if step not in STEPS:
        raise Http404
    action, done = STEPS[step]
    try:
        action(job, by=user)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, str(done))
    return redirect(job)


@never_cache
@require_safe
def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The problems of a refused file as CSV, for whoever must mend it; opens in a Spanish Excel as it comes."""
    job = _job(cast(User, request.user), pk)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="errores-importacion-{job.pk}.csv"'
    writer = csv.writer(response, delimiter=";")
    writer.writerow([_("Row"), _("Column"), _("Code"), _("Problem"), _("Found"), _("Expected"), _("How to mend it")])
    for stored in job.errors:
        problem = Problem.from_json(stored)
        texts = (problem.code, problem.title, problem.found, problem.expected, problem.mend)
        writer.writerow([problem.row or "", problem.column_letters, *map(harmless, texts)])
    return response


def _job(user: User, pk: int) -> Import:
    check_can(user, Permission.VIEW_IMPORTS)
    return get_object_or_404(Import.objects.visible_to(user).select_related("file", "by"), pk=pk)


def _progress(job: Import) -> dict[str, Any]:
    return {
        "job": job,
        "working": job.state in IN_WORK,
        "percent": min(100, 100 * job.progress // job.total) if job.total else None,
    }


def _steps(job: Import, user: User) -> frozenset[str]:
    """The steps that the table of transitions offers this person now, by the last part of their address."""
    ends = {ImportState.PUBLISHING: "publicar", ImportState.DISCARDED: "descartar", ImportState.QUEUED: "releer"}
    offered = {
        ends[transition.end]
        for transition in TRANSITIONS
        if transition.start == job.state and transition.permission and can(user, transition.permission)
    }
    if job.state in IN_WORK and can(user, Permission.IMPORT_BUDGET):
        offered.add("releer")
    return frozenset(offered)


def _published_before(job: Import) -> Import | None:
    """The import that published this very file, for one that changes nothing."""
    others = Import.objects.filter(file=job.file_id, source=job.source, state=ImportState.PUBLISHED)
    return others.exclude(pk=job.pk).first()


def _events(job: Import) -> QuerySet[Event]:
    return Event.objects.filter(subject_type=Import._meta.label_lower, subject_id=str(job.pk))[:20]


def _findings(job: Import, wanted: str, number: str | None) -> dict[str, Any]:
    """Findings of one severity, a page of them, and how many there are of each."""
    found = Finding.objects.filter(dataset__brought_by=job)
    counts = dict(found.values_list("severity").annotate(count=Count("pk")))
    order = [Severity.SERIOUS, Severity.WARNING, Severity.NOTICE]
    present = [severity for severity in order if severity in counts]
    chosen = next((severity for severity in present if severity == wanted), present[0] if present else None)
    rows = found.filter(severity=chosen).select_related("dataset__municipality")
    return {
        "tabs": [(severity, severity.label, counts[severity]) for severity in present],
        "chosen": chosen,
        "page": Paginator(rows.order_by("dataset__municipality__name", "-dataset__year", "code"), FINDINGS).get_page(
            number
        ),
    }
