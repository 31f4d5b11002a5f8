"""What every download of open data answers alike: its separator, its name, its type."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

CONTENT_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def wants_comma(request: HttpRequest) -> bool | None:
    """Whether programs ask; None for a separator that there is not."""
    return {"punto-y-coma": False, "coma": True}.get(request.GET.get("separador", "punto-y-coma"))


def refused() -> HttpResponse:
    """The answer to a separator that there is not."""
    fault = _("separador may be punto-y-coma or coma.")
    return HttpResponse(fault, status=400, content_type="text/plain; charset=utf-8")


def attached(body: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to keep, under that name."""
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
