"""What the public and the desk read of contributions: who stands behind each, how many support it, how long answers take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from django.db.models import Aggregate, Count, DurationField, F, Prefetch
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from action_plans.choices import ContributionState, Verdict
from action_plans.models import Author, Contribution, Plan, Support
from action_plans.models.contributions import ContributionQuerySet
from config.numbers import grouped

_BY_AGE: Final = Author.objects.order_by("pk")


class Median(Aggregate):
    """The middle of the values; null of none."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def told(rows: ContributionQuerySet) -> ContributionQuerySet:
    """With what a page tells of each: authors, those joined with it, response and commitment; a few queries for all."""
    joined = Contribution.objects.prefetch_related(Prefetch("authors", _BY_AGE))
    return rows.select_related("assessment", "commitment", "response__led_to", "became", "split_from").prefetch_related(
        Prefetch("authors", _BY_AGE), Prefetch("merged", joined)
    )


def authors_of(contribution: Contribution) -> list[Author]:
    """Who wrote it or something that was joined with it, each once. Of rows that are `told` it asks nothing more."""
    of_all = [contribution, *contribution.merged.all()]
    return list({author.pk: author for each in of_all for author in each.authors.all()}.values())


def supports_of(contributions: Iterable[Contribution]) -> dict[int, int]:
    """How many people stand behind each, counting once who supports it and something joined with it. One query."""
    keys = [each.pk for each in contributions]
    whole = Coalesce("contribution__became", "contribution")
    counted = Support.objects.counted().annotate(whole=whole).filter(whole__in=keys)
    return dict(counted.order_by().values_list("whole").annotate(people=Count("author", distinct=True)))


@dataclass(frozen=True, slots=True)
class Summary:
    """Contributions in numbers. `median_days` is that of the published answers, None while there is none."""

    published: int
    accepted: int
    partly: int
    rejected: int
    hidden: int
    waiting: int
    median_days: int | None

    @property
    def answered(self) -> int:
        """Every answer has one of the three verdicts."""
        return self.accepted + self.partly + self.rejected

    @property
    def unanswered(self) -> int:
        return self.published - self.answered


def kept_words(kept: timedelta) -> str:
    """How long something is kept: in years where they are whole."""
    years, rest = divmod(kept.days, 365)
    if years and not rest:
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    return ngettext("%(count)s day", "%(count)s days", kept.days) % {"count": grouped(kept.days)}


def summary_of(plan: Plan) -> Summary:
    """What was said to the text of a plan, in numbers; two queries. Observations on its assessments are counted apart: they are
    answered while it is carried out, and say nothing of how it was written."""
    return summed(Contribution.objects.on_the_text().filter(plan=plan))


def summed(rows: ContributionQuerySet) -> Summary:
    """Contributions in numbers; two queries, one while nothing is answered."""
    # By kind and not one filtered count for each number: Django takes longer to write those than the database to count.
    kinds = rows.order_by().values_list("state", "response__verdict").annotate(Count("pk"))
    counted = {(state, verdict): count for state, verdict, count in kinds}
    by_state: Counter[str] = Counter()
    for (state, _verdict), count in counted.items():
        by_state[state] += count
    accepted, partly, rejected = (
        counted.get((ContributionState.PUBLISHED, verdict), 0)
        for verdict in (Verdict.ACCEPTED, Verdict.PARTLY, Verdict.REJECTED)
    )
    return Summary(
        published=by_state[ContributionState.PUBLISHED],
        accepted=accepted,
        partly=partly,
        rejected=rejected,
        hidden=by_state[ContributionState.HIDDEN],
        waiting=by_state[ContributionState.WAITING],
        median_days=_median_days(rows) if any(verdict for _state, verdict in counted) else None,
    )


def _median_days(rows: ContributionQuerySet) -> int | None:
    """How long the middle one of the answers took, in whole days. One query."""
    # What was never published has no moment of it: the time is null, and a middle counts no nulls.
    time = F("response__at") - F("published_at")
    median: timedelta | None = rows.aggregate(median=Median(time, output_field=DurationField()))["median"]
    return None if median is None else max(0, ceil(median / timedelta(days=1)))
