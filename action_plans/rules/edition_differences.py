"""What changed between two editions of a plan: commitments added, taken out, changed field by field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PARTS = ("milestones", "indicators")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed; `part` names the milestone or indicator it belongs to. None: it was not there, or is not any more."""

    field: str
    before: Any
    after: Any
    part: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentChange:
    """A commitment with what changed in it. `before` or `after` is None when the other edition does not have it."""

    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    changes: tuple[Change, ...] = ()

    @property
    def title(self) -> str:
        return str((self.after or self.before or {}).get("title", ""))


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two editions: changes of the plan's own texts, and of its commitments in the order of the later one."""

    texts: tuple[Change, ...]
    commitments: tuple[CommitmentChange, ...]

    @property
    def is_empty(self) -> bool:
        return not self.texts and not self.commitments


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What `after` says that `before` did not, and the other way round. Both are `reports.editions.content_of`."""
    old = {each["key"]: each for each in before["commitments"]}
    new = {each["key"]: each for each in after["commitments"]}
    found = []
    for key, commitment in new.items():
        if key not in old:
            found.append(CommitmentChange(key, None, commitment))
        elif changes := _changes(old[key], commitment, left_out=(*_PARTS, "key")) + _parts(old[key], commitment):
            found.append(CommitmentChange(key, old[key], commitment, tuple(changes)))
    found += [CommitmentChange(key, commitment, None) for key, commitment in old.items() if key not in new]
    return Difference(tuple(_changes(before, after, left_out=("commitments", "municipality"))), tuple(found))


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any], *, left_out: Sequence[str], part: str = ""
) -> list[Change]:
    fields = [field for field in dict.fromkeys([*before, *after]) if field not in left_out]
    return [
        Change(field, before.get(field), after.get(field), part)
        for field in fields
        if before.get(field) != after.get(field)
    ]


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Milestones by their key, indicators by their name."""
    found: list[Change] = []
    for kind, name in zip(_PARTS, ("key", "name"), strict=True):
        old, new = ({each[name]: each for each in edition[kind]} for edition in (before, after))
        for key in dict.fromkeys([*old, *new]):
            title = str((new.get(key) or old.get(key) or {}).get("title", key))
            if key not in old or key not in new:
                found.append(Change(kind, old.get(key), new.get(key), title))
            else:
                found += _changes(old[key], new[key], left_out=("key",), part=title)
    return found
