"""The instruments for everyone: every published version, readable and as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from config.page_cache import public_page
from diagnostics.choices import EditionState
from diagnostics.models import InstrumentFamily, InstrumentVersion
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.instrument_file import SCHEMA_FILE
from diagnostics.rules.versions import order_of
from diagnostics.views.instruments import yaml_file


def _released(key: str, version: str) -> InstrumentVersion:
    versions = InstrumentVersion.objects.exclude(state=EditionState.DRAFT).select_related("family")
    return get_object_or_404(versions, family__key=key, version=version)


@require_safe
@public_page
def instruments(request: HttpRequest) -> HttpResponse:
    """Every instrument with its versions, the newest first."""
    released = InstrumentVersion.objects.exclude(state=EditionState.DRAFT).defer("content")
    held: dict[int, list[InstrumentVersion]] = {}
    for version in sorted(released, key=lambda one: order_of(one.version), reverse=True):
        held.setdefault(version.family_id, []).append(version)
    rows = [(family, held[family.pk]) for family in InstrumentFamily.objects.filter(pk__in=held)]
    return render(request, "diagnostics/instruments/public_list.html", {"rows": rows})


@require_safe
@public_page
def instrument(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """A version, whole: what is asked, what each level means, what counts as evidence."""
    found = _released(key, version)
    current = found.family.versions.filter(state=EditionState.PUBLISHED).first()
    content = instrument_of(found)
    context = {
        "version": found,
        "instrument": content,
        "current": current if current and current.pk != found.pk else None,
        "descriptors": sum(len(dimension.descriptors) for dimension in content.dimensions),
    }
    return render(request, "diagnostics/instruments/public.html", context)


@require_safe
@public_page
def file(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """A version as its YAML file."""
    return yaml_file(_released(key, version))


@require_safe
@public_page
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of the files."""
    return HttpResponse(SCHEMA_FILE.read_bytes(), content_type="application/schema+json")
