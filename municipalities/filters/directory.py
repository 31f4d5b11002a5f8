"""What a reader of the directory asks for in its address, and what answers: search, filters with their counts, order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from municipalities.choices import RuralClass
from municipalities.models import Municipality, MunicipalityQuerySet, Region
from municipalities.rules.register import EXACT, Wanted

LONGEST_SEARCH: Final = 80
# Of the lines searched, the empty first one and the name; aliases follow (`rules.search_text`).
OWN_NAME: Final = 2

CLASSES: Final[Mapping[str, RuralClass]] = {
    "urbana": RuralClass.URBAN,
    "mixta": RuralClass.MIXED,
    "rural": RuralClass.RURAL,
}

# `search` begins with the normalised name, so that accents and capitals do not decide the order.
ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "nombre": ("search",),
    "-nombre": ("-search",),
    "habitantes": ("inhabitants", "search"),
    "-habitantes": ("-inhabitants", "search"),
    "distancia": ("distance_km", "search"),
    "-distancia": ("-distance_km", "search"),
    "norte": ("-latitude", "search"),
    "-norte": ("latitude", "search"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """A band of inhabitants, both bounds included; the largest has no upper one."""

    code: str
    low: int
    high: int | None
    label: Promise

    @property
    def condition(self) -> Q:
        return Q(inhabitants__gte=self.low) & (Q() if self.high is None else Q(inhabitants__lte=self.high))


SIZES: Final = (
    Size("hasta-5-mil", 0, 5_000, _("Up to 5,000 inhabitants")),
    Size("5-a-20-mil", 5_001, 20_000, _("5,001 to 20,000")),
    Size("20-a-50-mil", 20_001, 50_000, _("20,001 to 50,000")),
    Size("50-a-150-mil", 50_001, 150_000, _("50,001 to 150,000")),
    Size("mas-de-150-mil", 150_001, None, _("More than 150,000")),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One link of a filter: how many municipalities it would leave, given everything else that was asked."""

    value: str
    label: str | Promise
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Municipalities that a search means, with their scores, best first; `guessed` when none is called so."""

    scores: Mapping[str, int]
    guessed: bool = False

    @property
    def only(self) -> str | None:
        """The one municipality that is meant beyond doubt: its name is what was typed, and no other name holds it."""
        cuts = list(self.scores)
        return cuts[0] if len(cuts) == 1 and self.scores[cuts[0]] == EXACT else None


def find(text: str, names: Iterable[tuple[str, str]] | None = None) -> Found:
    """Municipalities meant by `text`, by their names and aliases; slips of the keyboard are forgiven if nothing else fits.

    `names` holds (CUT, text searched) and is read from the database unless given.
    """
    if names is None:
        names = Municipality.objects.order_by("search").values_list("pk", "search")
    forms = [(cut, search.splitlines()) for cut, search in names]
    wanted = Wanted.of(text)
    called = _best(wanted.named, forms)
    return Found(called) if called else Found(_best(wanted.resembled, forms), guessed=True)


def _best(score: Callable[[str], int], forms: Iterable[tuple[str, list[str]]]) -> dict[str, int]:
    """Who scores, best first. Among equals, who is called so goes before who is only also called so."""
    found = [(max(scores), max(scores[:OWN_NAME]), cut) for cut, known in forms if any(scores := [*map(score, known)])]
    return {cut: best for best, _own, cut in sorted(found, key=lambda match: (-match[0], -match[1]))}


class Directory:
    """The directory as one address asks for it. Unknown values of a filter ask for nothing."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self.search = asked.get("buscar", "").strip()[:LONGEST_SEARCH]
        self.region = asked.get("region", "")
        self.rural_class = CLASSES.get(asked.get("clase", ""))
        self.size = next((size for size in SIZES if size.code == asked.get("tamano")), None)
        order = asked.get("orden", "")
        self.order = order if order in ORDERS else ""

    @cached_property
    def regions(self) -> dict[str, Region]:
        """Every region by its code, from north to south."""
        return {region.code: region for region in Region.objects.all()}

    @cached_property
    def found(self) -> Found | None:
        """What the search means, or None when nothing was searched."""
        return find(self.search) if self.search else None

    @property
    def chosen_region(self) -> Region | None:
        return self.regions.get(self.region)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but a search was asked for."""
        return bool(self.chosen_region or self.rural_class or self.size)

    @property
    def means_nothing(self) -> bool:
        """Whether the search means no municipality at all, whatever the filters."""
        return self.found is not None and not self.found.scores

    def matching(self, without: str = "") -> MunicipalityQuerySet:
        """What fulfils everything asked, but for one filter (`region`, `class` or `size`)."""
        rows = Municipality.objects.all()
        if self.found is not None:
            rows = rows.filter(pk__in=self.found.scores)
        if self.chosen_region and without != "region":
            rows = rows.filter(region=self.chosen_region)
        if self.rural_class and without != "class":
            rows = rows.filter(rural_class=self.rural_class)
        if self.size and without != "size":
            rows = rows.filter(self.size.condition)
        return rows

    def rows(self) -> MunicipalityQuerySet:
        """The answer in its order: the one asked for, else best match first, else by name."""
        rows = self.matching().select_related("region")
        if self.order or self.found is None:
            return rows.order_by(*ORDERS[self.order or "nombre"])
        steps = [When(pk=cut, then=Value(place)) for place, cut in enumerate(self.found.scores)]
        return rows.order_by(Case(*steps, default=Value(0), output_field=IntegerField()), "search")

    def region_options(self) -> list[Option]:
        counts = self._counts("region")
        return [
            Option(code, region.short_name, counts.get(code, 0), code == self.region)
            for code, region in self.regions.items()
        ]

    def class_options(self) -> list[Option]:
        counts = self._counts("rural_class", without="class")
        return [
            Option(word, value.label, counts.get(value, 0), value == self.rural_class)
            for word, value in CLASSES.items()
        ]

    def size_options(self) -> list[Option]:
        counts = self.matching(without="size").aggregate(
            **{f"size_{place}": Count("pk", filter=size.condition) for place, size in enumerate(SIZES)}
        )
        return [
            Option(size.code, size.label, counts[f"size_{place}"], size == self.size)
            for place, size in enumerate(SIZES)
        ]

    def _counts(self, field: str, without: str = "") -> dict[str, int]:
        rows = self.matching(without=without or field)
        return dict(rows.order_by().values_list(field).annotate(Count("pk")))
