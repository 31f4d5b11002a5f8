"""Changes of an instrument that is being written: each gives another instrument. Pure.

A part is a dimension, a descriptor or a question; it is found by its identifier, and the instrument itself by "".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from diagnostics.rules.instrument import Condition, Descriptor, Dimension, Instrument, Question

Part = Dimension | Descriptor | Question
Named = TypeVar("Named", Dimension, Descriptor, Question)


def part_of(instrument: Instrument, name: str) -> Part | None:
    """The part of this identifier."""
    return next((part for part in parts(instrument) if part.id == name), None)


def parts(instrument: Instrument) -> list[Part]:
    """Every part, each after the one that holds it."""
    found: list[Part] = []
    for dimension in instrument.dimensions:
        found.append(dimension)
        for descriptor in dimension.descriptors:
            found += [descriptor, *descriptor.questions]
    return found


def bare(part: Instrument | Part | None) -> Instrument | Part | None:
    """The part without those that it holds: what its own form shows."""
    if isinstance(part, Instrument):
        return replace(part, dimensions=())
    if isinstance(part, Dimension):
        return replace(part, descriptors=())
    return replace(part, questions=()) if isinstance(part, Descriptor) else part


def put(instrument: Instrument, name: str, new: Part) -> Instrument:
    """Put `new` in the place of the part `name`, which keeps what it holds; conditions follow a question that is renamed."""

    def changed(part: Named) -> tuple[Named, ...]:
        if part.id != name:
            return (part,)
        if isinstance(part, Dimension) and isinstance(new, Dimension):
            return (replace(new, descriptors=part.descriptors),)
        if isinstance(part, Descriptor) and isinstance(new, Descriptor):
            return (replace(new, questions=part.questions),)
        return (new,) if isinstance(part, Question) and isinstance(new, Question) else (part,)

    done = _each(instrument, changed, changed, changed)
    return _asked_as(done, name, new.id) if isinstance(new, Question) and new.id != name else done


def add(instrument: Instrument, owner: str, new: Part) -> Instrument:
    """Put a part at the end of the one that holds it: a dimension in the instrument, the others in the part `owner`."""
    if isinstance(new, Dimension):
        return replace(instrument, dimensions=(*instrument.dimensions, new))

    def in_dimension(part: Dimension) -> tuple[Dimension, ...]:
        if part.id == owner and isinstance(new, Descriptor):
            return (replace(part, descriptors=(*part.descriptors, new)),)
        return (part,)

    def in_descriptor(part: Descriptor) -> tuple[Descriptor, ...]:
        if part.id == owner and isinstance(new, Question):
            return (replace(part, questions=(*part.questions, new)),)
        return (part,)

    return _each(instrument, in_dimension, in_descriptor, lambda part: (part,))


def remove(instrument: Instrument, name: str) -> Instrument:
    """Take a part out, with all that it holds. Conditions that ask for it stay, and are problems to solve."""

    def kept(part: Named) -> tuple[Named, ...]:
        return () if part.id == name else (part,)

    return _each(instrument, kept, kept, kept)


def move(instrument: Instrument, name: str, by: int) -> Instrument:
    """Move a part one place up (-1) or down (1) among its neighbours; at the end nothing changes."""
    dimensions = tuple(
        replace(
            dimension,
            descriptors=_moved(
                tuple(
                    replace(descriptor, questions=_moved(descriptor.questions, name, by))
                    for descriptor in dimension.descriptors
                ),
                name,
                by,
            ),
        )
        for dimension in instrument.dimensions
    )
    return replace(instrument, dimensions=_moved(dimensions, name, by))


def _moved(entries: Sequence[Named], name: str, by: int) -> tuple[Named, ...]:
    order = list(entries)
    place = next((place for place, part in enumerate(order) if part.id == name), None)
    if place is not None and 0 <= place + by < len(order):
        order.insert(place + by, order.pop(place))
    return tuple(order)


def _asked_as(instrument: Instrument, before: str, after: str) -> Instrument:
    def follow(question: Question) -> tuple[Question, ...]:
        if question.show_if is None:
            return (question,)
        tests = tuple(
            replace(test, question=after) if test.question == before else test for test in question.show_if.tests
        )
        return (replace(question, show_if=Condition(tests, question.show_if.any_of)),)

    return _each(instrument, lambda part: (part,), lambda part: (part,), follow)


def _each(
    instrument: Instrument,
    dimension: Callable[[Dimension], tuple[Dimension, ...]],
    descriptor: Callable[[Descriptor], tuple[Descriptor, ...]],
    question: Callable[[Question], tuple[Question, ...]],
) -> Instrument:
    """The instrument with each part replaced by what its function gives: itself, another, or nothing."""

    def inner(part: Descriptor) -> Descriptor:
        return replace(part, questions=tuple(new for old in part.questions for new in question(old)))

    def outer(part: Dimension) -> Dimension:
        held = tuple(inner(new) for old in part.descriptors for new in descriptor(old))
        return replace(part, descriptors=held)

    return replace(instrument, dimensions=tuple(outer(new) for old in instrument.dimensions for new in dimension(old)))
