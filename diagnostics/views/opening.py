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


@never_cache
@require_safe
def targets(request: HttpRequest, pk: int) -> HttpResponse:
    """The municipalities without a diagnostic in the round, by the filter of the table of adhesions; at first those in force."""
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
        "words": asked.in_words(),
    }
    return render(request, "diagnostics/rounds/targets.html", context)


def _rows(asked: AdhesionFilter, round_: Round) -> MunicipalityQuerySet:
    return asked.ordered().exclude(pk__in=actions.present_in(round_))


@never_cache
@require_http_methods(["GET", "POST"])
def open_many(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would get a diagnostic, and what they lack; confirmed there, it is opened. Nothing changes before."""
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
            made = actions.open_many(by=user, round_=found, municipalities=chosen, now=now)
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect(back)
        messages.success(request, _said(len(made), len(chosen) - len(made)))
        return redirect("diagnostics:round", pk)
    planned = actions.plan(by=user, round_=found, municipalities=chosen)
    context = {"round": found, "plan": planned, "asked": asked, "back": back, "chosen_text": ",".join(chosen)}
    return render(request, "diagnostics/rounds/open.html", context)


def _said(made: int, left: int) -> str:
    words = ngettext("%(count)d diagnostic was opened.", "%(count)d diagnostics were opened.", made) % {"count": made}
    if left:
        words += " " + ngettext("%(count)d was open already.", "%(count)d were open already.", left) % {"count": left}
    return words
