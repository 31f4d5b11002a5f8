"""The council's log of contacts: notes, the tasks they leave, and the calendar of those tasks."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any, Final, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from accounts.rules import hash_of_secret
from municipalities.actions import RefusedError
from municipalities.actions import contact_log as actions
from municipalities.choices import ContactKind
from municipalities.forms.contacts import ContactNoteForm
from municipalities.models import Adhesion, CalendarFeed, ContactNote, Municipality
from municipalities.permissions import can, check_can
from municipalities.reports import contact_log as reports
from municipalities.reports.calendar import calendar_of
from municipalities.views.form_page import FormPage, answer, municipality_of, way_back

TABS: Final = ("vencidas", "hoy", "semana", "todas")
ROWS: Final = 50
DONE_SHOWN: Final = 10
FEED_SECONDS: Final = 15 * 60


def _council(request: HttpRequest) -> User:
    user = cast(User, request.user)
    check_can(user, Permission.VIEW_DESK)
    return user


def _note(user: User, pk: int) -> ContactNote:
    """A note through its one door; 403 for those of the council who only read."""
    found = ContactNote.objects.visible_to(user).select_related("municipality__region")
    note = get_object_or_404(found, pk=pk)
    check_can(user, Permission.PROMOTE_ADHESION, note.municipality)
    return note


def _back(request: HttpRequest, municipality: Municipality) -> str:
    """Where the person came from (`volver`, an address of this site), else the log of the municipality."""
    wanted = request.POST.get("volver") or request.GET.get("volver", "")
    return way_back(wanted, reverse("municipalities:contact_log", args=[municipality.cut]))


@never_cache
@require_safe
def contact_log(request: HttpRequest, cut: str) -> HttpResponse:
    """Everything noted about a municipality."""
    _council(request)
    user, municipality = municipality_of(request, cut, Permission.VIEW_ADHESION)
    page = Paginator(reports.notes_of(municipality, user), ROWS).get_page(request.GET.get("pagina"))
    context = {
        "municipality": municipality,
        "notes": page,
        "page": page,
        "promotes": can(user, Permission.PROMOTE_ADHESION, municipality),
        "today": timezone.localdate(),
    }
    return render(request, "municipalities/contacts/log.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def contact_note_add(request: HttpRequest, cut: str) -> HttpResponse:
    """Note a call, a visit, a mail or an event, and what comes next; `?tipo=` says which it is."""
    user, municipality = municipality_of(request, cut, Permission.PROMOTE_ADHESION)
    adviser = Adhesion.objects.open().filter(municipality=municipality).values_list("adviser", flat=True).first()
    people = reports.people_for(municipality)
    first: dict[str, Any] = {"on": timezone.localdate(), "responsible": user.pk if user in people else adviser}
    if (kind := request.GET.get("tipo")) in ContactKind.values:
        first["kind"] = kind
    form = ContactNoteForm(request.POST or None, people=people, initial=first)
    page = FormPage(_("Note a contact"), _("Keep the note"), _back(request, municipality), _("Contacts made"))
    return answer(
        request,
        form,
        page,
        lambda: actions.add_note(by=user, municipality=municipality, noted=form.noted(), now=timezone.now()),
        municipality=municipality,
        done=_("The contact was noted."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def contact_note_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a note, or put its next step off."""
    user = _council(request)
    note = _note(user, pk)
    names = ("kind", "on", "with_whom", "notes", "next_step", "next_on")
    initial = {name: getattr(note, name) for name in names}
    initial |= {"responsible": note.responsible_id, "seen": note.fingerprint}
    form = ContactNoteForm(request.POST or None, people=reports.people_for(note.municipality), initial=initial)
    page = FormPage(_("Change a note"), _("Save"), _back(request, note.municipality), _("Contacts made"))
    return answer(
        request,
        form,
        page,
        lambda: actions.change_note(
            by=user, note=note, noted=form.noted(), seen=form.cleaned_data["seen"], now=timezone.now()
        ),
        municipality=note.municipality,
        done=_("The note was changed."),
        fresh=lambda: ContactNote.objects.get(pk=pk).fingerprint,
    )


@require_POST
def contact_note_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the next step as done (`hecho=1`) or take that back (`hecho=0`)."""
    user = _council(request)
    note = _note(user, pk)
    done = request.POST.get("hecho", "1") == "1"
    try:
        actions.set_done(by=user, note=note, done=done, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        words = {"step": note.next_step}
        messages.success(request, (_("Done: %(step)s") if done else _("To be done again: %(step)s")) % words)
    return redirect(_back(request, note.municipality))


@never_cache
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Next steps by their date: mine or everyone's, each with one button; those done last can be taken back."""
    user = _council(request)
    today = timezone.localdate()
    everyone = request.GET.get("de") == "todos"
    which = request.GET.get("cuando", "todas")
    which = which if which in TABS else "todas"
    steps = reports.open_steps(user, everyone=everyone)
    done = ContactNote.objects.visible_to(user).filter(done_at__isnull=False, done_by=user)
    context = {
        "tabs": [(tab, reports.when(steps, tab, today).count()) for tab in TABS],
        "which": which,
        "everyone": everyone,
        "page": Paginator(reports.when(steps, which, today), ROWS).get_page(request.GET.get("pagina")),
        "done": done.select_related("municipality").order_by("-done_at")[:DONE_SHOWN],
        "promotes": can(user, Permission.PROMOTE_ADHESION),
        "today": today,
    }
    return render(request, "municipalities/contacts/tasks.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """A month as a list, and the address for the person's own calendar program.

    The secret of a new address is told in the answer to the request that made it and nowhere else.
    """
    user = _council(request)
    address = ""
    if request.method == "POST":
        if "terminar" in request.POST:
            actions.end_calendar_address(by=user)
            messages.success(request, _("The address was closed: it opens nothing now."))
            return redirect("municipalities:calendar")
        secret = actions.make_calendar_address(by=user, now=timezone.now())
        address = request.build_absolute_uri(reverse("municipalities:calendar_feed", args=[secret]))
    today = timezone.localdate()
    first = _month(request.GET.get("mes", ""), today)
    start, following = reports.month_bounds(first)
    everyone = request.GET.get("de") == "todos"
    context = {
        "days": reports.month_of(user, first, everyone=everyone),
        "month": start,
        "before": (start - reports.WEEK).replace(day=1),
        "following": following,
        "everyone": everyone,
        "feed": CalendarFeed.objects.filter(user=user).first(),
        "address": address,
        "today": today,
    }
    return render(request, "municipalities/contacts/calendar.html", context)


def _month(text: str, today: date) -> date:
    """The month of `2026-12`, else the present one; the years that a calendar may ask are bounded."""
    year, _dash, month = text.partition("-")
    try:
        asked = date(int(year), int(month), 1)
    except ValueError:
        return today.replace(day=1)
    return asked if 2000 <= asked.year <= 2100 else today.replace(day=1)


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The calendar of whoever made this address, for their calendar program, which cannot sign in."""
    feed = CalendarFeed.objects.select_related("user").filter(secret_hash=hash_of_secret(secret)).first()
    if feed is None or not can(feed.user, Permission.VIEW_DESK):
        raise Http404
    body = calendar_of(
        feed.user,
        now=timezone.now(),
        host=request.get_host(),
        tasks_url=request.build_absolute_uri(reverse("municipalities:tasks")),
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendario.ics"'
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={FEED_SECONDS}"
    return get_conditional_response(request, etag, None, response) or response
