"""The municipality's desk of meetings: plan, announce, change, call off, attendance, minutes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import meetings as actions
from action_plans.actions import sign_ups
from action_plans.forms.forum import MeetingForm, MinutesForm, ReasonForm
from action_plans.models import Meeting
from action_plans.reports.forum import told
from action_plans.views.forum_desk import desk_of
from municipalities.actions import RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind
from municipalities.models import Municipality
from municipalities.permissions import can
from municipalities.views.form_page import FormPage, answer, municipality_of


def _meeting(municipality: Municipality, key: UUID) -> Meeting:
    rows = Meeting.objects.select_related("municipality", "plan", "minutes_document")
    return get_object_or_404(rows, municipality=municipality, key=key)


def _page_of(meeting: Meeting) -> str:
    place = meeting.municipality
    return reverse("action_plans:meeting_desk", args=[place.cut, place.slug, meeting.key])


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Plan a meeting: kept for oneself, or announced at once."""
    user, municipality = municipality_of(request, cut, Permission.WRITE_PLAN)
    plans = municipality.plans.open()
    form = MeetingForm(request.POST or None, plans=plans, initial={"plan": plans.first()})
    announce = "anunciar" in request.POST
    page = FormPage(_("Plan a meeting"), _("Keep it without announcing"), desk_of(municipality), _("Forum"))
    return answer(
        request,
        form,
        page,
        lambda: actions.plan_meeting(
            by=user,
            municipality=municipality,
            key=form.cleaned_data["key"],
            details=form.details(),
            announce=announce,
            now=timezone.now(),
        ),
        municipality=municipality,
        done=_("The meeting is in the public calendar.")
        if announce
        else _("The meeting was kept. Nobody sees it yet."),
        template="action_plans/listening/meeting_form.html",
        may_announce=True,
    )


@never_cache
@require_safe
def one(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """A meeting with those who signed up, in line, and what comes next."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_PLAN)
    found, now = _meeting(municipality, key), timezone.now()
    context = {
        "municipality": municipality,
        "meeting": found,
        "told": told(found, now=now),
        # Names and addresses are for those who prepare it.
        "may_write": can(user, Permission.WRITE_PLAN, municipality),
        "rows": found.sign_ups.coming().filter(forgotten_at=None, forget_at__gt=now),
        "has_begun": found.starts_at <= now,
    }
    return render(request, "action_plans/listening/meeting.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Change a meeting that was not held; those who come are told another day or place."""
    user, municipality = municipality_of(request, cut, Permission.WRITE_PLAN)
    found = _meeting(municipality, key)
    form = MeetingForm(request.POST or None, plans=municipality.plans.all(), initial=MeetingForm.said_of(found))
    lead = _("Those who signed up are told another day or place by mail.") if found.announced_at else ""
    page = FormPage(_("Change the meeting"), _("Save"), _page_of(found), found.title, lead=lead)
    return answer(
        request,
        form,
        page,
        lambda: actions.change(
            by=user, meeting=found, details=form.details(), seen=form.cleaned_data["seen"], now=timezone.now()
        ),
        municipality=municipality,
        done=_("The meeting was changed."),
        fresh=lambda: actions.fingerprint(_meeting(municipality, key)),
        template="action_plans/listening/meeting_form.html",
    )


@require_POST
def announce(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Put a meeting into the public calendar."""
    user, municipality = municipality_of(request, cut, Permission.WRITE_PLAN)
    found = _meeting(municipality, key)
    try:
        actions.announce(by=user, meeting=found, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The meeting is in the public calendar."))
    return redirect(_page_of(found))


@never_cache
@require_http_methods(["GET", "POST"])
def call_off(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Call a meeting off, with a reason."""
    user, municipality = municipality_of(request, cut, Permission.WRITE_PLAN)
    found = _meeting(municipality, key)
    form = ReasonForm(request.POST or None)
    page = FormPage(_("Call the meeting off"), _("Call it off"), _page_of(found), found.title, danger=True)
    return answer(
        request,
        form,
        page,
        lambda: actions.cancel(by=user, meeting=found, reason=form.cleaned_data["reason"], now=timezone.now()),
        municipality=municipality,
        done=_("The meeting was called off. Those who signed up were told."),
    )


@require_POST
def attendance(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Mark who of those who signed up came: `vino` holds those, `lista` everyone who was shown."""
    user, municipality = municipality_of(request, cut, Permission.WRITE_PLAN)
    found = _meeting(municipality, key)
    shown = [int(pk) for pk in request.POST.getlist("lista") if pk.isdecimal() and len(pk) < 10]
    there = set(request.POST.getlist("vino"))
    came = {pk: str(pk) in there for pk in shown}
    try:
        changed = sign_ups.mark_attendance(by=user, meeting=found, came=came, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        words = ngettext("%(count)d mark was changed.", "%(count)d marks were changed.", changed)
        messages.success(request, words % {"count": changed})
    return redirect(_page_of(found))


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def minutes(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Publish minutes, agreements and attendance, or correct them."""
    user, municipality = municipality_of(request, cut, Permission.WRITE_PLAN)
    found = _meeting(municipality, key)
    form = MinutesForm(request.POST or None, request.FILES or None, initial=MinutesForm.said_of(found))
    page = FormPage(_("Minutes of the meeting"), _("Publish"), _page_of(found), found.title)
    return answer(
        request,
        form,
        page,
        lambda: _publish(user, found, form),
        municipality=municipality,
        done=_("The minutes are public."),
    )


def _publish(user: User, found: Meeting, form: MinutesForm) -> None:
    """A file that is not kept keeps the minutes from being published too."""
    now, file = timezone.now(), form.cleaned_data["file"]
    with transaction.atomic():
        document = None
        if file:
            kind = DocumentKind.MINUTES
            document = receive(
                by=user, municipality=found.municipality, kind=kind, upload=file, name=file.name, now=now
            )
        actions.publish_minutes(
            by=user,
            meeting=found,
            minutes=form.cleaned_data["minutes"],
            agreements=form.cleaned_data["agreements"],
            attendance=form.attendance(),
            document=document,
            now=now,
        )
