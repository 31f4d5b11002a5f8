"""A published diagnostic as its page tells it: what is done, what is missing, how it compares, how it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import Q

from diagnostics.choices import DiagnosticState, SnapshotKind
from diagnostics.models import Diagnostic, Round, Snapshot
from diagnostics.reports.closings import Closed
from diagnostics.reports.comparison import ChangeRow, Group, PeerRow, Since, earlier_of, groups, since
from diagnostics.reports.gaps import closed_of
from diagnostics.reports.public_evidence import Shown, keys_by_question, public_evidence
from diagnostics.reports.published import Published, instruments, published, rounds_of
from diagnostics.reports.results import Part, Result, result_of_snapshot
from diagnostics.rules.diagnostic_states import VALID
from diagnostics.rules.explanations import hundred
from diagnostics.rules.instrument import Instrument, Level, QuestionKind
from diagnostics.rules.scores import Standing
from municipalities.models import Municipality

TOLD: Final = 4
"""How many things done, and how many missing, a dimension tells before "all answers"."""
_HALF: Final = Decimal("0.5")


class Asked(NamedTuple):
    """A question with its answer. `is_level`: the answer is a level, whose meaning says what is done; `weight` is the question's
    part of its dimension; `named` are the keys of its evidence, public or not."""

    part: Part
    descriptor: str
    weight: Decimal
    text: str
    is_level: bool
    named: tuple[str, ...]
    evidence: tuple[Shown, ...]

    @property
    def reached(self) -> Decimal:
        return self.part.reached or Decimal(0)

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


class Moved(NamedTuple):
    """A question that was answered better, or worse, than in the earlier diagnostic."""

    before: Part
    after: Part

    @property
    def by(self) -> Decimal:
        return (self.after.reached or Decimal(0)) - (self.before.reached or Decimal(0))


@dataclass(frozen=True, slots=True)
class PublicPage:
    """`since` tells what changed since earlier published ones, `better` and `worse` which questions did since the last of them,
    where both answered the same version; `newer` is the folio of a later one, `correction` what took its place, `closed` the
    gaps that a plan closed before it."""

    diagnostic: Diagnostic
    snapshot: Snapshot
    result: Result
    sections: tuple[Section, ...]
    groups: tuple[tuple[Group, list[PeerRow]], ...]
    since: list[Since]
    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]
    newer: str | None
    correction: Diagnostic | None
    closed: tuple[Closed, ...]

    @property
    def before(self) -> ChangeRow | None:
        """The index then and now, where the whole of it compares with the last one."""
        return self.since[0].rows[0] if self.since and self.since[0].is_whole else None


def validated(diagnostic: Diagnostic) -> Snapshot | None:
    """The copy that the council validated. One query."""
    found = Snapshot.objects.filter(diagnostic=diagnostic, kind=SnapshotKind.VALIDATED).order_by("-at", "-pk").first()
    if found is not None:
        found.diagnostic = diagnostic
    return found


def public_page(diagnostic: Diagnostic, snapshot: Snapshot, *, today: date) -> PublicPage:
    """At most fourteen queries, however many answers. `diagnostic.version` and `municipality.region` must be at hand."""
    result = result_of_snapshot(snapshot)
    shown = Diagnostic.objects.published(today)
    earlier = earlier_of(diagnostic, shown)
    moved = _moved(diagnostic, result, earlier[0]) if earlier else []
    later = shown.filter(municipality=diagnostic.municipality_id, round__opens__gt=diagnostic.round.opens)
    return PublicPage(
        diagnostic=diagnostic,
        snapshot=snapshot,
        result=result,
        sections=_sections(result, snapshot),
        groups=tuple((group, group.rows(result)) for group in groups(diagnostic, shown)),
        since=since(diagnostic, earlier),
        better=tuple(one for one in moved if one.by > 0),
        worse=tuple(one for one in reversed(moved) if one.by < 0),
        newer=later.order_by("-round__opens", "-pk").values_list("folio", flat=True).first(),
        correction=_correction(diagnostic),
        closed=tuple(each for each in closed_of(diagnostic) if each.is_closed),
    )


def _correction(diagnostic: Diagnostic) -> Diagnostic | None:
    """Of what a correction took the place of: the one that counts now, whatever was corrected in between."""
    found = diagnostic
    while found.state == DiagnosticState.SUPERSEDED:
        found = found.corrections.get(state__in=VALID)
    return None if found is diagnostic else found


def _moved(diagnostic: Diagnostic, result: Result, earlier: Diagnostic) -> list[Moved]:
    """The questions that both answered, of the same version, and not alike: the best first."""
    snapshot = validated(earlier) if earlier.version_id == diagnostic.version_id else None
    if snapshot is None:
        return []
    before = {part.key: part for part in _questions(result_of_snapshot(snapshot))}
    both = [Moved(before[part.key], part) for part in _questions(result) if part.key in before]
    counted = [one for one in both if one.before.reached is not None and one.after.reached is not None and one.by]
    return sorted(counted, key=lambda one: -one.by)


def _questions(result: Result) -> list[Part]:
    return [question for descriptor in result.descriptors for question in descriptor.children]


# --- What is done and what is missing -----------------------------------------------------------------------------------


def _sections(result: Result, snapshot: Snapshot) -> tuple[Section, ...]:
    evidence = public_evidence(snapshot)
    asked = _all_asked(result, snapshot, evidence)
    descriptions = {dimension.id: dimension.description for dimension in result.instrument.dimensions}
    return tuple(_section(part, descriptions[part.key], asked, evidence) for part in result.dimensions)


def _all_asked(result: Result, snapshot: Snapshot, evidence: dict[str, Shown]) -> dict[str, Asked]:
    """Every question by its key."""
    answers, keys = snapshot.content["answers"], keys_by_question(snapshot)
    found = {}
    for descriptor in result.descriptors:
        for part in descriptor.children:
            named = tuple(keys.get(part.key, ()))
            kind = result.instrument.by_id[part.key].kind
            found[part.key] = Asked(
                part=part,
                descriptor=descriptor.name,
                weight=descriptor.share * part.share,
                text=answers.get(part.key, {}).get("text", ""),
                is_level=kind == QuestionKind.LEVEL and part.level is not None,
                named=named,
                evidence=tuple(evidence[key] for key in named if key in evidence),
            )
    return found


def _section(part: Part, description: str, asked: dict[str, Asked], evidence: dict[str, Shown]) -> Section:
    descriptors = tuple((each, tuple(asked[question.key] for question in each.children)) for each in part.children)
    held = [one for _descriptor, questions in descriptors for one in questions]
    scored = [one for one in held if one.part.reached is not None]
    # The most telling first: by what each brings to the dimension, and by what it leaves out.
    done = sorted((one for one in scored if one.reached >= _HALF), key=lambda one: -one.weight * one.reached)
    missing = sorted((one for one in scored if one.reached < _HALF), key=lambda one: -one.weight * (1 - one.reached))
    used = dict.fromkeys(key for one in held for key in one.named)
    return Section(
        part=part,
        description=description,
        done=tuple(done[:TOLD]),
        missing=tuple(missing[:TOLD]),
        evidence=tuple(evidence[key] for key in used if key in evidence),
        kept_back=sum(key not in evidence for key in used),
        descriptors=descriptors,
    )


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
