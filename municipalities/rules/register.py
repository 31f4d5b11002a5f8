"""Pure rules of the register: forgiving search, distance, and groups of municipalities alike. No ORM, no clock, no request."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final, TypeVar

from municipalities.choices import RuralClass

Key = TypeVar("Key")

# --- Names ------------------------------------------------------------------------------------------------------------

# O'Higgins is written with whichever of these a keyboard offers; SINIM uses the acute accent.
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'\u2018\u2019\u201b\u00b4`\u02bc\u02b9\u2032\uff07"))
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")

EXACT: Final = 100
PREFIX: Final = 90
WORD_PREFIX: Final = 70
SUBSTRING: Final = 50
SIMILAR: Final = 40


def normalise(text: str) -> str:
    """The lower-case words of `text`, without accents, tildes or apostrophes, joined by single blanks.

    `"  Ñuñoa "` gives `"nunoa"`, `"O´Higgins"` gives `"ohiggins"`, `"Llay-Llay"` gives `"llay llay"`. The result holds
    only `a-z`, `0-9` and single inner blanks; text without a letter or digit gives `""`. Applying it twice changes nothing.
    """
    # Apostrophes go first: NFKD turns the acute accent into a blank and a combining mark, which would split the word.
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).translate(_APOSTROPHES)
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_A_WORD.sub(" ", letters.casefold()).strip()


def compact(text: str) -> str:
    """`normalise(text)` without its blanks, so that "o higgins" and "OHIGGINS" or "Til Til" and "Tiltil" are one."""
    return normalise(text).replace(" ", "")


def search_text(names: Iterable[str]) -> str:
    """What a search column holds for a thing known by `names`: normalised forms, each between line breaks.

    `["Llay-Llay"]` gives `"\\nllay llay\\nllayllay\\n"`: each name once with and once without its blanks. A column
    that contains `normalise(query)` or `compact(query)` matches; with a line break before it, the query starts a name.
    """
    forms = dict.fromkeys(form for name in names for form in (normalise(name), compact(name)) if form)
    return "\n" + "".join(f"{form}\n" for form in forms) if forms else ""


def edit_distance(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, changes and swaps of neighbours that turn `one` into `other`; `limit + 1` if more than `limit`.

    No stretch is edited twice (optimal string alignment).
    """
    if abs(len(one) - len(other)) > limit or _letters_apart(one, other) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row = row, [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        # A swap may lean on the row before the last, so both must be hopeless.
        if min(row) > limit and min(last) > limit:
            return limit + 1
        before = last
    return min(row[-1], limit + 1)


def _letters_apart(one: str, other: str) -> int:
    """A lower bound of the edit distance that costs one pass: letters one word has and the other lacks."""
    mine, theirs = Counter(one), Counter(other)
    return max((mine - theirs).total(), (theirs - mine).total())


def tolerated_edits(length: int) -> int:
    """How many slips a query of `length` letters may hold: none under 4, one under 7, two from there on."""
    return 0 if length < 4 else 1 if length < 7 else 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query, made ready once for all the names it is compared with; those are given as `normalise` leaves them."""

    words: str
    letters: str

    @classmethod
    def of(cls, query: str) -> "Wanted":
        words = normalise(query)
        return cls(words, words.replace(" ", ""))

    def named(self, name: str) -> int:
        """100 for the same name, 90 for its start, 70 for the start of a word, 50 for a part of it, else 0."""
        whole = name.replace(" ", "")
        if not self.letters or self.letters not in whole:
            return 0
        if whole.startswith(self.letters):
            return EXACT if whole == self.letters else PREFIX
        return WORD_PREFIX if f" {self.words}" in f" {name}" else SUBSTRING

    def resembled(self, name: str) -> int:
        """40 less 10 for each slip that lies between the query and the name, its start or one of its words; else 0."""
        limit, whole = tolerated_edits(len(self.letters)), name.replace(" ", "")
        if not limit or not whole:
            return 0
        # "puchunk" is compared with "puchunc", the start of the name as long as what was typed.
        words = (word for word in name.split() if len(word) >= len(self.letters) - limit)
        slips = min(edit_distance(self.letters, text, limit) for text in {whole, whole[: len(self.letters)], *words})
        return SIMILAR - 10 * slips if slips <= limit else 0


def match_score(query: str, names: Iterable[str]) -> int:
    """How well `query` means a thing known by `names`: 0 (not at all) to 100 (is its name); the best name counts.

    Same name 100, start of the name 90, start of a word 70, part of the name 50, a few slips from the name, from its
    start or from one of its words 40 less 10 for each slip. An empty query means nothing and scores 0.
    """
    wanted, forms = Wanted.of(query), [normalise(name) for name in names]
    return max((wanted.named(form) or wanted.resembled(form) for form in forms), default=0)


def suggest(query: str, names: Mapping[Key, Iterable[str]], *, limit: int = 5) -> list[Key]:
    """The keys whose names `query` means, best first, at most `limit`; equals keep the order of `names`."""
    scored = [(match_score(query, forms), key) for key, forms in names.items()]
    found = [(score, key) for score, key in scored if score]
    return [key for _, key in sorted(found, key=lambda pair: -pair[0])[:limit]]


# --- Distance ---------------------------------------------------------------------------------------------------------

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius of the Earth (IUGG), in kilometres."""

SANTIAGO: Final = (-33.4378, -70.6504)
"""Latitude and longitude of the Plaza de Armas of Santiago, from which Chile's distances are counted."""


def great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres between two points given in degrees, along the surface of a sphere (haversine formula).

    The Earth is not quite a sphere: the answer is within 0.6 % of the true one. It is never a distance by road.
    """
    south_north = sin(radians(lat2 - lat1) / 2) ** 2
    west_east = cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    # Rounding can lift the sum above 1 for points opposite each other.
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, south_north + west_east)))


def distance_to_santiago_km(latitude: float, longitude: float) -> float:
    """Great-circle kilometres from a point in degrees to the Plaza de Armas of Santiago."""
    return great_circle_km(latitude, longitude, *SANTIAGO)


# --- Municipalities alike ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Municipalities of one class (`urban`, `mixed`, `rural`) with `low` to `high` inhabitants, both included.

    `high` is None in the group of the largest.
    """

    rural_class: RuralClass
    low: int
    high: int | None

    @property
    def code(self) -> str:
        """A name that does not change while the bounds do not: `rural-5000`."""
        return f"{self.rural_class.value}-{self.low}"

    def holds(self, population: int) -> bool:
        """Whether a municipality of this class with `population` inhabitants belongs here."""
        return self.low <= population and (self.high is None or population <= self.high)


# Lower bounds of the bands. With Censo 2024 and its PNDR classes the groups hold 14 to 47 of the 345 municipalities:
# rural 20, 22, 47, 40, 37, 19; mixed 23, 21, 17, 15; urban 27, 20, 23, 14 (a test counts them again).
_BANDS: Final[Mapping[RuralClass, tuple[int, ...]]] = {
    RuralClass.RURAL: (0, 2_000, 5_000, 10_000, 15_000, 25_000),
    RuralClass.MIXED: (0, 20_000, 30_000, 45_000),
    RuralClass.URBAN: (0, 100_000, 150_000, 250_000),
}

PEER_GROUPS: Final = tuple(
    PeerGroup(rural_class, low, None if following is None else following - 1)
    for rural_class, bounds in _BANDS.items()
    for low, following in zip(bounds, (*bounds[1:], None), strict=True)
)
"""Every group, from the smallest rural to the largest urban: what a page prints to explain the rule."""


def peer_group(population: int | None, rural_class: str) -> PeerGroup | None:
    """The group of a municipality with `population` inhabitants and class `urban`, `mixed` or `rural`.

    The rule: municipalities are alike when they have the same class of the national rural policy (PNDR) and their
    inhabitants fall in the same band of that class. An unknown population has no group (None). Raises ValueError for a
    negative population or an unknown class.
    """
    if rural_class not in _BANDS:
        raise ValueError(f"unknown class: {rural_class!r}")
    if population is None:
        return None
    if population < 0:
        raise ValueError(f"negative population: {population}")
    return next(group for group in PEER_GROUPS if group.rural_class.value == rural_class and group.holds(population))
