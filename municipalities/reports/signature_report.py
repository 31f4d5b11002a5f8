"""The report of a judgement as the page of a signature shows it. It reads what is there: older reports stay readable."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from accounts.rules import InvalidRunError, format_run, normalise_run
from municipalities.choices import Fact, SignatureFact
from municipalities.models import Signature
from municipalities.rules import verdict
from municipalities.rules.four_facts import Told, told


class SignatureInFile(NamedTuple):
    """One signature of the file: that which speaks for the mayor (`is_main`), another person's, or a time stamp."""

    name: str
    run: str
    signed_at: datetime | None
    is_main: bool
    is_stamp: bool
    facts: list[Told]

    @property
    def reasons(self) -> list[str]:
        """What is said of its facts, each thing once."""
        return list(dict.fromkeys(reason for fact in self.facts for reason in fact.reasons))


def facts_with_reasons(signature: Signature) -> list[Told]:
    """The four facts, each with what the judgement says about it."""
    return told(signature.facts, _reasons(verdict.told(signature.report).get("facts", {})))


def signatures_in_file(signature: Signature) -> list[SignatureInFile]:
    """Every signature that the file holds, in the order in which they were made."""
    return [_in_file(entry) for entry in verdict.told(signature.report)["signatures"]]


def _in_file(entry: dict[str, Any]) -> SignatureInFile:
    facts = entry["facts"]
    answers = {fact: facts.get(fact.value, {}).get("fact", Fact.UNKNOWN.value) for fact in SignatureFact}
    return SignatureInFile(
        name=str(entry.get("signer", "")),
        run=_run(str(entry.get("run", ""))),
        signed_at=parse_datetime(entry.get("signed_at") or ""),
        is_main=bool(entry.get("is_main")),
        is_stamp=bool(entry.get("is_stamp")),
        facts=told(answers, _reasons(facts)),
    )


def _reasons(facts: dict[str, Any]) -> dict[SignatureFact, tuple[str, ...]]:
    return {fact: tuple(facts[fact.value]["reasons"]) for fact in SignatureFact if fact.value in facts}


def _run(text: str) -> str:
    try:
        return format_run(normalise_run(text)) if text else ""
    except InvalidRunError:
        return text
