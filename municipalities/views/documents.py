"""The one door through which a file leaves, and the order to judge a signature again."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions import judging as actions
from municipalities.models import Document, Signature
from municipalities.permissions import check_can, to_open
from municipalities.rules.uploads import PDF
from municipalities.views.form_page import way_back

# Somebody else's file runs nothing and fetches nothing here, whatever it holds. No `sandbox`: Chromium shows no PDF inside one.
NOTHING = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@never_cache
@require_safe
def document(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """A file, to whoever may see its municipality from inside: to keep, or a PDF to look at with `?ver=1`.

    While it is being checked, or in quarantine, a page says so in place of its bytes.
    """
    user = cast(User, request.user)
    found = get_object_or_404(Document.objects.visible_to(user).select_related("municipality"), key=key)
    check_can(user, to_open(found), found.municipality)
    if not found.may_open:
        return render(request, "municipalities/documents/closed.html", {"document": found}, status=409)
    looked_at = request.GET.get("ver") == "1" and found.media_type == PDF
    response = FileResponse(
        found.file.open("rb"), as_attachment=not looked_at, filename=found.name, content_type=found.media_type
    )
    response.headers["Content-Security-Policy"] = NOTHING
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_POST
def judge_again(request: HttpRequest, pk: int, signature_pk: int) -> HttpResponse:
    """Have a signature judged with the certificates trusted now; back to where the person was."""
    user = cast(User, request.user)
    found = get_object_or_404(Signature.objects.visible_to(user), pk=signature_pk, act__adhesion=pk)
    check_can(user, Permission.REVIEW_ADHESION, found.act.adhesion.municipality)
    try:
        actions.judge_again(by=user, signature=found, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The signature is being judged again."))
    return redirect(way_back(request.POST.get("next", ""), reverse("portal:desk")))
