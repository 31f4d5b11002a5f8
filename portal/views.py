"""Pages made of several apps."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from config.page_cache import public_page


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Lead each kind of person to their work."""
    return render(request, "portal/home.html")


def desk(request: HttpRequest) -> HttpResponse:
    """Where a person lands after signing in."""
    return render(request, "portal/desk.html")


@public_page
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


@public_page
def about(request: HttpRequest) -> HttpResponse:
    """Where the data come from, under which licence, and how accessible the site is."""
    return render(request, "portal/about.html")


@public_page
def suggest(request: HttpRequest) -> HttpResponse:
    """Municipalities meant by what was typed so far."""
    return JsonResponse({"suggestions": []})
