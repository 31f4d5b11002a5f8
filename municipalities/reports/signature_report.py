"""The report of a judgement as the page of a signature shows it. It reads what is there: older reports stay readable."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from accounts.rules import InvalidRunError, format_run, normalise_run
from municipalities.choices import Fact, SignatureFact
from municipalities.models import Signature
from municipalities.rules.four_facts import Told, told


class SignatureInFile(NamedTuple):
    """One signature of the file, the mayor's or another's."""

    name: str
    run: str
    signed_at: datetime | None
    facts: list[Told]
    reasons: tuple[str, ...]


def facts_with_reasons(signature: Signature) -> list[Told]:
    """The four facts, each with what the judgement says about it."""
    said = signature.report.get("reasons", {})
    reasons = {fact: _texts(said.get(fact)) for fact in SignatureFact} if isinstance(said, dict) else {}
    return told(signature.facts, reasons)


def signatures_in_file(signature: Signature) -> list[SignatureInFile]:
    """Every signature that the file holds, in the order in which they were made."""
    return [_in_file(entry) for entry in signature.report.get("signatures", []) if isinstance(entry, dict)]


def _in_file(entry: dict[str, Any]) -> SignatureInFile:
    facts = entry.get("facts", {})
    known = dict.fromkeys(SignatureFact, Fact.UNKNOWN)
    known |= {fact: Fact(facts[fact]) for fact in SignatureFact if facts.get(fact) in Fact.values}
    return SignatureInFile(
        name=str(entry.get("name", "")),
        run=_run(str(entry.get("run", ""))),
        signed_at=parse_datetime(str(entry.get("signed_at") or "")),
        facts=told(known),
        reasons=_texts(entry.get("reasons", [])),
    )


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list) else (str(found),) if found else ()


def _run(text: str) -> str:
    try:
        return format_run(normalise_run(text)) if text else ""
    except InvalidRunError:
        return text
