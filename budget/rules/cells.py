"""What a cell of a source says: an exact number, or the reason why there is none. Pure: no ORM, no clock, no request."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from budget.choices import Missing, Unit
from budget.rules.problems import Kind

NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,30})?")
WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
# Four decimals are what the column holds; SINIM writes two.
PLACES: Final = Decimal("0.0001")
THOUSAND: Final = 1000

MISSING: Final = {
    "": Missing.BLANK,
    "no recepcionado": Missing.NOT_RECEIVED,
    "no aplica": Missing.NOT_APPLICABLE,
    "sin dato oficial": Missing.NOT_OFFICIAL,
}
YES_NO: Final = {"si": Decimal(1), "sí": Decimal(1), "no": Decimal(0)}

LIMITS: Final[dict[Unit, tuple[Decimal, Decimal]]] = {
    # The largest amount seen is 460 thousand million pesos; ten million million is a slip of the keyboard.
    Unit.PESOS: (Decimal(-(10**13)), Decimal(10**13)),
    # A percentage of a small base may be large (3,314.94 % was seen), and a balance may be negative.
    Unit.PERCENT: (Decimal(-(10**6)), Decimal(10**6)),
    Unit.RATE: (Decimal(-(10**9)), Decimal(10**9)),
    Unit.COUNT: (Decimal(0), Decimal(10**9)),
    Unit.SQUARE_METRES: (Decimal(0), Decimal(10**11)),
    Unit.YES_NO: (Decimal(0), Decimal(1)),
}
"""Lowest and highest believable value by unit, both included; money in whole pesos."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value, or the reason why it is missing: exactly one of the two."""

    value: Decimal | None
    missing: str = ""


class UnreadableError(ValueError):
    """A cell that cannot be read without guessing; `kind` says why."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


def read_cell(text: str, unit: Unit, *, is_number: bool, thousands: bool) -> Reading:
    """Read one cell of a column measured in `unit`; money given in thousands comes out in whole pesos.

    `is_number` is what the file says of the cell's type. In a cell of text a point may be a decimal mark or a thousands mark,
    so only digits count as a number there. Raises UnreadableError rather than guess.
    """
    text = text.strip()
    if (missing := MISSING.get(text.lower())) is not None:
        return Reading(None, missing.value)
    if unit == Unit.YES_NO:
        if (answer := YES_NO.get(text.lower())) is None:
            raise UnreadableError(Kind.NOT_YES_NO)
        return Reading(answer)
    if not (NUMBER if is_number else WHOLE).fullmatch(text):
        raise UnreadableError(Kind.NOT_A_NUMBER)
    return Reading(exact(Decimal(text), unit, thousands=thousands))


def exact(number: Decimal, unit: Unit, *, thousands: bool) -> Decimal:
    """The number as it is stored: pesos whole, the rest with at most four decimals, all within `LIMITS`."""
    value = number
    if unit == Unit.PESOS:
        value = number * THOUSAND if thousands else number
        if value != value.to_integral_value():
            raise UnreadableError(Kind.PART_OF_A_PESO)
        value = value.to_integral_value()
    else:
        # A spreadsheet that was saved again writes 84.8 as 84.799999999999997: the fourth decimal is beyond any source.
        value = value.quantize(PLACES, ROUND_HALF_EVEN)
    low, high = LIMITS[unit]
    if not low <= value <= high:
        raise UnreadableError(Kind.OUT_OF_RANGE)
    # Zero carries no sign.
    return value + 0
