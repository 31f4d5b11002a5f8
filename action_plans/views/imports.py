"""A plan is brought from a workbook: the file, what it says row by row, the decision. Nothing is written before it."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import takes_documents
from accounts.permissions import Permission
from action_plans.actions import imports as actions
from action_plans.exports.plan_workbook import template as workbook
from action_plans.forms.imports import WorkbookForm, opened, sealed
from action_plans.reports.desk import current_plan
from action_plans.rules.plan_states import FINAL
from action_plans.rules.plan_workbook import Read, as_plain, read
from action_plans.views.place import to
from diagnostics.imports.workbooks import sheets_of
from municipalities.actions import RefusedError
from municipalities.imports.authorities import UnreadableError
from municipalities.rules.uploads import LARGEST
from municipalities.views.form_page import municipality_of
from municipalities.views.open_data import attached

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """First the file and its dry run; then, confirmed, all of it."""
    user, place = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    found = current_plan(user, cut)
    plan = found if found and found.stage not in FINAL else None
    form, seen, seal = WorkbookForm(), None, ""
    if "contenido" in request.POST:
        content = opened(request.POST["contenido"], cut)
        if content is None:
            messages.warning(
                request, _("The preview is older than a day, or of another municipality. Send the file again.")
            )
            return redirect(request.path)
        try:
            made = actions.bring(by=user, municipality=place, plan=plan, content=content, now=timezone.now())
        except RefusedError as refusal:
            messages.warning(request, str(refusal))
            return redirect(request.path)
        messages.success(request, _("The plan came in."))
        return redirect(to("plan_desk", made))
    if request.method == "POST":
        form = WorkbookForm(request.POST, request.FILES)
        if form.is_valid():
            seen = _read(form)
            seal = sealed(as_plain(seen), cut) if seen.may_apply else ""
    context = {"municipality": place, "plan": plan, "form": form, "seen": seen, "seal": seal}
    return render(request, "action_plans/imports/import.html", context, status=422 if form.errors else 200)


def _read(form: WorkbookForm) -> Read:
    try:
        return read(sheets_of(form.cleaned_data["file"].read(LARGEST + 1)))
    except UnreadableError as refusal:
        return Read(problem=str(refusal))


@never_cache
@require_safe
def template(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The workbook to fill in."""
    municipality_of(request, cut, Permission.VIEW_PLAN)
    return attached(workbook(), "plan-de-accion.xlsx", XLSX)
