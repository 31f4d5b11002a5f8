"""The invented country that measures itself: by the portal's own rules, named so, and the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event, User
from diagnostics.actions.validation import obstacle_to_validation
from diagnostics.choices import DiagnosticState, ScoreLevel, SnapshotKind
from diagnostics.imports.demonstration import BASELINE, MIDTERM, load
from diagnostics.imports.instruments import load_instruments
from diagnostics.models import Answer, Diagnostic, EvidenceVersion, Reviewer, Round, Score, SectionAssignment
from diagnostics.reports.filled import filled
from diagnostics.reports.progress import progress
from diagnostics.reports.review import review_of
from diagnostics.rules import demonstration as rules
from diagnostics.rules.answers import is_answered, shown, value_problem
from diagnostics.rules.submission import remarks
from municipalities.choices import DocumentKind
from municipalities.models import Adhesion, Document, Mail, Municipality
from tests.cast import municipality
from tests.diagnostics.factories import instrument

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
S = DiagnosticState


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The municipality of the sign-ins, and enough others in force for each fate to be met: loaded once for the module."""
    folder = tmp_path_factory.mktemp("demonstration")
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(DEMONSTRATION=True, BASE_DIR=folder, MEDIA_ROOT=folder / "media"),
    ):
        municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)
        for number in range(44):
            place = municipality(f"131{number:02}", f"Lugar {number}", f"lugar-{number}", order=13)
            day = date(2025, 9, 1) + timedelta(days=number)
            Adhesion.objects.create(
                municipality=place, state="in_force", term_year=2024, in_force_from=day, state_since=NOW, created_at=NOW
            )
        load_instruments()
        call_command("load_demo_people", password="una-clave-de-prueba", stdout=StringIO())
        yield load(now=NOW)
        transaction.set_rollback(True)


@pytest.fixture
def country(loaded: int, db: None) -> int:
    """How many diagnostics were made."""
    return loaded


# Before the first test that asks for `country`, which stays for all that follow.
def test_it_says_what_is_missing_and_refuses_on_a_server(settings: Any, db: None) -> None:
    settings.DEMONSTRATION = True
    with pytest.raises(CommandError, match="load_instruments"):
        call_command("load_demo_diagnostics")
    load_instruments()
    with pytest.raises(CommandError, match="load_demo_people"):
        call_command("load_demo_diagnostics")
    municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)
    call_command("load_demo_people", password="una-clave-de-prueba", stdout=StringIO())
    with pytest.raises(CommandError, match="load_demo_adhesions"):
        call_command("load_demo_diagnostics")
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="DEMONSTRATION"):
        call_command("load_demo_diagnostics")
    assert Municipality.objects.count() == 1


def test_a_correction_is_told_as_one(country: int) -> None:
    made = Diagnostic.objects.get(corrects__isnull=False)
    told = Event.objects.filter(subject_type="diagnostics.diagnostic", subject_id=str(made.pk)).order_by("at", "pk")
    assert [event.kind for event in told][:2] == ["diagnostic.correction_begun", "diagnostic.moved"]
    former = made.corrects
    assert former
    assert former.validated_at
    assert told[0].data["folio"] == former.folio
    assert made.created_at > former.validated_at


def test_it_comes_about_once_and_both_rounds_are_as_they_should_be(country: int) -> None:
    assert country == Diagnostic.objects.count()
    before = list(Answer.objects.order_by("pk").values_list("question", "value", "text"))
    assert load(now=NOW + timedelta(days=1)) == 0
    assert list(Answer.objects.order_by("pk").values_list("question", "value", "text")) == before
    baseline = Diagnostic.objects.filter(round__name=BASELINE)
    assert set(baseline.values_list("state", flat=True)) == {S.VALIDATED}
    assert (
        Diagnostic.objects.published(date(2026, 11, 20)).filter(round__name=BASELINE).count() == baseline.count() == 45
    )
    assert set(Diagnostic.objects.filter(round__name=MIDTERM).values_list("state", flat=True)) == set(S)
    assert Round.objects.get(name=BASELINE).closes < date(2026, 11, 20) < Round.objects.get(name=MIDTERM).closes
    assert not Mail.objects.exists()


def test_what_is_validated_would_pass_the_checks_and_has_its_copies_and_scores(country: int) -> None:
    adviser = User.objects.get(email="administradora@demo.cl")
    for one in Diagnostic.objects.filter(state=S.VALIDATED).select_related("version", "round", "document"):
        assert not [remark for remark in remarks(filled(one, today=date(2026, 11, 20))) if remark.blocks]
        assert obstacle_to_validation(review_of(one, adviser)) == ""
        assert one.document is not None
        assert one.document.may_open
        kinds = set(one.snapshots.values_list("kind", flat=True))
        assert kinds == {SnapshotKind.SUBMITTED, SnapshotKind.VALIDATED}
        content = one.snapshots.get(kind=SnapshotKind.VALIDATED).content
        index = Score.objects.get(diagnostic=one, level=ScoreLevel.INDEX)
        assert Decimal(content["scores"]["reached"]) == index.reached
        assert one.submitted_at and one.validated_at and one.submitted_at < one.validated_at < NOW  # noqa: PT018
        assert one.submitted_by_id != one.validated_by_id


def test_the_sign_ins_have_something_to_do(country: int) -> None:
    held = Diagnostic.objects.select_related("version", "round", "previous").get(
        municipality="12201", round__name=MIDTERM
    )
    done = progress(filled(held, today=date(2026, 11, 20)))
    assert held.state == S.OPEN
    assert 0.5 < done.answered / done.total < 0.7
    assert held.previous is not None
    assert SectionAssignment.objects.filter(user__email="funcionario@demo.cl").count() == 2
    assert Answer.objects.filter(diagnostic=held, to_confirm=True).exists()
    assert Reviewer.objects.filter(diagnostic__state=S.UNDER_REVIEW, done_at=None).exists()


def test_files_are_named_as_invented_and_open(country: int) -> None:
    files = Document.objects.filter(kind=DocumentKind.EVIDENCE)
    assert files.exists()
    assert all("demostración" in name for name in files.values_list("name", flat=True))
    assert all(document.may_open for document in files)
    links = EvidenceVersion.objects.exclude(url="").values_list("url", flat=True)
    assert links
    assert all(".invalid/" in url for url in links)
    assert all("(demostración)" in name for name in Round.objects.values_list("name", flat=True))


@given(st.floats(0, 1), st.integers(0, 1_000_000), st.integers(0, 1000))
def test_whatever_the_dice_every_answer_fits_its_question_and_only_what_is_asked_is_answered(
    aim: float, inhabitants: int, seed: int
) -> None:
    small, dice = instrument(), random.Random(seed)
    assert 0 < rules.aim_of(inhabitants, dice) < 1
    first = rules.first_answers(small, aim=aim, on=date(2026, 1, 5), slug="lugar", dice=dice)
    later = rules.later_answers(small, first, on=date(2026, 8, 5), slug="lugar", dice=dice)
    for answers in (first, later):
        assert set(answers) == set(shown(small, answers))
        for key, one in answers.items():
            question = small.by_id[key]
            assert not value_problem(question, one.value)
            assert is_answered(question, one)
    assert len(rules.begun(later, share=0.5)) < len(later) == len(rules.begun(later, share=1.0))
