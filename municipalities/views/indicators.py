"""The council's indicators of adhesion, as a page and as a workbook."""

from __future__ import annotations

from typing import cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities import figures
from municipalities.exports.indicators import as_xlsx
from municipalities.filters.adhesion_register import BANDS
from municipalities.permissions import check_can
from municipalities.reports import indicators as reports

ROWS = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Adhesion by region and by distance, the funnel with its days, and the term of each act."""
    check_can(request.user, Permission.VIEW_DESK)
    found = reports.indicators(cast(User, request.user), today=timezone.localdate())
    parts = {region.code: part for region, part in found.regions}
    register = reverse("municipalities:adhesions_public")
    drawing = figures.country_by_region(
        [region for region, _part in found.regions],
        href=lambda region: f"{register}?region={region.code}",
        title=lambda region: (
            _("%(region)s: %(adhered)s of %(all)s")
            % {"region": region.name, "adhered": parts[region.code].adhered, "all": parts[region.code].municipalities}
        ),
        fill={code: figures.share_class(part.adhered, part.municipalities) for code, part in parts.items()},
    )
    context = {
        "found": found,
        "bands": [(BANDS[one.band.code], one) for one in found.bands],
        "map": drawing,
        "page": Paginator(found.terms, ROWS).get_page(request.GET.get("pagina")),
    }
    return render(request, "municipalities/indicators/indicators.html", context)


@never_cache
@require_safe
def indicators_figure(request: HttpRequest, name: str) -> HttpResponse:
    """A chart of the page: `distancia` or `embudo`."""
    check_can(request.user, Permission.VIEW_DESK)
    found = reports.indicators(cast(User, request.user), today=timezone.localdate())
    bands = ((str(BANDS[band.code]), band.remote, part.municipalities, part.adhered) for band, part in found.bands)
    bodies = {
        "distancia": lambda: figures.share_bars(bands),
        "embudo": lambda: figures.stage_bars((str(stage.state.label), stage.reached) for stage in found.stages),
    }
    body = bodies[name]() if name in bodies else b""
    if not body:
        raise Http404
    return HttpResponse(body, content_type="application/json")


@never_cache
@require_safe
def indicators_export(request: HttpRequest) -> HttpResponse:
    """The same as a workbook, with the terms of all acts."""
    check_can(request.user, Permission.VIEW_DESK)
    today = timezone.localdate()
    body = as_xlsx(reports.indicators(cast(User, request.user), today=today), today=today)
    response = HttpResponse(body, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="indicadores-adhesion-{today}.xlsx"'
    return response
