"""The diagnostics of a municipality, as its own people and the council's see them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from diagnostics.reports.desk import history_of, tasks_of
from diagnostics.reports.rounds import table_rows
from municipalities.views.form_page import municipality_of


@never_cache
@require_safe
def diagnostics(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """What is being filled in now with how far it has come, and the history below."""
    user, place = municipality_of(request, cut, Permission.VIEW_DIAGNOSTIC)
    today = timezone.localdate()
    context = {
        "municipality": place,
        "tasks": tasks_of(user, place, today=today),
        "history": table_rows(history_of(user, place), today=today),
    }
    return render(request, "diagnostics/rounds/municipality.html", context)
