"""Taking part: the calendar of opportunities, and what the links of mails to citizens open."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from action_plans.actions import contributions, personal_data, sign_ups
from action_plans.exports.calendar import of_meetings
from action_plans.filters.opportunities import Opportunities
from action_plans.models import Author, Contribution, SignUp
from action_plans.reports import opportunities as reports
from config.page_cache import public_page
from municipalities.actions import RefusedError
from municipalities.models import Region

ROWS = 30
ICAL = "text/calendar; charset=utf-8"


@require_safe
@public_page
def opportunities(request: HttpRequest) -> HttpResponse:
    """Where and when one can take part in the country: meetings that come, and plans that receive contributions now."""
    now = timezone.now()
    regions = {region.code: region for region in Region.objects.all()}
    asked = Opportunities(request.GET.dict(), reports.coming(now), regions)
    context = {
        "asked": asked,
        "page": Paginator(asked.rows, ROWS).get_page(request.GET.get("pagina")),
        "listening": reports.listening(asked.region),
    }
    return render(request, "action_plans/participation/opportunities.html", context)


@require_safe
@public_page
def opportunities_ics(request: HttpRequest) -> HttpResponse:
    """The meetings of the country for calendar programs; `?region=` those of a region."""
    region = request.GET.get("region", "")
    found = reports.meetings_for_calendars(timezone.now(), region=region if region.isalnum() else "")
    return HttpResponse(
        of_meetings(found, name=_("Take part: meetings of municipalities"), host=request.get_host()), ICAL
    )


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """The link of the mail: a button, so that a program that follows links confirms nothing. Pressed twice, it is once."""
    author = Author.objects.filter(forgotten_at=None, key=key).first()
    about = _about(author) if author else None
    if author is None or about is None:
        return _expired(request)
    if request.method == "POST":
        try:
            contributions.confirm(key=key, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)
    context = {
        "author": author,
        "about": about,
        "plan": about.plan,
        "municipality": about.plan.municipality,
        "supports": not author.contributions.exists(),
    }
    return render(request, "action_plans/participation/confirm.html", context)


def _about(author: Author) -> Contribution | None:
    """What an author contributed or, else, supported."""
    written = author.contributions.select_related("plan__municipality").first()
    if written:
        return written
    supported = author.supports.select_related("contribution__plan__municipality").first()
    return supported.contribution if supported else None


def _expired(request: HttpRequest) -> HttpResponse:
    """Of a link whose time is over, that was used up or came in half: what to do."""
    return render(request, "action_plans/participation/expired.html", status=410)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, token: UUID) -> HttpResponse:
    """A sign-up, by the link of its mail: confirm it, see whether there is a place, give it back."""
    rows = SignUp.objects.select_related("meeting__municipality__region").filter(forgotten_at=None)
    row, now = rows.filter(token=token).first(), timezone.now()
    if row is None:
        return _expired(request)
    if request.method == "POST":
        try:
            if "liberar" in request.POST:
                sign_ups.leave(token=token, now=now)
            else:
                sign_ups.confirm(token=token, now=now)
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)
    context = {
        "row": row,
        "meeting": row.meeting,
        "municipality": row.meeting.municipality,
        "in_line": sign_ups.place_in_line(row),
        "is_open": sign_ups.is_open(row.meeting, now),
    }
    return render(request, "action_plans/participation/sign_up.html", context)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest, key: UUID) -> HttpResponse:
    """What is kept of whoever holds the link of a mail, and the button that deletes it."""
    address = personal_data.address_of(key)
    if not address:
        return render(
            request, "action_plans/participation/no_data.html", status=410 if request.method != "POST" else 200
        )
    if request.method == "POST":
        personal_data.erase(key=key, now=timezone.now())
        return render(request, "action_plans/participation/no_data.html", {"erased": True})
    context = {
        "address": address,
        "authors": Author.objects.filter(email=address, forgotten_at=None).prefetch_related("contributions__plan"),
        "sign_ups": SignUp.objects.filter(email=address, forgotten_at=None).select_related("meeting__municipality"),
    }
    return render(request, "action_plans/participation/my_data.html", context)
