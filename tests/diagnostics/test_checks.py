"""The checks before submission."""

from datetime import date
from pathlib import Path
from typing import Any

from diagnostics.rules import submission
from diagnostics.rules.answers import Given, shown
from diagnostics.rules.submission import EvidenceSeen, Filled, remarks
from tests.diagnostics.factories import instrument

SMALL = instrument()
TODAY = date(2026, 6, 1)


def found(answers: dict[str, Given], **more: Any) -> dict[str, set[str]]:
    """Checks by question."""
    seen: dict[str, set[str]] = {}
    for remark in remarks(Filled(SMALL, answers, shown(SMALL, answers), TODAY, **more)):
        seen.setdefault(remark.question, set()).add(remark.check)
    return seen


def test_every_module_of_checks_is_listed() -> None:
    modules = Path(submission.__file__).with_name("checks").glob("[a-z]*.py")
    assert {module.stem for module in modules} == set(submission.CHECKS)


def test_an_empty_diagnostic_lacks_every_question_that_is_asked() -> None:
    seen = found({})
    assert set(seen) == {question.id for question in SMALL.questions()} - {"t3"}


def test_only_what_counts_blocks() -> None:
    blocking = {remark.question for remark in remarks(Filled(SMALL, {}, shown(SMALL, {}), TODAY)) if remark.blocks}
    assert blocking == {"t1", "t2", "t4", "p1"}


def test_evidence_is_asked_of_who_claims_something() -> None:
    assert found({"t1": Given(3)})["t1"] == {"missing_evidence"}
    assert "t1" not in found({"t1": Given(1)})
    assert "t1" not in found({"t1": Given(3)}, evidence={"t1": (EvidenceSeen("Acta"),)})


def test_evidence_out_of_date_or_closed_is_said() -> None:
    old, closed = EvidenceSeen("Vieja", expires=date(2026, 1, 1)), EvidenceSeen("Caída", is_open=False)
    assert found({"t1": Given(3)}, evidence={"t1": (old,)})["t1"] == {"expired_evidence"}
    assert found({"t1": Given(3)}, evidence={"t1": (closed,)})["t1"] == {"expired_evidence"}


def test_not_applicable_says_why() -> None:
    assert found({"t2": Given(is_na=True)})["t2"] == {"na_without_reason"}
    assert "t2" not in found({"t2": Given(is_na=True, text="No corresponde.")})


def test_what_was_carried_must_be_confirmed() -> None:
    assert found({"p1": Given("anual", to_confirm=True)})["p1"] == {"to_confirm"}


def test_a_high_level_is_explained_and_doubt_is_told() -> None:
    evidence = {"t1": (EvidenceSeen("Acta"),)}
    assert found({"t1": Given(4)}, evidence=evidence, unsure=frozenset({"t1"}))["t1"] == {
        "high_without_words",
        "low_confidence",
    }
    assert "t1" not in found({"t1": Given(5, text="Así es.")}, evidence=evidence)
