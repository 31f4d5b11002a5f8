"""Why a signed act goes back, in words for the municipality. Read once a process: the words change with the code only."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from municipalities.choices import ReturnReason

DATA = Path(__file__).resolve().parent.parent / "data" / "return_reasons.yaml"


class Words(NamedTuple):
    """`what` happened and what to `do`, in Spanish: they are data."""

    what: str
    do: str


@cache
def return_reasons() -> dict[ReturnReason, Words]:
    """The words of each reason, in the order in which they are offered."""
    written = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {reason: Words(**written[reason.value]) for reason in ReturnReason}
