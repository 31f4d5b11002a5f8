"""For which municipalities a round is opened: chosen from the table of adhesions, previewed, done."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from diagnostics.actions import opening as actions
from diagnostics.actions import planning
from diagnostics.models import Round
from diagnostics.views.rounds import round_of
from municipalities.actions import RefusedError
from municipalities.choices import AdhesionState
from municipalities.filters.adhesions import AdhesionFilter
from municipalities.models import MunicipalityQuerySet
from municipalities.reports.desk import table_rows
from municipalities.views.bulk import chosen_municipalities
from municipalities.views.desk import council

ROWS: Final = 50
PLAN: Final = "programar"
"""What the button of a round that has not begun sends: pressed after it began, it opens nothing unasked."""


@never_cache
@require_safe
def targets(request: HttpRequest, pk: int) -> HttpResponse:
    """The municipalities that have no diagnostic in the round and for which none is planned, by the filter of the table of
    adhesions; at first those in force."""
    user, found = council(request, Permission.MANAGE_ROUNDS), round_of(pk)
    if not request.GET:
        return redirect(f"{request.path}?estado={AdhesionState.IN_FORCE}")
    asked = AdhesionFilter(request.GET, user=user, now=timezone.now())
    page = Paginator(_rows(asked, found), ROWS).get_page(request.GET.get("pagina"))
    context = {
        "round": found,
        "asked": asked,
        "page": page,
        "rows": table_rows(list(page), now=asked.now),
        "count": page.paginator.count,
        "present": len(actions.present_in(found)),
        "planned": len(planning.planned_in(found)),
        "words": asked.in_words(),
    }
    return render(request, "diagnostics/rounds/targets.html", context)


def _rows(asked: AdhesionFilter, round_: Round) -> MunicipalityQuerySet:
    return asked.ordered().exclude(pk__in=actions.present_in(round_) | planning.planned_in(round_))


@never_cache
@require_http_methods(["GET", "POST"])
def open_many(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would get a diagnostic, and what they lack; confirmed there, it is opened, or planned before the round begins.
    Nothing changes before."""
    user, found, now = council(request, Permission.MANAGE_ROUNDS), round_of(pk), timezone.now()
    asked = AdhesionFilter(QueryDict(request.POST.get("filtro", "")[:2000]), user=user, now=now)
    back = f"{reverse('diagnostics:round_targets', args=[pk])}?{asked.query or 'estado='}"
    chosen = chosen_municipalities(request.POST, _rows(asked, found))
    if not chosen:
        if request.method == "POST":
            messages.error(request, _("Choose at least one municipality."))
        return redirect(back)
    if "confirmar" in request.POST:
        try:
            if request.POST["confirmar"] == PLAN:
                count = len(planning.plan_opening(by=user, round_=found, municipalities=chosen, now=now))
                messages.success(request, _planned(count, found))
            else:
                made = actions.open_many(by=user, round_=found, municipalities=chosen, now=now)
                messages.success(request, _said(len(made), len(chosen) - len(made)))
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect(back)
        return redirect("diagnostics:round", pk)
    plan, is_early = actions.plan(by=user, round_=found, municipalities=chosen), timezone.localdate(now) < found.opens
    context = {"round": found, "plan": plan, "asked": asked, "back": back, "chosen_text": ",".join(chosen)}
    context["is_early"] = is_early
    return render(request, "diagnostics/rounds/open.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def planned(request: HttpRequest, pk: int) -> HttpResponse:
    """For whom the round opens by itself; those ticked, or all, are taken out."""
    user, found = council(request, Permission.MANAGE_ROUNDS), round_of(pk)
    if request.method == "POST":
        chosen = None if "todas" in request.POST else [cut for cut in request.POST.getlist("m") if cut.isdecimal()]
        try:
            gone = planning.call_off(by=user, round_=found, municipalities=chosen, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            words = ngettext("%(count)d municipality was taken out.", "%(count)d municipalities were taken out.", gone)
            messages.success(request, words % {"count": gone})
        return redirect("diagnostics:round_planned", pk)
    rows = found.planned.select_related("municipality__region", "by").order_by("municipality__search")
    page = Paginator(rows, ROWS).get_page(request.GET.get("pagina"))
    context = {"round": found, "page": page, "has_begun": timezone.localdate() >= found.opens}
    return render(request, "diagnostics/rounds/planned.html", context)


def _planned(count: int, round_: Round) -> str:
    words = ngettext(
        "%(count)d diagnostic opens by itself on %(day)s.",
        "%(count)d diagnostics open by themselves on %(day)s.",
        count,
    )
    return words % {"count": count, "day": f"{round_.opens:%d-%m-%Y}"}


def _said(made: int, left: int) -> str:
    words = ngettext("%(count)d diagnostic was opened.", "%(count)d diagnostics were opened.", made) % {"count": made}
    if left:
        words += " " + ngettext("%(count)d was open already.", "%(count)d were open already.", left) % {"count": left}
    return words
