"""The council's pages about rounds: their list, one with its numbers, its form, its reminders."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Event
from accounts.permissions import Permission
from diagnostics.actions import round_editing as actions
from diagnostics.forms.rounds import ReminderRuleForm, RoundForm
from diagnostics.models import InstrumentVersion, Round
from diagnostics.notifications.reminders import preview
from diagnostics.reports.rounds import round_page, round_rows
from municipalities.actions import RefusedError
from municipalities.permissions import can
from municipalities.views.desk import council

EVENTS_SHOWN: Final = 20
_FIELDS: Final = ("name", "kind", "version", "previous", "opens", "closes", "public_from")


def round_of(pk: int) -> Round:
    """A round; they are the council's own work, and all of its staff see them."""
    rounds = Round.objects.select_related("version", "previous__version")
    return get_object_or_404(rounds.defer("version__content", "previous__version__content"), pk=pk)


@never_cache
@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round, the latest first."""
    user, today = council(request), timezone.localdate()
    context = {
        "rows": round_rows(user, today=today),
        "today": today,
        "may_manage": can(user, Permission.MANAGE_ROUNDS),
        "may_begin": InstrumentVersion.objects.published().exists(),
    }
    return render(request, "diagnostics/rounds/list.html", context)


@never_cache
@require_safe
def round_(request: HttpRequest, pk: int) -> HttpResponse:
    """A round: the numbers that need a decision, its regions, what was done with it."""
    user, found = council(request), round_of(pk)
    events = Event.objects.filter(subject_type=found._meta.label_lower, subject_id=str(found.pk))
    context = {
        "round": found,
        "page": round_page(found, user=user, today=timezone.localdate()),
        "events": events.order_by("-at", "-pk")[:EVENTS_SHOWN],
        "may_manage": can(user, Permission.MANAGE_ROUNDS),
    }
    return render(request, "diagnostics/rounds/round.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a round, or change its dates."""
    user = council(request, Permission.MANAGE_ROUNDS)
    found = round_of(pk) if pk else None
    form = RoundForm(request.POST or None, initial=_initial(found), round_=found)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_round(by=user, round_=found, now=timezone.now(), **form.cleaned_data)
        except actions.FieldError as refusal:
            if refusal.field == "confirmed":
                form.ask_to_confirm()
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("The round was saved."))
            return redirect("diagnostics:round", saved.pk)
    return render(request, "diagnostics/rounds/form.html", {"round": found, "form": form})


def _initial(found: Round | None) -> dict[str, Any]:
    if found is not None:
        return {name: getattr(found, name) for name in _FIELDS}
    return {"version": InstrumentVersion.objects.published().order_by("pk").last()}


@never_cache
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a round in which nothing was opened."""
    user, found = council(request, Permission.MANAGE_ROUNDS), round_of(pk)
    if request.method == "POST":
        try:
            actions.delete_round(by=user, round_=found, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("diagnostics:round", found.pk)
        messages.success(request, _("The round “%(name)s” was deleted.") % {"name": found.name})
        return redirect("diagnostics:rounds")
    return render(request, "diagnostics/rounds/delete.html", {"round": found})


@never_cache
@require_http_methods(["GET", "POST"])
def reminders(request: HttpRequest, pk: int) -> HttpResponse:
    """The reminders of a round: when, to whom, and who would get what; added and taken out here."""
    user, found = council(request), round_of(pk)
    form = ReminderRuleForm()
    if request.method == "POST":
        council(request, Permission.MANAGE_ROUNDS)
        if "quitar" in request.POST:
            number = request.POST["quitar"]
            rule = found.reminder_rules.filter(pk=number).first() if number.isdecimal() and len(number) < 10 else None
            if rule is not None:
                actions.remove_rule(by=user, rule=rule, now=timezone.now())
                messages.success(request, _("The reminder was taken out."))
            return redirect("diagnostics:round_reminders", pk)
        form = ReminderRuleForm(request.POST)
        if form.is_valid():
            try:
                actions.add_rule(by=user, round_=found, now=timezone.now(), **form.cleaned_data)
            except RefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The reminder was saved."))
                return redirect("diagnostics:round_reminders", pk)
    context = {
        "round": found,
        "form": form,
        "rules": preview(found, today=timezone.localdate()),
        "may_manage": can(user, Permission.MANAGE_ROUNDS),
    }
    return render(request, "diagnostics/rounds/reminders.html", context)
