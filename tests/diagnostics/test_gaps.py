"""The list from which the local plan starts."""

from decimal import Decimal

import pytest

from diagnostics.models import Answer
from diagnostics.reports.gaps import gaps_of
from diagnostics.reports.results import result_of
from tests.cast import Cast
from tests.diagnostics.test_submission import complete

pytestmark = pytest.mark.django_db


def test_each_gap_says_what_the_next_step_is_and_what_it_is_worth(cast: Cast) -> None:
    held = complete(cast)
    found = {each.key: each for each in gaps_of(held)}
    assert found["t1"].now == "nivel 3 de 5: en desarrollo"
    assert found["t1"].then == "nivel 4 de 5: consolidado"
    assert found["t1"].recommendation == "Publique cada mes."
    assert found["t1"].dimension.name == "Transparencia"
    assert found["t1"].gain < found["t1"].whole


def test_a_step_taken_raises_the_index_by_its_gain(cast: Cast) -> None:
    held = complete(cast)
    before = result_of(held).index.reached
    gap = next(each for each in gaps_of(held) if each.key == "t1")
    Answer.objects.filter(diagnostic=held, question="t1").update(value=4)
    after = result_of(held).index.reached
    assert before is not None
    assert after is not None
    assert abs((after - before) * 100 - gap.gain) < Decimal("1e-15")


def test_the_most_for_the_least_effort_comes_first(cast: Cast) -> None:
    found = gaps_of(complete(cast))
    worth = [each.gain / each.effort for each in found]
    assert worth == sorted(worth, reverse=True)


def test_what_a_step_would_have_asked_is_told(cast: Cast) -> None:
    found = {each.key: each for each in gaps_of(complete(cast))}
    assert [question.id for question in found["t2"].opens] == ["t3"]
    assert found["t1"].opens == ()


def test_nothing_better_is_no_gap(cast: Cast) -> None:
    held = complete(cast)
    Answer.objects.filter(question="t1").update(value=5)
    assert "t1" not in [each.key for each in gaps_of(held)]
