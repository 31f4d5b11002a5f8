"""A plan is brought from a workbook: the file, what it says row by row, the decision. Nothing is written before it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import imports as actions
from action_plans.choices import PlanStage
from action_plans.exports.plan_workbook import template as workbook
from action_plans.forms.imports import BringForm, WorkbookForm, opened, sealed
from action_plans.models import Plan
from action_plans.reports.budget_accounts import accounts
from action_plans.reports.desk import current_plan
from action_plans.reports.editions import TEXTS
from action_plans.rules.plan_states import FINAL
from action_plans.rules.plan_workbook import Read, as_plain, read, replaced
from action_plans.views.place import to
from diagnostics.imports.workbooks import sheets_of
from municipalities.actions import RefusedError
from municipalities.imports.authorities import UnreadableError
from municipalities.models import Municipality
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
    if "contenido" in request.POST:
        return _decide(request, user, place, plan)
    form, seen, sure, anew = WorkbookForm(), None, None, list[str]()
    if request.method == "POST":
        form = WorkbookForm(request.POST, request.FILES)
        if form.is_valid():
            seen = _read(form)
            if seen.may_apply:
                content = as_plain(seen)
                anew = replaced(seen, {name: getattr(plan, name) for name in TEXTS}) if plan else []
                sure = BringForm(initial={"contenido": sealed(content, cut)}, needs_act=_needs_act(content))
    context = {"municipality": place, "plan": plan, "form": form, "seen": seen, "sure": sure, "anew": anew}
    return render(request, "action_plans/imports/import.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, user: User, place: Municipality, plan: Plan | None) -> HttpResponse:
    """Write what was seen. What is refused is said beside the decision, which stays to be sent again."""
    content = opened(request.POST["contenido"], place.cut)
    if content is None:
        messages.warning(
            request, _("The preview is older than a day, or of another municipality. Send the file again.")
        )
        return redirect(request.path)
    sure = BringForm(request.POST, request.FILES, needs_act=_needs_act(content))
    if sure.is_valid():
        sent = sure.cleaned_data.get("acto")
        act = actions.File(sent, sent.name) if sent else None
        try:
            made = actions.bring(by=user, municipality=place, plan=plan, content=content, act=act, now=timezone.now())
        except RefusedError as refusal:
            sure.add_error(None, str(refusal))
        else:
            messages.success(request, _("The plan came in."))
            return redirect(to("plan_desk", made))
    context = {"municipality": place, "plan": plan, "form": WorkbookForm(), "seen": None, "sure": sure}
    return render(request, "action_plans/imports/import.html", context, status=422)


def _needs_act(content: dict[str, Any]) -> bool:
    return PlanStage(content["plan"].get("stage", PlanStage.PREPARATION)) != PlanStage.PREPARATION


def _read(form: WorkbookForm) -> Read:
    try:
        return read(sheets_of(form.cleaned_data["file"].read(LARGEST + 1)), accounts=accounts())
    except UnreadableError as refusal:
        return Read(problem=str(refusal))


@never_cache
@require_safe
def template(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The workbook to fill in."""
    municipality_of(request, cut, Permission.VIEW_PLAN)
    return attached(workbook(), "plan-de-accion.xlsx", XLSX)
