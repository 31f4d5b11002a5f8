"""A plan begins: its name and time, the gaps it starts from, its texts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from action_plans.actions import commitments, plans
from action_plans.forms.plans import BeginForm, GapsForm, TextsForm
from action_plans.models import Plan
from action_plans.reports.begin import gaps_to_choose
from action_plans.reports.changes import shown
from action_plans.reports.desk import current_plan
from action_plans.reports.editions import TEXTS, fingerprint
from action_plans.rules.edition_differences import Change
from action_plans.views.place import plan_of, to
from municipalities.actions import OvertakenError, RefusedError
from municipalities.views.form_page import FormPage, answer, municipality_of


@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Name and time of a plan. With a validated diagnostic its gaps come next."""
    user, place = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    year = timezone.localdate().year + 1
    first = {"title": _("Action plan %(from)d-%(to)d") % {"from": year, "to": year + 1}}
    first |= {"starts": date(year, 1, 1), "ends": date(year + 1, 12, 31)}  # type: ignore[dict-item]
    form = BeginForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            plan = plans.open_plan(by=user, municipality=place, now=timezone.now(), **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The plan is begun."))
            return redirect(to("plan_gaps" if plan.diagnostic_id else "plan_desk", plan))
    context = {
        "municipality": place,
        "form": form,
        "open": (found := current_plan(user, cut)) and found.stage != "closed",
    }
    return render(request, "action_plans/desk/begin.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def gaps(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The gaps of the diagnostic, to tick: each becomes a commitment that keeps its link."""
    permission = Permission.WRITE_PLAN if request.method == "POST" else Permission.VIEW_PLAN
    user, plan = plan_of(request, cut, permission)
    found = gaps_to_choose(plan)
    form = GapsForm(request.POST or None)
    form.fields["gaps"].choices = [(gap.found.key, gap.found.question.text) for gap in found]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["gaps"]
        try:
            for key in chosen:
                commitments.add_for_gap(by=user, plan=plan, question=key, now=timezone.now())
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            words = ngettext("%(count)d commitment begins.", "%(count)d commitments begin.", len(chosen))
            messages.success(request, words % {"count": len(chosen)})
            return redirect(to("plan_desk", plan) + "#compromisos")
    context = {"municipality": plan.municipality, "plan": plan, "gaps": found, "form": form}
    return render(request, "action_plans/desk/gaps.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def texts(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The texts of the plan. Who comes second sees both versions, and decides."""
    user, plan = plan_of(request, cut, Permission.WRITE_PLAN)
    first = {name: getattr(plan, name) for name in (*TEXTS, "starts", "ends")}
    form = TextsForm(request.POST or None, plan=plan, initial=first | {"seen": fingerprint(plan)})
    page = FormPage(_("Texts of the plan"), _("Save"), to("plan_desk", plan), _("Action plan"))
    conflict: list[Any] = []

    def work() -> None:
        sent = form.cleaned_data
        more = {"reason": sent.get("reason", ""), "seen": sent["seen"], "now": timezone.now()}
        try:
            plans.edit(by=user, plan=plan, texts=form.texts(), starts=sent["starts"], ends=sent["ends"], **more)
        except OvertakenError:
            conflict.extend(_both(plan, form.texts()))
            raise

    return answer(
        request,
        form,
        page,
        work,
        municipality=plan.municipality,
        done=_("The texts were saved."),
        fresh=lambda: fingerprint(Plan.objects.get(pk=plan.pk)),
        template="action_plans/desk/texts.html",
        plan=plan,
        conflict=conflict,
    )


def _both(plan: Plan, sent: dict[str, str]) -> list[Any]:
    """What stands now beside what was sent, where they differ."""
    standing = Plan.objects.get(pk=plan.pk)
    pairs = [Change(name, getattr(standing, name), sent[name]) for name in TEXTS]
    return shown([pair for pair in pairs if pair.before != pair.after])
