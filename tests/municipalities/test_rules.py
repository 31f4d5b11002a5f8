"""Forgiving search, distance, and groups of municipalities alike."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from municipalities.choices import RuralClass
from municipalities.rules.register import (
    EARTH_RADIUS_KM,
    PEER_GROUPS,
    SANTIAGO,
    compact,
    distance_to_santiago_km,
    edit_distance,
    great_circle_km,
    match_score,
    normalise,
    peer_group,
    search_text,
    suggest,
)

LATITUDE = st.floats(-90, 90)
LONGITUDE = st.floats(-180, 180)
WORDS = st.text(alphabet="abc", max_size=8)
NAMES = {
    "05105": ["Puchuncaví"],
    "05703": ["Llaillay", "Llay-Llay"],
    "11302": ["O'Higgins", "Villa O'Higgins"],
    "13101": ["Santiago"],
    "13120": ["Ñuñoa"],
    "13505": ["San Pedro", "San Pedro de Melipilla"],
    "08108": ["San Pedro de la Paz"],
    "13303": ["Tiltil", "Til Til"],
}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Ñuñoa", "nunoa"),
        ("  ÑUÑOA\t", "nunoa"),
        ("O'Higgins", "ohiggins"),
        ("O\u2019Higgins", "ohiggins"),
        ("O´HIGGINS", "ohiggins"),
        ("O`Higgins", "ohiggins"),
        ("Llay-Llay", "llay llay"),
        ("Aysén del  General", "aysen del general"),
        ("Vin\u0303a del Mar", "vina del mar"),
        ("Ollagüe", "ollague"),
        ("%_\\", ""),
        ("", ""),
    ],
)
def test_accents_case_apostrophes_hyphens_and_blanks_do_not_matter(written: str, words: str) -> None:
    assert normalise(written) == words


@given(st.text())
@example("\U0001d400 \u0130 \u1e9e ´")
def test_normalised_text_holds_plain_words_and_stays_as_it_is(text: str) -> None:
    words = normalise(text)
    assert re.fullmatch(r"([a-z0-9]+( [a-z0-9]+)*)?", words)
    assert normalise(words) == words
    assert compact(words) == words.replace(" ", "")


@given(st.text(alphabet="abcdefghijklmnñopqrstuvwxyzáéíóúü '-"))
def test_capitals_do_not_matter(text: str) -> None:
    assert normalise(text.upper()) == normalise(text)


def test_the_search_text_holds_each_name_with_and_without_blanks() -> None:
    assert search_text(["Llaillay", "Llay-Llay", "Llay Llay"]) == "\nllaillay\nllay llay\nllayllay\n"
    assert search_text(["", "-"]) == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nunoa", "13120"),
        ("Ñuñoa", "13120"),
        ("OHIGGINS", "11302"),
        ("o higgins", "11302"),
        ("llay llay", "05703"),
        ("llayllay", "05703"),
        ("Yaillay", "05703"),
        ("puchuncabi", "05105"),
        ("puchunk", "05105"),
        ("satniago", "13101"),
        ("TIL TIL", "13303"),
        ("til-til", "13303"),
        ("la paz", "08108"),
    ],
)
def test_what_people_type_finds_the_municipality_they_mean(typed: str, meant: str) -> None:
    assert suggest(typed, NAMES)[0] == meant


def test_a_better_kind_of_match_wins() -> None:
    scores = [
        match_score(query, ["San Pedro de la Paz"])
        for query in ("san pedro de la paz", "san pe", "pedro", "edr", "pedor")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 5
    assert all(scores)


@pytest.mark.parametrize("typed", ["", " ", "'", "xyz", "zzzzzzzz"])
def test_a_query_that_means_nothing_suggests_nothing(typed: str) -> None:
    assert suggest(typed, NAMES) == []


def test_the_exact_name_comes_before_longer_names_and_the_limit_holds() -> None:
    assert suggest("san pedro", NAMES) == ["13505", "08108"]
    assert suggest("san pedro", NAMES, limit=1) == ["13505"]


@given(st.text(), st.lists(st.text(), max_size=4))
def test_a_score_lies_between_nothing_and_the_name_itself(query: str, names: list[str]) -> None:
    assert 0 <= match_score(query, names) <= 100
    assert match_score(query, [*names, query]) == (100 if compact(query) else 0)


@given(WORDS, WORDS)
@example("ab", "ba")
@example("abcab", "bacba")
def test_the_limit_of_the_edit_distance_only_cuts_it_off(one: str, other: str) -> None:
    whole = edit_distance(one, other, 99)
    assert whole == edit_distance(other, one, 99)
    assert (whole == 0) == (one == other)
    assert whole <= max(len(one), len(other))
    for limit in range(4):
        assert edit_distance(one, other, limit) == min(whole, limit + 1)


def test_a_swap_of_neighbours_is_one_slip() -> None:
    assert edit_distance("santiago", "satniago", 2) == 1
    assert edit_distance("puchuncabi", "puchuncavi", 2) == 1


@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(a: float, b: float, c: float, d: float) -> None:
    there = great_circle_km(a, b, c, d)
    assert 0 <= there <= EARTH_RADIUS_KM * 3.14160
    assert there == pytest.approx(great_circle_km(c, d, a, b), abs=1e-6)
    assert great_circle_km(a, b, a, b) == 0


def test_known_distances_come_out() -> None:
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(20015.1, abs=0.1)
    assert great_circle_km(0, 0, 1, 0) == pytest.approx(111.195, abs=0.001)
    assert distance_to_santiago_km(*SANTIAGO) == 0
    assert distance_to_santiago_km(-33.0458, -71.6197) == pytest.approx(100, abs=1)  # Valparaíso
    assert distance_to_santiago_km(-53.1638, -70.9171) == pytest.approx(2194, abs=5)  # Punta Arenas


@given(st.integers(0, 10_000_000), st.sampled_from(RuralClass.values))
def test_every_municipality_has_exactly_one_group(population: int, rural_class: str) -> None:
    group = peer_group(population, rural_class)
    assert group is not None
    assert group.rural_class.value == rural_class
    assert [other for other in PEER_GROUPS if other.rural_class == group.rural_class and other.holds(population)] == [
        group
    ]


@pytest.mark.parametrize("rural_class", list(RuralClass))
def test_the_bands_of_a_class_follow_each_other_without_gap(rural_class: RuralClass) -> None:
    bands = [group for group in PEER_GROUPS if group.rural_class == rural_class]
    assert bands[0].low == 0
    assert [group.low for group in bands[1:]] == [(group.high or 0) + 1 for group in bands[:-1]]
    assert bands[-1].high is None


def test_codes_name_the_class_and_the_lower_bound() -> None:
    codes = [group.code for group in PEER_GROUPS]
    assert len(set(codes)) == len(codes)
    assert [group.code for group in (peer_group(9_999, "rural"), peer_group(10_000, "rural")) if group] == [
        "rural-5000",
        "rural-10000",
    ]


def test_an_unknown_population_has_no_group() -> None:
    assert peer_group(None, "urban") is None


@pytest.mark.parametrize(("population", "rural_class"), [(1, "suburban"), (None, ""), (-1, "urban")])
def test_a_group_of_nonsense_is_refused(population: int | None, rural_class: str) -> None:
    with pytest.raises(ValueError, match=r"unknown class|negative population"):
        peer_group(population, rural_class)
