"""The register as anyone reads it: directory, regions, groups of municipalities alike."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.page_cache import public_page


@public_page
def directory(request: HttpRequest) -> HttpResponse:
    """Every municipality: searched, filtered, sorted, paged, and on a map."""
    return render(request, "municipalities/directory.html")
