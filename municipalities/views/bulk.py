"""One step for many municipalities: preview, result, undo."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions import bulk as actions
from municipalities.actions.bulk_undo import undo as undo_change
from municipalities.choices import BulkKind
from municipalities.filters.adhesions import AdhesionFilter
from municipalities.forms.desk import AssignForm, StepForm
from municipalities.models import BulkChange, MunicipalityQuerySet
from municipalities.permissions import can
from municipalities.reports.bulk import change_page, change_title, preview_page
from municipalities.views.desk import EXPORT, council, table_address, workbook_of

CHANGES_SHOWN: Final = 50


@never_cache
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest) -> HttpResponse:
    """Who would be affected and who not, and why; confirmed there, it is done. Nothing changes before."""
    user = council(request)
    asked = AdhesionFilter(QueryDict(request.POST.get("filtro", "")[:2000]), user=user, now=timezone.now())
    chosen = chosen_municipalities(request.POST, asked.ordered())
    kind = request.POST.get("kind", "")
    if kind not in (*BulkKind.values, EXPORT) or not chosen:
        if request.method == "POST":
            messages.error(request, _("Choose at least one municipality."))
        return redirect(table_address(asked.query))
    if kind == EXPORT:
        return workbook_of(asked, only=chosen)
    return _preview_or_do(request, user, BulkKind(kind), asked, chosen)


def _preview_or_do(
    request: HttpRequest, user: User, kind: BulkKind, asked: AdhesionFilter, chosen: list[str]
) -> HttpResponse:
    confirmed = "confirmar" in request.POST
    form = _form(user, kind, request.POST, confirmed=confirmed)
    order = actions.Order(
        kind,
        adviser=form.chosen if isinstance(form, AssignForm) else None,
        to=form.chosen if isinstance(form, StepForm) else None,
        # What the form refused (zero bytes, a text without end) goes nowhere.
        reason=form.cleaned_data.get("reason", "") if form is not None and form.is_bound and form.is_valid() else "",
    )
    ready = kind != BulkKind.STEP or order.to is not None
    token = _token(request.POST.get("token", ""))
    if confirmed and ready and token and (form is None or form.is_valid()):
        seen = _seen(request.POST.get("visto", ""))
        made = actions.change(by=user, order=order, seen=seen, token=token, now=asked.now)
        return redirect("municipalities:bulk_change", made.token)
    plan = actions.plan(by=user, order=order, municipalities=chosen, now=asked.now) if ready else None
    if plan is None:
        actions.check_order(user, order)
    context = preview_page(kind, plan, chosen) | {
        "form": form,
        "asked": asked,
        "token": token or uuid4(),
        "order": order,
        "may_import": can(user, Permission.RECORD_AUTHORITY),
    }
    return render(request, "municipalities/desk/bulk.html", context)


def _form(user: User, kind: BulkKind, data: QueryDict, *, confirmed: bool) -> AssignForm | StepForm | None:
    """The form of what must be said beside whom, if anything; its faults are told once it was confirmed."""
    given: dict[str, Any] = {"data": data} if confirmed else {"initial": data.dict()}
    if kind == BulkKind.ASSIGN:
        return AssignForm(**given)
    if kind == BulkKind.STEP:
        return StepForm(**given, ends=actions.ends_for(user))
    return None


def chosen_municipalities(data: QueryDict, found: MunicipalityQuerySet) -> list[str]:
    """The municipalities meant, in the order of the table: those ticked, or all that the filter found."""
    if data.get("todas"):
        return list(found.values_list("pk", flat=True))
    ticked = data.getlist("m") or data.get("elegidos", "").split(",")
    return [cut for cut in dict.fromkeys(ticked) if len(cut) == 5 and cut.isdigit()]


def _seen(text: str) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in text.split(",") if pair)
    return {cut: mark for cut, _colon, mark in pairs if len(cut) == 5 and cut.isdigit()}


def _token(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@never_cache
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The latest bulk changes: the person's own, or everybody's for an administrator."""
    user = council(request)
    latest = BulkChange.objects.visible_to(user).select_related("by")[:CHANGES_SHOWN]
    now = timezone.now()
    rows = [{"change": one, "title": change_title(one), "page": change_page(one, now=now)} for one in latest]
    return render(request, "municipalities/desk/bulk_changes.html", {"rows": rows})


@never_cache
@require_safe
def change(request: HttpRequest, token: UUID) -> HttpResponse:
    """What a bulk change did, whom it left out, and the button that takes it back while that is possible."""
    user = council(request)
    made = get_object_or_404(BulkChange.objects.visible_to(user).select_related("by"), token=token)
    context: dict[str, Any] = {"change": made, "title": change_title(made)}
    context["page"] = change_page(made, now=timezone.now(), named=True)
    return render(request, "municipalities/desk/bulk_change.html", context)


@never_cache
@require_POST
def undo(request: HttpRequest, token: UUID) -> HttpResponse:
    """Take a bulk change back."""
    user = council(request)
    made = get_object_or_404(BulkChange.objects.visible_to(user), token=token)
    try:
        undo_change(by=user, bulk=made, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The change was taken back where that was possible."))
    return redirect("municipalities:bulk_change", made.token)
