"""The parts of a plan's latest edition to which a contribution may refer. What is not published has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from action_plans.models import Commitment, Plan, PlanEdition

TEXTS: Final = {
    "foreword": gettext_lazy("Foreword"),
    "challenges": gettext_lazy("Challenges and opportunities"),
    "vision": gettext_lazy("Long-term vision"),
    "coordination": gettext_lazy("Who coordinates it, and how"),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the plan or one of its commitments. `code` is how forms and addresses spell it."""

    code: str
    label: str
    edition: PlanEdition

    @property
    def commitment_key(self) -> str:
        """The commitment's permanent identifier, empty for a text of the plan."""
        return self.code.partition(":")[2]

    def commitment(self) -> Commitment | None:
        return Commitment.objects.filter(key=self.commitment_key).first() if self.commitment_key else None

    def kept(self, quote: str) -> dict[str, Any]:
        """What a contribution remembers of it."""
        return {"part": self.code, "label": self.label, "quote": quote.strip()}


def passages_of(plan: Plan) -> list[Passage]:
    """The parts of the latest edition, texts first; one query."""
    edition = plan.editions.first()
    if edition is None:
        return []
    texts = [Passage(name, str(label), edition) for name, label in TEXTS.items() if edition.content.get(name)]
    commitments = [
        Passage(
            f"compromiso:{each['key']}",
            _("Commitment %(number)s: %(title)s") % {"number": each["number"], "title": each["title"]},
            edition,
        )
        for each in edition.content.get("commitments", [])
    ]
    return texts + commitments
