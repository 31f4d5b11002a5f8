"""What the council asks of the table of contributions that wait, a plan a row, and the plans that answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict

from action_plans.choices import AppealState, ContributionState
from action_plans.forms.desk import APPEALS, LATE, NEW, OWED, OwedForm
from action_plans.models import Appeal, Plan
from municipalities.filters.desk import DeskFilter
from municipalities.filters.directory import find
from municipalities.models import Region

if TYPE_CHECKING:
    from accounts.models import User

_UNREAD: Final = Q(contributions__state=ContributionState.WAITING)
_UNANSWERED: Final = Q(contributions__state=ContributionState.PUBLISHED, contributions__response__isnull=True)


class OwedFilter(DeskFilter):
    """The plans whose contributions wait to be read or answered or that an appeal be decided, for one person. Nothing waits in
    the others."""

    filters = ("buscar", "region", "cola")
    orders: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "nombre": ("municipality__search",),
        "region": ("municipality__region__order", "municipality__search"),
        "nuevos": ("unread", "municipality__search"),
        "por-responder": ("unanswered", "municipality__search"),
        "atrasados": ("late", "municipality__search"),
        "reclamos": ("appeals", "municipality__search"),
        "desde": ("since", "municipality__search"),
    }

    def __init__(self, asked: QueryDict, *, user: User, now: datetime, days: int) -> None:
        """`days` is the time for an answer."""
        self.user, self.days = user, days
        self.late_before = now - timedelta(days=days)
        self.form = OwedForm(asked, regions=Region.objects.all())
        super().__init__(self.form)

    def rows(self) -> QuerySet[Plan]:
        """The plans that fulfil everything asked, each with how many of its contributions wait and since when."""
        late = _UNANSWERED & Q(contributions__published_at__lt=self.late_before)
        counted = Plan.objects.visible_to(self.user).annotate(
            unread=Count("contributions", filter=_UNREAD),
            unanswered=Count("contributions", filter=_UNANSWERED),
            late=Count("contributions", filter=late),
            appeals=_appeals(),
            since=Min("contributions__published_at", filter=_UNANSWERED),
        )
        return self.narrowed(counted.filter(Q(unread__gt=0) | Q(unanswered__gt=0) | Q(appeals__gt=0)))

    def ordered(self) -> QuerySet[Plan]:
        """The answer in the order asked for, else those that owe most answers beyond their time."""
        return self.rows().order_by(*self.order_by("-atrasados"), "pk").select_related("municipality__region")

    # --- One condition a filter --------------------------------------------------------------------------------------

    @staticmethod
    def _buscar(text: str) -> Q:
        return Q(municipality__in=find(text).scores)

    @staticmethod
    def _region(code: str) -> Q:
        return Q(municipality__region=code)

    @staticmethod
    def _cola(word: str) -> Q:
        return {
            NEW: Q(unread__gt=0),
            OWED: Q(unanswered__gt=0),
            LATE: Q(late__gt=0),
            APPEALS: Q(appeals__gt=0),
        }[word]


def _appeals() -> Coalesce:
    """How many appeals of a plan wait for a decision; apart, so that the other counts count each contribution once."""
    waiting = Appeal.objects.filter(contribution__plan=OuterRef("pk"), state=AppealState.OPEN)
    counted = waiting.order_by().values("contribution__plan").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)
