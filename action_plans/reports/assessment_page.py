"""A published assessment as anyone reads it: its parts as the edition of its day called them, with what citizens observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from action_plans.models import Assessment, Author, Commitment, Contribution, Monitor, PlanEdition
from action_plans.reports.assessments import Part, is_observed, parts_of
from action_plans.reports.contributions import Summary, authors_of, summed, supports_of, told
from action_plans.reports.published import APPROVED_KINDS, PublicPlan
from action_plans.rules.assessments import OWN, observed_until
from action_plans.rules.plan_states import FINAL

BESIDE: Final = 4
"""Observations that stand beside a part; the rest is a link away."""


@dataclass(frozen=True)
class Heard:
    """An observation with who stands behind it."""

    observation: Contribution
    authors: list[Author]
    supports: int


@dataclass(frozen=True)
class Passage:
    """A part of the assessment, None for its whole, with the first observations on it. `href`: what was promised."""

    code: str
    title: str
    href: str
    part: Part | None
    heard: list[Heard]
    count: int

    @property
    def about(self) -> str:
        """The commitment as addresses name it; empty of the whole."""
        return str(self.part.about.key) if self.part and self.part.about else ""

    @property
    def more(self) -> int:
        return self.count - len(self.heard)


@dataclass(frozen=True)
class AssessmentPage:
    """The page. `edition`: the one in force when it was published; None where it is the one that the public reads now."""

    assessment: Assessment
    passages: list[Passage]
    edition: PlanEdition | None
    summary: Summary
    organisation: str
    is_observed: bool
    until: date
    is_plan_over: bool


def page_of(assessment: Assessment, shown: PublicPlan, *, today: date) -> AssessmentPage:
    """The page. Twelve queries at most, however many parts and observations there are."""
    parts, edition = parts_of(assessment), _edition_of(assessment, shown)
    called = called_in(edition or shown.edition)
    heard, counts = _heard(assessment)
    passages = [
        Passage(
            code=part.key,
            title=called.get(part.key) or (part.about.title if part.about else _("The plan as a whole")),
            href=_promised(shown, edition, part.about),
            part=part,
            heard=heard[key],
            count=counts.get(key, 0),
        )
        for part in parts
        for key in [part.about.pk if part.about else None]
    ]
    if not assessment.commitment_id and all(passage.about for passage in passages):
        # Nothing is asked of the plan as a whole: what was observed on the whole stands at the end.
        passages.append(Passage("plan", _("The assessment as a whole"), "", None, heard[None], counts.get(None, 0)))
    return AssessmentPage(
        assessment=assessment,
        passages=passages,
        edition=edition,
        summary=summed(Contribution.objects.filter(assessment=assessment)),
        organisation="" if assessment.kind in OWN else _organisation(assessment),
        is_observed=is_observed(assessment, shown.plan.stage, today),
        until=observed_until(published_on(assessment)),
        is_plan_over=shown.plan.stage in FINAL,
    )


def _organisation(assessment: Assessment) -> str:
    """For whom the monitor wrote it."""
    monitors = Monitor.objects.filter(plan=assessment.plan_id, user=assessment.published_by_id)
    return monitors.values_list("organisation", flat=True).first() or ""


def published_on(assessment: Assessment) -> date:
    """The day of a published assessment."""
    if assessment.published_at is None:
        raise ValueError("The assessment is not published.")
    return timezone.localdate(assessment.published_at)


def parts_to_observe(assessment: Assessment, shown: PublicPlan) -> list[tuple[str, str]]:
    """The commitments on which an observation may be, by their permanent identifier, as the page calls them."""
    called = called_in(_edition_of(assessment, shown) or shown.edition)
    found = [part.about for part in parts_of(assessment) if part.about]
    return [
        (
            str(each.key),
            _("Commitment %(number)s: %(title)s")
            % {"number": each.number, "title": called.get(str(each.key), each.title)},
        )
        for each in found
    ]


def called_in(edition: PlanEdition | None) -> dict[str, str]:
    """The titles of commitments in an edition, by key: what is being written does not come out."""
    return {each["key"]: each["title"] for each in edition.content["commitments"]} if edition else {}


def _edition_of(assessment: Assessment, shown: PublicPlan) -> PlanEdition | None:
    """The edition in force on the day, where the public reads another one now."""
    editions = assessment.plan.editions.filter(kind__in=APPROVED_KINDS, published_at__lte=assessment.published_at)
    found = editions.order_by("-number").first()
    return found if found and shown.edition and found.pk != shown.edition.pk else None


def _promised(shown: PublicPlan, edition: PlanEdition | None, about: Commitment | None) -> str:
    """Where a commitment is read: its page, or the edition of the day when it is not in the plan any more."""
    place = shown.plan.municipality
    if about is None:
        return ""
    if shown.now and shown.now.commitment(str(about.key)):
        return reverse("action_plans:commitment_public", args=[place.cut, place.slug, shown.plan.pk, about.key])
    if edition is None:
        return ""
    return reverse("action_plans:plan_edition", args=[place.cut, place.slug, shown.plan.pk, edition.number])


def _heard(assessment: Assessment) -> tuple[dict[int | None, list[Heard]], dict[int | None, int]]:
    """By commitment, the newest observations, and how many there are."""
    public = Contribution.objects.public().filter(assessment=assessment)
    place = Window(RowNumber(), partition_by="commitment", order_by=[F("published_at").desc(), F("pk").desc()])
    rows = told(public.annotate(place=place).filter(place__lte=BESIDE)).order_by("-published_at", "-pk")
    found: dict[int | None, list[Heard]] = defaultdict(list)
    for each in heard(list(rows)):
        found[each.observation.commitment_id].append(each)
    counts = public.order_by().values_list("commitment").annotate(count=Count("pk"))
    return found, dict(counts)


def heard(rows: Sequence[Contribution]) -> list[Heard]:
    """Observations that are `told`, with their supports. One query."""
    supports = supports_of(rows)
    return [Heard(each, authors_of(each), supports.get(each.pk, 0)) for each in rows]
