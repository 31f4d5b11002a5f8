"""The public register of adhesions: list, map, time line, one municipality's file, its act, open data and feed."""

from __future__ import annotations

from typing import Final

from csp.constants import SELF
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.page_cache import public_page
from municipalities import figures
from municipalities.actions import requests as actions
from municipalities.choices import Standing
from municipalities.exports import adhesion_register as exports
from municipalities.filters.adhesion_register import Register
from municipalities.forms.public import AdhesionRequestForm
from municipalities.models import Adhesion, Municipality, Region, Signature
from municipalities.reports import adhesion_register as reports
from municipalities.views.list_map import map_in_step, part_in_words
from municipalities.views.open_data import CONTENT_TYPES, attached, refused, wants_comma
from municipalities.views.open_form import keeps_what_was_typed, sent_by_a_person

ROWS: Final = 30
# What a municipality is on a map, by what the register says of it.
STANDING_CLASSES: Final = {
    Standing.IN_FORCE: "share-4",
    Standing.SUSPENDED: "share-3",
    Standing.ENDED: "share-2",
    Standing.NONE: "share-0",
}


@require_safe
@public_page
def adhesions_public(request: HttpRequest) -> HttpResponse:
    """Who adhered: the answer in a sentence, list and map in step, filters with counts, and when acts were signed."""
    shown = reports.published()
    entries = reports.entries(shown)
    regions = {region.code: region for region in Region.objects.all()}
    asked = Register(request.GET.dict(), entries, regions)
    bars = figures.month_bars(reports.signatures_by_month(shown))
    context = {
        "asked": asked,
        "answer": reports.answer(entries),
        "remote_from": reports.REMOTE_FROM_KM,
        "page": Paginator(asked.rows, ROWS).get_page(request.GET.get("pagina")),
        "map": _map(asked),
        "bars": bars,
        "months": [bar for bar in reversed(bars) if bar.count],
        "bars_path": figures.bars_path(bars),
    }
    return render(request, "municipalities/adhesions/register.html", context)


def _map(asked: Register) -> figures.MapFigure:
    """The country's regions by how many adhered, or the chosen region's municipalities by state."""
    links = {region: option.href for region, option in zip(asked.regions, asked.options["region"], strict=True)}
    return map_in_step(
        asked,
        link=links.__getitem__,
        href=lambda entry: entry.href,
        words=lambda entry: str(entry.standing.label),
        look=lambda entry: STANDING_CLASSES[entry.standing],
        has=lambda entry: entry.standing == Standing.IN_FORCE,
        part=_part_in_words,
    )


def _part_in_words(part: int, whole: int) -> str:
    """`3 of 10 municipalities`, or that the list has none there."""
    return part_in_words(part, whole) if whole else _("none in the list")


@require_safe
@public_page
def adhesions_map(request: HttpRequest) -> HttpResponse:
    """Every municipality of Chile on one map, by what the register says of it."""
    entries = reports.entries()
    drawing = figures.country_by_commune(
        entries,
        href=lambda entry: entry.href,
        title=lambda entry: f"{entry.name}: {entry.standing.label}",
        fill={entry.pk: STANDING_CLASSES[entry.standing] for entry in entries},
    )
    context = {"map": drawing, "regions": Region.objects.all(), "answer": reports.answer(entries)}
    return render(request, "municipalities/adhesions/map.html", context)


@require_safe
@public_page
def adhesions_data(request: HttpRequest, suffix: str) -> HttpResponse:
    """The register as open data. `?separador=coma` gives the CSV that programs expect."""
    comma = wants_comma(request)
    if comma is None:
        return refused()
    rows = exports.rows()
    body = exports.as_json(rows) if suffix == "json" else exports.as_csv(rows, comma=comma)
    return attached(body, f"adhesiones.{suffix}", CONTENT_TYPES[suffix])


@require_safe
@public_page
def adhesions_feed(request: HttpRequest) -> HttpResponse:
    """What changed in the register, for feed readers."""
    return HttpResponse(exports.as_atom(), content_type="application/atom+xml; charset=utf-8")


@require_safe
@public_page
def adhesion_public(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """One municipality's adhesion: where it stands, its act and verdict, what happened, earlier terms."""
    place = get_object_or_404(Municipality.objects.select_related("region"), pk=cut)
    if slug != place.slug:
        return redirect("municipalities:adhesion_public", cut, place.slug, permanent=True)
    found = reports.published(place)
    shown, acts = found[0] if found else None, reports.signed_acts(place)
    signed = acts.get(shown.pk) if shown else None
    context = {
        "municipality": place,
        "shown": shown,
        "signed": signed,
        "earlier": [(one, acts.get(one.pk)) for one in found[1:]],
        "facts": signed.told if signed else [],
        "act": Signature.objects.published()
        .filter(act__adhesion=shown.pk if shown else None)
        .select_related("act__authority", "public_document")
        .last(),
        "events": reports.timeline(shown) if shown else [],
        "standing": Standing,
    }
    return render(request, "municipalities/adhesions/adhesion.html", context)


@require_safe
@public_page
def act_public(request: HttpRequest, folio: str) -> HttpResponse:
    """The public copy of an act in force, or once in force. Any other folio is not there, issued or not."""
    signature = get_object_or_404(
        Signature.objects.published().select_related("public_document"), act__folio=folio, public_document__isnull=False
    )
    document = signature.public_document
    if document is None:
        raise Http404
    with document.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{folio}.pdf"'
    response["ETag"] = f'"{document.sha256}"'
    # Browsers show a PDF with a plug-in of their own.
    response._csp_update = {"object-src": [SELF]}  # type: ignore[attr-defined]
    return response


@keeps_what_was_typed
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def adhesion_request(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Ask that a municipality adhere, without an account. What a machine sends is thanked for and dropped."""
    place = get_object_or_404(Municipality, pk=cut)
    if Adhesion.objects.standing().filter(municipality=place).exists():
        return redirect("municipalities:adhesion_public", cut, place.slug)
    form, status = AdhesionRequestForm(request.POST or None), 200
    if request.method == "POST":
        status = sent_by_a_person(request, form, lambda: _ask(place, form), limit="adhesion_request")
        if status == 302:
            messages.success(request, _("The Consejo received your request. Thank you."))
            return redirect("municipalities:adhesion_public", cut, place.slug)
    context = {"municipality": place, "form": form}
    return render(request, "municipalities/adhesions/request.html", context, status=status)


def _ask(place: Municipality, form: AdhesionRequestForm) -> None:
    kept = {name: form.cleaned_data[name] for name in ("name", "email", "message")}
    actions.ask_for_adhesion(municipality=place, now=timezone.now(), **kept)
