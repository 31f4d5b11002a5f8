"""A published diagnostic as its page tells it: what is done, what is missing, how it compares, how it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from config.numbers import grouped
from diagnostics.choices import SnapshotKind
from diagnostics.models import Diagnostic, Round, Snapshot
from diagnostics.reports.country import Middle, middle
from diagnostics.reports.public_evidence import Shown, keys_by_question, public_evidence
from diagnostics.reports.published import Published, instruments, published, rounds_of
from diagnostics.reports.results import Part, Result, result_of_snapshot
from diagnostics.rules.explanations import hundred
from diagnostics.rules.instrument import Instrument, Level, QuestionKind
from diagnostics.rules.scores import Standing
from municipalities.models import Municipality

TOLD: Final = 4
"""How many things done, and how many missing, a dimension tells before "all answers"."""
_HALF: Final = Decimal("0.5")


class Asked(NamedTuple):
    """A question with its answer. `is_level`: the answer is a level, which says by itself what is done."""

    part: Part
    text: str
    is_level: bool
    evidence: tuple[Shown, ...]
    kept_back: int

    @property
    def is_hidden(self) -> bool:
        return self.part.standing == Standing.HIDDEN

    @property
    def does_not_apply(self) -> bool:
        return self.part.standing == Standing.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Section:
    """A dimension. `done` and `missing` are the most telling of its questions; `evidence` what all of them show."""

    part: Part
    description: str
    done: tuple[Asked, ...]
    missing: tuple[Asked, ...]
    evidence: tuple[Shown, ...]
    kept_back: int
    descriptors: tuple[tuple[Part, tuple[Asked, ...]], ...]


class Compared(NamedTuple):
    """The index beside a group: `words` say how far it lies from the group's median."""

    group: str
    middle: Middle
    words: str


class Moved(NamedTuple):
    """The index, a dimension or a question, then and now. `words` is the difference in points, with its sign."""

    name: str
    before: Part
    after: Part
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """Since an earlier published diagnostic. Not `is_comparable`: it answered another version of the instrument."""

    earlier: Published
    is_comparable: bool
    parts: tuple[Moved, ...] = ()
    better: tuple[Moved, ...] = ()
    worse: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicPage:
    diagnostic: Diagnostic
    snapshot: Snapshot
    result: Result
    sections: tuple[Section, ...]
    compared: tuple[Compared, ...]
    change: Change | None
    newer: Published | None

    @property
    def has_evidence(self) -> bool:
        return any(section.evidence for section in self.sections)


def validated(diagnostic: Diagnostic) -> Snapshot | None:
    """The copy that the council validated. One query."""
    found = Snapshot.objects.filter(diagnostic=diagnostic, kind=SnapshotKind.VALIDATED).order_by("-at", "-pk").first()
    if found is not None:
        found.diagnostic = diagnostic
    return found


def public_page(diagnostic: Diagnostic, snapshot: Snapshot, *, today: date) -> PublicPage:
    """At most eight queries, however many answers. `diagnostic.version` and `municipality` must be at hand."""
    result = result_of_snapshot(snapshot)
    shown = published(today)
    own = [one for one in shown if one.cut == diagnostic.municipality_id]
    return PublicPage(
        diagnostic=diagnostic,
        snapshot=snapshot,
        result=result,
        sections=_sections(result, snapshot),
        compared=_compared(diagnostic, result, shown),
        change=_change(diagnostic, result, own),
        newer=own[0] if own and own[0].pk != diagnostic.pk else None,
    )


# --- What is done and what is missing -----------------------------------------------------------------------------------


def _sections(result: Result, snapshot: Snapshot) -> tuple[Section, ...]:
    evidence, keys = public_evidence(snapshot), keys_by_question(snapshot)
    descriptions = {dimension.id: dimension.description for dimension in result.instrument.dimensions}
    return tuple(
        _section(part, descriptions[part.key], result.instrument, snapshot, evidence, keys)
        for part in result.dimensions
    )


def _section(
    part: Part,
    description: str,
    instrument: Instrument,
    snapshot: Snapshot,
    evidence: dict[str, Shown],
    keys: dict[str, list[str]],
) -> Section:
    descriptors = tuple(
        (
            descriptor,
            tuple(_asked(question, instrument, snapshot, evidence, keys) for question in descriptor.children),
        )
        for descriptor in part.children
    )
    weights = {descriptor.key: descriptor.share for descriptor, _asked_here in descriptors}
    # What each question brings to the dimension, and what it leaves out.
    scored = [
        (reached, weights[descriptor.key] * one.part.share, one)
        for descriptor, held in descriptors
        for one in held
        if (reached := one.part.reached) is not None
    ]
    done = sorted((row for row in scored if row[0] >= _HALF), key=lambda row: -row[0] * row[1])
    missing = sorted((row for row in scored if row[0] < _HALF), key=lambda row: -(1 - row[0]) * row[1])
    used = list(dict.fromkeys(key for _d, held in descriptors for one in held for key in keys.get(one.part.key, ())))
    return Section(
        part=part,
        description=description,
        done=tuple(one for _reached, _share, one in done[:TOLD]),
        missing=tuple(one for _reached, _share, one in missing[:TOLD]),
        evidence=tuple(evidence[key] for key in used if key in evidence),
        kept_back=sum(key not in evidence for key in used),
        descriptors=descriptors,
    )


def _asked(
    part: Part, instrument: Instrument, snapshot: Snapshot, evidence: dict[str, Shown], keys: dict[str, list[str]]
) -> Asked:
    given = snapshot.content["answers"].get(part.key, {})
    named = keys.get(part.key, [])
    return Asked(
        part=part,
        text=given.get("text", ""),
        is_level=instrument.by_id[part.key].kind == QuestionKind.LEVEL and part.level is not None,
        evidence=tuple(evidence[key] for key in named if key in evidence),
        kept_back=sum(key not in evidence for key in named),
    )


# --- How it compares ----------------------------------------------------------------------------------------------------


def _compared(diagnostic: Diagnostic, result: Result, shown: Iterable[Published]) -> tuple[Compared, ...]:
    """The index beside the newest ones of the same version: those alike, the region, the country."""
    place = diagnostic.municipality
    newest: dict[str, Published] = {}
    for one in shown:
        if one.version_id == diagnostic.version_id:
            newest.setdefault(one.cut, one)
    rows = Municipality.objects.filter(pk__in=newest).values_list("pk", "region_id", "peer_group")
    groups_of = {cut: (region, group) for cut, region, group in rows}
    groups = [
        (_("Municipalities alike"), [one for cut, one in newest.items() if groups_of[cut][1] == place.peer_group]),
        (place.region.name, [one for cut, one in newest.items() if groups_of[cut][0] == place.region_id]),
        (_("The whole country"), list(newest.values())),
    ]
    return tuple(_beside(name, members, result) for name, members in groups)


def _beside(name: str, members: Sequence[Published], result: Result) -> Compared:
    found = middle(name, result.instrument, members)
    own = result.index.reached
    if found.level is None or found.exact is None or own is None:
        return Compared(name, found, "")
    return Compared(name, found, points_apart(own - found.exact))


def points_apart(difference: Decimal) -> str:
    """ "3,5 puntos más", "3,5 puntos menos", "igual"."""
    points = abs(difference) * 100
    if points < Decimal("0.05"):
        return _("the same")
    words = _("%(points)s points more") if difference > 0 else _("%(points)s points less")
    return words % {"points": grouped(points, 1)}


# --- How it changed -----------------------------------------------------------------------------------------------------


def _change(diagnostic: Diagnostic, result: Result, own: Sequence[Published]) -> Change | None:
    """Since the published diagnostic before this one, question by question where the instrument is the same."""
    place = next((number for number, one in enumerate(own) if one.pk == diagnostic.pk), len(own))
    earlier = own[place + 1] if place + 1 < len(own) else None
    if earlier is None:
        return None
    if earlier.version_id != diagnostic.version_id:
        return Change(earlier, is_comparable=False)
    before = Diagnostic.objects.select_related("version").defer("version__content").get(pk=earlier.pk)
    snapshot = validated(before)
    if snapshot is None:
        return None
    then = result_of_snapshot(snapshot)
    questions = _moves(_questions(then), _questions(result))
    return Change(
        earlier=earlier,
        is_comparable=True,
        parts=tuple(_moves([then.index, *then.dimensions], [result.index, *result.dimensions], unmoved=True)),
        better=tuple(sorted((one for one in questions if _by(one) > 0), key=lambda one: -_by(one))),
        worse=tuple(sorted((one for one in questions if _by(one) < 0), key=_by)),
    )


def _questions(result: Result) -> list[Part]:
    return [question for descriptor in result.descriptors for question in descriptor.children]


def _moves(before: Sequence[Part], after: Sequence[Part], *, unmoved: bool = False) -> list[Moved]:
    """The parts that count in both; those that did not move only if asked for."""
    by_key = {part.key: part for part in before}
    pairs = [(by_key[part.key], part) for part in after if part.key in by_key]
    return [
        Moved(new.name, old, new, _signed(new.reached - old.reached))
        for old, new in pairs
        if old.reached is not None and new.reached is not None and (unmoved or old.reached != new.reached)
    ]


def _by(one: Moved) -> Decimal:
    return (one.after.reached or Decimal(0)) - (one.before.reached or Decimal(0))


def _signed(difference: Decimal) -> str:
    """ "+12,5", "−3,0", "0"."""
    points = difference * 100
    if abs(points) < Decimal("0.05"):
        return "0"
    return ("+" if points > 0 else "\u2212") + grouped(abs(points), 1)


# --- All of a municipality ----------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A published diagnostic in a list."""

    one: Published
    round: Round
    level: Level | None
    points: str
    levels: int


def listed(place: Municipality, *, today: date) -> list[Listed]:
    """What is published of a municipality, the newest first. Four queries."""
    shown = published(today, municipality=place)
    known = instruments({one.version_id for one in shown})
    rounds = {one.pk: one for one in rounds_of(shown)}
    return [_listed(one, rounds[one.round_id], known[one.version_id]) for one in shown]


def _listed(one: Published, round_: Round, instrument: Instrument) -> Listed:
    levels, step = len(instrument.scale), one.index.step
    level = instrument.scale[step - 1] if step else None
    return Listed(one, round_, level, hundred(one.index.value, levels), levels)


def coming(today: date) -> Round | None:
    """The round that is under way, of whichever municipalities: what a reader may expect, and from when on. One query."""
    under_way = Q(closes__gte=today) | Q(public_from__gt=today) | Q(public_from__isnull=True)
    return Round.objects.filter(under_way, opens__lte=today).order_by("-opens", "-pk").first()
