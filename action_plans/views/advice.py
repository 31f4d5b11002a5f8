"""The advice on a plan and its answers, for the adviser and the municipality; and the appointment of monitors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import advice as actions
from action_plans.actions.assessments import appoint
from action_plans.choices import RecommendationState
from action_plans.forms.advice import AdviceAnswerForm, FollowUpForm, MonitorForm, RecommendForm
from action_plans.models import AssessmentPiece, Monitor, Plan, Recommendation
from action_plans.reports.desk import may
from action_plans.views.place import plan_of, to
from municipalities.choices import ContactKind
from municipalities.models import ContactNote
from municipalities.views.form_page import FormPage, answer


@never_cache
@require_safe
def advice(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """What was recommended and what became of it; the adviser's visits, for the council; the monitors."""
    user, plan = plan_of(request, cut, Permission.VIEW_PLAN)
    visits = ContactNote.objects.visible_to(user).filter(municipality=plan.municipality, kind=ContactKind.VISIT)
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "recommendations": plan.recommendations.select_related("commitment", "by", "answered_by"),
        "visits": visits.order_by("-on")[:10] if user.is_council else [],
        "monitors": plan.monitors.select_related("user").order_by("starts"),
        "shown_pieces": _pieces_of_monitors(user, plan) if user.is_council else [],
        "today": timezone.localdate(),
        **may(user, plan),
    }
    return render(request, "action_plans/watch/advice.html", context)


def _pieces_of_monitors(user: User, plan: Plan) -> list[AssessmentPiece]:
    """What monitors of any plan of the municipality show to everyone, the newest first."""
    rows = AssessmentPiece.objects.visible_to(user, timezone.localdate()).shown()
    rows = rows.filter(assessment__plan__municipality=plan.municipality_id).select_related("assessment")
    return list(rows.order_by("-assessment__published_at", "pk"))


@never_cache
@require_http_methods(["GET", "POST"])
def recommend(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The adviser recommends; the municipality gets it by mail."""
    user, plan = plan_of(request, cut, Permission.ADVISE_PLAN)
    commitments = plan.commitments.filter(withdrawn_at__isnull=True)
    form = RecommendForm(request.POST or None, commitments=commitments)
    page = FormPage(_("Recommend something"), _("Send"), to("advice", plan), _("Advice"))

    def work() -> Recommendation:
        return actions.recommend(by=user, plan=plan, now=timezone.now(), **form.cleaned_data)

    done = _("The recommendation was sent.")
    return answer(request, form, page, work, municipality=plan.municipality, done=done)


@never_cache
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, cut: str, slug: str, number: str) -> HttpResponse:
    """The municipality says what it does with a recommendation, and later how it went."""
    user, plan = plan_of(request, cut, Permission.WRITE_PLAN)
    row = get_object_or_404(plan.recommendations.select_related("plan__municipality"), pk=number)
    first = {"seen": actions.stamp(row), "text": row.answer}
    if row.state != RecommendationState.PROPOSED:
        first["state"] = row.state
    form = AdviceAnswerForm(request.POST or None, initial=first)
    page = FormPage(_("Answer the recommendation"), _("Answer"), to("advice", plan), _("Advice"), lead=row.text)

    def work() -> Recommendation:
        sent = form.cleaned_data
        return actions.answer(
            by=user,
            recommendation=row,
            state=RecommendationState(sent["state"]),
            text=sent["text"],
            seen=sent["seen"],
            now=timezone.now(),
        )

    return answer(
        request,
        form,
        page,
        work,
        municipality=plan.municipality,
        done=_("Your answer is kept."),
        fresh=lambda: actions.stamp(plan.recommendations.get(pk=row.pk)),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, cut: str, slug: str, number: str) -> HttpResponse:
    """The adviser asked how a recommendation goes, and says when to ask again."""
    user, plan = plan_of(request, cut, Permission.ADVISE_PLAN)
    row = get_object_or_404(plan.recommendations.select_related("plan__municipality"), pk=number)
    form = FollowUpForm(request.POST or None, initial={"seen": actions.stamp(row)})
    page = FormPage(_("Follow the recommendation up"), _("Save"), to("advice", plan), _("Advice"), lead=row.text)

    def work() -> Recommendation:
        return actions.follow_up(by=user, recommendation=row, now=timezone.now(), **form.cleaned_data)

    def fresh() -> str:
        return actions.stamp(plan.recommendations.get(pk=row.pk))

    done = _("Your follow-up is kept.")
    return answer(request, form, page, work, municipality=plan.municipality, done=done, fresh=fresh)


@never_cache
@require_http_methods(["GET", "POST"])
def monitor_appoint(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The Consejo appoints who watches the plan from outside. Appointed again, the dates change."""
    user, plan = plan_of(request, cut, Permission.ADVISE_PLAN)
    form = MonitorForm(request.POST or None, initial={"starts": timezone.localdate()})
    page = FormPage(
        _("Appoint an independent monitor"),
        _("Appoint"),
        to("advice", plan),
        _("Advice"),
        lead=_("They read the plan from inside, change nothing of it, and write OGP's assessments."),
    )

    def work() -> Monitor:
        sent = dict(form.cleaned_data)
        return appoint(by=user, plan=plan, user=sent.pop("email"), now=timezone.now(), **sent)

    done = _("The monitor was appointed.")
    return answer(request, form, page, work, municipality=plan.municipality, done=done)
