"""What changed between two editions, or between what two people wrote, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from action_plans.reports.plan_words import label_of, written
from action_plans.rules.edition_differences import Change, compare
from municipalities.rules.differences import Line
from municipalities.rules.differences import compare as compare_texts


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A field with the lines of its comparison; `part` is the milestone or indicator that it belongs to."""

    label: str
    part: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class CommitmentShown:
    """A commitment that came, went or changed. `what`: added, removed or changed."""

    key: str
    title: str
    what: str
    changes: list[ShownChange]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two editions beside each other."""

    texts: list[ShownChange]
    commitments: list[CommitmentShown]

    @property
    def is_empty(self) -> bool:
        return not self.texts and not self.commitments


def shown(changes: Iterable[Change]) -> list[ShownChange]:
    return [
        ShownChange(
            label_of(change.field),
            change.part,
            compare_texts(written(change.field, change.before), written(change.field, change.after)),
        )
        for change in changes
    ]


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Compared:
    """What `after` says that `before` did not, and the other way round."""
    found = compare(before, after)
    return Compared(
        shown(found.texts),
        [
            CommitmentShown(
                each.key,
                each.title,
                "added" if each.before is None else "removed" if each.after is None else "changed",
                shown(each.changes),
            )
            for each in found.commitments
        ],
    )


def between(standing: Mapping[str, Any], sent: Mapping[str, Any]) -> list[ShownChange]:
    """One commitment as it stands beside the same as somebody sent it."""
    wrap = {"commitments": [standing]}, {"commitments": [sent]}
    return [change for each in compared(*wrap).commitments for change in each.changes]
