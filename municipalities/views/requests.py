"""What citizens asked: the council's list."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError
from municipalities.actions import requests as actions
from municipalities.models import AdhesionRequest
from municipalities.permissions import can, check_can

ROWS = 30


@never_cache
@require_safe
def adhesion_requests(request: HttpRequest) -> HttpResponse:
    """Requests that wait for an answer, or with `?ver=respondidas` those that were answered."""
    check_can(request.user, Permission.VIEW_DESK)
    answered = request.GET.get("ver") == "respondidas"
    rows = AdhesionRequest.objects.visible_to(cast(User, request.user)).select_related(
        "municipality__region", "handled_by"
    )
    context = {
        "answered": answered,
        "may_answer": can(request.user, Permission.PROMOTE_ADHESION),
        "page": Paginator(rows.filter(handled_at__isnull=not answered), ROWS).get_page(request.GET.get("pagina")),
        "kept_days": actions.KEPT.days,
    }
    return render(request, "municipalities/adhesions/requests.html", context)


@never_cache
@require_POST
def answer_adhesion_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a request as answered; who asked is deleted."""
    user = cast(User, request.user)
    asked = get_object_or_404(AdhesionRequest.objects.visible_to(user), pk=pk)
    try:
        actions.answer_request(by=user, asked=asked, now=timezone.now())
    except OvertakenError as overtaken:
        messages.warning(request, str(overtaken))
    else:
        messages.success(request, _("Marked as answered. The name and the e-mail were deleted."))
    return redirect("municipalities:adhesion_requests")
