"""Pages made of several apps."""

from django.http import HttpRequest, HttpResponse
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
