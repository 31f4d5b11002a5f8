"""The people in a municipality to whom the council writes."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions import contacts as actions
from municipalities.forms.contacts import ContactForm
from municipalities.models import Contact, Municipality
from municipalities.permissions import can
from municipalities.views.form_page import FormPage, answer, municipality_of

FIELDS = ("name", "position", "email", "phone", "source", "is_main")


def _address(municipality: Municipality) -> str:
    return reverse("municipalities:contacts", args=[municipality.cut, municipality.slug])


def _contact(municipality: Municipality, pk: int) -> Contact:
    return get_object_or_404(Contact.objects.select_related("municipality"), pk=pk, municipality=municipality)


@never_cache
@require_safe
def contacts(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Everyone to whom the council writes in a municipality, the main contact first."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_ADHESION)
    context = {
        "municipality": municipality,
        "contacts": Contact.objects.filter(municipality=municipality),
        "records": can(user, Permission.RECORD_AUTHORITY, municipality),
    }
    return render(request, "municipalities/contacts/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def contact_add(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Add a contact."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    form = ContactForm(request.POST or None)
    page = FormPage(_("Add a contact"), _("Add"), _address(municipality), _("Contacts"))
    return answer(
        request,
        form,
        page,
        lambda: actions.add_contact(
            by=user,
            municipality=municipality,
            now=timezone.now(),
            **{name: form.cleaned_data[name] for name in FIELDS},
        ),
        municipality=municipality,
        done=_("The contact was added."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def contact_edit(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Change a contact."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    contact = _contact(municipality, pk)
    initial = {name: getattr(contact, name) for name in FIELDS}
    form = ContactForm(request.POST or None, initial={**initial, "seen": contact.fingerprint})
    page = FormPage(_("Change a contact"), _("Save"), _address(municipality), _("Contacts"))
    return answer(
        request,
        form,
        page,
        lambda: actions.change_contact(by=user, contact=contact, now=timezone.now(), **form.cleaned_data),
        municipality=municipality,
        done=_("The contact was changed."),
        fresh=lambda: _contact(municipality, pk).fingerprint,
    )


@require_POST
def contact_main(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Make a contact the main one."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    contact = _contact(municipality, pk)
    try:
        actions.make_main(by=user, contact=contact, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is the main contact.") % {"name": contact.name})
    return redirect(_address(municipality))


@never_cache
@require_http_methods(["GET", "POST"])
def contact_remove(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Ask, then delete a contact."""
    user, municipality = municipality_of(request, cut, Permission.RECORD_AUTHORITY)
    contact = _contact(municipality, pk)
    page = FormPage(
        _("Remove %(name)s") % {"name": contact.name},
        _("Remove"),
        _address(municipality),
        _("Contacts"),
        lead=_("The council will no longer write to this person."),
        danger=True,
    )
    return answer(
        request,
        Form(request.POST if request.method == "POST" else None),
        page,
        lambda: actions.remove_contact(by=user, contact=contact, now=timezone.now()),
        municipality=municipality,
        done=_("The contact was removed."),
    )
