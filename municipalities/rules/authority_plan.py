"""What a file of authorities and contacts would change, row by row: a pure comparison of rows with what is recorded.

The rows are taken in an order in which each step leaves a lawful register (offices by their first day, contacts with an e-mail
first), and each sees what those before it would do. Taking the result in, then planning the same file again, finds nothing to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from typing import Final, NamedTuple, TypeVar

from municipalities.choices import Office
from municipalities.rules.authorities import HELD_BY_ONE, after, overlap
from municipalities.rules.authority_cells import AuthorityRow, ContactRow, Problem, Row, problem
from municipalities.rules.register import compact


class Outcome(Enum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Held:
    """An office held, recorded (`pk`) or to be. `ends` is the first day after. `line` is the row of the file that wrote it."""

    cut: str
    office: str
    name: str
    run: str
    starts: date
    ends: date | None
    decree: str
    pk: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A contact, recorded (`pk`) or to be. `line` is the row that wrote it, `main_line` the one that made it the main one."""

    cut: str
    name: str
    position: str
    email: str
    phone: str
    is_main: bool
    pk: int | None = None
    line: int | None = None
    main_line: int | None = None


class Change(NamedTuple):
    """A field that a row changes, as people read it. `former`: the one who leaves the office because of it."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of a row, what is to be written for it, in order, and what it confirms as it is (`touches`)."""

    line: int
    outcome: Outcome
    cut: str = ""
    problem: Problem | None = None
    changes: tuple[Change, ...] = ()
    writes: tuple[Held | Card, ...] = field(default=(), compare=False)
    touches: tuple[Held | Card, ...] = field(default=(), compare=False)


_Key = tuple[int | None, int | None]
Entry = TypeVar("Entry", Held, Card)

_HELD_FIELDS: Final = ("name", "starts", "ends", "decree")
_CARD_FIELDS: Final = ("name", "position", "email", "phone", "is_main")


def plan(rows: Iterable[Row], held: Iterable[Held], cards: Iterable[Card]) -> list[Step]:
    """A step for each row, in the order in which they are to be written. `held` and `cards`: what is recorded now."""
    authorities = [row for row in rows if isinstance(row, AuthorityRow)]
    contacts = [row for row in rows if isinstance(row, ContactRow)]
    offices: dict[tuple[str, str], _Holders] = defaultdict(_Holders)
    people: dict[str, _People] = defaultdict(_People)
    for each in held:
        offices[each.cut, each.office].put(each)
    for card in cards:
        people[card.cut].put(card)
    authorities.sort(key=lambda row: (row.starts, row.line))
    # An e-mail says who is meant, a name may not: rows without one are read when all the namesakes are known.
    contacts.sort(key=lambda row: (not row.email, not row.is_main, row.line))
    return [
        *(_take(_authority(row, known := offices[row.cut, row.office]), known) for row in authorities),
        *(_take(_contact(row, people[row.cut]), people[row.cut]) for row in contacts),
    ]


class _Holders:
    """Who holds one office of a municipality, as the rows so far leave it."""

    def __init__(self) -> None:
        self.all: dict[_Key, Held] = {}

    def put(self, entry: Held | Card) -> None:
        if isinstance(entry, Held):
            self.all[_key(entry)] = entry


class _People:
    """The contacts of one municipality, as the rows so far leave them, found by e-mail and by name."""

    def __init__(self) -> None:
        self.all: dict[_Key, Card] = {}
        self._by_email: dict[str, _Key] = {}
        self._by_name: dict[str, dict[_Key, None]] = defaultdict(dict)
        self._main: _Key | None = None

    def put(self, entry: Held | Card) -> None:
        if not isinstance(entry, Card):
            return
        key = _key(entry)
        if old := self.all.get(key):
            self._by_email.pop(old.email, None)
            del self._by_name[compact(old.name)][key]
        self.all[key] = entry
        self._by_name[compact(entry.name)][key] = None
        if entry.email:
            self._by_email[entry.email] = key
        if entry.is_main:
            self._main = key
        elif self._main == key:
            self._main = None

    def with_email(self, email: str) -> Card | None:
        key = self._by_email.get(email)
        return self.all[key] if key else None

    def called(self, name: str) -> list[Card]:
        return [self.all[key] for key in self._by_name.get(compact(name), ())]

    @property
    def main(self) -> Card | None:
        return self.all[self._main] if self._main else None


def _key(entry: Held | Card) -> _Key:
    """What is recorded is known by its number, what this file makes by the row that makes it."""
    return (entry.pk, None) if entry.pk is not None else (None, entry.line)


def _take(step: Step, known: _Holders | _People) -> Step:
    """Let the rows after this one see what it does."""
    for write in (*step.writes, *step.touches):
        known.put(write)
    return step


def _authority(row: AuthorityRow, holders: _Holders) -> Step:
    known = list(holders.all.values())
    mine = _same_person(row, known)
    if mine is None:
        return _new_authority(row, known)
    target = replace(
        mine,
        name=row.name,
        starts=row.starts,
        ends=after(row.last_day) or mine.ends,
        decree=row.decree or mine.decree,
    )
    if target.ends is not None and target.ends <= target.starts:
        return _error(row, problem("order"))
    changes = _changes(mine, target, _HELD_FIELDS)
    if not changes:
        return Step(row.line, Outcome.SAME, row.cut, touches=(_by(mine, row.line),))
    if mine.line is not None:
        return _error(row, problem("contradiction", line=str(mine.line)))
    clash = next(iter(_clashes(target, [each for each in known if each is not mine])), None)
    if clash:
        return _error(row, _told(clash))
    return Step(row.line, Outcome.CHANGED, row.cut, None, changes, (_by(target, row.line),))


def _new_authority(row: AuthorityRow, known: Sequence[Held]) -> Step:
    if not row.decree:
        return _error(row, problem("decree"))
    target = Held(row.cut, row.office, row.name, row.run, row.starts, after(row.last_day), row.decree, line=row.line)
    clashes = _clashes(target, known)
    if not clashes:
        return Step(row.line, Outcome.NEW, row.cut, None, (), (target,))
    former = clashes[0]
    follows = len(clashes) == 1 and former.ends is None and target.ends is None and former.starts < target.starts
    if not follows:
        return _error(row, _told(former))
    left = replace(former, ends=target.starts)
    change = Change("former", former.name, _day(target.starts - timedelta(days=1)))
    return Step(row.line, Outcome.NEW, row.cut, None, (change,), (left, target))


def _same_person(row: AuthorityRow, known: Sequence[Held]) -> Held | None:
    """The same person's time in the office that the row speaks of: it begins on that day, or shares days with it."""
    theirs = [each for each in known if each.run == row.run]
    exact = (each for each in theirs if each.starts == row.starts)
    shared = (each for each in theirs if overlap(each.starts, each.ends, row.starts, after(row.last_day)))
    return next(exact, None) or next(shared, None)


def _clashes(target: Held, others: Iterable[Held]) -> list[Held]:
    if Office(target.office) not in HELD_BY_ONE:
        return []
    return [each for each in others if overlap(target.starts, target.ends, each.starts, each.ends)]


def _contact(row: ContactRow, known: _People) -> Step:
    namesakes = known.called(row.name)
    if row.email:
        mine = known.with_email(row.email) or next((card for card in namesakes if not card.email), None)
    else:
        namesakes = [card for card in namesakes if not card.email] or namesakes
        if len(namesakes) > 1:
            return _error(row, problem("namesakes"))
        mine = namesakes[0] if namesakes else None
    main = known.main
    if row.is_main and main and main is not mine and main.main_line is not None:
        return _error(row, problem("two_mains", line=str(main.main_line)))
    if mine is None:
        return _new_contact(row, main)
    target = replace(
        mine,
        name=row.name,
        position=row.position or mine.position,
        email=row.email or mine.email,
        phone=row.phone or mine.phone,
        is_main=row.is_main or mine.is_main,
    )
    changes = _changes(mine, target, _CARD_FIELDS)
    main_line = row.line if row.is_main else mine.main_line
    if not changes:
        return Step(row.line, Outcome.SAME, row.cut, touches=(replace(_by(mine, row.line), main_line=main_line),))
    if mine.line is not None:
        return _error(row, problem("contradiction", line=str(mine.line)))
    written = replace(_by(target, row.line), main_line=main_line)
    return Step(row.line, Outcome.CHANGED, row.cut, None, changes, (*_demoted(main, written, mine), written))


def _new_contact(row: ContactRow, main: Card | None) -> Step:
    if not row.email and not row.phone:
        return _error(row, problem("unreachable"))
    # Whoever comes first into a municipality without contacts is the main one.
    card = Card(
        row.cut,
        row.name,
        row.position,
        row.email,
        row.phone,
        row.is_main or main is None,
        line=row.line,
        main_line=row.line if row.is_main else None,
    )
    demoted = _demoted(main, card, None)
    changes = tuple(Change("main_before", other.name, "") for other in demoted)
    return Step(row.line, Outcome.NEW, row.cut, None, changes, (*demoted, card))


def _demoted(main: Card | None, target: Card, mine: Card | None) -> tuple[Card, ...]:
    return (replace(main, is_main=False),) if main and main is not mine and target.is_main else ()


def _by(target: Entry, line: int) -> Entry:
    # What an earlier row of this file wrote keeps that row as its name.
    return replace(target, line=line if target.pk is not None else target.line)


def _changes(old: Held | Card, new: Held | Card, fields: Iterable[str]) -> tuple[Change, ...]:
    return tuple(
        Change(name, _text(name, before), _text(name, now))
        for name in fields
        if (before := getattr(old, name)) != (now := getattr(new, name))
    )


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return _day(value - timedelta(days=1) if name == "ends" else value)
    return str(value or "")


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _told(clash: Held) -> Problem:
    if clash.ends is None:
        return problem("overlap_open", name=clash.name, start=_day(clash.starts))
    return problem("overlap", name=clash.name, start=_day(clash.starts), end=_day(clash.ends - timedelta(days=1)))


def _error(row: Row, why: Problem) -> Step:
    return Step(row.line, Outcome.ERROR, row.cut, why)
