"""Instruments and answers made up by hypothesis."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from diagnostics.rules.answers import Given
from diagnostics.rules.file_faults import clean
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

LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))


def line(longest: int = 40) -> st.SearchStrategy[str]:
    """A line of text, never empty, as `clean` leaves it."""
    return st.text(LETTERS, min_size=1, max_size=longest).map(clean).filter(bool)


def text() -> st.SearchStrategy[str]:
    """Words on several lines, or none."""
    return st.lists(line(), max_size=3).map("\n".join).map(clean)


def weights() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 9_999).map(lambda thousandths: (Decimal(thousandths) / 1000).normalize())


def points() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 100).map(lambda hundredths: Decimal(hundredths) / 100)


@st.composite
def scales(draw: st.DrawFn) -> tuple[Level, ...]:
    count = draw(st.integers(2, 5))
    return tuple(Level(value, draw(line()), draw(line())) for value in range(1, count + 1))


@st.composite
def questions(draw: st.DrawFn, name: str, earlier: list[Question]) -> Question:
    """A question that may go live, shown perhaps on conditions about earlier ones."""
    kind = draw(st.sampled_from(QuestionKind))
    has_options = kind in {QuestionKind.ONE, QuestionKind.SEVERAL}
    bands = tuple(Band(Decimal(low), Decimal(low) / 10) for low in draw(st.sets(st.integers(0, 10), min_size=1)))
    return Question(
        id=name,
        kind=kind,
        text=draw(line()),
        weight=draw(weights()),
        guidance=draw(text()),
        legal_basis=draw(text()),
        evidence=draw(text()),
        needs_evidence=draw(st.booleans()),
        allows_na=draw(st.booleans()),
        show_if=draw(st.none() | conditions(earlier)) if earlier else None,
        levels=draw(scales()) if kind == QuestionKind.LEVEL else (),
        options=tuple(Option(f"o{n}", draw(line()), draw(points())) for n in range(draw(st.integers(1, 4))))
        if has_options
        else (),
        bands=tuple(sorted(bands, key=lambda band: band.low)) if kind == QuestionKind.NUMBER else (),
        unit=draw(st.just("") | line(20)),
        recommendation=draw(text()),
        effort=draw(st.integers(1, 3)),
        known_as=draw(st.just("") | line(20)),
    )


def conditions(earlier: list[Question]) -> st.SearchStrategy[Condition]:
    return st.builds(
        Condition,
        st.lists(st.sampled_from(earlier).flatmap(tests), min_size=1, max_size=3).map(tuple),
        any_of=st.booleans(),
    )


def tests(question: Question) -> st.SearchStrategy[Test]:
    """A comparison that can hold."""
    answered = st.just(Test(question.id, Operator.ANSWERED))
    if question.kind in {QuestionKind.TEXT, QuestionKind.LINK, QuestionKind.DATE}:
        return answered
    operators = [Operator.IS, Operator.IS_NOT]
    if question.kind in {QuestionKind.LEVEL, QuestionKind.NUMBER}:
        operators += [Operator.AT_LEAST, Operator.AT_MOST]
    if question.kind == QuestionKind.SEVERAL:
        operators = [Operator.INCLUDES]
    values = values_of(replace(question, kind=QuestionKind.ONE) if question.options else question)
    if question.kind == QuestionKind.NUMBER:
        values = values | st.integers(0, 10)
    return answered | st.builds(Test, st.just(question.id), st.sampled_from(operators), values)


def values_of(question: Question) -> st.SearchStrategy[Any]:
    """Values that can answer the question."""
    options = [option.id for option in question.options]
    match question.kind:
        case QuestionKind.LEVEL:
            return st.integers(1, len(question.levels))
        case QuestionKind.YES_NO:
            return st.booleans()
        case QuestionKind.ONE:
            return st.sampled_from(options)
        case QuestionKind.SEVERAL:
            return st.sets(st.sampled_from(options), min_size=1).map(sorted)
        case QuestionKind.NUMBER:
            return st.integers(0, 1000).map(str)
        case QuestionKind.DATE:
            return st.dates().map(lambda day: day.isoformat())
        case QuestionKind.LINK:
            return st.just("https://ejemplo.cl/pagina")
    return st.none()


@st.composite
def instruments(draw: st.DrawFn, names: str = "q", version: str = "2026.1") -> Instrument:
    """A small instrument with every part that a file may hold."""
    made: list[Question] = []
    dimensions = []
    for outer in range(draw(st.integers(1, 2))):
        descriptors = []
        for inner in range(draw(st.integers(1, 2))):
            held = []
            for _place in range(draw(st.integers(1, 3))):
                question = draw(questions(f"{names}{len(made)}", made))
                made.append(question)
                held.append(question)
            descriptors.append(
                Descriptor(f"s{outer}-{inner}", draw(line()), tuple(held), draw(weights()), draw(text()))
            )
        dimensions.append(Dimension(f"d{outer}", draw(line()), tuple(descriptors), draw(weights()), draw(text())))
    return Instrument(
        key="prueba",
        version=version,
        title=draw(line()),
        note=draw(text()),
        sources=tuple(draw(st.lists(line(), max_size=2))),
        scale=draw(scales()),
        dimensions=tuple(dimensions),
    )


@st.composite
def answers(draw: st.DrawFn, instrument: Instrument) -> dict[str, Given]:
    """Answers to some of the questions, each in whatever state."""
    found = {}
    for question in instrument.questions():
        if draw(st.booleans()):
            value = draw(st.none() | values_of(question))
            is_na = question.allows_na and draw(st.booleans())
            found[question.id] = Given(value, is_na, draw(text()), draw(st.booleans()))
    return found
