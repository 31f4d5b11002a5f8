"""Leaving the daily digest from its mail, without signing in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.models import User
from municipalities.choices import MailKind
from municipalities.notifications.words import who_leaves


# A mail program sends it for the person (RFC 8058), without a cookie; the token says whose it is and allows nothing else.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave_digest(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button, for a program that only opens the address must change nothing; the button leaves."""
    person_id = who_leaves(MailKind.DIGEST, token)
    if person_id is None:
        raise Http404
    person = get_object_or_404(User, pk=person_id, is_active=True)
    if request.method == "POST":
        person = actions.leave_digest(person=person, now=timezone.now())
    return render(request, "municipalities/mails/leave_digest.html", {"has_left": not person.wants_digest})
