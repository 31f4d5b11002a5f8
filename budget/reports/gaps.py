"""What a year's page does not show, and why, in words for the reader."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budget.choices import Missing, Source
from budget.rules.summary import share
from config.numbers import number

# From here on, what the source does not itemise is worth a sentence.
LARGE = 25


def gaps(payload: dict[str, Any], year: int, source: str) -> list[str]:
    """One sentence for each thing that is missing. `payload` is described in `budget.reports`; `source` is the source's name."""
    said = {"year": year, "source": source, "part": ""}
    found = []
    if payload["headline"]["current"] is None:
        found.append(_("The budget, at first and after changes: the municipality did not report it to %(source)s."))
    if payload["headline"]["accrued"] is not None and not payload["trees"]["area"]:
        found.append(_("The spending by area: the municipality did not report it to %(source)s."))
    unexplained = unitemised(payload["trees"]["nature"])
    if unexplained is not None and unexplained >= LARGE:
        said["part"] = number(round(unexplained))
        found.append(_("What %(part)s of every 100 pesos were spent on: %(source)s gives only some kinds of spending."))
    if payload["dataset"]["source"] in {Source.SINIM, Source.DEMONSTRATION}:
        found.append(_("What was already paid: %(source)s publishes what must be paid (accrued)."))
    if payload["population"] is None:
        found.append(_("The amounts for each inhabitant: the number of inhabitants of %(year)s is not known."))
    if payload["price"] is None:
        found.append(_("The amounts without inflation: there is no full year of the price index for %(year)s."))
    return [sentence % said for sentence in found] + cells(payload)


def unitemised(nature: list[list[Any]]) -> Fraction | None:
    """Of every 100 pesos spent, those without a kind."""
    rests = [amount for _id, parent, _name, _sentence, amount, rest, _also in nature if rest and parent == "215"]
    return share(rests[0], nature[0][4]) if rests else None


def cells(payload: dict[str, Any]) -> list[str]:
    missing = payload["missing"].get(Missing.NOT_RECEIVED, 0)
    if not missing:
        return []
    sentence = ngettext(
        "%(cells)s of the %(values)s values of the source was not received.",
        "%(cells)s of the %(values)s values of the source were not received.",
        missing,
    )
    return [sentence % {"cells": number(missing), "values": number(payload["values"])}]
