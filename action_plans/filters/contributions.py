"""What an address asks of a plan's contributions: the public list, and the desk of moderation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar, Final, NamedTuple

from django.db.models import Case, Count, Q, When
from django.db.models.functions import Coalesce, Now
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from action_plans.choices import AppealState, ContributionState, Verdict
from action_plans.forms.desk import APPEALS, HIDDEN, NEW, OBSERVATIONS, OWED, QueueForm
from action_plans.models import Contribution, Plan
from action_plans.models.contributions import ContributionQuerySet
from action_plans.reports.contributions import Summary, told
from municipalities.filters.desk import DeskFilter
from municipalities.models import Municipality

_SHOWN: Final = Q(state=ContributionState.PUBLISHED)


class Tab(NamedTuple):
    """A part of the public list. `word` is how an address spells it, `number` the field of `Summary` that counts it."""

    word: str
    label: Promise
    number: str
    condition: Q


TABS: Final = (
    Tab("", pgettext_lazy("contributions", "All"), "published", Q()),
    Tab(
        "sin-respuesta",
        pgettext_lazy("contributions", "Without answer"),
        "unanswered",
        _SHOWN & Q(response__isnull=True),
    ),
    Tab(
        "aceptados",
        pgettext_lazy("contributions", "Accepted"),
        "accepted",
        _SHOWN & Q(response__verdict=Verdict.ACCEPTED),
    ),
    Tab(
        "en-parte",
        pgettext_lazy("contributions", "Accepted in part"),
        "partly",
        _SHOWN & Q(response__verdict=Verdict.PARTLY),
    ),
    Tab(
        "no-aceptados",
        pgettext_lazy("contributions", "Not accepted"),
        "rejected",
        _SHOWN & Q(response__verdict=Verdict.REJECTED),
    ),
)


class PublicList:
    """Public contributions as one address asks for them: of `rows`, which `summary` counts. Unknown values ask for nothing."""

    def __init__(self, asked: Mapping[str, str], rows: ContributionQuerySet, summary: Summary) -> None:
        self._rows = rows
        self.tab = next((tab for tab in TABS if tab.word == asked.get("estado", "")), TABS[0])
        self.by_support = asked.get("orden") == "apoyos"
        self.tabs = [(tab, getattr(summary, tab.number)) for tab in TABS]

    def rows(self) -> ContributionQuerySet:
        """The latest first, or those with most support."""
        found = told(self._rows.public().filter(self.tab.condition))
        if self.by_support:
            counted = Q(supports__author__confirmed_at__isnull=False)
            found = found.annotate(people=Count("supports", filter=counted)).order_by("-people", "-published_at", "-pk")
        return found if self.by_support else found.order_by("-published_at", "-pk")


class Queue(DeskFilter):
    """The desk of a municipality's contributions as one address asks for it."""

    filters = ("buscar", "cola", "plan", "sobre")
    orders: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "dias": ("waits", "pk"),
        "fecha": ("sent_at", "pk"),
        "apoyos": ("people", "pk"),
    }

    def __init__(self, asked: QueryDict, *, municipality: Municipality, now: datetime) -> None:
        self.municipality, self.now = municipality, now
        self.form = QueueForm(asked, plans=self.plans)
        super().__init__(self.form)

    @cached_property
    def plans(self) -> list[Plan]:
        return list(self.municipality.plans.all())

    @cached_property
    def _all(self) -> ContributionQuerySet:
        of_here = Contribution.objects.filter(plan__municipality=self.municipality)
        return of_here.exclude(state=ContributionState.UNCONFIRMED)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many each queue holds; one query."""
        asked = {word: Count("pk", filter=condition, distinct=True) for word, condition in QUEUES.items()}
        return self._all.aggregate(**asked)

    def rows(self) -> ContributionQuerySet:
        """Those that fulfil everything asked, in no order."""
        return self.narrowed(self._all).distinct()

    def ordered(self) -> ContributionQuerySet:
        """The answer in the order asked for; else first what waits for somebody, the longest before."""
        counted = Q(supports__author__confirmed_at__isnull=False)
        rows = self.rows().annotate(
            waits=Now() - Coalesce("published_at", "sent_at"),
            people=Count("supports", filter=counted, distinct=True),
            settled=Case(When(QUEUES[NEW] | QUEUES[OWED], then=0), default=1),
        )
        first = () if self.order else ("settled",)
        return told(rows.select_related("plan")).order_by(*first, *self.order_by("-dias"))

    def days(self, contribution: Contribution) -> int:
        """For how many days it has waited for its response."""
        since = contribution.published_at or contribution.sent_at
        return max(0, (self.now - since) // timedelta(days=1))

    # --- One condition a filter --------------------------------------------------------------------------------------

    @staticmethod
    def _buscar(text: str) -> Q:
        return Q(title__icontains=text) | Q(text__icontains=text) | Q(authors__shown_as__icontains=text)

    @staticmethod
    def _cola(word: str) -> Q:
        return QUEUES[word]

    @staticmethod
    def _plan(pk: str) -> Q:
        return Q(plan=int(pk))

    @staticmethod
    def _sobre(word: str) -> Q:
        return ABOUT[word]


ABOUT: Final[dict[str, Q]] = {
    "compromiso": Q(commitment__isnull=False),
    "libre": Q(commitment__isnull=True, assessment__isnull=True),
    OBSERVATIONS: Q(assessment__isnull=False),
}
QUEUES: Final[dict[str, Q]] = {
    NEW: Q(state=ContributionState.WAITING),
    OWED: _SHOWN & Q(response__isnull=True),
    HIDDEN: Q(state=ContributionState.HIDDEN),
    APPEALS: Q(appeals__state=AppealState.OPEN),
}
