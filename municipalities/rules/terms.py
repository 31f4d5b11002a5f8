"""Terms of office of mayors, and bands of distance from Santiago. Pure."""

from datetime import date
from typing import Final, NamedTuple

# Four years from 6 December of the year of the election (Ley 18.695, arts. 83 and 106). The term of 2021 began on 28 June because
# the elections of 2020 were put off.
_STARTS: Final = {2016: date(2016, 12, 6), 2021: date(2021, 6, 28), 2024: date(2024, 12, 6), 2028: date(2028, 12, 6)}
_YEARS: Final = 4

# A day of this matter outside of these has a wrong year.
EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2100, 12, 31)


class Term(NamedTuple):
    """A term of office, named by the year in which it starts; `ends` is the first day of the next one."""

    year: int
    starts: date
    ends: date

    def __str__(self) -> str:
        return f"{self.starts.year}-{self.ends.year}"


def term(year: int) -> Term:
    """The term that starts in `year`; raises `ValueError` when none does."""
    years = sorted(_STARTS)
    if year in _STARTS and year != years[-1]:
        return Term(year, _STARTS[year], _STARTS[years[years.index(year) + 1]])
    if year >= years[-1] and (year - years[-1]) % _YEARS == 0:
        return Term(year, date(year, 12, 6), date(year + _YEARS, 12, 6))
    raise ValueError(f"no term starts in {year}")


def term_on(day: date) -> Term:
    """The term in course on `day`; raises `ValueError` before the first one known."""
    known = [year for year, starts in _STARTS.items() if starts <= day]
    if not known:
        raise ValueError(f"no term is known on {day}")
    found = term(max(known))
    while day >= found.ends:
        found = term(found.ends.year)
    return found


class DistanceBand(NamedTuple):
    """Kilometres from Santiago in a straight line, `low` included, `high` not; the farthest has no upper bound."""

    code: str
    low: int
    high: int | None
    remote: bool


# The commitment asks for emphasis on municipalities far from the capital and gives no figure: these bounds are our proposal.
DISTANCE_BANDS: Final = (
    DistanceBand("hasta-100", 0, 100, remote=False),
    DistanceBand("100-a-300", 100, 300, remote=False),
    DistanceBand("300-a-600", 300, 600, remote=True),
    DistanceBand("600-a-1000", 600, 1_000, remote=True),
    DistanceBand("mas-de-1000", 1_000, None, remote=True),
)


def distance_band(km: int) -> DistanceBand:
    """The band of a municipality `km` away."""
    return next(band for band in DISTANCE_BANDS if km >= band.low and (band.high is None or km < band.high))
