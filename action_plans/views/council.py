"""The council's desk of the country's plans: what needs a decision, one table, and the yearly reports."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from action_plans.actions import yearly as actions
from action_plans.forms.yearly import ReportForm
from action_plans.reports.national_desk import SIEVES, Row, counts, rows_of
from action_plans.reports.yearly import overview
from config.numbers import day
from municipalities.actions import OvertakenError, RefusedError
from municipalities.exports.desk_tables import Cell, desk_workbook
from municipalities.permissions import can
from municipalities.views.desk import XLSX, council
from municipalities.views.open_data import attached

ROWS: Final = 50


def asked_by(request: HttpRequest, rows: list[Row]) -> tuple[list[Row], str, str]:
    """The rows that an address asks for, its sieve and its region; what there is not asks for nothing."""
    sieve, region = request.GET.get("ver", ""), request.GET.get("region", "")
    sieve = sieve if sieve in SIEVES else ""
    region = region if region in {row.place.region_id for row in rows} else ""
    return [row for row in rows if row.is_in(sieve) and region in ("", row.place.region_id)], sieve, region


@never_cache
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Numbers that need a decision, each a link into the table; the table; the yearly reports."""
    user, today = council(request, Permission.VIEW_PLAN), timezone.localdate()
    everything = rows_of(user, today=today)
    rows, sieve, region = asked_by(request, everything)
    context: dict[str, Any] = {
        "counts": counts(everything),
        "sieve": sieve,
        "region": region,
        "regions": sorted({row.place.region for row in everything}, key=lambda each: each.order),
        "page": Paginator(rows, ROWS).get_page(request.GET.get("pagina")),
        "years": overview(today=today),
        "may_publish": can(user, Permission.PUBLISH_REPORT),
    }
    return render(request, "action_plans/national/council.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the table shows under the same address, all of its pages, as a workbook."""
    user, today = council(request, Permission.VIEW_PLAN), timezone.localdate()
    rows, sieve, _region = asked_by(request, rows_of(user, today=today))
    head = [_("Code"), _("Municipality"), _("Region"), _("Plan"), _("Stage"), _("Since"), _("Until"), _("Overdue")]
    head += [_("Requirements not met"), _("Requirements about to be broken")]
    cells: list[list[Cell]] = [
        [
            *(row.place.pk, row.place.name, row.place.region.short_name),
            *(row.plan.title if row.plan else None, row.stage),
            *((timezone.localdate(row.plan.stage_since), row.plan.ends) if row.plan else (None, None)),
            ", ".join(row.owed) or None,
            *((row.broken, row.at_risk) if row.plan else (None, None)),
        ]
        for row in rows
    ]
    about = [(_("Filter"), str(SIEVES.get(sieve, _("All")))), (_("Made"), day(today))]
    return attached(desk_workbook(_("Action plans"), head, cells, about=about), f"planes-{today}.xlsx", XLSX)


@never_cache
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, year: str) -> HttpResponse:
    """Publish the report of a year that is over, or an edition that corrects it."""
    user, now = council(request, Permission.PUBLISH_REPORT), timezone.now()
    row = next((each for each in overview(today=timezone.localdate(now)) if each.year == int(year)), None)
    if row is None:
        raise Http404
    form = ReportForm(request.POST or None, newest=row.newest)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(by=user, year=row.year, now=now, **form.cleaned_data)
        except OvertakenError as overtaken:
            form.add_error(None, str(overtaken))
            form.sees(row.newest)
            status = 409
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            words = _("The report of %(year)d is being made. It is published within some minutes.")
            messages.success(request, words % {"year": row.year})
            return redirect("action_plans:council_plans")
    return render(request, "action_plans/national/publish.html", {"row": row, "form": form}, status=status)
