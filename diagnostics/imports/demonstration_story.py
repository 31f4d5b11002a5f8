"""One invented diagnostic from its opening to where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from accounts.models import User
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic
from diagnostics.rules.answers import Given
from municipalities.models import Municipality
from municipalities.rules.demonstration import dice_of

S = DiagnosticState
# Where the adviser's sign-in works.
ZONE: Final = "12"


def at(day: date, *, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


@dataclass
class Story:
    """One diagnostic on its way: who works on it, when, and what it says."""

    place: Municipality
    state: S
    coordinator: User
    adviser: User
    begins: date
    submits: date
    validates: date
    answers: dict[str, Given]
    share: float = 1.0
    previous: Story | None = None
    # The validated one whose place it takes.
    corrects: Story | None = None
    # Given when its row is written.
    diagnostic: Diagnostic = None  # type: ignore[assignment]

    @property
    def was_submitted(self) -> bool:
        return self.state in {S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.VALIDATED}

    @property
    def was_taken_up(self) -> bool:
        return self.state in {S.UNDER_REVIEW, S.RETURNED, S.VALIDATED}

    @property
    def is_paired(self) -> bool:
        """Whether two review it, who do not see each other."""
        return self.state == S.UNDER_REVIEW and self.place.region_id != ZONE and dice_of(self.place.pk).random() < 0.5

    @property
    def reviewed(self) -> date:
        """When the review began."""
        return min(self.submits + timedelta(days=3), self.validates)

    @property
    def since(self) -> datetime:
        """When it came to where it is."""
        if self.state == S.VALIDATED:
            return at(self.validates)
        if self.state == S.RETURNED:
            return at(self.validates, hour=11)
        if self.state == S.UNDER_REVIEW:
            return at(self.reviewed)
        return at(self.submits if self.state == S.SUBMITTED else self.begins)
