"""What the council asks of the queue of reviews in its address, and the diagnostics that answer, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import DiagnosticState as S
from diagnostics.models import Diagnostic, Reviewer, ReviewReturn, Round
from diagnostics.rules.review import due
from municipalities.models import Municipality, Region

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from accounts.models import User

WITH_THE_COUNCIL: Final = Q(state__in=[S.SUBMITTED, S.UNDER_REVIEW])

VIEWS: Final[Mapping[str, _StrPromise]] = {
    "": _("To review"),
    "mias": _("Mine"),
    "sin-revisor": _("Without reviewer"),
    "corregidas": _("Corrected"),
    "devueltas": _("With the municipality"),
    "validadas": _("Validated"),
}


class QueueFilter:
    """The queue as asked. What the address says wrong is passed over."""

    def __init__(self, asked: QueryDict, *, user: User) -> None:
        self.user = user
        self.view = asked.get("ver", "") if asked.get("ver", "") in VIEWS else ""
        scope = Municipality.objects.visible_to(user)
        self.regions = list(Region.objects.filter(municipalities__in=scope).distinct().order_by("order"))
        self.rounds = list(Round.objects.order_by("-opens"))
        self.region = next((one for one in self.regions if one.code == asked.get("region")), None)
        self.round = next((one for one in self.rounds if str(one.pk) == asked.get("ronda")), None)

    def _of(self, view: str) -> Q:
        free = ~Q(Exists(Reviewer.objects.filter(diagnostic=OuterRef("pk"))))
        second = Q(needs_second_review=True) & ~Q(Exists(Reviewer.objects.filter(diagnostic=OuterRef("pk"), seat=2)))
        mine = Exists(Reviewer.objects.filter(diagnostic=OuterRef("pk"), user=self.user))
        back = Exists(ReviewReturn.objects.filter(diagnostic=OuterRef("pk")))
        views: dict[str, Q] = {
            "mias": WITH_THE_COUNCIL & Q(mine),
            "sin-revisor": WITH_THE_COUNCIL & (free | second),
            "corregidas": WITH_THE_COUNCIL & Q(back),
            "devueltas": Q(state=S.RETURNED),
            "validadas": Q(state=S.VALIDATED),
        }
        return views.get(view, WITH_THE_COUNCIL)

    def keys(self) -> list[int]:
        """Every diagnostic that answers, by its deadline; validated ones by their day, the newest first. One query."""
        found = Diagnostic.objects.visible_to(self.user).filter(self._of(self.view))
        if self.region:
            found = found.filter(municipality__region=self.region)
        if self.round:
            found = found.filter(round=self.round)
        if self.view == "validadas":
            return list(found.order_by("-validated_at").values_list("pk", flat=True))
        rows = found.annotate(given=Min("reviewers__due")).order_by("municipality__search", "pk")
        ranked = [
            (_due(submitted, given), pk) for pk, submitted, given in rows.values_list("pk", "submitted_at", "given")
        ]
        return [pk for _day, pk in sorted(ranked, key=lambda row: row[0])]


def _due(submitted: object, given: date | None) -> date:
    day = timezone.localdate(submitted) if submitted else date.max  # type: ignore[arg-type]
    return due(day, given) if submitted else day
