"""The order of OGP's form: what every document of a plan follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from action_plans.reports.budget_accounts import named
from action_plans.reports.plan_words import label_of, written

PLAN: Final = ("foreword", "challenges", "vision", "coordination")
"""The sections of a plan before its commitments."""
COMMITMENT: Final = (
    *("problem", "baseline", "status_quo", "action", "outcome", "contribution", "values"),
    *("resources", "goals", "pladeco", "accounts"),
)
"""The sections of a commitment, between its dates and its indicators."""
CONTACT: Final = ("unit", "office", "counterpart", "others")
"""Who answers for it, and with whom."""


class Section(NamedTuple):
    title: str
    text: str


def sections(data: Mapping[str, Any], names: Sequence[str]) -> list[Section]:
    """Those of the fields that say something, with their names, written for people."""
    found = [Section(capital(label_of(name)), _said(name, data[name])) for name in names]
    return [section for section in found if section.text.strip()]


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _said(name: str, value: Any) -> str:
    if name == "accounts":
        return "\n".join(f"{code} {plain}".strip() for code, plain in named(value))
    return written(name, value)
