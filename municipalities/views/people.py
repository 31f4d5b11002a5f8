"""Who belongs to a municipality: its list, invitations, endings and changes of role."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.adapter import trust_email
from accounts.models import Event, User
from accounts.permissions import Permission
from accounts.rules import hash_of_secret
from municipalities.actions import RefusedError
from municipalities.actions import people as actions
from municipalities.forms.people import ChangeRoleForm, EndMembershipForm, InvitationForm
from municipalities.models import Invitation, Membership, Municipality
from municipalities.permissions import can, check_can, grantable_roles

# Which invitation this session proved to have received by mail.
INVITATION_KEY = "invitation"
EVENTS_SHOWN = 20


def _municipality(request: HttpRequest, cut: str, permission: Permission) -> tuple[User, Municipality]:
    """The person and the municipality, through its one door; 404 where they see nothing, 403 where they may not do this."""
    user = cast(User, request.user)
    municipality = get_object_or_404(Municipality.objects.visible_to(user), pk=cut)
    check_can(user, permission, municipality)
    return user, municipality


def _members_address(municipality: Municipality) -> str:
    return reverse("municipalities:members", args=[municipality.cut, municipality.slug])


def _people_of(municipality: Municipality, *, now: datetime) -> dict[str, object]:
    everyone = list(Membership.objects.filter(municipality=municipality).select_related("user", "granted_by"))
    today = timezone.localdate(now)
    return {
        "now": now,
        "current": [member for member in everyone if member.is_current(today)],
        "former": [member for member in everyone if not member.is_current(today)],
        "invitations": Invitation.objects.waiting().filter(municipality=municipality),
        "events": Event.objects.filter(municipality_cut=municipality.cut, kind__startswith="membership.")[
            :EVENTS_SHOWN
        ],
    }


@never_cache
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The people of a municipality, who is invited, what happened; and the form that invites."""
    user, municipality = _municipality(request, cut, Permission.VIEW_MEMBERS)
    roles = grantable_roles(user, municipality) if can(user, Permission.INVITE_MEMBER, municipality) else frozenset()
    form = InvitationForm(request.POST or None, roles=roles) if roles else None
    if request.method == "POST":
        check_can(user, Permission.INVITE_MEMBER, municipality)
        if form and form.is_valid():
            try:
                actions.invite(by=user, municipality=municipality, now=timezone.now(), **form.cleaned_data)
            except RefusedError as refusal:
                form.add_error("email", str(refusal))
            else:
                messages.success(request, _("The invitation is on its way to %(email)s.") % form.cleaned_data)
                return redirect(_members_address(municipality))
    context = _people_of(municipality, now=timezone.now()) | {
        "municipality": municipality,
        "form": form,
        "roles": roles,
    }
    return render(request, "municipalities/members.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Ask the reason, then end a membership."""
    user, municipality = _municipality(request, cut, Permission.END_MEMBERSHIP)
    membership = get_object_or_404(Membership.objects.current(), pk=pk, municipality=municipality)
    form = EndMembershipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_membership(by=user, membership=membership, now=timezone.now(), **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("%(person)s no longer belongs to the municipality.") % {"person": membership.user}
            )
            return redirect("portal:desk" if membership.user_id == user.pk else _members_address(municipality))
    context = {"municipality": municipality, "membership": membership, "form": form}
    return render(request, "municipalities/members_end.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Give a member another role."""
    user, municipality = _municipality(request, cut, Permission.INVITE_MEMBER)
    membership = get_object_or_404(Membership.objects.current(), pk=pk, municipality=municipality)
    form = ChangeRoleForm(request.POST or None, roles=grantable_roles(user, municipality))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_role(by=user, membership=membership, now=timezone.now(), **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The role of %(person)s was changed.") % {"person": membership.user})
            return redirect(_members_address(municipality))
    context = {"municipality": municipality, "membership": membership, "form": form}
    return render(request, "municipalities/members_change.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Ask, then withdraw an invitation."""
    user, municipality = _municipality(request, cut, Permission.INVITE_MEMBER)
    invited = get_object_or_404(Invitation.objects.waiting(), pk=pk, municipality=municipality)
    if request.method == "POST":
        try:
            actions.revoke_invitation(by=user, invitation=invited, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The invitation was withdrawn: its link opens nothing now."))
        return redirect(_members_address(municipality))
    return render(
        request, "municipalities/members_withdraw.html", {"municipality": municipality, "invitation": invited}
    )


@never_cache
@login_not_required
@require_safe
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of the mail. It only remembers which invitation was proven, so that its secret leaves the address bar."""
    found = Invitation.objects.filter(secret_hash=hash_of_secret(secret)).first()
    if found is None:
        return render(request, "municipalities/invitation_unknown.html", status=404)
    request.session[INVITATION_KEY] = found.pk
    return redirect("municipalities:answer_invitation")


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """What the invitation offers, and its acceptance; each reason why it cannot be accepted is a page of its own words."""
    proven = request.session.get(INVITATION_KEY, 0)
    found = Invitation.objects.select_related("municipality", "invited_by").filter(pk=proven).first()
    if found is None:
        return render(request, "municipalities/invitation_unknown.html", status=404)
    now = timezone.now()
    context: dict[str, object] = {"invitation": found, "municipality": found.municipality}
    if not found.is_open(now):
        return render(request, "municipalities/invitation_closed.html", context, status=410)
    if not request.user.is_authenticated:
        trust_email(request, found.email)
        here = urlencode({"next": request.path})
        context |= {"sign_in": f"{reverse('account_login')}?{here}", "sign_up": f"{reverse('account_signup')}?{here}"}
        return render(request, "municipalities/invitation.html", context)
    user = request.user
    context["is_other_person"] = not actions.owns_email(user, found.email)
    if request.method == "POST":
        try:
            actions.accept_invitation(by=user, invitation=found, now=now)
        except RefusedError as refusal:
            return render(request, "municipalities/invitation.html", {**context, "refusal": str(refusal)}, status=409)
        del request.session[INVITATION_KEY]
        messages.success(request, _("You now belong to %(municipality)s.") % {"municipality": found.municipality})
        return redirect("portal:desk")
    return render(request, "municipalities/invitation.html", context)
