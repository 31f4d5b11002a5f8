"""The municipality's desk of its forum: rules and members."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from action_plans.actions import forum as actions
from action_plans.forms.forum import RulesForm, SeatForm
from action_plans.models import Forum, ForumMember, Meeting
from municipalities.models import Municipality
from municipalities.permissions import can
from municipalities.views.form_page import FormPage, answer, municipality_of

HELD_SHOWN = 30


def desk_of(municipality: Municipality) -> str:
    return reverse("action_plans:forum_desk", args=[municipality.cut, municipality.slug])


@never_cache
@require_safe
def desk(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The forum at a glance: what is missing, who sits in it, the meetings to prepare and those without minutes."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_PLAN)
    now = timezone.now()
    forum = Forum.objects.filter(municipality=municipality).first()
    meetings = Meeting.objects.filter(municipality=municipality)
    context = {
        "municipality": municipality,
        "forum": forum,
        "members": forum.members.order_by("sector", "organisation", "starts") if forum else [],
        "coming": meetings.coming(now),
        "held": meetings.past(now)[:HELD_SHOWN],
        "today": timezone.localdate(now),
        "may_coordinate": can(user, Permission.COORDINATE_PLAN, municipality),
        "may_write": can(user, Permission.WRITE_PLAN, municipality),
    }
    return render(request, "action_plans/listening/forum.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Write the rules and make them public."""
    user, municipality = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    forum = Forum.objects.filter(municipality=municipality).first()
    name = _("Open government forum of %(name)s") % {"name": municipality.name}
    form = RulesForm(
        request.POST or None,
        initial={"name": forum.name if forum else name, "rules": forum.rules if forum else ""},
    )
    page = FormPage(_("Rules of the forum"), _("Publish the rules"), desk_of(municipality), _("Forum"))
    return answer(
        request,
        form,
        page,
        lambda: actions.publish_rules(by=user, municipality=municipality, now=timezone.now(), **form.cleaned_data),
        municipality=municipality,
        done=_("The rules are public."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def member_add(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Give a seat. The rules come first: they say who may have one."""
    user, municipality = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    forum = Forum.objects.filter(municipality=municipality).select_related("municipality").first()
    if forum is None:
        messages.error(request, _("Publish the rules of the forum first."))
        return redirect(desk_of(municipality))
    form = SeatForm(request.POST or None, initial={"starts": timezone.localdate()})
    page = FormPage(_("Give a seat in the forum"), _("Give the seat"), desk_of(municipality), _("Forum"))
    return answer(
        request,
        form,
        page,
        lambda: actions.add_member(by=user, forum=forum, seat=form.seat(), now=timezone.now()),
        municipality=municipality,
        done=_("The seat was given."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def member_edit(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Mend a seat, or end it with its last day."""
    user, municipality = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    rows = ForumMember.objects.select_related("forum__municipality")
    member = get_object_or_404(rows, forum__municipality=municipality, pk=pk)
    form = SeatForm(request.POST or None, initial=SeatForm.said_of(member))
    page = FormPage(
        _("A seat in the forum"),
        _("Save"),
        desk_of(municipality),
        _("Forum"),
        lead=_("To end it, write its last day. It stays in the history of the forum."),
    )
    return answer(
        request,
        form,
        page,
        lambda: actions.change_member(by=user, member=member, seat=form.seat(), now=timezone.now()),
        municipality=municipality,
        done=_("The seat was changed."),
    )
