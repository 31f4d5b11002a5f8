"""What plans add to the digest of the day of those who write one: late milestones, advice and observations that wait."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from accounts.permissions import COUNCIL, MUNICIPAL, Permission
from action_plans.choices import MilestoneState, RecommendationState
from action_plans.models import Contribution, Milestone, Plan, Recommendation
from action_plans.rules.plan_states import CARRYING_OUT
from config.numbers import day
from municipalities.models import Membership, Municipality
from municipalities.notifications.digest import Parts, Provider
from municipalities.notifications.words import link

_WRITERS: Final = [role for role in MunicipalRole if Permission.WRITE_PLAN in MUNICIPAL[role]]
_TO_DO: Final = (MilestoneState.SCHEDULED, MilestoneState.UNDER_WAY)


def parts_of(person: User, today: date) -> Parts:
    """What waits for the person. The words stay the same while nothing changes, so that it is not said each day."""
    if person.is_council:
        return [(_("Recommendations to ask about again:"), _of_adviser(person, today))]
    held = Membership.objects.current(today).filter(user=person, role__in=_WRITERS)
    plans = Plan.objects.filter(municipality__in=held.values("municipality"))
    return [
        (_("Late milestones of the plan:"), _late(plans, today)),
        (_("Recommendations:"), _asked(plans)),
        (_("Observations on assessments:"), _observed(plans)),
    ]


def people(today: date) -> QuerySet[User]:
    """Those who write a plan in which something is late or waits for an answer."""
    plans = {
        *_late_of(Plan.objects.all(), today).values_list("commitment__plan", flat=True),
        *Recommendation.objects.filter(state=RecommendationState.PROPOSED).values_list("plan", flat=True),
        *Contribution.objects.unanswered().observations().values_list("plan", flat=True),
    }
    writers = Membership.objects.current(today).filter(role__in=_WRITERS, municipality__plans__in=plans)
    return User.objects.filter(pk__in=writers.values("user"), is_active=True, council_role="")


PROVIDER: Final = Provider(parts_of, people)


def _late_of(plans: QuerySet[Plan], today: date) -> QuerySet[Milestone]:
    carried_out = plans.filter(stage__in=CARRYING_OUT)
    stands = Milestone.objects.filter(commitment__plan__in=carried_out, commitment__withdrawn_at__isnull=True)
    return stands.filter(ends__lt=today, state__in=_TO_DO).order_by("ends", "pk")


def _late(plans: QuerySet[Plan], today: date) -> list[str]:
    lines = []
    for each in _late_of(plans, today).select_related("commitment__plan__municipality"):
        place = each.commitment.plan.municipality
        address = link("action_plans:commitment_progress", place.cut, place.slug, each.commitment.key)
        words = _("%(municipality)s: “%(title)s” was for %(day)s. %(address)s")
        lines.append(
            words % {"municipality": place.name, "title": each.title, "day": day(each.ends), "address": address}
        )
    return lines


def _asked(plans: QuerySet[Plan]) -> list[str]:
    waiting = Recommendation.objects.filter(plan__in=plans, state=RecommendationState.PROPOSED)
    return [
        _("%(municipality)s: a recommendation of the Consejo waits for its answer. %(address)s") % _words(row)
        for row in waiting.select_related("plan__municipality").order_by("at")
    ]


def _observed(plans: QuerySet[Plan]) -> list[str]:
    """How many wait, to be read or answered: after the approval nobody looks for contributions by themselves."""
    waiting = Contribution.objects.unanswered().observations().filter(plan__in=plans)
    counts = waiting.order_by("plan__municipality").values_list("plan__municipality").annotate(count=Count("pk"))
    places = Municipality.objects.in_bulk([cut for cut, _count in counts])
    words = _("%(municipality)s: %(count)d wait to be read or answered. %(address)s")
    return [
        words
        % {
            "municipality": places[cut].name,
            "count": count,
            "address": f"{link('action_plans:contributions_desk', cut, places[cut].slug)}?sobre=evaluacion",
        }
        for cut, count in counts
    ]


def _of_adviser(person: User, today: date) -> list[str]:
    if Permission.ADVISE_PLAN not in COUNCIL[CouncilRole(person.council_role)]:
        return []
    due = Recommendation.objects.filter(by=person, ask_again__lte=today, plan__in=Plan.objects.visible_to(person))
    return [
        _("%(municipality)s: ask how the recommendation went. %(address)s") % _words(row)
        for row in due.select_related("plan__municipality").order_by("ask_again", "pk")
    ]


def _words(row: Recommendation) -> dict[str, str]:
    place = row.plan.municipality
    return {"municipality": place.name, "address": link("action_plans:advice", place.cut, place.slug)}
