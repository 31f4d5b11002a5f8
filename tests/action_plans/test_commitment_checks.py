"""What the IRM criticised in commitments is said, and nothing blocks."""

from dataclasses import replace
from datetime import date

from action_plans.rules.commitment_checks import CommitmentSeen, Lack, MilestoneSeen, Remark, remarks

WHOLE = CommitmentSeen(
    problem="Las actas del concejo se publican tarde y nadie las encuentra.",
    baseline="En 2025, 3 de 36 actas se publicaron dentro del mes.",
    outcome="Todas las actas están en línea a los cinco días hábiles.",
    values=["information"],
    counterpart="Unión comunal de juntas de vecinos",
    measured=True,
    starts=date(2026, 1, 1),
    ends=date(2027, 12, 31),
    milestones=[MilestoneSeen(1, "Página con las actas de 2026, con su fecha de publicación.", date(2026, 6, 30))],
)


def test_nothing_is_said_of_a_whole_commitment() -> None:
    assert remarks(WHOLE) == []


def test_words_that_say_nothing_are_no_baseline() -> None:
    vague = replace(WHOLE, baseline="por definir", outcome="", problem=" - ", measured=False)
    assert [remark.lack for remark in remarks(vague)] == [Lack.PROBLEM, Lack.BASELINE, Lack.OUTCOME, Lack.INDICATOR]


def test_an_indicator_with_its_number_is_a_baseline() -> None:
    assert remarks(replace(WHOLE, baseline="")) == []


def test_a_milestone_needs_what_can_be_checked_and_a_day_within_the_commitment() -> None:
    held = [
        MilestoneSeen(1, "reunión", date(2026, 3, 1)),
        MilestoneSeen(2, "Acta de la reunión publicada en el sitio", None),
        MilestoneSeen(3, "Acta de la reunión publicada en el sitio", date(2028, 1, 1)),
    ]
    assert remarks(replace(WHOLE, milestones=held)) == [
        Remark(Lack.DELIVERABLE, 1),
        Remark(Lack.MILESTONE_DATE, 2),
        Remark(Lack.MILESTONE_OUTSIDE, 3),
    ]


def test_an_empty_commitment_lacks_everything() -> None:
    empty = CommitmentSeen("", "", "", [], "", measured=False, starts=None, ends=None, milestones=[])
    assert {remark.lack for remark in remarks(empty)} == set(Lack) - {
        Lack.DELIVERABLE,
        Lack.MILESTONE_DATE,
        Lack.MILESTONE_OUTSIDE,
    }
