"""How answers go from one version of an instrument to the next: the mapping, what is wrong with it, and the carrying. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from diagnostics.rules.answers import Given, value_problem
from diagnostics.rules.file_faults import Problem, clean, problem_of
from diagnostics.rules.instrument import Instrument, Question, QuestionKind
from diagnostics.rules.instrument_file import InstrumentError, dump, load

SCHEMA_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "mapping.schema.json"
# No form takes a longer explanation.
LONGEST_TEXT: Final = 20_000

Value = bool | int | str


class Relation(StrEnum):
    """What became of questions: SAME and REWORDED one to one, SPLIT one to several, MERGED several to one."""

    SAME = "same"
    REWORDED = "reworded"
    SPLIT = "split"
    MERGED = "merged"
    NEW = "new"
    RETIRED = "retired"


class Step(NamedTuple):
    """A level or option of before, and the one it is now."""

    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the mapping. Without `scale` values stay what they are."""

    relation: Relation
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    scale: tuple[Step, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class VersionMap:
    """From version `old` of the instrument `key` to version `new`."""

    key: str
    old: str
    new: str
    links: tuple[Link, ...]

    def unchanged(self) -> frozenset[str]:
        """Identifiers whose answers compare across the two versions as they are."""
        return frozenset(link.new[0] for link in self.links if link.relation == Relation.SAME)


class Fate(StrEnum):
    """Where an answer ends: CARRIED as it was, TO_CONFIRM changed or in changed words, LEFT_BEHIND in the old round alone."""

    CARRIED = "carried"
    TO_CONFIRM = "to_confirm"
    LEFT_BEHIND = "left_behind"


class Why(StrEnum):
    """Why an answer ends there."""

    SAME = "same"
    REWORDED = "reworded"
    SCALE = "scale"
    SPLIT = "split"
    MERGED = "merged"
    DISAGREE = "disagree"
    WORDS_ONLY = "words_only"
    UNCONFIRMED = "unconfirmed"
    RETIRED = "retired"
    DOES_NOT_FIT = "does_not_fit"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class Line(NamedTuple):
    """What became of one answer of before: `question` is the old identifier, `targets` the new ones that took it up."""

    question: str
    fate: Fate
    why: Why
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """A line for each old answer, in the order of the old instrument, and the answers of the new version."""

    lines: tuple[Line, ...]
    answers: Mapping[str, Given] = field(default_factory=dict)

    def count(self, fate: Fate) -> int:
        return sum(line.fate == fate for line in self.lines)


# --- The file ---------------------------------------------------------------------------------------------------------


def read(text: str) -> VersionMap:
    """The mapping of a YAML file. Raises `InstrumentError`."""
    return from_data(load(text))


def from_data(data: Any) -> VersionMap:
    """The mapping of its canonical form. Raises `InstrumentError` when the schema does not hold."""
    data = clean(data)
    faults = sorted(_validator().iter_errors(data), key=lambda fault: [str(part) for part in fault.absolute_path])
    if faults:
        raise InstrumentError([problem_of(fault, data) for fault in faults[:50]])
    links = tuple(
        Link(
            relation=Relation(entry["kind"]),
            old=tuple(entry.get("from", ())),
            new=tuple(entry.get("to", ())),
            scale=tuple(Step(step["old"], step["new"]) for step in entry.get("scale", ())),
            note=entry.get("note", ""),
        )
        for entry in data["lines"]
    )
    return VersionMap(key=data["key"], old=data["from"], new=data["to"], links=links)


def to_data(mapping: VersionMap) -> dict[str, Any]:
    """The canonical form; `from_data` gives the same mapping back."""
    return {
        "key": mapping.key,
        "from": mapping.old,
        "to": mapping.new,
        "lines": [_line(link) for link in mapping.links],
    }


def write(mapping: VersionMap) -> str:
    """The YAML file. `read` gives the same mapping back."""
    return dump(to_data(mapping))


def _line(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": link.relation.value}
    if link.old:
        found["from"] = list(link.old)
    if link.new:
        found["to"] = list(link.new)
    if link.scale:
        found["scale"] = [step._asdict() for step in link.scale]
    return found | ({"note": link.note} if link.note else {})


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


# --- What is wrong with it, and a first proposal ----------------------------------------------------------------------

# How many old and new questions a line names; None is two or more.
_SHAPES: Final[dict[Relation, tuple[int | None, int | None]]] = {
    Relation.SAME: (1, 1),
    Relation.REWORDED: (1, 1),
    Relation.SPLIT: (1, None),
    Relation.MERGED: (None, 1),
    Relation.NEW: (0, 1),
    Relation.RETIRED: (1, 0),
}


def problems(mapping: VersionMap, old: Instrument, new: Instrument) -> list[Problem]:
    """What the schema cannot see. Empty when each old and each new question has exactly one line that can hold."""
    found: list[Problem] = []
    if (mapping.key, mapping.old, mapping.new) != (old.key, old.version, new.version) or old.key != new.key:
        found.append(Problem("", _("The mapping names another instrument or other versions.")))
    found += _once((name for link in mapping.links for name in link.old), old)
    found += _once((name for link in mapping.links for name in link.new), new)
    for link in mapping.links:
        where = ", ".join(link.old) or ", ".join(link.new)
        if not all(_fits(*pair) for pair in zip(_SHAPES[link.relation], (len(link.old), len(link.new)), strict=True)):
            found.append(Problem(where, _("The line names too few or too many questions for what it says.")))
        elif set(link.old) <= set(old.by_id) and set(link.new) <= set(new.by_id):
            found += [Problem(where, what) for what in _link_problems(link, old, new)]
    return found


def _fits(wanted: int | None, count: int) -> bool:
    return count >= 2 if wanted is None else count == wanted


def _once(named: Iterable[str], instrument: Instrument) -> list[Problem]:
    counts = Counter(named)
    at = {"version": instrument.version}
    return [
        *(
            Problem(name, _("Version %(version)s has no such question.") % at)
            for name in counts
            if name not in instrument.by_id
        ),
        *(
            Problem(name, _("This question of version %(version)s has more than one line.") % at)
            for name, count in counts.items()
            if count > 1
        ),
        *(
            Problem(name, _("This question of version %(version)s has no line.") % at)
            for name in instrument.by_id
            if name not in counts
        ),
    ]


def _link_problems(link: Link, old: Instrument, new: Instrument) -> list[str]:
    before, after = [old.by_id[name] for name in link.old], [new.by_id[name] for name in link.new]
    if link.relation == Relation.SAME:
        if link.scale or not _is_same(before[0], after[0]):
            return [_("It says “same”, but the kind, the levels, the options or the unit are others.")]
        return []
    if link.relation in {Relation.NEW, Relation.RETIRED}:
        return [_("A new or retired question has no scale.")] if link.scale else []
    found = []
    if len({_key(step.old) for step in link.scale}) != len(link.scale):
        found.append(_("The scale tells two things of the same level."))
    found += [
        _("In the scale, “%(value)s” cannot answer “%(question)s”.") % {"value": value, "question": question.id}
        for side, questions in (("old", before), ("new", after))
        for value in dict.fromkeys(getattr(step, side) for step in link.scale)
        for question in questions
        if _cannot(question, value)
    ]
    missing = [name for question in before for name in _uncovered(question, after, link)]
    if missing:
        found.append(_("The scale does not say what becomes of: %(values)s.") % {"values": ", ".join(missing)})
    return found


def _uncovered(question: Question, after: Iterable[Question], link: Link) -> list[str]:
    """Levels and options that nobody told where to go, though the scales differ."""
    told = {_key(step.old) for step in link.scale}
    targets = [target for target in after if target.kind == question.kind]
    if question.kind == QuestionKind.LEVEL and any(len(t.levels) != len(question.levels) for t in targets):
        return [str(level.value) for level in question.levels if _key(level.value) not in told]
    return []


def _key(value: Value) -> tuple[str, Value]:
    """True is not 1 here."""
    return type(value).__name__, value


def _cannot(question: Question, value: Value) -> bool:
    return bool(value_problem(question, [value] if question.kind == QuestionKind.SEVERAL else value))


def _is_same(old: Question, new: Question) -> bool:
    options = {option.id for option in old.options} <= {option.id for option in new.options}
    return (old.kind, len(old.levels), old.unit) == (new.kind, len(new.levels), new.unit) and options


def propose(old: Instrument, new: Instrument) -> VersionMap:
    """A first draft for people to mend: the same identifier with the same words is the same, with others reworded."""
    links = []
    for question in new.questions():
        before = old.by_id.get(question.id)
        if before is None or before.kind != question.kind:
            links.append(Link(Relation.NEW, new=(question.id,)))
        elif _is_same(before, question) and _said(before) == _said(question):
            links.append(Link(Relation.SAME, (question.id,), (question.id,)))
        else:
            links.append(Link(Relation.REWORDED, (question.id,), (question.id,), _stretched(before, question)))
    kept = {name for link in links for name in link.old}
    links += [Link(Relation.RETIRED, (question.id,)) for question in old.questions() if question.id not in kept]
    return VersionMap(old.key, old.version, new.version, tuple(links))


def _said(question: Question) -> tuple[object, ...]:
    """What an answer depends on: guidance and weights may change under it."""
    options = tuple((option.id, option.text) for option in question.options)
    return question.text, question.levels, options, question.unit, question.allows_na


def _stretched(old: Question, new: Question) -> tuple[Step, ...]:
    """Levels of a longer or shorter scale at the same height, the lower one in doubt."""
    a, b = len(old.levels), len(new.levels)
    if a == b or a < 2 or b < 2:
        return ()
    return tuple(Step(level.value, 1 + (level.value - 1) * (b - 1) // (a - 1)) for level in old.levels)


# --- Carrying ---------------------------------------------------------------------------------------------------------


def carry(answers: Mapping[str, Given], mapping: VersionMap, old: Instrument, new: Instrument) -> Carried:
    """The answers of a diagnostic in the new version. Each old answer has exactly one line; its words are never cut.

    An old answer is every one that exists, empty ones included.
    """
    links = {name: link for link in mapping.links for name in link.old}
    lines: dict[str, Line] = {}
    made: dict[str, Given] = {}
    for name in answers:
        link = links.get(name)
        if link is None or name not in old.by_id:
            lines[name] = Line(name, Fate.LEFT_BEHIND, Why.UNKNOWN)
        elif name not in lines:
            given = {one: answers[one] for one in link.old if one in answers}
            found, taken = _along(link, given, old, new)
            lines |= found
            made |= taken
    order = {question.id: place for place, question in enumerate(old.questions())}
    ranked = sorted(lines.values(), key=lambda line: (order.get(line.question, len(order)), line.question))
    return Carried(tuple(ranked), made)


def _along(
    link: Link, given: Mapping[str, Given], old: Instrument, new: Instrument
) -> tuple[dict[str, Line], dict[str, Given]]:
    """The answers of one line of the mapping."""
    targets = [new.by_id[name] for name in link.new if name in new.by_id]
    if link.relation == Relation.RETIRED or not targets:
        return {name: Line(name, Fate.LEFT_BEHIND, Why.RETIRED) for name in given}, {}
    if link.relation == Relation.MERGED:
        return _merged(link, given, old, targets[0])
    (name, answer), *_rest = given.items()
    fitted = {target.id: fit(answer, old.by_id[name], target, link) for target in targets}
    taken = {target: new_answer for target, (new_answer, _why) in fitted.items() if new_answer is not None}
    if not taken:
        return {name: Line(name, Fate.LEFT_BEHIND, next(iter(fitted.values()))[1])}, {}
    # The most serious reason among the targets is the one told.
    why = max((why for new_answer, why in fitted.values() if new_answer is not None), key=_WEIGHTS.index)
    fate = Fate.CARRIED if why == Why.SAME else Fate.TO_CONFIRM
    marked = {
        target: Given(one.value, one.is_na, one.text, to_confirm=fate == Fate.TO_CONFIRM)
        for target, one in taken.items()
    }
    return {name: Line(name, fate, why, tuple(taken))}, marked


_WEIGHTS: Final = [Why.SAME, Why.UNCONFIRMED, Why.REWORDED, Why.SPLIT, Why.SCALE, Why.WORDS_ONLY]


def fit(answer: Given, old: Question, new: Question, link: Link) -> tuple[Given | None, Why]:
    """The answer as one to the new question, and why so; None when nothing of it can answer there."""
    if answer.value is None and not answer.text.strip() and not answer.is_na:
        return None, Why.EMPTY
    value, is_other = _translated(answer.value, old, new, link.scale)
    fits = not (answer.value is not None and value is None) and (new.allows_na or not answer.is_na)
    if not fits and not answer.text.strip():
        return None, Why.DOES_NOT_FIT
    kept = Given(value, answer.is_na and new.allows_na, answer.text)
    if not fits:
        return kept, Why.WORDS_ONLY
    if is_other:
        return kept, Why.SCALE
    if link.relation == Relation.SPLIT:
        return kept, Why.SPLIT
    if link.relation == Relation.SAME:
        return kept, Why.UNCONFIRMED if answer.to_confirm else Why.SAME
    return kept, Why.REWORDED


def _translated(value: Any, old: Question, new: Question, scale: Iterable[Step]) -> tuple[Any, bool]:
    """The value by the scale, and whether it is another; None when it cannot answer the new question."""
    told = {_key(step.old): step.new for step in scale}
    if value is None or (not told and (old.kind != new.kind or old.unit != new.unit)):
        return None, False
    if isinstance(value, list):
        moved: Any = sorted({told.get(_key(entry), entry) for entry in value}, key=str)
        if new.kind != QuestionKind.SEVERAL:
            moved = moved[0] if len(moved) == 1 else None
    else:
        moved = told.get(_key(value), value) if isinstance(value, bool | int | str) else None
        if new.kind == QuestionKind.SEVERAL and isinstance(moved, str):
            moved = [moved]
    if moved is None or value_problem(new, moved):
        return None, False
    return moved, moved != value


def _merged(
    link: Link, given: Mapping[str, Given], old: Instrument, target: Question
) -> tuple[dict[str, Line], dict[str, Given]]:
    """Several answers as one: the value that they share, their words one after the other, in the order of the mapping."""
    lines: dict[str, Line] = {}
    taken: dict[str, Given] = {}
    length = 0
    for name, answer in given.items():
        new_answer, why = fit(answer, old.by_id[name], target, link)
        size = len(answer.text.strip()) + 2
        if new_answer is None or length + size > LONGEST_TEXT:
            lines[name] = Line(name, Fate.LEFT_BEHIND, why if new_answer is None else Why.TOO_LONG)
            continue
        length += size
        taken[name] = new_answer
    if not taken:
        return lines, {}
    values = [answer.value for answer in taken.values() if answer.value is not None]
    agree = bool(values) and all(value == values[0] for value in values)
    is_na = all(answer.is_na for answer in taken.values())
    texts = dict.fromkeys(answer.text.strip() for answer in taken.values() if answer.text.strip())
    for name, answer in taken.items():
        disagrees = answer.value is not None and not agree
        lines[name] = Line(name, Fate.TO_CONFIRM, Why.DISAGREE if disagrees else Why.MERGED, (target.id,))
    joined = Given(values[0] if agree and not is_na else None, is_na, "\n\n".join(texts), to_confirm=True)
    return lines, {target.id: joined}
