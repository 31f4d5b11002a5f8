"""The text of the act: named fields, plain-text marks, what a text must have before it is published. Pure.

A text is plain: a blank line ends a paragraph, a line that begins with `# ` is a heading, lines that begin with `- ` are a list.
Marks are read before the fields are filled, and a filled value is never read again: no value can add marks or fields.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

_FIELD: Final = re.compile(r"\{([^{}\n]*)\}")
_MONTHS: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
# "Región del Maule", but "Región de Aysén"; by code, as names change their spelling.
_WITH_ARTICLE: Final = frozenset({"06", "07", "08"})
_CAPITAL: Final = "13"
_MOST: Final = 20


class Field(NamedTuple):
    """A field that staff may write in braces; `required`: without it no text may be published."""

    name: str
    meaning: StrOrPromise
    required: bool = False


FIELDS: Final = (
    Field("municipio", _("name of the municipality"), required=True),
    Field("region", _("its region, with the word “Región”")),
    Field("autoridad", _("name of who is to sign"), required=True),
    Field("cargo", _("their office: holder of the mayor's office, or acting in it"), required=True),
    Field("periodo", _("the mayor's term, as years"), required=True),
    Field("fecha", _("day on which the act is issued, in words")),
    Field("folio", _("number of the act")),
)
NAMES: Final = tuple(field.name for field in FIELDS)


class Words(Protocol):
    """The texts of an edition; `commitments` holds one a line."""

    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def commitments(self) -> str: ...
    @property
    def closing(self) -> str: ...


class Parts(NamedTuple):
    """The words of an edition as somebody wrote them, and what they say has changed."""

    title: str
    body: str
    commitments: str
    closing: str
    note: str = ""


class Block(NamedTuple):
    """A heading or a paragraph (one text), or a list (a text an item)."""

    kind: Literal["heading", "paragraph", "list"]
    texts: tuple[str, ...]


class Text(NamedTuple):
    """An act, filled and ready to be laid out."""

    title: str
    body: tuple[Block, ...]
    commitments: tuple[str, ...]
    closing: tuple[Block, ...]


class Problem(NamedTuple):
    """Why a text may not be published; `part` is the part of the edition that has it."""

    part: str
    sentence: StrOrPromise


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a plain text. A line that carries no mark goes on with the paragraph or the item before it."""
    blocks: list[tuple[Literal["heading", "paragraph", "list"], list[str]]] = []
    is_open = False
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            is_open = False
        elif line.startswith("# "):
            blocks.append(("heading", [line[2:].strip()]))
            is_open = False
        elif line.startswith("- "):
            if not (blocks and blocks[-1][0] == "list"):
                blocks.append(("list", []))
            blocks[-1][1].append(line[2:].strip())
            is_open = True
        elif is_open:
            blocks[-1][1][-1] += " " + line
        else:
            blocks.append(("paragraph", [line]))
            is_open = True
    return tuple(Block(kind, tuple(texts)) for kind, texts in blocks)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines that say something, without the marks of a list that people put there by habit."""
    return tuple(line for raw in text.splitlines() if (line := raw.strip().removeprefix("- ").strip()))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put each value in the place of its field, once. A field without a value stays as it was written."""
    return _FIELD.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def compose(words: Words, values: Mapping[str, str]) -> Text:
    """The act of an edition with the values of one municipality."""

    def filled(blocks: Iterable[Block]) -> tuple[Block, ...]:
        return tuple(block._replace(texts=tuple(fill(text, values) for text in block.texts)) for block in blocks)

    return Text(
        title=fill(words.title, values),
        body=filled(parse(words.body)),
        commitments=tuple(fill(line, values) for line in lines_of(words.commitments)),
        closing=filled(parse(words.closing)),
    )


def problems(words: Words) -> tuple[Problem, ...]:
    """Everything that keeps an edition from being published, in the order of its parts."""
    parts = {part: getattr(words, part) for part in ("title", "body", "commitments", "closing")}
    found = [problem for part, text in parts.items() for problem in _problems_of(part, text)]
    if not parse(words.body):
        found.append(Problem("body", _("The text is empty.")))
    commitments = lines_of(words.commitments)
    if not commitments:
        found.append(Problem("commitments", _("There is no commitment. Write at least one, each on its line.")))
    elif len(commitments) > _MOST:
        found.append(Problem("commitments", _("There are more than 20 commitments: keep the most important ones.")))
    used = {name.strip() for text in parts.values() for name in _FIELD.findall(text)}
    found += [
        Problem("body", _("The field {%(name)s} is missing: an act is not valid without it.") % {"name": field.name})
        for field in FIELDS
        if field.required and field.name not in used
    ]
    return tuple(found)


def _problems_of(part: str, text: str) -> list[Problem]:
    found = []
    for name in dict.fromkeys(name.strip() for name in _FIELD.findall(text)):
        if name in NAMES:
            continue
        near = difflib.get_close_matches(name.lower(), NAMES, n=1)
        sentence = (
            _("There is no field {%(name)s}. Is it {%(near)s}?") % {"name": name, "near": near[0]}
            if near
            else _("There is no field {%(name)s}. The list of fields says which there are.") % {"name": name}
        )
        found.append(Problem(part, sentence))
    rest = _FIELD.sub("", text)
    if "{" in rest or "}" in rest:
        found.append(Problem(part, _("A brace is alone. Fields are written between two, as in {municipio}.")))
    return found


def date_in_words(day: date) -> str:
    """A day as acts write it, in Spanish whatever the language of the reader: `21 de noviembre de 2026`."""
    return f"{day.day} de {_MONTHS[day.month - 1]} de {day.year}"


def region_in_words(code: str, name: str) -> str:
    """The region with its noun: `Región del Maule`, `Región Metropolitana de Santiago`."""
    if code == _CAPITAL:
        return f"Región {name}"
    return f"Región del {name}" if code in _WITH_ARTICLE else f"Región de {name}"


def office_in_words(*, is_acting: bool) -> str:
    """The office of who signs, in words that fit any person."""
    return "subrogante de la alcaldía" if is_acting else "titular de la alcaldía"


def folio(year: int, number: int) -> str:
    """The public number of an act: `MGAM-2026-0001`."""
    return f"MGAM-{year}-{number:04d}"
