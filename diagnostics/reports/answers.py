"""A diagnostic as the rules see it: its instrument and its answers."""

from __future__ import annotations

from functools import lru_cache

from diagnostics.choices import EditionState
from diagnostics.models import Answer, Diagnostic, InstrumentVersion
from diagnostics.rules import instrument_file
from diagnostics.rules.answers import Given
from diagnostics.rules.instrument import Instrument


def instrument_of(version: InstrumentVersion) -> Instrument:
    """The instrument of a version. A published one never changes, so each process reads it once."""
    if version.state == EditionState.DRAFT:
        return instrument_file.from_data(version.content)
    return _published(version.pk, version.checksum)


@lru_cache(maxsize=64)
def _published(pk: int, checksum: str) -> Instrument:
    """`checksum` is part of the key: a test's database may give a number again."""
    return instrument_file.from_data(InstrumentVersion.objects.values_list("content", flat=True).get(pk=pk))


def given(diagnostic: Diagnostic) -> dict[str, Given]:
    """Every answer of a diagnostic, by question. One query."""
    rows = Answer.objects.filter(diagnostic=diagnostic).order_by()
    fields = rows.values_list("question", "value", "is_na", "text", "to_confirm")
    return {question: Given(value, is_na, text, waits) for question, value, is_na, text, waits in fields}
