"""The plan to take away: PDF, Word, CSV, JSON; its days for a calendar; its news for a feed reader."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from action_plans.exports import calendar, docx, plan_data, plan_workbook
from action_plans.exports.feed import as_atom
from action_plans.reports.pdf import plan_pdf
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow
from action_plans.views.public import found
from config.page_cache import public_page
from municipalities.exports import tables
from municipalities.views.open_data import attached, refused, wants_comma

ATOM: Final = "application/atom+xml; charset=utf-8"
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@require_safe
@public_page
def document(request: HttpRequest, cut: str, slug: str, pk: str, suffix: str) -> HttpResponse:
    """The edition that the public reads, as a file. CSV, JSON and XLSX say how each milestone goes too."""
    shown = _with_edition(cut, pk)
    name = f"plan-{shown.plan.municipality.slug}-{shown.plan.starts.year}.{suffix}"
    if suffix == "csv":
        comma = wants_comma(request)
        if comma is None:
            return refused()
        return attached(tables.as_csv(plan_data.names(), plan_data.rows(shown), comma=comma), name, TYPES[suffix])
    makers = {"json": plan_data.as_json, "pdf": plan_pdf, "docx": docx.plan_docx, "xlsx": plan_workbook.as_xlsx}
    return attached(makers[suffix](shown), name, TYPES[suffix])


@require_safe
@public_page
def plan_calendar(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """The last days of every milestone, as a calendar to subscribe to."""
    shown = _with_edition(cut, pk)
    return _calendar(shown, "")


@require_safe
@public_page
def commitment_calendar(request: HttpRequest, cut: str, slug: str, pk: str, key: str) -> HttpResponse:
    """The same of one commitment. One that was withdrawn calls its days off."""
    return _calendar(_with_edition(cut, pk), key)


@require_safe
@public_page
def feed(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """What happened with the plan: its editions and what was told."""
    return HttpResponse(as_atom(found(cut, pk)), content_type=ATOM)


@require_safe
@public_page
def commitment_feed(request: HttpRequest, cut: str, slug: str, pk: str, key: str) -> HttpResponse:
    """What was told of one commitment."""
    return HttpResponse(as_atom(*_with_commitment(cut, pk, key)), content_type=ATOM)


def _with_edition(cut: str, pk: str) -> PublicPlan:
    shown = found(cut, pk)
    if shown.edition is None:
        raise Http404
    return shown


def _with_commitment(cut: str, pk: str, key: str) -> tuple[PublicPlan, CommitmentNow]:
    """The plan and one of its commitments, which must stand in the edition."""
    shown = _with_edition(cut, pk)
    one = shown.now.commitment(key) if shown.now else None
    if one is None:
        raise Http404
    return shown, one


def _calendar(shown: PublicPlan, key: str) -> HttpResponse:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    body = calendar.of_plan(shown, key=key, host=host)
    if body is None:
        raise Http404
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")
