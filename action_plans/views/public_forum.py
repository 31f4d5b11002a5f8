"""The public forum of a municipality: who sits in it, its rules, its meetings, and the sign-up for one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from action_plans.actions import sign_ups
from action_plans.choices import Sector
from action_plans.exports.calendar import of_meetings
from action_plans.forms.public import SignUpForm
from action_plans.models import Meeting
from action_plans.reports import forum as reports
from action_plans.reports import opportunities
from action_plans.views.participation import ICAL
from config.page_cache import public_page
from municipalities.models import Municipality
from municipalities.views.documents import NOTHING
from municipalities.views.open_form import keeps_what_was_typed, sent_by_a_person


def _place(cut: str) -> Municipality:
    return get_object_or_404(Municipality.objects.select_related("region"), pk=cut)


def _meeting(cut: str, key: UUID) -> Meeting:
    """A meeting that everyone may see; 404 for one that was not announced."""
    rows = Meeting.objects.public().select_related("municipality__region", "plan", "minutes_document")
    return get_object_or_404(rows, municipality=cut, key=key)


@require_safe
@public_page
def forum(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The forum: members, rules, meetings that come and that were held; and how to take part now."""
    place = _place(cut)
    if slug != place.slug:
        return redirect("action_plans:forum", cut, place.slug, permanent=True)
    context = {"municipality": place, "shown": reports.shown(place, now=timezone.now())}
    context["listening"] = opportunities.listening(municipality=place)
    return render(request, "action_plans/participation/forum.html", context)


@require_safe
@public_page
def forum_ics(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The meetings of a municipality for calendar programs."""
    place = _place(cut)
    found = opportunities.meetings_for_calendars(timezone.now(), municipality=place)
    name = _("Take part in %(name)s") % {"name": place.name}
    return HttpResponse(of_meetings(found, name=name, host=request.get_host()), ICAL)


@keeps_what_was_typed
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """A meeting: when, where, about what; the sign-up before it, the minutes after it."""
    found, now = _meeting(cut, key), timezone.now()
    if slug != found.municipality.slug:
        return redirect("action_plans:meeting", cut, found.municipality.slug, key, permanent=True)
    form, status = SignUpForm(request.POST or None), 200
    if request.method == "POST":
        status = sent_by_a_person(request, form, lambda: _sign_up(found, form))
        if status == 302:
            messages.success(request, _("Look at your mail: you have a place once you open the link that we sent."))
            return redirect(request.path)
    context = {
        "municipality": found.municipality,
        "meeting": found,
        "told": reports.told(found, now=now),
        "form": form,
        "is_open": sign_ups.is_open(found, now),
    }
    return render(request, "action_plans/participation/meeting.html", context, status=status)


def _sign_up(found: Meeting, form: SignUpForm) -> None:
    words = form.cleaned_data
    sector = Sector(words["sector"])
    sign_ups.sign_up(meeting=found, name=words["name"], email=words["email"], sector=sector, now=timezone.now())


@login_not_required
@require_safe
def meeting_minutes(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponseBase:
    """The file with the minutes, once it was scanned."""
    held = _meeting(cut, key).minutes_document
    if held is None or not held.may_open:
        raise Http404
    response = FileResponse(held.file.open("rb"), as_attachment=True, filename=held.name, content_type=held.media_type)
    response.headers["Content-Security-Policy"] = NOTHING
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
