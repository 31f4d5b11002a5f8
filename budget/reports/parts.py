"""What the budget page is made of: wholes with their parts, and the links that keep what the reader asked for."""

from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a whole: what it is, how much, of every 100 pesos how many, and where it opens."""

    name: str
    sentence: str
    amount: int | None
    share: Fraction | None
    link: str
    rest: bool

    @property
    def bar(self) -> int:
        """Length of the bar beside it, 0 to 100."""
        return 0 if self.share is None else max(0, min(100, round(self.share)))

    @property
    def percent(self) -> float | None:
        return None if self.share is None else float(self.share)


@dataclass(frozen=True, slots=True)
class Tree:
    """One whole with its parts, for a chart and its table. `excess` is how much the parts go beyond the whole."""

    key: str
    title: str
    level: str
    name: str
    amount: int | None
    rows: list[Row]
    excess: int | None
    excess_percent: float | None
    figure: str
    link: str


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class View:
    """What the reader asked for: where the page lives, which pesos, and which amount opened."""

    base: str
    montos: str
    ver: str

    def link(self, *, montos: str | None = None, ver: str | None = None, base: str | None = None) -> str:
        asked = {"ver": self.ver if ver is None else ver, "montos": self.montos if montos is None else montos}
        query = urlencode({name: value for name, value in asked.items() if value}, safe="/")
        return (base or self.base) + (f"?{query}" if query else "")
