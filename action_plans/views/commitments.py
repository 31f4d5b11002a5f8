"""Commitments are written: the sheet with everything, its place in the plan, its end."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import commitments as actions
from action_plans.actions.commitments import ConflictError, Draft
from action_plans.forms.commitments import NewForm, Sheet
from action_plans.forms.desk import NothingForm
from action_plans.forms.plans import WithdrawForm, reason_field
from action_plans.models import Commitment, Plan
from action_plans.reports.begin import gap_labels
from action_plans.reports.budget_accounts import accounts
from action_plans.reports.changes import between
from action_plans.reports.desk import lacks_by_field, may
from action_plans.reports.editions import commitment_data
from action_plans.reports.standing import standing, told_of
from action_plans.rules.plan_states import CARRYING_OUT
from action_plans.views.place import commitment_of, plan_of, to
from municipalities.actions import RefusedError
from municipalities.views.form_page import FormPage, answer


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """A title begins a commitment; its sheet comes next."""
    user, plan = plan_of(request, cut, Permission.WRITE_PLAN)
    form = NewForm(request.POST or None, initial={"key": uuid4()})
    if plan.stage in CARRYING_OUT:
        form.fields["reason"] = reason_field()
    page = FormPage(_("New commitment"), _("Go on"), to("plan_desk", plan), _("Action plan"))
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        draft = Draft({"title": sent["title"]})
        try:
            made = actions.add(
                by=user, plan=plan, draft=draft, now=timezone.now(), key=sent["key"], reason=sent.get("reason", "")
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(to("commitment_edit", plan, made.key))
    context = {"municipality": plan.municipality, "form": form, "page": page}
    return render(request, "municipalities/contacts/form.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """The whole commitment. What was typed stays through every error; who comes second sees both texts, and decides."""
    permission = Permission.WRITE_PLAN if request.method == "POST" else Permission.VIEW_PLAN
    user, plan = plan_of(request, cut, permission)
    commitment = commitment_of(plan, key)
    known = accounts()
    sheet = Sheet(
        commitment,
        request.POST if request.method == "POST" else None,
        gaps=gap_labels(plan, commitment.gaps),
        accounts=known,
        needs_reason=plan.stage in CARRYING_OUT,
    )
    status, conflict, problem = 200, [], ""
    if request.method == "POST" and "mas" in request.POST:
        sheet.with_more_rows()
    elif request.method == "POST":
        status = 422
        if sheet.is_valid():
            try:
                _save(user, commitment, sheet)
            except ConflictError as overtaken:
                status, problem = 409, str(overtaken)
                conflict = between(commitment_data(overtaken.standing), sheet.as_data())
                sheet.after_conflict(overtaken.standing)
            except RefusedError as refusal:
                problem = str(refusal)
            else:
                messages.success(request, _("Saved at %(time)s.") % {"time": f"{timezone.localtime():%H:%M}"})
                return redirect(request.path)
    context = {"sheet": sheet, "conflict": conflict, "problem": problem, "accounts": known.items()}
    context |= _around(user, plan, commitment)
    return render(request, "action_plans/commitments/sheet.html", context, status=status)


def _save(user: User, commitment: Commitment, sheet: Sheet) -> None:
    actions.save(
        by=user,
        commitment=commitment,
        draft=sheet.draft(),
        version=sheet.version,
        now=timezone.now(),
        reason=sheet.form.cleaned_data.get("reason", ""),
    )


def _around(user: User, plan: Plan, commitment: Commitment) -> dict[str, Any]:
    """What stands beside the form: the advice, and how the commitment goes."""
    content = {"commitments": [commitment_data(commitment)]}
    now = standing(content, told_of(plan), today=timezone.localdate()).commitments[0]
    advice = lacks_by_field(now)
    return {
        "municipality": plan.municipality,
        "plan": plan,
        "commitment": commitment,
        "now": now,
        "advice": advice,
        "advice_count": sum(len(each) for each in advice.values()),
        **may(user, plan),
    }


@require_POST
def move(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """One place up or down."""
    user, plan = plan_of(request, cut, Permission.WRITE_PLAN)
    try:
        actions.move(
            by=user, commitment=commitment_of(plan, key), up=request.POST.get("donde") == "arriba", now=timezone.now()
        )
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
    return redirect(to("plan_desk", plan) + "#compromisos")


@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Take a commitment out, with a reason that stays."""
    user, plan = plan_of(request, cut, Permission.COORDINATE_PLAN)
    commitment = commitment_of(plan, key)
    form = WithdrawForm(request.POST or None)
    page = FormPage(
        _("Take out “%(title)s”") % {"title": commitment.title},
        _("Take out of the plan"),
        to("plan_desk", plan),
        _("Action plan"),
        lead=_(
            "The commitment leaves the plan. It stays in the editions that had it, and so does what was said of it."
        ),
        danger=True,
    )

    def work() -> Commitment:
        return actions.withdraw(by=user, commitment=commitment, reason=form.cleaned_data["reason"], now=timezone.now())

    return answer(request, form, page, work, municipality=plan.municipality, done=_("The commitment left the plan."))


@never_cache
@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Take a commitment that left back in."""
    user, plan = plan_of(request, cut, Permission.COORDINATE_PLAN)
    commitment = get_object_or_404(plan.commitments.select_related("plan__municipality", "plan__approval"), key=key)
    form = NothingForm(request.POST if request.method == "POST" else None)
    if plan.stage in CARRYING_OUT:
        form.fields["reason"] = reason_field()
    page = FormPage(
        _("Take “%(title)s” back in") % {"title": commitment.title},
        _("Take back into the plan"),
        to("plan_desk", plan),
        _("Action plan"),
        lead=_("It comes back with the number that it had, its milestones, and what was told of them."),
    )

    def work() -> Commitment:
        reason = form.cleaned_data.get("reason", "")
        return actions.restore(by=user, commitment=commitment, reason=reason, now=timezone.now())

    return answer(
        request, form, page, work, municipality=plan.municipality, done=_("The commitment is in the plan again.")
    )
