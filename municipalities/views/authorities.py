"""Who holds which office in a municipality: the page, and the forms that change it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import takes_documents
from accounts.models import Event
from accounts.permissions import Permission
from municipalities.actions import authorities as actions
from municipalities.choices import Office
from municipalities.forms.authorities import EndForm, SuccessorForm, TenureForm
from municipalities.models import Authority, Municipality
from municipalities.permissions import can
from municipalities.reports.authorities import notices_for, offices_of
from municipalities.views.form_page import FormPage, answer, municipality_of

EVENTS_SHOWN = 20


def _address(municipality: Municipality) -> str:
    return reverse("municipalities:authorities", args=[municipality.cut, municipality.slug])


def _form_page(municipality: Municipality, heading: str, **words: Any) -> FormPage:
    words = {"submit": _("Record"), **words}
    return FormPage(heading=heading, back=_address(municipality), parent=_("Authorities"), **words)


def _authority(municipality: Municipality, pk: int) -> Authority:
    return get_object_or_404(Authority.objects.select_related("municipality"), pk=pk, municipality=municipality)


def _events(municipality: Municipality) -> QuerySet[Event]:
    kinds = ("authority.recorded", "authority.replaced", "authority.ended", "authority.corrected")
    return Event.objects.filter(municipality_cut=municipality.cut, kind__in=kinds)[:EVENTS_SHOWN]


@never_cache
@require_safe
def authorities(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Who holds each office now and held it before. RUNs are whole only for those who record them."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_ADHESION)
    today = timezone.localdate()
    everyone = list(Authority.objects.filter(municipality=municipality).select_related("decree_document"))
    context = {
        "municipality": municipality,
        "offices": offices_of(everyone, today),
        "former": [held for held in everyone if held.ends and held.ends <= today],
        "notices": notices_for(municipality, everyone, today),
        "records": can(user, Permission.RECORD_AUTHORITY, municipality),
        "events": _events(municipality),
        "today": today,
    }
    return render(request, "municipalities/authorities/list.html", context)


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def authority_add(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Record someone in an office; `?cargo=` chooses it beforehand."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    office = request.GET.get("cargo", "")
    initial = {"office": office if office in Office.values else Office.MAYOR}
    form = TenureForm(request.POST or None, request.FILES or None, initial=initial)
    page = _form_page(
        municipality,
        _("Record an authority"),
        lead=_("If someone else leaves this office, record who follows from the list: both changes are made at once."),
    )
    return answer(
        request,
        form,
        page,
        lambda: actions.record_authority(by=user, municipality=municipality, tenure=form.tenure(), now=timezone.now()),
        municipality=municipality,
        done=_("The authority was recorded."),
    )


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def authority_replace(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Record who follows someone in the office: the one leaves and the other enters, in one step."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    former = _authority(municipality, pk)
    initial = {"office": former.office, "seen": former.fingerprint}
    # The office is the former's whatever is sent.
    data = {**request.POST.dict(), "office": former.office} if request.method == "POST" else None
    form = SuccessorForm(data, request.FILES or None, initial=initial)
    page = _form_page(
        municipality,
        _("Who follows %(name)s") % {"name": former.name},
        lead=_("%(name)s (%(office)s) leaves the office on the day before the other one enters.")
        % {"name": former.name, "office": former.get_office_display()},
    )
    return answer(
        request,
        form,
        page,
        lambda: actions.record_authority(
            by=user,
            municipality=municipality,
            tenure=form.tenure(),
            now=timezone.now(),
            replaces=former,
            seen=form.cleaned_data["seen"],
        ),
        municipality=municipality,
        done=_("The authority was recorded, and the end of the one before."),
        fresh=lambda: Authority.objects.get(pk=pk).fingerprint,
    )


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def authority_edit(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Correct a mistake in what was recorded."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    authority = _authority(municipality, pk)
    shown = ("office", "name", "starts", "last_day", "decree")
    initial = {name: getattr(authority, name) for name in shown}
    initial |= {"run": authority.formatted_run, "seen": authority.fingerprint}
    form = TenureForm(request.POST or None, request.FILES or None, initial=initial)
    page = _form_page(
        municipality,
        _("Correct what was recorded"),
        submit=_("Correct"),
        lead=_(
            "For mistakes. If someone else is in office now, record who follows instead: this page rewrites the past."
        ),
    )
    return answer(
        request,
        form,
        page,
        lambda: actions.correct_authority(
            by=user, authority=authority, tenure=form.tenure(), seen=form.cleaned_data["seen"], now=timezone.now()
        ),
        municipality=municipality,
        done=_("The record was corrected."),
        fresh=lambda: Authority.objects.get(pk=pk).fingerprint,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def authority_end(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Say when someone leaves, without a successor yet."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    authority = _authority(municipality, pk)
    initial = {"last_day": authority.last_day or timezone.localdate(), "seen": authority.fingerprint}
    form = EndForm(request.POST or None, initial=initial)
    page = _form_page(
        municipality,
        _("%(name)s leaves the office") % {"name": authority.name},
        submit=_("Record the last day"),
        lead=_("Nobody will hold the office (%(office)s) from the day after until you record who follows.")
        % {"office": authority.get_office_display()},
    )
    return answer(
        request,
        form,
        page,
        lambda: actions.end_authority(by=user, authority=authority, now=timezone.now(), **form.cleaned_data),
        municipality=municipality,
        done=_("The last day in office was recorded."),
        fresh=lambda: Authority.objects.get(pk=pk).fingerprint,
    )
