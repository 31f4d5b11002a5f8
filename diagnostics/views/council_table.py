"""The council's table of diagnostics, and what is done with them: more time, cancelling, a workbook."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import extensions as actions
from diagnostics.actions.rounds import move
from diagnostics.choices import DiagnosticState
from diagnostics.exports.diagnostics import workbook
from diagnostics.filters.rounds import DiagnosticFilter
from diagnostics.forms.rounds import CancelForm, MoreTimeForm
from diagnostics.models import Diagnostic
from diagnostics.reports.rounds import table_rows
from diagnostics.rules.diagnostic_states import FINAL
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import can, check_can
from municipalities.views.desk import XLSX, council

ROWS: Final = 50


@never_cache
@require_safe
def diagnostics(request: HttpRequest) -> HttpResponse:
    """Every diagnostic within the person's scope, of all rounds or of one."""
    user = council(request)
    asked = DiagnosticFilter(request.GET, user=user, now=timezone.now())
    page = Paginator(asked.ordered(), ROWS).get_page(request.GET.get("pagina"))
    context = {
        "asked": asked,
        "page": page,
        "rows": table_rows(page, today=asked.today),
        "count": page.paginator.count,
        "words": asked.in_words(),
        "may_manage": can(user, Permission.MANAGE_ROUNDS),
    }
    return render(request, "diagnostics/rounds/table.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the table shows under the same address, all of its pages, as a workbook."""
    user, now = council(request), timezone.now()
    asked = DiagnosticFilter(request.GET, user=user, now=now)
    content = workbook(table_rows(asked.ordered(), today=asked.today), asked=asked.in_words(), now=now)
    name = f"diagnosticos-{asked.today:%Y-%m-%d}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _table(query: str) -> str:
    address = reverse("diagnostics:council_diagnostics")
    return f"{address}?{query}" if query else address


@never_cache
@require_http_methods(["GET", "POST"])
def more_time(request: HttpRequest) -> HttpResponse:
    """Until when and why; then who would get it and who not; confirmed there, it is given."""
    user, now = council(request, Permission.MANAGE_ROUNDS), timezone.now()
    sent = request.POST or request.GET
    asked = DiagnosticFilter(QueryDict(sent.get("filtro", "")[:2000]), user=user, now=now)
    chosen = _chosen(sent, asked)
    if not chosen:
        if request.method == "POST":
            messages.error(request, _("Choose at least one diagnostic."))
        return redirect(_table(asked.query))
    form = MoreTimeForm(request.POST if {"ver", "confirmar"} & request.POST.keys() else None)
    context: dict[str, Any] = {"asked": asked, "back": _table(asked.query), "form": form}
    if form.is_bound and form.is_valid():
        planned = _give(request, user, chosen, form)
        if planned is None:
            return redirect(_table(asked.query))
        context["plan"] = planned
    rows = Diagnostic.objects.visible_to(user).filter(pk__in=chosen).select_related("municipality", "round")
    context |= {"chosen": rows, "chosen_text": ",".join(map(str, chosen))}
    return render(request, "diagnostics/rounds/more_time.html", context)


def _give(request: HttpRequest, user: User, chosen: list[int], form: MoreTimeForm) -> actions.ExtensionPlan | None:
    """The preview; None once it was confirmed and done."""
    words, now = form.cleaned_data, timezone.now()
    until, shorten = words["until"], words["shorten"]
    if "confirmar" in request.POST:
        try:
            given = actions.give_more_time(by=user, diagnostics=chosen, now=now, **words)
        except RefusedError as refusal:
            form.add_error("until", str(refusal))
        else:
            text = ngettext(
                "%(count)d municipality has time until %(day)s. It was told by mail.",
                "%(count)d municipalities have time until %(day)s. They were told by mail.",
                len(given),
            )
            messages.success(request, text % {"count": len(given), "day": f"{until:%d-%m-%Y}"})
            return None
    planned = actions.plan(by=user, diagnostics=chosen, until=until, now=now, shorten=shorten)
    if planned.problem and not form.has_error("until"):
        form.add_error("until", planned.problem)
    return planned


def _chosen(data: QueryDict, asked: DiagnosticFilter) -> list[int]:
    """The diagnostics meant: those ticked, or all that the filter finds."""
    if data.get("todas"):
        return list(asked.ordered().values_list("pk", flat=True))
    ticked = data.getlist("m") or data.get("elegidos", "").split(",")
    return [int(pk) for pk in dict.fromkeys(ticked) if pk.isdecimal() and len(pk) < 10]


@never_cache
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a diagnostic, with a reason that its municipality reads."""
    user = council(request, Permission.MANAGE_ROUNDS)
    rows = Diagnostic.objects.visible_to(user).select_related("municipality", "round")
    found = get_object_or_404(rows, pk=pk)
    check_can(user, Permission.MANAGE_ROUNDS, found.municipality)
    form = CancelForm(request.POST or None, initial={"seen": found.state})
    status = 200
    if request.method == "POST" and form.is_valid():
        to, words = DiagnosticState.CANCELLED, form.cleaned_data
        try:
            move(by=user, diagnostic=found, to=to, now=timezone.now(), reason=words["reason"], seen=words["seen"])
        except OvertakenError as overtaken:
            form.add_error(None, str(overtaken))
            status = 409
        else:
            name = found.municipality.name
            messages.success(request, _("The diagnostic of %(name)s was cancelled.") % {"name": name})
            return redirect(_table(f"ronda={found.round_id}"))
    context = {"diagnostic": found, "form": form, "is_final": found.state in FINAL}
    return render(request, "diagnostics/rounds/cancel.html", context, status=status)
