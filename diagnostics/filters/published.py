"""What a reader of the published diagnostics asks for in an address, and what answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _

from diagnostics.reports.published import Entry
from diagnostics.rules.instrument import Level
from municipalities.filters.narrowing import Narrowed, Offer
from municipalities.models import Region

NONE: Final = "sin-diagnostico"


class Measures(Narrowed[Entry]):
    """The list of municipalities by what was published of them. `round_word` is the round that the address asks for, or empty."""

    orders = ("nombre", "-nombre", "puntaje", "-puntaje", "fecha", "-fecha")
    outcomes = frozenset({"nivel"})

    def __init__(
        self,
        asked: Mapping[str, str],
        entries: Sequence[Entry],
        regions: Mapping[str, Region],
        *,
        scale: Sequence[Level],
        round_word: str = "",
    ) -> None:
        self.scale = scale
        super().__init__(asked, entries, regions)
        self.kept = {"ronda": round_word}

    @cached_property
    def offered(self) -> dict[str, list[Offer]]:
        levels = [Offer(str(level.value), str(level.value), self._level(level)) for level in self.scale]
        return {"nivel": [*levels, Offer(NONE, "", _("Without a published diagnostic"))], "region": self.by_region()}

    @staticmethod
    def _level(level: Level) -> str:
        return _("Level %(value)d, %(name)s") % {"value": level.value, "name": level.name}

    def values(self, entry: Entry) -> tuple[str, ...]:
        return (entry.step, entry.region)

    def is_listed(self, entry: Entry) -> bool:
        return entry.shown is not None or self.chosen.get("nivel") == "" or bool(self.search)

    @cached_property
    def rows(self) -> list[Entry]:
        """The answer in its order: by name unless another one is asked. Who has nothing published comes only when asked for."""
        rows = [entry for entry in self.matching if self.is_listed(entry)]
        key, turned = self.order.removeprefix("-"), self.order.startswith("-")
        if not key and self.found:
            return self.best_first(rows)
        if key == "puntaje":
            return sorted(rows, key=_points, reverse=turned)
        if key == "fecha":
            return sorted(rows, key=_validated, reverse=turned)
        return rows[::-1] if turned else rows


def _points(entry: Entry) -> Decimal:
    return (entry.shown.index.value if entry.shown else None) or Decimal(-1)


def _validated(entry: Entry) -> str:
    return entry.shown.validated_on.isoformat() if entry.shown else ""
