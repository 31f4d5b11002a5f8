"""What the desk does with contributions: one or many, first shown, then done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import moderation, responses
from action_plans.choices import AppealState, ContributionState, HideReason, Verdict
from action_plans.filters.contributions import Queue
from action_plans.forms.desk import AnswerForm, DecideForm, HideForm, JoinForm, NothingForm, SplitForm
from action_plans.models import Contribution, Plan
from action_plans.rules.moderation import LeftOut, Work, left_out
from action_plans.views.listening import contribution_of
from municipalities.actions import RefusedError
from municipalities.models import Municipality
from municipalities.views.form_page import FormPage, answer, municipality_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those of one plan that the work reaches, and those that it leaves out and why."""

    plan: Plan
    reached: list[Contribution]
    left: list[tuple[Contribution, LeftOut]]

    @property
    def keys(self) -> list[int]:
        return [each.pk for each in self.reached]


@never_cache
@require_http_methods(["GET", "POST"])
def work(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """What would be done with those chosen and what is asked for it; confirmed there, it is done."""
    user, municipality = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    sent = request.POST or request.GET
    asked = Queue(QueryDict(sent.get("filtro", "")[:2000]), municipality=municipality, now=timezone.now())
    back = _desk(municipality, asked.query)
    what = next((each for each in Work if each.value == sent.get("que")), None)
    chosen = _chosen(sent, asked, what) if what else None
    if what is None or chosen is None:
        if request.method == "POST":
            messages.error(request, _("Choose at least one contribution."))
        return redirect(back)
    form = _form(what, chosen, request.POST if "confirmar" in request.POST else None)
    if form.is_bound and form.is_valid() and chosen.reached:
        try:
            done = _do(what, user, chosen, form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            hidden = ",".join(map(str, chosen.keys)) if what == Work.HIDE else ""
            return redirect(_desk(municipality, "&".join(filter(None, (asked.query, hidden and f"deshacer={hidden}")))))
    context = {"municipality": municipality, "work": what, "chosen": chosen, "form": form, "back": back, "asked": asked}
    return render(request, "action_plans/listening/work.html", context)


def _desk(municipality: Municipality, query: str = "") -> str:
    address = reverse("action_plans:contributions_desk", args=[municipality.cut, municipality.slug])
    return f"{address}?{query}" if query else address


def _chosen(sent: QueryDict, asked: Queue, what: Work) -> Chosen | None:
    """Those ticked, or all that the filter finds; None of none."""
    rows = Contribution.objects.filter(plan__municipality=asked.municipality)
    if sent.get("todas"):
        rows = rows.filter(pk__in=asked.rows().values("pk"))
    else:
        ticked = [pk for each in sent.getlist("m") for pk in each.split(",")]
        rows = rows.filter(pk__in=[int(pk) for pk in ticked if pk.isdecimal() and len(pk) < 10])
    found = list(
        rows.exclude(state=ContributionState.UNCONFIRMED)
        .select_related("plan__municipality", "response", "assessment")
        .prefetch_related("authors")
        .order_by("plan", "sent_at", "pk")
    )
    if not found:
        return None
    plan = found[-1].plan
    judged = [(each, _why(what, each, plan)) for each in found]
    return Chosen(plan, [each for each, why in judged if why is None], [(each, why) for each, why in judged if why])


def _why(what: Work, each: Contribution, plan: Plan) -> LeftOut | None:
    return LeftOut.OTHER_PLAN if each.plan_id != plan.pk else left_out(what, ContributionState(each.state))


def _form(what: Work, chosen: Chosen, data: QueryDict | None) -> Form:
    """What has to be said for this work."""
    if what == Work.HIDE:
        return HideForm(data)
    if what == Work.JOIN:
        return JoinForm(data, chosen=_in_order(chosen))
    if what == Work.ANSWER:
        commitments = chosen.plan.commitments.filter(withdrawn_at__isnull=True)
        former = [each.response for each in chosen.reached if hasattr(each, "response")]
        initial = {}
        if len(former) == len(chosen.reached) == 1:
            initial = {"verdict": former[0].verdict, "reasons": former[0].reasons, "led_to": former[0].led_to_id}
        return AnswerForm(data, commitments=commitments, initial=initial)
    return NothingForm(data)


def _in_order(chosen: Chosen) -> QuerySet[Contribution]:
    """In the order in which the page shows them."""
    rows = Contribution.objects.filter(pk__in=chosen.keys).prefetch_related("authors")
    return rows.order_by("sent_at", "pk")


def _do(what: Work, user: User, chosen: Chosen, words: dict[str, Any]) -> str:
    """Do it, and say what was done."""
    given: dict[str, Any] = {"by": user, "plan": chosen.plan, "contributions": chosen.keys, "now": timezone.now()}
    works: dict[Work, Callable[[], Sequence[object]]] = {
        Work.PUBLISH: lambda: moderation.publish(**given),
        Work.HIDE: lambda: moderation.hide(**given, reason=HideReason(words["reason"]), note=words["note"]),
        Work.SHOW: lambda: moderation.show_again(**given),
        Work.ANSWER: lambda: responses.respond(
            **given, verdict=Verdict(words["verdict"]), reasons=words["reasons"], led_to=words["led_to"]
        ),
        Work.JOIN: lambda: _join(user, chosen, words["into"]),
    }
    count = len(works[what]())
    said = {
        Work.PUBLISH: ngettext("%(count)d contribution is public.", "%(count)d contributions are public.", count),
        Work.HIDE: ngettext("%(count)d contribution is hidden.", "%(count)d contributions are hidden.", count),
        Work.SHOW: ngettext(
            "%(count)d contribution is shown again.", "%(count)d contributions are shown again.", count
        ),
        Work.ANSWER: ngettext(
            "%(count)d contribution has its answer. Its authors get it by mail.",
            "%(count)d contributions have their answer. Their authors get it by mail.",
            count,
        ),
        Work.JOIN: ngettext("%(count)d contribution was joined.", "%(count)d contributions were joined.", count),
    }
    return said[what] % {"count": count}


def _join(user: User, chosen: Chosen, into: Contribution) -> list[int]:
    others = [key for key in chosen.keys if key != into.pk]
    responses.merge(by=user, contributions=others, into=into, now=timezone.now())
    return others


@never_cache
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Divide a contribution that says several things."""
    user, municipality = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    found = contribution_of(municipality, key)
    form = SplitForm(request.POST or None, initial={"text": found.text})
    page = FormPage(_("Divide a contribution"), _("Divide it"), _one(municipality, key), _("Contribution"))
    return answer(
        request,
        form,
        page,
        lambda: responses.split(by=user, contribution=found, texts=form.parts(), now=timezone.now()),
        municipality=municipality,
        done=_("The contribution was divided. Each part waits for its answer."),
    )


@require_POST
def separate(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Take a joining back."""
    user, municipality = municipality_of(request, cut, Permission.COORDINATE_PLAN)
    found = contribution_of(municipality, key)
    try:
        responses.separate(by=user, contribution=found, now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It stands for itself again, and waits for its own answer."))
    return redirect(_one(municipality, key))


@never_cache
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """Decide on the appeal that is open. The action asks who may: the municipality or the council, never whoever hid it."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_PLAN)
    found = contribution_of(municipality, key)
    open_one = get_object_or_404(
        found.appeals.select_related("contribution__plan__municipality"), state=AppealState.OPEN
    )
    moderation.check_may_decide(user, municipality)
    form = DecideForm(request.POST or None)
    page = FormPage(
        _("Decide on the appeal"), _("Decide"), _one(municipality, key), _("Contribution"), lead=open_one.text
    )
    return answer(
        request,
        form,
        page,
        lambda: moderation.decide(by=user, appeal=open_one, now=timezone.now(), **form.cleaned_data),
        municipality=municipality,
        done=_("The decision was sent to the authors."),
    )


def _one(municipality: Municipality, key: UUID) -> str:
    return reverse("action_plans:contribution_desk", args=[municipality.cut, municipality.slug, key])
