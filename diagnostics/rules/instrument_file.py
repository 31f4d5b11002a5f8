"""The file of an instrument: YAML to plain data and back, its checksum, and what is wrong with it. Pure.

The canonical form (`to_data`) leaves defaults out and writes decimals as text, so the same instrument always gives the same file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import yaml
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from diagnostics.rules.answers import value_problem
from diagnostics.rules.file_faults import Problem, clean, problem_of
from diagnostics.rules.instrument import (
    Band,
    Condition,
    Descriptor,
    Dimension,
    Instrument,
    Level,
    Operator,
    Option,
    Question,
    QuestionKind,
    Test,
)

SCHEMA_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "instrument.schema.json"
Made = TypeVar("Made")
LARGEST: Final = 2 * 1024 * 1024


class InstrumentError(ValueError):
    """The file is not an instrument. `problems` says all that is wrong, not the first thing only."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.where}: {problem.what}" for problem in problems))


def read(text: str) -> Instrument:
    """The instrument of a YAML file. Raises `InstrumentError` for a file that is too large, not YAML, or not of the schema."""
    return from_data(load(text))


def load(text: str) -> Any:
    """The plain data of a YAML file. Raises `InstrumentError` for a file that is too large or not YAML."""
    if len(text) > LARGEST:
        raise InstrumentError([Problem("", _("The file is larger than 2 MB."))])
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader without dates and aliases
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = (
            _("line %(line)d, column %(column)d") % {"line": mark.line + 1, "column": mark.column + 1} if mark else ""
        )
        what = _("It cannot be read as YAML (%(detail)s).") % {"detail": getattr(error, "problem", None) or error}
        raise InstrumentError([Problem(where, what)]) from None


def from_data(data: Any) -> Instrument:
    """The instrument of its canonical form. Raises `InstrumentError` when the schema does not hold."""
    data = clean(data)
    faults = sorted(_validator().iter_errors(data), key=lambda fault: [str(part) for part in fault.absolute_path])
    if faults:
        raise InstrumentError([problem_of(fault, data) for fault in faults[:50]])
    return Instrument(
        key=data["key"],
        version=data["version"],
        title=data["title"],
        note=data.get("note", ""),
        sources=tuple(data.get("sources", ())),
        scale=tuple(_made(Level, level) for level in data["scale"]),
        dimensions=tuple(_dimension(entry) for entry in data["dimensions"]),
    )


def to_data(instrument: Instrument) -> dict[str, Any]:
    """The canonical form, fit for JSON and YAML; `from_data` gives the same instrument back."""
    return cast("dict[str, Any]", plain(instrument))


def write(instrument: Instrument) -> str:
    """The YAML file. `read` gives the same instrument back."""
    return dump(to_data(instrument))


def dump(data: Any) -> str:
    """Plain data as a YAML file."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def checksum(instrument: Instrument) -> str:
    """SHA-256 of the canonical form as JSON with sorted keys: how a YAML tool breaks lines does not change it."""
    return digest(to_data(instrument))


def digest(data: Any) -> str:
    """SHA-256 of plain data as JSON with sorted keys."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def problems(instrument: Instrument) -> list[Problem]:
    """What the schema cannot see: identifiers twice, scales that do not rise, conditions that cannot hold, empty parts.

    Empty when it may go live. `where` is the identifier of a part, or "" for the instrument itself.
    """
    found: list[Problem] = []
    if [level.value for level in instrument.scale] != list(range(1, len(instrument.scale) + 1)):
        found.append(Problem("", _("The levels must be 1, 2, 3... in this order.")))
    if not any(dimension.weight > 0 for dimension in instrument.dimensions):
        found.append(Problem("", _("There is no dimension that counts.")))
    found += [Problem(name, _("This identifier is used twice.")) for name in repeated(instrument)]
    earlier: dict[str, Question] = {}
    for dimension in instrument.dimensions:
        if not dimension.descriptors:
            found.append(Problem(dimension.id, _("This dimension has no descriptor.")))
        for descriptor in dimension.descriptors:
            if not any(question.is_scored for question in descriptor.questions):
                found.append(Problem(descriptor.id, _("No question of this descriptor is scored.")))
            for question in descriptor.questions:
                found += [Problem(question.id, what) for what in _question_problems(question, earlier)]
                earlier[question.id] = question
    return found


def repeated(instrument: Instrument) -> list[str]:
    """Identifiers that two parts have. Dimensions, descriptors and questions share one space of names."""
    names = [
        name
        for dimension in instrument.dimensions
        for name in (dimension.id, *(part.id for part in dimension.descriptors), *(q.id for q in dimension.questions()))
    ]
    return [name for name, count in Counter(names).items() if count > 1]


def _question_problems(question: Question, earlier: Mapping[str, Question]) -> list[str]:
    found = [*_scale_problems(question), *_option_problems(question), *_band_problems(question)]
    tests = question.show_if.tests if question.show_if else ()
    return found + [what for test in tests if (what := _test_problem(test, earlier))]


def _scale_problems(question: Question) -> list[str]:
    if (question.kind == QuestionKind.LEVEL) != bool(question.levels):
        return [_("Levels belong to questions of the kind “level”, and only to them.")]
    if [level.value for level in question.levels] != list(range(1, len(question.levels) + 1)):
        return [_("The levels must be 1, 2, 3... in this order.")]
    return [_("A scale needs two levels at least.")] if len(question.levels) == 1 else []


def _option_problems(question: Question) -> list[str]:
    found: list[str] = []
    if (question.kind in {QuestionKind.ONE, QuestionKind.SEVERAL}) != bool(question.options):
        found.append(_("Options belong to questions of the kinds “one of” and “several of”, and only to them."))
    if len({option.id for option in question.options}) != len(question.options):
        found.append(_("Two options have the same identifier."))
    if any(option.points > 1 for option in question.options):
        found.append(_("Points go from 0 to 1."))
    return found


def _band_problems(question: Question) -> list[str]:
    found: list[str] = []
    if question.bands and question.kind != QuestionKind.NUMBER:
        found.append(_("Bands belong to questions of the kind “number”."))
    if question.kind == QuestionKind.NUMBER and question.weight > 0 and not question.bands:
        found.append(_("A number that counts needs bands; otherwise its weight is 0."))
    if any(band.points > 1 for band in question.bands):
        found.append(_("Points go from 0 to 1."))
    if any(a.low >= b.low or a.points > b.points for a, b in pairwise(question.bands)):
        found.append(_("Bands must rise: a larger number never earns fewer points."))
    return found


_ORDERED: Final = frozenset({QuestionKind.LEVEL, QuestionKind.NUMBER})


def _test_problem(test: Test, earlier: Mapping[str, Question]) -> str:
    target = earlier.get(test.question)
    if target is None:
        return _("The condition asks for “%(question)s”, which is not an earlier question.") % {
            "question": test.question
        }
    if test.operator == Operator.ANSWERED:
        return "" if test.value is None else _("The comparison “is answered” takes no value.")
    if test.operator in {Operator.AT_LEAST, Operator.AT_MOST} and target.kind not in _ORDERED:
        return _("The answers to “%(question)s” have no order to compare with.") % {"question": test.question}
    if (test.operator == Operator.INCLUDES) != (target.kind == QuestionKind.SEVERAL):
        return _("“Includes” is for questions of the kind “several of”, and the only comparison for them.")
    value = [test.value] if test.operator == Operator.INCLUDES else test.value
    if test.value is not None and not value_problem(target, value):
        return ""
    return _("The answer to “%(question)s” can never be “%(value)s”.") % {
        "question": test.question,
        "value": test.value,
    }


# --- Between data and dataclasses -------------------------------------------------------------------------------------


def _dimension(data: Mapping[str, Any]) -> Dimension:
    descriptors = tuple(
        _made(Descriptor, entry, questions=tuple(_question(question) for question in entry["questions"]))
        for entry in data["descriptors"]
    )
    return _made(Dimension, data, descriptors=descriptors)


def _question(data: Mapping[str, Any]) -> Question:
    condition = None
    if "show_if" in data:
        tests = tuple(
            Test(test["question"], Operator(test["operator"]), test.get("value")) for test in data["show_if"]["tests"]
        )
        condition = Condition(tests, any_of=data["show_if"].get("any_of", False))
    return _made(
        Question,
        data,
        kind=QuestionKind(data["kind"]),
        show_if=condition,
        levels=tuple(_made(Level, entry) for entry in data.get("levels", ())),
        options=tuple(_made(Option, entry) for entry in data.get("options", ())),
        bands=tuple(_made(Band, entry) for entry in data.get("bands", ())),
    )


_DECIMALS: Final = frozenset({"weight", "points", "low"})


def _made(made: type[Made], data: Mapping[str, Any], /, **ready: Any) -> Made:
    """A `made` from its mapping; `ready` holds what is made already."""
    plain = {key: Decimal(str(value)) if key in _DECIMALS else value for key, value in data.items() if key not in ready}
    return made(**{**plain, **ready})


def plain(value: Any) -> Any:
    """Dataclasses to mappings without their defaults, decimals to text, tuples to lists."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((entry, getattr(value, entry.name)) for entry in fields(value))
        return {entry.name: plain(held) for entry, held in pairs if entry.default is MISSING or held != entry.default}
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, tuple):
        return [plain(held) for held in value]
    return str(value) if isinstance(value, QuestionKind | Operator) else value


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


class _Loader(yaml.SafeLoader):
    """Plain values only: no aliases (a bomb), no dates and no yes/no that turn into something else."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, _("aliases are not accepted"), mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Long texts as readable blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
