"""The published diagnostics of a municipality: the list, one in plain words, its files, the evidence that is public."""

from __future__ import annotations

import hashlib

from csp.constants import SELF
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.page_cache import public_page
from diagnostics import figures
from diagnostics.exports import published as exports
from diagnostics.models import Diagnostic, Snapshot
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.comparison import groups
from diagnostics.reports.public_evidence import public_evidence
from diagnostics.reports.public_page import coming, listed, validated
from diagnostics.reports.public_page import public_page as page_of
from diagnostics.reports.results import result_of_snapshot
from municipalities.exports import tables
from municipalities.models import Municipality
from municipalities.views.documents import NOTHING
from municipalities.views.open_data import CONTENT_TYPES, attached, refused, wants_comma


def found(cut: str, folio: str) -> tuple[Diagnostic, Snapshot]:
    """A published diagnostic, or what it took the place of, with its validated copy, through its one door. Anything else is not
    there, whatever its state."""
    shown = Diagnostic.objects.readable(timezone.localdate()).filter(municipality=cut, folio=folio)
    rows = shown.select_related("municipality__region", "round", "version__family", "document", "corrects")
    diagnostic = get_object_or_404(rows.defer("version__content"))
    snapshot = validated(diagnostic)
    if snapshot is None:
        raise Http404
    return diagnostic, snapshot


@require_safe
@public_page
def of_municipality(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """What a municipality published of itself, the newest first; before that, what comes."""
    place = get_object_or_404(Municipality.objects.select_related("region"), pk=cut)
    if slug != place.slug:
        return redirect("diagnostics:public_of_municipality", cut, place.slug, permanent=True)
    today = timezone.localdate()
    shown = listed(place, today=today)
    context = {"municipality": place, "shown": shown, "coming": None if shown else coming(today)}
    return render(request, "diagnostics/public/list.html", context)


@require_safe
@public_page
def diagnostic(request: HttpRequest, cut: str, slug: str, folio: str) -> HttpResponse:
    """A diagnostic in plain words."""
    one, snapshot = found(cut, folio)
    if slug != one.municipality.slug:
        return redirect("diagnostics:public_diagnostic", cut, one.municipality.slug, folio, permanent=True)
    shown = page_of(one, snapshot, today=timezone.localdate())
    json_sha256 = hashlib.sha256(exports.whole(snapshot, shown.result)).hexdigest()
    context = {"municipality": one.municipality, "shown": shown, "result": shown.result, "json_sha256": json_sha256}
    context["has_radar"] = figures.has_radar(shown.result)
    return render(request, "diagnostics/public/diagnostic.html", context)


@require_safe
@public_page
def radar(request: HttpRequest, cut: str, slug: str, folio: str) -> HttpResponse:
    """The chart of its dimensions, beside the median of the municipalities alike."""
    one, snapshot = found(cut, folio)
    alike = groups(one, Diagnostic.objects.published(timezone.localdate()))[0]
    body = figures.radar(result_of_snapshot(snapshot), alike)
    if not body:
        raise Http404
    return HttpResponse(body, "application/json")


@require_safe
@public_page
def answers(request: HttpRequest, cut: str, slug: str, folio: str) -> HttpResponse:
    """Its answers, a row a question."""
    comma = wants_comma(request)
    if comma is None:
        return refused()
    one, snapshot = found(cut, folio)
    names = [column.name for column in exports.answer_columns()]
    rows = exports.answers_of(snapshot, instrument_of(one.version), one.round)
    return attached(tables.as_csv(names, rows, comma=comma), f"{folio}.csv", CONTENT_TYPES["csv"])


@require_safe
@public_page
def as_json(request: HttpRequest, cut: str, slug: str, folio: str) -> HttpResponse:
    """All of it, from which its scores can be computed again."""
    _one, snapshot = found(cut, folio)
    return attached(exports.whole(snapshot, result_of_snapshot(snapshot)), f"{folio}.json", CONTENT_TYPES["json"])


@require_safe
@public_page
def document(request: HttpRequest, cut: str, slug: str, folio: str) -> HttpResponse:
    """The PDF that the council validated."""
    one, _snapshot = found(cut, folio)
    if one.document is None or not one.document.may_open:
        raise Http404
    with one.document.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{folio}.pdf"'
    response["ETag"] = f'"{one.document.sha256}"'
    # Browsers show a PDF with a plug-in of their own.
    response._csp_update = {"object-src": [SELF]}  # type: ignore[attr-defined]
    return response


@login_not_required
@require_safe
def evidence(request: HttpRequest, cut: str, slug: str, folio: str, key: str) -> HttpResponseBase:
    """A file of the public evidence. Asked anew each time: what its owner takes back is gone at once."""
    _one, snapshot = found(cut, folio)
    piece = public_evidence(snapshot).get(key)
    if piece is None or piece.document is None:
        raise Http404
    held = piece.document
    response = FileResponse(held.file.open("rb"), as_attachment=True, filename=held.name, content_type=held.media_type)
    response.headers["Content-Security-Policy"] = NOTHING
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
