"""What the council asked of a diagnostic when it returned it."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.choices import Opinion
from diagnostics.models import Diagnostic, ReviewEntry, ReviewReturn
from diagnostics.rules.diagnostic_states import WRITABLE


def returned_entries(diagnostic: Diagnostic) -> Mapping[str, ReviewEntry]:
    """What the council asked in its last return, by question, while the municipality has the diagnostic."""
    return last_asked(diagnostic) if diagnostic.state in WRITABLE else {}


def last_asked(diagnostic: Diagnostic) -> Mapping[str, ReviewEntry]:
    """What the council asked in its last return, by question, wherever the diagnostic is now."""
    if diagnostic.submitted_at is None:
        return {}
    last = ReviewReturn.objects.filter(diagnostic=diagnostic).order_by("-turn").values("turn")[:1]
    asked = ReviewEntry.objects.filter(diagnostic=diagnostic, is_told=True, turn=last)
    asked = asked.filter(opinion__in=[Opinion.CORRECTION, Opinion.OTHER_LEVEL])
    return {entry.question: entry for entry in asked.select_related("by", "replied_by")}
