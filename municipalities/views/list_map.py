"""The map in step with a public list of municipalities that an address narrows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol, TypeVar

from django.http import HttpRequest
from django.utils.translation import ngettext

from config.numbers import grouped
from municipalities import figures
from municipalities.filters.narrowing import Listed, Narrowed


class Mapped(Listed, Protocol):
    """A municipality of a list that is drawn too; `region` is the code of its region."""

    @property
    def name(self) -> str: ...
    @property
    def region(self) -> str: ...


M = TypeVar("M", bound=Mapped)


def part_in_words(part: int, whole: int) -> str:
    """`3 of 10 municipalities`."""
    words = ngettext("%(part)s of %(count)s municipality", "%(part)s of %(count)s municipalities", whole)
    return words % {"part": grouped(part), "count": grouped(whole)}


def map_in_step(
    asked: Narrowed[M],
    *,
    link: Callable[[str], str],
    href: Callable[[M], str],
    words: Callable[[M], str],
    look: Callable[[M], str],
    has: Callable[[M], bool],
    part: Callable[[int, int], str] = part_in_words,
) -> figures.MapFigure:
    """The country's regions by share, or the municipalities of the chosen region.

    `link` leads to a region's code; `href` leads to a municipality, `words` say what it is, `look` is its CSS class, `has`
    tells whether it has what the list is about. A region is drawn whole, whatever the list leaves out. A share is of those
    that have it or, once an outcome is asked for, of those that have that one: never of themselves.
    """
    if asked.region:
        matching = {entry.pk for entry in asked.matching}
        return figures.region_by_commune(
            asked.region.pk,
            [entry for entry in asked.entries if entry.region == asked.region.pk],
            href=href,
            title=lambda entry: f"{entry.name}: {words(entry)}",
            fill={entry.pk: look(entry) if entry.pk in matching else "left-out" for entry in asked.entries},
        )
    whole = Counter(entry.region for entry in asked.compared_with)
    found = Counter(entry.region for entry in asked.matching if asked.asks_outcome or has(entry))
    return figures.country_by_region(
        asked.regions.values(),
        href=lambda region: link(region.pk),
        title=lambda region: f"{region.name}: {part(found[region.pk], whole[region.pk])}",
        fill={code: figures.share_class(found[code], whole[code]) for code in asked.regions},
    )


def with_region(request: HttpRequest, code: str) -> str:
    """The address asked for with a region, from the first page again."""
    parameters = request.GET.copy()
    parameters.pop("pagina", None)
    parameters["region"] = code
    return f"{request.path}?{parameters.urlencode()}"
