"""The worked example of docs/scores.md is what the rules give."""

from fractions import Fraction
from pathlib import Path

from diagnostics.rules.answers import Given
from diagnostics.rules.explanations import Step, hundred, reasons, some_points
from diagnostics.rules.scores import compute, step
from tests.diagnostics.factories import instrument

DOCUMENT = Path(__file__).parents[2] / "docs" / "scores.md"


def test_the_worked_example_is_what_the_rules_give() -> None:
    whole = instrument()
    answers = {"t1": Given(3), "t2": Given(is_na=True, text="No hay competencia."), "t4": Given("95")}
    index = compute(whole, answers)
    dimension = index.children[0]
    active, requests = dimension.children
    assert (active.reached, requests.reached, dimension.reached) == (Fraction(1, 2), Fraction(1), Fraction(2, 3))
    assert [child.standing.value for child in active.children] == ["answered", "not_applicable", "hidden"]
    reason = reasons(whole, index, answers)[dimension.key]
    assert reason.lacks is not None
    assert reason.path == (Step("t1", 4),)
    told = DOCUMENT.read_text(encoding="utf-8")
    for words in (
        f"= {dimension.reached}, shown as {hundred(dimension.reached, 5)}: level {step(dimension.reached, 5)} of 5",
        f"80 − 66,7 = {some_points(reason.lacks).split()[0]} points are missing",
        f"would add {active.share} × 0.25 = {hundred(active.share / 4, 5)} points",
    ):
        assert words in " ".join(told.split())
