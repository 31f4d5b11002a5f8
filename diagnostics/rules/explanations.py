"""Why a score is what it is, and what the next level lacks: as data, and in words. Pure.

The data go with the stored score, so that a sentence never speaks of other answers than the ones that were counted.

- Of a question: the value that counted, and the next better one; or why nothing counted.
- Of a descriptor, a dimension, the index: the points that the next level lacks, which parts take most away, which parts do not
  apply, and the better answers that reach the next level with the least effort (`path`).

The path is exact: of all combinations of better answers that reach the next level, none costs less effort. Answers that would
have other questions asked are left out of it, because what those would earn is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.numbers import grouped
from diagnostics.rules.answer_words import in_figures, measured, said
from diagnostics.rules.answers import Given
from diagnostics.rules.gaps import better, opened
from diagnostics.rules.instrument import Instrument, Question, QuestionKind
from diagnostics.rules.scores import Node, Standing, lower_bound, points, rounded, step

NAMED: Final = 3
"""How many of the parts that pull down are kept."""
MOST_DECIMALS: Final = 6


class Cause(StrEnum):
    """Why a question counts as it does."""

    COUNTED = "counted"
    UNANSWERED = "unanswered"
    TO_CONFIRM = "to_confirm"
    UNJUSTIFIED = "unjustified"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"
    INFORMS = "informs"


class Step(NamedTuple):
    """A better answer to a question."""

    question: str
    value: Any


class Pull(NamedTuple):
    """A part, and what it takes away from the whole: its share of what it did not reach, in [0, 1]."""

    key: str
    loss: Decimal


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a node stands where it does. Of a question `cause`, `value` and `then`; of everything else the rest.

    `lacks` is what the next level still asks, in [0, 1]; None at the top, and where nothing applies.
    """

    cause: Cause | None = None
    value: Any = None
    then: Any = None
    lacks: Decimal | None = None
    pulls: tuple[Pull, ...] = ()
    not_applicable: tuple[str, ...] = ()
    path: tuple[Step, ...] = ()


def to_data(reason: Reason) -> dict[str, Any]:
    """As it is stored; `from_data` gives the same reason back."""
    if reason.cause is not None:
        return {"cause": reason.cause.value, "value": reason.value, "then": reason.then}
    return {
        "lacks": None if reason.lacks is None else str(reason.lacks),
        "pulls": [[pull.key, str(pull.loss)] for pull in reason.pulls],
        "not_applicable": list(reason.not_applicable),
        "path": [list(one) for one in reason.path],
    }


def from_data(data: Mapping[str, Any]) -> Reason:
    if "cause" in data:
        return Reason(Cause(data["cause"]), data["value"], data["then"])
    return Reason(
        lacks=None if data["lacks"] is None else Decimal(data["lacks"]),
        pulls=tuple(Pull(key, Decimal(loss)) for key, loss in data["pulls"]),
        not_applicable=tuple(data["not_applicable"]),
        path=tuple(Step(question, value) for question, value in data["path"]),
    )


# --- Reasons ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A better answer, by what it adds to the node looked at and what it costs."""

    step: Step
    gain: Fraction
    effort: int


# The better answers to one question: at most one of them is taken.
Offers = tuple[Offer, ...]


def reasons(instrument: Instrument, index: Node, answers: Mapping[str, Given]) -> dict[str, Reason]:
    """The reason of every node, by its key."""
    found: dict[str, Reason] = {}
    _explain(instrument, index, answers, found)
    return found


def _explain(
    instrument: Instrument, node: Node, answers: Mapping[str, Given], found: dict[str, Reason]
) -> list[Offers]:
    """Put the reasons of a node and of all below it into `found`; what its questions offer, in parts of the node."""
    if not node.children:
        question = instrument.by_id.get(node.key)
        if question is not None:
            found[node.key] = _of_question(question, node, answers.get(node.key))
            return _offers(instrument, question, node, answers) if node.counts else []
    offers = []
    for child in node.children:
        below = _explain(instrument, child, answers, found)
        if child.share:
            offers += [tuple(Offer(o.step, child.share * o.gain, o.effort) for o in one) for one in below]
    found[node.key] = _of_mean(node, len(instrument.scale), offers)
    return offers


def _of_question(question: Question, node: Node, given: Given | None) -> Reason:
    if node.standing == Standing.ANSWERED and given is not None:
        then = next(better(question, given.value), None)
        return Reason(Cause.COUNTED, given.value, then.value if then else None)
    return Reason(_cause(node.standing, given), None, None)


def _cause(standing: Standing, given: Given | None) -> Cause:
    if standing == Standing.UNANSWERED and given is not None:
        if given.to_confirm:
            return Cause.TO_CONFIRM
        return Cause.UNJUSTIFIED if given.is_na else Cause.UNANSWERED
    return Cause.INFORMS if standing == Standing.UNSCORED else Cause(standing.value)


def _offers(instrument: Instrument, question: Question, node: Node, answers: Mapping[str, Given]) -> list[Offers]:
    given = answers.get(question.id)
    now = given.value if given is not None and node.standing == Standing.ANSWERED else None
    reached = node.reached or Fraction(0)
    made = tuple(
        Offer(Step(question.id, more.value), more.earned - reached, more.effort)
        for more in better(question, now)
        if not opened(instrument, answers, question, more.value)
    )
    return [made] if made else []


def _of_mean(node: Node, levels: int, offers: Sequence[Offers]) -> Reason:
    lost = [
        Pull(child.key, _exact(child.share * (1 - child.reached)))
        for child in node.children
        if child.reached is not None
    ]
    pulls = tuple(sorted((pull for pull in lost if pull.loss > 0), key=lambda pull: -pull.loss)[:NAMED])
    out = tuple(child.key for child in node.children if child.standing == Standing.NOT_APPLICABLE)
    level = step(node.reached, levels)
    if node.reached is None or level is None or level == levels:
        return Reason(pulls=pulls, not_applicable=out)
    lacks = lower_bound(level + 1, levels) - node.reached
    return Reason(lacks=_exact(lacks), pulls=pulls, not_applicable=out, path=least_effort(lacks, offers))


def _exact(value: Fraction) -> Decimal:
    return rounded(value) or Decimal(0)


def least_effort(need: Fraction, offers: Sequence[Offers]) -> tuple[Step, ...]:
    """The better answers, at most one a question, that add `need` with the least effort; of equal ones, those that add most.
    Empty when all of them together do not reach it."""
    scale = lcm(need.denominator, *(offer.gain.denominator for one in offers for offer in one))
    whole = [[(int(offer.gain * scale), offer.effort, offer.step) for offer in one] for one in offers]
    target = int(need * scale)
    limit = _enough(target, whole)
    if limit is None:
        return ()
    # best[effort]: the most that can be added with no more than that effort, and how.
    best: list[tuple[int, tuple[Step, ...]]] = [(0, ())] * (limit + 1)
    for one in whole:
        for effort in range(limit, 0, -1):
            for gain, cost, taken in one:
                if cost <= effort and best[effort - cost][0] + gain > best[effort][0]:
                    best[effort] = (best[effort - cost][0] + gain, (*best[effort - cost][1], taken))
    return next(steps for gain, steps in best if gain >= target)


def _enough(target: int, offers: Iterable[Sequence[tuple[int, int, Step]]]) -> int | None:
    """An effort that suffices: the worthiest questions whole, one after the other. None when nothing suffices."""
    ends = sorted((one[-1] for one in offers), key=lambda end: -end[0] / end[1])
    effort = 0
    for gain, cost, _taken in ends:
        if target <= 0:
            break
        target, effort = target - gain, effort + cost
    return effort if target <= 0 else None


# --- Words ------------------------------------------------------------------------------------------------------------


class Words(NamedTuple):
    """`why` it stands where it does; `missing`, what the next level asks."""

    why: str
    missing: str


def hundred(value: Fraction | Decimal | None, levels: int) -> str:
    """A score of 100 with one decimal; with more only where one would show the next level, or 100, as reached."""
    if value is None:
        return ""
    exact = Fraction(value)
    whole = rounded(exact * 100) or Decimal(0)
    for decimals in range(1, MOST_DECIMALS):
        shown = Fraction(round(whole, decimals) / 100)
        if step(shown, levels) == step(exact, levels) and (shown >= 1) == (exact >= 1):
            return grouped(whole, decimals)
    return grouped(whole, MOST_DECIMALS)


def some_points(value: Decimal) -> str:
    """A part of 100 points: "3,5 puntos"; what is not nothing is never shown as nothing."""
    of_hundred = value * 100
    if Decimal(0) < of_hundred < Decimal("0.05"):
        return _("less than 0,1 points")
    return ngettext("%(number)s point", "%(number)s points", 1 if of_hundred == 1 else 2) % {
        "number": grouped(of_hundred, 1)
    }


def words_of_question(question: Question, reason: Reason) -> Words:
    """ "Nivel 2 de 5, inicial, porque se respondió “...”", "Para el nivel 3, en desarrollo, falta “...”"."""
    if reason.cause != Cause.COUNTED:
        return _not_counted(question, reason.cause)
    if question.kind == QuestionKind.LEVEL:
        return Words(_level_because(question, reason.value), _level_asks(question, reason.then))
    if question.kind == QuestionKind.YES_NO:
        if reason.value:
            return Words(_("It earns all its points: the answer is yes."), _("Nothing is missing."))
        return Words(_("It earns no points: the answer is no."), _("What is missing is being able to answer yes."))
    earned = points(question, Given(value=reason.value))
    why = {"points": _of_hundred(earned), "answer": said(question, reason.value) or _("nothing of the list")}
    sentence = _("It earns %(points)s of 100 points: the answer is “%(answer)s”.") % why
    return Words(sentence, _asks(question, reason.value, reason.then))


def _not_counted(question: Question, cause: Cause | None) -> Words:
    match cause:
        case Cause.TO_CONFIRM:
            return Words(
                _("It earns no points yet: the answer comes from elsewhere and nobody confirmed it."),
                _("What is missing is confirming the answer."),
            )
        case Cause.UNJUSTIFIED:
            return Words(
                _("It earns no points: it says “not applicable” without a justification that the question allows."),
                _("What is missing is an answer, or the justification."),
            )
        case Cause.NOT_APPLICABLE:
            return Words(_("It does not apply, and says why: its weight goes to the others."), "")
        case Cause.HIDDEN:
            return Words(
                _("It is not asked, by what another question was answered: its weight goes to the others."), ""
            )
        case Cause.INFORMS:
            return Words(_("It informs, and earns no points."), "")
    return Words(_("It earns no points: it has no answer yet."), _("What is missing is an answer."))


def _level_because(question: Question, value: int) -> str:
    level = question.levels[value - 1]
    return _("Level %(level)s of %(levels)s, %(name)s, because the answer is “%(meaning)s”.") % {
        "level": value,
        "levels": len(question.levels),
        "name": level.name,
        "meaning": level.meaning.removesuffix("."),
    }


def _level_asks(question: Question, value: int | None) -> str:
    if value is None:
        return _("It is the highest level: nothing is missing.")
    level = question.levels[value - 1]
    return _("For level %(level)s, %(name)s, what is missing is “%(meaning)s”.") % {
        "level": value,
        "name": level.name,
        "meaning": level.meaning.removesuffix("."),
    }


def _asks(question: Question, value: Any, then: Any) -> str:
    if then is None:
        return _("Nothing is missing.")
    earned = {"points": _of_hundred(points(question, Given(value=then)))}
    if question.kind == QuestionKind.NUMBER:
        bound = measured(Decimal(then), question.unit)
        return _("From %(bound)s on it earns %(points)s of 100 points.") % {"bound": bound, **earned}
    if question.kind == QuestionKind.SEVERAL:
        more = said(question, [each for each in then if each not in (value or [])])
        return _("With “%(answer)s” too it earns %(points)s of 100 points.") % {"answer": more, **earned}
    return _("With “%(answer)s” it earns %(points)s of 100 points.") % {"answer": said(question, then), **earned}


def _of_hundred(earned: Fraction) -> str:
    return in_figures(Decimal(grouped(rounded(earned * 100) or Decimal(0), 1).replace(",", ".")).normalize())


def words_of_mean(
    instrument: Instrument, reason: Reason, reached: Decimal | None, level: int | None, names: Mapping[str, str]
) -> Words:
    """Of a descriptor, a dimension or the index. `names` tells what its parts are called."""
    if reached is None or level is None:
        return Words(_("Nothing in it applies: its weight goes to the others."), "")
    levels = len(instrument.scale)
    why = [
        _("Level %(level)s of %(levels)s, %(name)s, because it reaches %(points)s of 100 points.")
        % {
            "level": level,
            "levels": levels,
            "name": instrument.scale[level - 1].name,
            "points": hundred(reached, levels),
        }
    ]
    why += _pulls(reason, names)
    if reason.not_applicable:
        count = len(reason.not_applicable)
        why.append(
            ngettext(
                "One of its parts does not apply: its weight goes to the others.",
                "%(count)s of its parts do not apply: their weight goes to the others.",
                count,
            )
            % {"count": count}
        )
    if reason.lacks is None:
        missing = _("Nothing is missing.") if reached == 1 else _("It is the highest level.")
        return Words(" ".join(why), missing)
    asks = {
        "level": level + 1,
        "name": instrument.scale[level].name,
        "bound": _of_hundred(lower_bound(level + 1, levels)),
        "points": some_points(reason.lacks),
    }
    return Words(
        " ".join(why), _("Level %(level)s, %(name)s, begins at %(bound)s points: %(points)s are missing.") % asks
    )


def _pulls(reason: Reason, names: Mapping[str, str]) -> Iterator[str]:
    if reason.pulls:
        listed = (f"“{names[pull.key]}” ({some_points(pull.loss)})" for pull in reason.pulls)
        yield _("What takes most away: %(parts)s.") % {"parts": "; ".join(listed)}
