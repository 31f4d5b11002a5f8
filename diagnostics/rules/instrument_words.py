"""An instrument's parts in words, and what differs between two versions of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.rules.answer_words import said
from diagnostics.rules.file_faults import Problem
from diagnostics.rules.instrument import (
    Condition,
    Descriptor,
    Dimension,
    Instrument,
    Operator,
    Question,
    QuestionKind,
    Test,
)
from diagnostics.rules.instrument_edit import Part, bare, parts
from municipalities.rules.differences import Line, compare

KINDS: Final = {
    QuestionKind.LEVEL: gettext_lazy("Level of a scale"),
    QuestionKind.YES_NO: gettext_lazy("Yes or no"),
    QuestionKind.ONE: gettext_lazy("One of several"),
    QuestionKind.SEVERAL: gettext_lazy("Several of a list"),
    QuestionKind.NUMBER: gettext_lazy("Number"),
    QuestionKind.DATE: gettext_lazy("Date"),
    QuestionKind.LINK: gettext_lazy("Link"),
    QuestionKind.TEXT: gettext_lazy("Text"),
}
OPERATORS: Final = {
    Operator.IS: gettext_lazy("is"),
    Operator.IS_NOT: gettext_lazy("is not"),
    Operator.AT_LEAST: gettext_lazy("is at least"),
    Operator.AT_MOST: gettext_lazy("is at most"),
    Operator.INCLUDES: gettext_lazy("includes"),
    Operator.ANSWERED: gettext_lazy("is answered"),
}
EFFORTS: Final = {1: gettext_lazy("little"), 2: gettext_lazy("some"), 3: gettext_lazy("much")}


def number(value: Decimal) -> str:
    """A weight or points, with the comma of Chile and no zeros that say nothing."""
    return format(value.normalize(), "f").replace(".", ",")


def value_words(value: object) -> str:
    """The value of a comparison as people write it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


def condition_words(condition: Condition, asked: Mapping[str, Question] | None = None) -> str:
    """When a question is shown, as a sentence: with identifiers, or for those who answer with the words of what is `asked`."""
    tests = (_test_words(test, (asked or {}).get(test.question)) for test in condition.tests)
    return (_(" or ") if condition.any_of else _(" and ")).join(tests)


def _test_words(test: Test, question: Question | None) -> str:
    if question is None:
        return f"“{test.question}” {OPERATORS[test.operator]} {value_words(test.value)}".strip()
    value: object = test.value
    if question.kind == QuestionKind.SEVERAL and value is not None:
        value = [value]
    if question.kind == QuestionKind.NUMBER and value is not None:
        value = str(value)
    return f"“{question.text}” {OPERATORS[test.operator]} {said(question, value)}".strip()


def words(part: Instrument | Part | None) -> str:
    """Everything that the part's own form shows, a fact a line; "" for no part."""
    return "\n".join(f"{label}: {text}" for label, text in _facts(bare(part)) if text)


def _facts(part: Instrument | Part | None) -> list[tuple[Promise | str, str]]:
    if isinstance(part, Instrument):
        return [
            (_("Version"), part.version),
            (_("Title"), part.title),
            (_("Note"), part.note),
            *((_("Source"), source) for source in part.sources),
            *(
                (_("Level %(value)d") % {"value": level.value}, f"{level.name}. {level.meaning}")
                for level in part.scale
            ),
        ]
    if isinstance(part, Dimension):
        return [*_named(part), (_("Description"), part.description)]
    if isinstance(part, Descriptor):
        return [*_named(part), (_("Guidance"), part.guidance)]
    return _of_question(part) if part else []


def _named(part: Dimension | Descriptor) -> list[tuple[Promise | str, str]]:
    return [(_("Identifier"), part.id), (_("Name"), part.name), (_("Weight"), number(part.weight))]


def _of_question(question: Question) -> list[tuple[Promise | str, str]]:
    return [
        (_("Identifier"), question.id),
        (_("Kind"), str(KINDS[question.kind])),
        (_("Question"), question.text),
        (_("Weight"), number(question.weight)),
        *(
            (_("Level %(value)d") % {"value": level.value}, f"{level.name}. {level.meaning}")
            for level in question.levels
        ),
        *(
            (_("Option “%(id)s”") % {"id": option.id}, f"{option.text} ({number(option.points)})")
            for option in question.options
        ),
        *((_("From %(low)s on") % {"low": number(band.low)}, number(band.points)) for band in question.bands),
        (_("Unit"), question.unit),
        (_("Guidance"), question.guidance),
        (_("Legal basis"), question.legal_basis),
        (_("What counts as evidence"), question.evidence),
        (_("Evidence required"), _("Yes") if question.needs_evidence else _("No")),
        (_("“Not applicable” allowed"), _("Yes") if question.allows_na else _("No")),
        (_("Shown if"), condition_words(question.show_if) if question.show_if else ""),
        (_("Recommendation"), question.recommendation),
        (_("Effort"), str(EFFORTS[question.effort])),
        (_("Known to the portal as"), question.known_as),
    ]


class Difference(StrEnum):
    """What became of a part from one version to the next."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    MOVED = "moved"


class Change(NamedTuple):
    """A part that differs. `lines` compare its words; empty when it only moved to another owner."""

    kind: Difference
    name: str
    label: str
    lines: tuple[Line, ...]


def changes(before: Instrument, after: Instrument) -> list[Change]:
    """What differs between two versions: in the order of the later one, then what is gone. Weights and levels count too."""
    old, new = {part.id: part for part in parts(before)}, {part.id: part for part in parts(after)}
    old_owners, new_owners = _owners(before), _owners(after)
    found: list[Change] = []
    if words(before) != words(after):
        found.append(Change(Difference.CHANGED, "", after.title, compare(words(before), words(after))))
    for name, part in new.items():
        if name not in old:
            found.append(Change(Difference.NEW, name, label(part), compare("", words(part))))
        elif words(old[name]) != words(part):
            found.append(Change(Difference.CHANGED, name, label(part), compare(words(old[name]), words(part))))
        elif old_owners[name] != new_owners[name]:
            found.append(Change(Difference.MOVED, name, label(part), ()))
    gone = (part for name, part in old.items() if name not in new)
    return [*found, *(Change(Difference.GONE, part.id, label(part), compare(words(part), "")) for part in gone)]


def label(part: Part) -> str:
    """What people call a part."""
    return part.text if isinstance(part, Question) else part.name


def meaning_problems(earlier: Iterable[Instrument], instrument: Instrument) -> list[Problem]:
    """Identifiers that meant something else in an earlier version: what changes its meaning gets a new identifier."""
    known: dict[str, tuple[str, str]] = {}
    for version in earlier:
        known |= {part.id: (_nature(part), version.version) for part in parts(version)}
    return [
        Problem(
            part.id,
            _("In version %(version)s this identifier was something else. Give the part a new identifier.")
            % {"version": known[part.id][1]},
        )
        for part in parts(instrument)
        if part.id in known and known[part.id][0] != _nature(part)
    ]


def _nature(part: Part) -> str:
    return part.kind.value if isinstance(part, Question) else type(part).__name__


def _owners(instrument: Instrument) -> dict[str, str]:
    owners: dict[str, str] = {}
    for dimension in instrument.dimensions:
        owners[dimension.id] = ""
        for descriptor in dimension.descriptors:
            owners[descriptor.id] = dimension.id
            owners |= dict.fromkeys((question.id for question in descriptor.questions), descriptor.id)
    return owners
