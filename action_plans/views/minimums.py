"""OGP's minimum requirements, for anyone: of one municipality with the records behind them, and of the country in one table."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from action_plans.choices import Standing
from action_plans.reports.minimums import counts, minimums_of, shipped
from action_plans.reports.minimums_country import of_country
from action_plans.views.public import found
from config.page_cache import public_page
from municipalities.models import Region

ROWS: Final = 50
# What an address may ask for, and how it says it.
STANDINGS: Final = {
    "no-se-cumple": Standing.BROKEN,
    "por-incumplirse": Standing.AT_RISK,
    "se-cumple": Standing.MET,
    "aun-no": Standing.NOT_YET,
}


@require_safe
@public_page
def of_plan(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """Each requirement of a plan with its state, its day, the records that it was computed from, and the rule's own words."""
    plan = found(cut, pk).plan
    minimums = minimums_of(plan, today=timezone.localdate())
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "minimums": minimums,
        "counts": {each.standing.value: each.number for each in counts(minimums)},
        "version": shipped()["version"],
        "today": timezone.localdate(),
    }
    return render(request, "action_plans/watch/minimums.html", context)


@require_safe
@public_page
def country(request: HttpRequest) -> HttpResponse:
    """The plans of the country by requirement; `?estado=` those with one that stands so, `?region=` those of a region."""
    regions = list(Region.objects.all())
    region = request.GET.get("region", "")
    region = region if region in {each.pk for each in regions} else ""
    standing = STANDINGS.get(request.GET.get("estado", ""))
    rows = of_country(today=timezone.localdate(), region=region, standing=standing)
    context = {
        "requirements": shipped()["minimums"],
        "version": shipped()["version"],
        "page": Paginator(rows, ROWS).get_page(request.GET.get("pagina")),
        "counts": counts(each for row in rows for each in row.minimums),
        "regions": regions,
        "region": region,
        "standings": list(STANDINGS.items()),
        "standing": standing,
    }
    return render(request, "action_plans/watch/minimums_country.html", context)
