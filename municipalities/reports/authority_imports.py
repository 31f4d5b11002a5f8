"""The rows of an import of authorities and contacts in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from municipalities.rules.authority_cells import Problem

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

OUTCOMES: Final[Mapping[str, StrOrPromise]] = {
    "new": _("New row"),
    "changed": _("With changes"),
    "same": _("The same"),
    "error": _("With an error"),
}
_FIELDS: Final[Mapping[str, StrOrPromise]] = {
    "name": _("name"),
    "starts": _("first day"),
    "ends": _("last day"),
    "decree": _("decree"),
    "position": _("position"),
    "email": _("e-mail"),
    "phone": _("telephone"),
    "is_main": _("main contact"),
    "former": _("leaves the office"),
    "main_before": _("no longer the main contact"),
}
_WORDS: Final[Mapping[str, StrOrPromise]] = {"yes": _("yes"), "no": _("no")}


class ShownChange(NamedTuple):
    label: str
    old: str
    new: str


class Shown(NamedTuple):
    """A row for people. `cells` is empty once the import is over."""

    line: int
    cells: dict[str, str]
    outcome: str
    label: str
    problem: str
    changes: list[ShownChange]
    meanwhile: bool


def shown(rows: Iterable[dict[str, Any]]) -> list[Shown]:
    """The stored rows in the reader's language."""
    return [
        Shown(
            row["line"],
            row.get("cells", {}),
            row["outcome"],
            str(OUTCOMES[row["outcome"]]),
            _problem(row["problem"]),
            [_change(*change) for change in row["changes"]],
            bool(row.get("meanwhile")),
        )
        for row in rows
    ]


def _problem(stored: list[Any] | None) -> str:
    if stored is None:
        return ""
    code, named = stored
    return Problem(code, tuple((name, value) for name, value in named)).sentence


def _change(field: str, old: str, new: str) -> ShownChange:
    if field == "is_main":
        old, new = str(_WORDS.get(old, old)), str(_WORDS.get(new, new))
    return ShownChange(str(_FIELDS[field]), old, new)
