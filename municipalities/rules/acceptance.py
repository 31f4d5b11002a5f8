"""When a signed act may be accepted. Pure."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from municipalities.choices import Fact, SignatureFact, SignatureMethod

CHECKS_OF_A_SCAN: Final = 2
"""A scanned act proves nothing by itself: so many different people of the council answer for it, and the sender is none."""

# What people who look at paper answer for, where no certificate can.
_SEEN_BY_PEOPLE: Final = frozenset({SignatureFact.INTACT, SignatureFact.TRUSTED, SignatureFact.COVERS})


class Acceptance(NamedTuple):
    """What stands between a signed act and its acceptance.

    `against`: facts that speak against it, which nothing overcomes; `open`: facts not known, which need a written exception;
    `checks`: how many checks of a scan are missing.
    """

    against: tuple[SignatureFact, ...]
    open: tuple[SignatureFact, ...]
    checks: int

    @property
    def is_barred(self) -> bool:
        return bool(self.against) or self.checks > 0

    @property
    def is_free(self) -> bool:
        return not self.is_barred and not self.open


def acceptance(facts: Mapping[SignatureFact, Fact | str], method: SignatureMethod | str, checks: int) -> Acceptance:
    """What stands in the way, given the four facts, the road and the number of different people who checked the scan."""
    against = tuple(fact for fact in SignatureFact if facts[fact] == Fact.NO)
    unknown = tuple(fact for fact in SignatureFact if facts[fact] == Fact.UNKNOWN)
    if method != SignatureMethod.SCAN:
        return Acceptance(against, unknown, 0)
    missing = max(0, CHECKS_OF_A_SCAN - checks)
    return Acceptance(against, tuple(fact for fact in unknown if fact not in _SEEN_BY_PEOPLE), missing)
