"""Filling a diagnostic in without a connection: the workbook goes out, comes back, is shown row by row, and is applied."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import workbooks as actions
from diagnostics.actions.workbooks import Decision
from diagnostics.choices import WorkbookState
from diagnostics.exports import workbook as exports
from diagnostics.forms.workbooks import WorkbookForm, decisions_of
from diagnostics.models import Diagnostic, Workbook
from diagnostics.reports.workbooks import OUTCOMES, Preview, preview
from diagnostics.rules.workbook import Outcome
from diagnostics.views.filling import may_write, place
from municipalities.actions import OvertakenError, RefusedError
from municipalities.rules.uploads import XLSX

LISTED: Final = 20


@never_cache
@require_safe
def download(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """The workbook with the present answers."""
    _user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    response = HttpResponse(exports.workbook(diagnostic, now=timezone.now()), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="diagnostico-{diagnostic.municipality.slug}-{pk}.xlsx"'
    return response


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def workbooks(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """The steps in words, the form that takes the workbook back, and those that came before."""
    permission = Permission.FILL_DIAGNOSTIC if request.method == "POST" else Permission.VIEW_DIAGNOSTIC
    user, diagnostic = place(request, cut, pk, permission)
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = actions.receive_workbook(
                by=user, diagnostic=diagnostic, upload=file, name=file.name, now=timezone.now()
            )
            return redirect("diagnostics:workbook", cut, slug, pk, found.pk)
        except RefusedError as refusal:
            form.add_error("file", str(refusal))
    before = diagnostic.workbooks.select_related("document", "uploaded_by").defer("rows")[:LISTED]
    context = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "form": form,
        "before": before,
        "may_write": may_write(user, diagnostic),
    }
    return render(request, "diagnostics/workbooks/workbooks.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def workbook(request: HttpRequest, cut: str, slug: str, pk: int, workbook_pk: int) -> HttpResponse:
    """A workbook while it waits, what it would change row by row, and what it changed."""
    _user, diagnostic, found = _one(request, cut, pk, workbook_pk)
    return _page(request, diagnostic, found, {})


@never_cache
@require_POST
def apply(request: HttpRequest, cut: str, slug: str, pk: int, workbook_pk: int) -> HttpResponse:
    """Write it. While a conflict is not decided, the page comes back with what was decided so far."""
    user, diagnostic, found = _one(request, cut, pk, workbook_pk)
    decisions = decisions_of(request.POST)
    try:
        actions.apply_workbook(by=user, workbook=found, decisions=decisions, now=timezone.now())
    except RefusedError as refusal:
        found.refresh_from_db()
        status = 409 if isinstance(refusal, OvertakenError) else 422
        return _page(request, diagnostic, found, decisions, refusal=str(refusal), status=status)
    return redirect("diagnostics:workbook", cut, slug, pk, workbook_pk)


@never_cache
@require_POST
def discard(request: HttpRequest, cut: str, slug: str, pk: int, workbook_pk: int) -> HttpResponse:
    """Forget it."""
    user, _diagnostic, found = _one(request, cut, pk, workbook_pk)
    try:
        actions.discard_workbook(by=user, workbook=found, now=timezone.now())
    except OvertakenError as overtaken:
        messages.warning(request, str(overtaken))
    else:
        messages.success(request, _("The workbook was discarded. Nothing of it was written."))
    return redirect("diagnostics:workbooks", cut, slug, pk)


def _one(request: HttpRequest, cut: str, pk: int, workbook_pk: int) -> tuple[User, Diagnostic, Workbook]:
    user, diagnostic = place(request, cut, pk, Permission.FILL_DIAGNOSTIC)
    found = get_object_or_404(diagnostic.workbooks.select_related("document", "uploaded_by"), pk=workbook_pk)
    found.diagnostic = diagnostic
    return user, diagnostic, found


def _page(
    request: HttpRequest,
    diagnostic: Diagnostic,
    found: Workbook,
    decisions: dict[str, Decision],
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    seen: Preview = preview(found)
    wanted = request.GET.get("ver", "")
    wanted = wanted if wanted in OUTCOMES else ""
    rows = [row for row in seen.rows if row.outcome == wanted or (not wanted and row.outcome != Outcome.SAME)]
    context: dict[str, Any] = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "workbook": found,
        "waiting": found.state == WorkbookState.QUEUED,
        "ready": found.state == WorkbookState.READY,
        "preview": seen,
        "conflicts": [(row, decisions.get(row.question)) for row in seen.conflicts],
        "rows": rows,
        "wanted": wanted,
        "refusal": refusal,
    }
    return render(request, "diagnostics/workbooks/workbook.html", context, status=status)
