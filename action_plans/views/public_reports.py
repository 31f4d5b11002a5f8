"""The yearly reports, for anyone: their list, and every edition with its data."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from action_plans.exports import national as exports
from action_plans.models import YearlyReport
from action_plans.reports.yearly import published
from config.page_cache import public_page
from municipalities.views.desk import XLSX
from municipalities.views.open_data import CONTENT_TYPES, attached


@require_safe
@public_page
def reports(request: HttpRequest) -> HttpResponse:
    """Every edition, the newest of each year first."""
    return render(request, "action_plans/national/reports.html", {"reports": list(published())})


@require_safe
@public_page
def newest(request: HttpRequest, year: str) -> HttpResponseBase:
    """The document of the newest edition of a year."""
    report = published().filter(year=int(year)).first()
    return _document(get_object_or_404(YearlyReport, pk=report.pk if report else 0))


@require_safe
@public_page
def edition(request: HttpRequest, year: str, number: str, suffix: str) -> HttpResponseBase:
    """An edition as it was published, for ever: its document or its data."""
    report = get_object_or_404(YearlyReport.objects.published(), year=int(year), number=int(number))
    if suffix == "pdf":
        return _document(report)
    if suffix == "xlsx":
        return attached(exports.as_xlsx(report.content), f"{report.name}.xlsx", XLSX)
    return attached(exports.as_json(report.content), f"{report.name}.json", CONTENT_TYPES["json"])


def _document(report: YearlyReport) -> FileResponse:
    return FileResponse(report.pdf.open(), filename=f"{report.name}.pdf", content_type="application/pdf")
