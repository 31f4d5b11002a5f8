"""A plan goes on: the steps of its table, each confirmed on a page of its own, and exceptions."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.middleware import takes_documents
from accounts.permissions import Permission
from action_plans.actions import plans
from action_plans.actions.approval import approve
from action_plans.choices import PlanStage
from action_plans.forms.desk import NothingForm
from action_plans.forms.plans import StepForm, WaiverForm
from action_plans.models import Plan, Waiver
from action_plans.reports.plan_words import MEANINGS, STEPS
from action_plans.reports.readiness import UNANSWERED, what_lacks
from action_plans.rules.plan_states import TABLE, Step
from action_plans.views.place import plan_of, to
from municipalities.permissions import can, check_can
from municipalities.views.form_page import FormPage, answer


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, cut: str, slug: str, stage: str) -> HttpResponse:
    """What a step does, what it lacks, and what it asks for; confirmed here, it is taken."""
    user, plan = plan_of(request, cut, Permission.VIEW_PLAN)
    taken = _step(plan, stage, request.POST.get("seen", plan.stage))
    check_can(user, taken.permission, plan.municipality)
    form = StepForm(request.POST or None, request.FILES or None, step=taken, initial={"seen": plan.stage})
    page = FormPage(
        str(STEPS[(taken.start, taken.end)]),
        str(STEPS[(taken.start, taken.end)]),
        to("plan_desk", plan),
        _("Action plan"),
        lead=str(MEANINGS[taken.end]),
        danger=taken.end == PlanStage.CANCELLED,
    )

    def work() -> Plan:
        sent, now = form.cleaned_data, timezone.now()
        if taken.end == PlanStage.APPROVED:
            return approve(
                by=user,
                plan=plan,
                upload=sent["file"],
                name=sent["file"].name,
                approved_by=sent["approved_by"],
                approved_on=sent["approved_on"],
                seen=sent["seen"],
                now=now,
            )
        return plans.move(by=user, plan=plan, to=taken.end, now=now, seen=sent["seen"], reason=sent.get("reason", ""))

    return answer(
        request,
        form,
        page,
        work,
        municipality=plan.municipality,
        done=_("The plan is now: %(stage)s.") % {"stage": taken.end.label},
        fresh=lambda: Plan.objects.get(pk=plan.pk).stage,
        template="action_plans/desk/step.html",
        plan=plan,
        step=taken,
        may_ask=can(user, Permission.COORDINATE_PLAN, plan.municipality),
        lacks=what_lacks(plan, taken.end, today=timezone.localdate(), with_act=False)
        if plan.stage == taken.start
        else [],
    )


def _step(plan: Plan, stage: str, seen: str) -> Step:
    """The step that was seen, or the one from where the plan is; 404 for none of the table."""
    for start in (seen, plan.stage):
        for each in TABLE:
            if (each.start, each.end) == (start, stage):
                return each
    raise Http404


@never_cache
@require_http_methods(["GET", "POST"])
def ask_waiver(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Ask the Consejo to let the plan be approved while contributions still wait for their response."""
    user, plan = plan_of(request, cut, Permission.COORDINATE_PLAN)
    form = WaiverForm(request.POST or None)
    page = FormPage(
        _("Ask for more time to answer"),
        _("Ask the Consejo"),
        to("plan_desk", plan),
        _("Action plan"),
        lead=_(
            "A plan is approved when every contribution has its response. The Consejo may grant a day until which some wait."
        ),
    )

    def work() -> Waiver:
        return plans.ask_waiver(by=user, plan=plan, rule=UNANSWERED, now=timezone.now(), **form.cleaned_data)

    return answer(request, form, page, work, municipality=plan.municipality, done=_("The Consejo sees your request."))


@never_cache
@require_http_methods(["GET", "POST"])
def grant_waiver(request: HttpRequest, cut: str, slug: str, waiver: str) -> HttpResponse:
    """The Consejo grants it; its reason and its day are public."""
    user, plan = plan_of(request, cut, Permission.ADVISE_PLAN)
    asked = get_object_or_404(Waiver.objects.select_related("asked_by"), pk=waiver, plan=plan)
    page = FormPage(
        _("Grant more time to answer"),
        _("Grant it until %(day)s") % {"day": f"{asked.until:%d-%m-%Y}"},
        to("plan_desk", plan),
        _("Action plan"),
        lead=asked.reason,
    )

    def work() -> Waiver:
        return plans.grant_waiver(by=user, waiver=asked, now=timezone.now())

    form = NothingForm(request.POST if request.method == "POST" else None)
    return answer(request, form, page, work, municipality=plan.municipality, done=_("More time was granted."))
