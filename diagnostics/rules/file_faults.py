"""What is wrong with the shape of a file of instruments or mappings, said to the person who wrote it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from jsonschema import ValidationError


class Problem(NamedTuple):
    """Something wrong: `where` is an identifier or a path that people can follow, `what` a sentence."""

    where: str
    what: str


_SENTENCES: Final = {
    "enum": gettext_noop("“%(found)s” is none of the words accepted here: %(wanted)s."),
    "maxItems": gettext_noop("There are more than %(wanted)s entries."),
    "maxLength": gettext_noop("The text is longer than %(wanted)s characters."),
    "maximum": gettext_noop("It is larger than %(wanted)s."),
    "minItems": gettext_noop("There are fewer than %(wanted)s entries."),
    "minLength": gettext_noop("The text is empty."),
    "minimum": gettext_noop("It is smaller than %(wanted)s."),
    "pattern": gettext_noop("“%(found)s” is not written as it should be here."),
    "type": gettext_noop(
        "“%(found)s” is of another kind than expected. Decimals, versions and identifiers go in quotes."
    ),
}


def clean(data: Any) -> Any:
    """The data with texts as forms give them back: no blanks round them, no tabs, line feeds alone between lines."""
    if isinstance(data, str):
        return data.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if isinstance(data, list):
        return [clean(entry) for entry in data]
    if isinstance(data, Mapping):
        return {key: clean(value) for key, value in data.items()}
    return data


def problem_of(fault: ValidationError, data: Any) -> Problem:
    """A fault of the schema as a sentence, with the path to it by identifiers where there are."""
    wanted: Any = fault.validator_value
    found: Any = fault.instance
    if fault.validator == "required":
        missing = sorted(set(wanted) - set(found))
        return Problem(_path(fault, data), _("It lacks: %(names)s.") % {"names": ", ".join(missing)})
    if fault.validator == "additionalProperties":
        schema: Any = fault.schema
        extra = ", ".join(str(name) for name in found if name not in schema.get("properties", {}))[:200]
        return Problem(_path(fault, data), _("It holds what is not known here: %(names)s.") % {"names": extra})
    sentence = _SENTENCES.get(str(fault.validator), _SENTENCES["type"])
    named = {
        "found": str(found)[:80],
        "wanted": ", ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted),
    }
    return Problem(_path(fault, data), _(sentence) % named)


def _path(fault: ValidationError, data: Any) -> str:
    steps: list[str] = []
    for step in fault.absolute_path:
        data = data[step]
        name = data.get("id") if isinstance(data, Mapping) else None
        steps.append(str(name) if isinstance(name, str) else str(step + 1) if isinstance(step, int) else str(step))
    return " / ".join(steps)
