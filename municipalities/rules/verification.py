"""What people type or scan to verify an act, and what the register calls an adhesion. Pure."""

import re
from typing import Final, NamedTuple

from municipalities.choices import AdhesionState, Standing

# With its letters a folio is found anywhere, also inside an address; without them it must be all that was typed.
# Year and number stand apart, or in one run with all the zeros: a digit too many must not lead to another act.
_FOLIO: Final = re.compile(r"mgam[\W_]*([0-9]{4})(?:[\W_]+([0-9]{1,7})|([0-9]{4,7}))(?![0-9])", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"[\W_]*([0-9]{4})[\W_]+([0-9]{1,7})[\W_]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
LONGEST_FOLIO: Final = 200


class Folio(NamedTuple):
    """The year and the number that a folio such as `MGAM-2026-0001` holds."""

    year: int
    number: int


def read_folio(text: str) -> Folio | None:
    """The folio in what a person typed, pasted or scanned; None where there is none.

    Lower case, blanks, missing zeros, missing hyphens and a whole address are forgiven: `mgam 2026 1`, `2026-1`.
    """
    wanted = text.strip()[:LONGEST_FOLIO]
    found = _FOLIO.search(wanted) or _NUMBERS.fullmatch(wanted)
    if found is None:
        return None
    year, *number = filter(None, found.groups())
    return Folio(int(year), int(number[0]))


def read_sha256(text: str) -> str | None:
    """A SHA-256 as the register keeps it, 64 hexadecimal digits in lower case; None where the text is none."""
    wanted = "".join(text.split()).lower()
    return wanted if _SHA256.fullmatch(wanted) else None


_STANDINGS: Final[dict[str, Standing]] = {
    AdhesionState.IN_FORCE: Standing.IN_FORCE,
    AdhesionState.SUSPENDED: Standing.SUSPENDED,
}


def standing(state: str) -> Standing:
    """What the register calls a published adhesion in `state`."""
    return _STANDINGS.get(state, Standing.ENDED)
