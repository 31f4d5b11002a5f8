"""A workbook that came back, row by row, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils.translation import gettext, pgettext_lazy

from diagnostics.choices import Confidence
from diagnostics.models import Workbook
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.answer_words import said
from diagnostics.rules.instrument import Question
from diagnostics.rules.workbook import Filled, Outcome

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

OUTCOMES: Final[Mapping[str, StrOrPromise]] = {
    Outcome.CHANGED: pgettext_lazy("a row of a workbook", "Changes"),
    Outcome.CONFLICT: pgettext_lazy("a row of a workbook", "In conflict"),
    Outcome.ERROR: pgettext_lazy("a row of a workbook", "With an error"),
    Outcome.WRITTEN: pgettext_lazy("a row of a workbook", "Written"),
    Outcome.KEPT: pgettext_lazy("a row of a workbook", "The portal's answer stayed"),
    Outcome.LATE: pgettext_lazy("a row of a workbook", "Not written"),
    Outcome.SAME: pgettext_lazy("a row of a workbook", "Without changes"),
}


class Change(NamedTuple):
    """A field of an answer in words: as it stands, and as the workbook has it."""

    label: str
    before: str
    after: str


class Shown(NamedTuple):
    """A row for people. `joined`: the two texts together, for whoever joins them."""

    question: str
    text: str
    sheet: str
    line: int
    outcome: str
    label: str
    problem: str
    changes: list[Change]
    who: str
    at: datetime | None
    joined: str


class Preview(NamedTuple):
    """A workbook for people: its rows, how many of each outcome, and the questions that it does not hold."""

    rows: list[Shown]
    counts: dict[str, int]
    missing: list[str]

    @property
    def conflicts(self) -> list[Shown]:
        return [row for row in self.rows if row.outcome == Outcome.CONFLICT]

    @property
    def writes(self) -> int:
        """How many answers would be written at most."""
        return self.counts.get(Outcome.CHANGED, 0) + self.counts.get(Outcome.CONFLICT, 0)

    def tabs(self) -> list[tuple[str, StrOrPromise, int]]:
        return [(name, label, self.counts[name]) for name, label in OUTCOMES.items() if self.counts.get(name)]


def preview(workbook: Workbook) -> Preview:
    """The stored rows in the order of the file."""
    instrument = instrument_of(workbook.diagnostic.version)
    rows = [_shown(row, instrument.by_id.get(row["question"])) for row in workbook.rows]
    counts = Counter(row.outcome for row in rows)
    there = {row["question"] for row in workbook.rows}
    absent = [each.text for each in instrument.questions() if there and each.id not in there]
    return Preview(rows, dict(counts), absent)


def _shown(row: dict[str, Any], question: Question | None) -> Shown:
    sent = Filled(*row["sent"]) if question and "sent" in row else None
    held = Filled(*row["held"]) if question and "held" in row else None
    changes = _changes(question, held, sent) if question and sent and held else []
    return Shown(
        question=row["question"],
        text=question.text if question else row["question"],
        sheet=row["sheet"],
        line=row["line"],
        outcome=row["outcome"],
        label=str(OUTCOMES[row["outcome"]]),
        problem=row["problem"],
        changes=changes,
        who=row.get("who", ""),
        at=datetime.fromisoformat(row["at"]) if row.get("at") else None,
        joined="\n\n".join(dict.fromkeys(text for text in (held.text, sent.text) if text)) if sent and held else "",
    )


def _changes(question: Question, held: Filled, sent: Filled) -> list[Change]:
    labels = {"": "", **{value: str(label) for value, label in Confidence.choices}}
    yes = {True: gettext("Yes"), False: gettext("No")}
    fields = (
        Change(gettext("Answer"), said(question, held.value), said(question, sent.value)),
        Change(gettext("Not applicable"), yes[held.is_na], yes[sent.is_na]),
        Change(gettext("Explanation"), held.text, sent.text),
        Change(gettext("How sure"), labels[held.confidence], labels[sent.confidence]),
    )
    return [each for each in fields if each.before != each.after]
