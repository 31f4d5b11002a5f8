"""The council's table of contributions that wait, across municipalities."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from action_plans.filters.owed import OwedFilter
from action_plans.reports.minimums import days_to_answer
from municipalities.views.desk import council

ROWS: Final = 50


@never_cache
@require_safe
def owed(request: HttpRequest) -> HttpResponse:
    """Where contributions wait to be read or answered, or an appeal to be decided, within the person's scope: the late first."""
    user = council(request)
    asked = OwedFilter(request.GET, user=user, now=timezone.now(), days=days_to_answer())
    page = Paginator(asked.ordered(), ROWS).get_page(request.GET.get("pagina"))
    context = {"asked": asked, "page": page, "count": page.paginator.count, "words": asked.in_words()}
    return render(request, "action_plans/listening/owed.html", context)
