"""Rounds compared on what both asked, and a municipality among its peers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from diagnostics.choices import DiagnosticState, RoundKind
from diagnostics.models import Answer, Diagnostic, Round, Score, VersionMapping
from diagnostics.reports.comparison import earlier_of, groups, since
from diagnostics.reports.scores import store_scores
from diagnostics.rules import instrument_file
from diagnostics.rules.answers import Given
from diagnostics.rules.comparison import changes, same_across, spread
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.mapping import propose, to_data
from diagnostics.rules.scores import compute
from municipalities.models import Municipality
from tests.cast import Cast, municipality
from tests.diagnostics import generated
from tests.diagnostics.factories import NOW, a_round, diagnostic, instrument, published_after, version
from tests.diagnostics.test_submission import COMPLETE

SMALL = instrument()


def reworded(whole: Instrument, *names: str, to: str = "2027.1") -> Instrument:
    """A later version in which some questions ask other things."""
    dimensions = [
        replace(
            dimension,
            descriptors=tuple(
                replace(
                    part,
                    questions=tuple(
                        replace(q, text=f"Otra cosa: {q.text}") if q.id in names else q for q in part.questions
                    ),
                )
                for part in dimension.descriptors
            ),
        )
        for dimension in whole.dimensions
    ]
    return replace(whole, version=to, dimensions=tuple(dimensions))


# --- Rules ------------------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@examples(st.data())
def test_within_a_version_a_comparison_is_of_the_scores_themselves(data: st.DataObject) -> None:
    whole = data.draw(generated.instruments())
    then, now = (compute(whole, data.draw(generated.answers(whole))) for _side in range(2))
    change = changes(whole, then, now, {name: name for name in whole.by_id})
    assert (change.then, change.now) == (then.reached, now.reached)
    assert change.comparable in {0, 1}


def test_what_another_version_asks_otherwise_is_left_out_on_both_sides() -> None:
    later = reworded(SMALL, "t4")
    same = same_across([propose(SMALL, later)], SMALL.version, later.version)
    assert same is not None
    assert "t4" not in same
    then = compute(SMALL, {"t1": Given(3), "t2": Given(False), "t4": Given("95"), "p1": Given("anual")})
    now = compute(later, {"t1": Given(5), "t2": Given(False), "t4": Given("10"), "p1": Given("anual")})
    change = changes(later, then, now, same)
    transparency, participation = change.children
    assert participation.difference == 0
    assert transparency.children[1].comparable == 0
    assert transparency.children[1].then is None
    assert transparency.comparable == Fraction(2, 3)
    assert (transparency.then, transparency.now) == (Fraction(1, 4), Fraction(1, 2))


def test_mappings_are_followed_over_several_versions_and_only_forwards() -> None:
    second, third = reworded(SMALL, "t4"), reworded(reworded(SMALL, "t4"), "t1", to="2028.1")
    maps = [propose(SMALL, second), propose(second, third)]
    same = same_across(maps, SMALL.version, third.version)
    assert same is not None
    assert {"t1", "t4"}.isdisjoint(same)
    assert same["t2"] == "t2"
    assert same_across(maps, third.version, SMALL.version) is None


def test_quartiles_are_exact_and_only_of_five_or_more() -> None:
    found = spread([Fraction(n, 10) for n in (4, 1, 3, 2, 5)])
    assert found is not None
    assert (found.low, found.median, found.high) == (Fraction(2, 10), Fraction(3, 10), Fraction(4, 10))
    assert spread([Fraction(1, 2)] * 4) is None


@examples(st.lists(st.fractions(0, 1), min_size=5, max_size=40))
def test_quartiles_lie_in_order_among_the_values(values: list[Fraction]) -> None:
    found = spread(values)
    assert found is not None
    assert min(values) <= found.low <= found.median <= found.high <= max(values)
    assert sum(value <= found.median for value in values) * 2 >= len(values)


# --- Of the database --------------------------------------------------------------------------------------------------


def validated(place: Municipality, round_: Round, **other: object) -> Diagnostic:
    held = diagnostic(place, round_)
    for question, value in (COMPLETE | other).items():
        Answer.objects.create(diagnostic=held, question=question, value=value, version=1, updated_at=NOW)
    Diagnostic.objects.filter(pk=held.pk).update(
        state=DiagnosticState.VALIDATED, validated_at=NOW, folio=f"DGA-{held.pk}", answers_changed_at=NOW
    )
    store_scores(held.pk, now=NOW)
    return Diagnostic.objects.select_related("municipality__region", "round", "version").get(pk=held.pk)


def later_round(whole: Instrument | None = None) -> Round:
    round_ = a_round("Final 2028", RoundKind.FINAL)
    round_.opens = date(2028, 1, 1)
    round_.closes = date(2028, 12, 31)
    if whole is not None:
        round_.version = published_after(version(), instrument_file.to_data(whole))
    round_.save()
    return round_


@pytest.mark.django_db
def test_a_later_round_says_what_changed_since_the_earlier(cast: Cast) -> None:
    first = validated(cast.here, a_round())
    second = validated(cast.here, later_round(), t1=5)
    [found] = since(second, earlier_of(second))
    assert found.earlier == first
    assert found.is_whole
    assert [row.name for row in found.rows] == ["Índice", "Transparencia", "Participación ciudadana"]
    index = Score.objects.get(diagnostic=second, key="")
    assert found.change is not None
    assert found.change.now is not None
    assert index.reached is not None
    assert abs(Decimal(found.change.now.numerator) / found.change.now.denominator - index.reached) < Decimal("1e-19")
    assert earlier_of(first) == []


@pytest.mark.django_db
def test_across_versions_the_share_that_compares_is_told_and_without_a_mapping_nothing(cast: Cast) -> None:
    later = reworded(SMALL, "t4")
    first = validated(cast.here, a_round())
    second = validated(cast.here, later_round(later), t1=5)
    [found] = since(second, earlier_of(second))
    assert found.change is None
    VersionMapping.objects.create(
        source=first.version, target=second.version, content=to_data(propose(SMALL, later)), checksum="x", added_at=NOW
    )
    [found] = since(second, earlier_of(second))
    assert found.change is not None
    assert not found.is_whole
    assert found.change.children[0].comparable == Fraction(2, 3)


@pytest.mark.django_db
def test_peers_are_told_from_five_validated_diagnostics_on(cast: Cast) -> None:
    round_ = a_round()
    mine = validated(cast.here, round_)
    for number in range(3):
        validated(
            municipality(f"1220{number + 2}", f"Lugar {number}", f"lugar-{number}", order=16), round_, t1=number + 1
        )
    [alike, region, country] = groups(mine)
    assert (alike.count, alike.index) == (4, None)
    assert "desde 5" in alike.why_nothing
    validated(cast.elsewhere, round_, t1=5)
    diagnostic(municipality("12299", "Sin validar", "sin-validar", order=16), round_)
    [alike, region, country] = groups(mine)
    assert (alike.count, region.count, country.count) == (5, 4, 5)
    assert alike.index is not None
    assert region.index is None
    assert alike.why_nothing == ""
    assert alike.spreads["transparencia"] is not None
    assert alike.index.low <= alike.index.median <= alike.index.high


@pytest.mark.django_db
def test_another_round_is_another_comparison(cast: Cast) -> None:
    for number in range(5):
        validated(municipality(f"1220{number + 2}", f"Lugar {number}", f"lugar-{number}", order=16), a_round())
    assert groups(validated(cast.here, later_round()))[0].count == 1


@pytest.mark.django_db
def test_queries_do_not_grow_with_rounds_or_peers(cast: Cast, django_assert_num_queries: object) -> None:
    mine = validated(cast.here, later_round())
    validated(cast.here, a_round())
    for number in range(6):
        validated(municipality(f"1220{number + 2}", f"Lugar {number}", f"lugar-{number}", order=16), mine.round)
    with django_assert_num_queries(3):  # type: ignore[operator]
        since(mine, earlier_of(mine))
        groups(mine)
