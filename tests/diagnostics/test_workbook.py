"""The workbook goes out and comes back: nothing changes by itself, what was changed comes exactly, and nobody's text is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, User
from diagnostics.actions.answers import Content, save_answer
from diagnostics.actions.workbooks import (
    Decision,
    Keep,
    UndecidedError,
    apply_workbook,
    discard_workbook,
    receive_workbook,
)
from diagnostics.choices import AnswerOrigin, Confidence, DiagnosticState, WorkbookState
from diagnostics.exports.workbook import Held, build
from diagnostics.imports.workbooks import read_workbook, sheets_of, waiting
from diagnostics.models import Answer, AnswerRevision, Diagnostic, InstrumentVersion, Workbook
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.workbook import Filled, Outcome, alike, answer_cell, read_rows, read_value
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import DocumentState
from tests.cast import Cast, assemble, sign_in
from tests.diagnostics.factories import NOW, diagnostic, instrument
from tests.diagnostics.generated import instruments, text, values_of
from tests.diagnostics.workbooks import Cells, brought, downloaded, filled_in

CELLS: Cells = {
    ("t1", "answer"): "4 - consolidado",
    ("t1", "text"): "=Ñandú «007»\n segunda línea",
    ("t2", "na"): "sí",
    ("t2", "text"): "No corresponde.",
    ("t3", "answer"): "3; 1",
    ("t4", "answer"): "1.234,50",
    ("t5", "answer"): "https://ejemplo.cl/a",
    ("p1", "answer"): "Cada tres meses",
    ("p2", "answer"): "1/2/2026",
    ("p3", "text"): "0012",
    ("p3", "confidence"): str(Confidence.HIGH.label),
}
SAYS = {
    "t1": Filled(4, text="=Ñandú «007»\n segunda línea"),
    "t2": Filled(is_na=True, text="No corresponde."),
    "t3": Filled(["actas", "otros"]),
    "t4": Filled("1234.50"),
    "t5": Filled("https://ejemplo.cl/a"),
    "p1": Filled("trimestral"),
    "p2": Filled("2026-02-01"),
    "p3": Filled(text="0012", confidence="high"),
}


@st.composite
def filled(draw: st.DrawFn) -> tuple[Instrument, dict[str, Filled]]:
    made, answers = draw(instruments()), {}
    for question in made.questions():
        is_na = question.allows_na and draw(st.booleans())
        words = (
            draw(text()) if draw(st.booleans()) else draw(st.sampled_from(["=1+1", "007", "a\nb", "+56", " x", "@"]))
        )
        confidence = draw(st.sampled_from(["", *Confidence.values]))
        answers[question.id] = Filled(draw(st.none() | values_of(question)), is_na, words, confidence)
    return made, answers


@given(filled())
@settings(max_examples=25)
def test_a_workbook_read_back_says_what_was_written_into_it(case: tuple[Instrument, dict[str, Filled]]) -> None:
    made, answers = case
    held = Held({name: (said, 3, False) for name, said in answers.items()})
    rows = read_rows(sheets_of(build(made, held, title="x", facts={}, now=NOW)), made)
    assert [row.question for row in rows] == list(made.by_id)
    for row in rows:
        assert (row.problem, row.version) == ("", 3)
        assert alike(row.filled, answers[row.question]), row


def save(held: Diagnostic, by: User, question: str, content: Content, base: int = 0) -> Answer:
    return save_answer(
        by=by,
        diagnostic=held,
        question=question,
        content=content,
        base_version=base,
        client_id=uuid4(),
        now=timezone.now(),
    ).answer


@pytest.mark.parametrize(
    ("question", "cell", "value"),
    [
        ("t1", "2", 2),
        ("t1", "inicial", 2),
        ("t2", "NO", False),
        ("t3", "Actas; Otros", ["actas", "otros"]),
        ("t3", "1,3", ["actas", "otros"]),
        ("t4", "12,5", "12.5"),
        ("p1", "nunca", "nunca"),
        ("p2", "2026-12-31", "2026-12-31"),
        ("p2", "—", None),
    ],
)
def test_a_cell_is_read_as_people_write_it(question: str, cell: str, value: Any) -> None:
    assert read_value(instrument().by_id[question], cell) == value


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("t1", "6"),
        ("t1", "2 - referente"),
        ("t2", "tal vez"),
        ("t3", "1; 9"),
        ("t4", "doce"),
        ("t5", "a b"),
        ("p2", "31-2-2026"),
    ],
)
def test_a_cell_that_says_no_answer_is_an_error_that_names_it(question: str, cell: str) -> None:
    asked = instrument().by_id[question]
    assert answer_cell(asked, None) == ""
    with pytest.raises(ValueError, match=cell if question != "t3" else "9"):
        read_value(asked, cell)


@pytest.mark.django_db
@pytest.mark.parametrize("backwards", [False, True])
def test_changed_cells_come_back_exactly_and_the_rest_stays(cast: Cast, backwards: bool) -> None:
    held = diagnostic(cast.here)
    save(held, cast.officer, "p2", Content("2025-01-01", text="de antes", confidence="low"))
    cells = CELLS | {("p2", "text"): "", ("p2", "confidence"): ""}
    found = brought(held, cast.officer, filled_in(downloaded(held), cells, backwards=backwards))
    assert (found.state, found.problem) == (WorkbookState.READY, "")
    assert {row["question"]: row["outcome"] for row in found.rows} == dict.fromkeys(SAYS, Outcome.CHANGED)
    assert Answer.objects.count() == 1
    apply_workbook(by=cast.officer, workbook=found, decisions={}, now=timezone.now())
    written = {row.question: Filled(row.value, row.is_na, row.text, row.confidence) for row in Answer.objects.all()}
    assert written == SAYS
    assert set(Answer.objects.values_list("origin", flat=True)) == {AnswerOrigin.WORKBOOK}
    again = brought(held, cast.officer, downloaded(held))
    assert {row["outcome"] for row in again.rows} == {Outcome.SAME}


@pytest.mark.django_db
def test_a_workbook_applied_or_uploaded_twice_is_one(cast: Cast) -> None:
    held = diagnostic(cast.here)
    content = filled_in(downloaded(held), CELLS)
    found = brought(held, cast.officer, content)
    for _time in range(2):
        apply_workbook(by=cast.coordinator, workbook=found, decisions={}, now=timezone.now())
    assert AnswerRevision.objects.count() == len(SAYS)
    assert set(Answer.objects.values_list("version", flat=True)) == {1}
    assert brought(held, cast.officer, content).pk == found.pk
    assert Event.objects.filter(kind="diagnostic.workbook_applied").count() == 1
    with pytest.raises(OvertakenError):
        discard_workbook(by=cast.officer, workbook=found, now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("keep", list(Keep))
def test_a_conflict_waits_for_a_decision_and_keeps_both_texts(cast: Cast, keep: Keep) -> None:
    held = diagnostic(cast.here)
    save(held, cast.officer, "t1", Content(1, text="uno"))
    content = filled_in(downloaded(held), {("t1", "text"): "de la planilla"})
    save(held, cast.coordinator, "t1", Content(2, text="del portal"), base=1)
    found = brought(held, cast.officer, content)
    row = next(row for row in found.rows if row["question"] == "t1")
    assert (row["outcome"], row["who"]) == (Outcome.CONFLICT, cast.coordinator.name)
    with pytest.raises(UndecidedError):
        apply_workbook(by=cast.officer, workbook=found, decisions={}, now=timezone.now())
    decisions = {"t1": Decision(keep, "los dos")}
    done = apply_workbook(by=cast.officer, workbook=found, decisions=decisions, now=timezone.now())
    wanted = {Keep.MINE: (1, "de la planilla"), Keep.THEIRS: (2, "del portal"), Keep.JOINED: (1, "los dos")}[keep]
    answer = Answer.objects.get()
    assert (answer.value, answer.text) == wanted
    texts = set(AnswerRevision.objects.values_list("text", flat=True))
    assert texts >= {"uno", "del portal", "los dos" if keep is Keep.JOINED else "de la planilla"}
    outcome = next(row["outcome"] for row in done.rows if row["question"] == "t1")
    assert outcome == (Outcome.KEPT if keep is Keep.THEIRS else Outcome.WRITTEN)


@pytest.mark.django_db
def test_what_someone_wrote_since_the_preview_stays_and_the_workbooks_text_is_kept(cast: Cast) -> None:
    held = diagnostic(cast.here)
    found = brought(held, cast.officer, filled_in(downloaded(held), CELLS))
    save(held, cast.coordinator, "p3", Content(text="entretanto"))
    done = apply_workbook(by=cast.officer, workbook=found, decisions={}, now=timezone.now())
    late = [row for row in done.rows if row["outcome"] == Outcome.LATE]
    assert [row["question"] for row in late] == ["p3"]
    assert cast.coordinator.name in late[0]["problem"]
    assert Answer.objects.get(question="p3").text == "entretanto"
    assert AnswerRevision.objects.get(answer__question="p3", version=None).text == "0012"
    assert Answer.objects.filter(origin=AnswerOrigin.WORKBOOK).count() == len(SAYS) - 1


@pytest.mark.django_db
def test_a_change_of_the_portal_alone_is_no_change_of_the_workbook(cast: Cast) -> None:
    held = diagnostic(cast.here)
    content = downloaded(held)
    save(held, cast.coordinator, "p3", Content(text="del portal"))
    assert {row["outcome"] for row in brought(held, cast.officer, content).rows} == {Outcome.SAME}


@pytest.mark.django_db
def test_rows_with_errors_say_where_and_how_to_mend_and_are_left_out(cast: Cast) -> None:
    held = diagnostic(cast.here)
    Answer.objects.create(diagnostic=held, question="t5", is_locked=True, updated_at=NOW)
    cells = {
        ("t1", "answer"): "9",
        ("t2", "id"): "zzz",
        ("t3", "id"): "t4",
        ("t5", "text"): "cerrada",
        ("p1", "version"): "x",
        ("p3", "na"): "sí",
        ("p2", "text"): "bien",
    }
    found = brought(held, cast.officer, filled_in(downloaded(held), cells))
    outcomes = [(row["question"], row["outcome"], bool(row["problem"])) for row in found.rows]
    wrong = ["t1", "zzz", "t4", "t4", "t5", "p1", "p3"]
    assert sorted(name for name, outcome, _said in outcomes if outcome == Outcome.ERROR) == sorted(wrong)
    assert all(said == (outcome == Outcome.ERROR) for _name, outcome, said in outcomes)
    assert (found.rows[0]["sheet"], found.rows[0]["line"]) == ("1. Transparencia", 5)
    apply_workbook(by=cast.officer, workbook=found, decisions={}, now=timezone.now())
    assert list(Answer.objects.filter(version=1).values_list("question", flat=True)) == ["p2"]


@pytest.mark.django_db
def test_a_workbook_of_another_diagnostic_or_version_or_of_nobody_is_refused_in_words(cast: Cast) -> None:
    held, other = diagnostic(cast.here), diagnostic(cast.elsewhere)
    assert "de otro diagnóstico" in brought(held, cast.officer, downloaded(other)).problem
    content = downloaded(held)
    plain = filled_in(content, {})
    InstrumentVersion.objects.filter(pk=held.version_id).update(state="draft")
    InstrumentVersion.objects.filter(pk=held.version_id).update(checksum="0" * 64)
    assert "Las preguntas cambiaron" in brought(held, cast.officer, plain).problem
    from municipalities.exports.authorities import template_xlsx

    found = brought(held, cast.officer, template_xlsx())
    assert (found.state, "no es una planilla del portal" in found.problem) == (WorkbookState.REFUSED, True)
    assert not Answer.objects.exists()


@pytest.mark.django_db
def test_a_damaged_file_is_refused_at_the_door_or_when_it_is_read(cast: Cast) -> None:
    held, content = diagnostic(cast.here), downloaded(diagnostic(cast.elsewhere))
    for damaged in (b"hola", content[:-200]):
        with pytest.raises(RefusedError):
            receive_workbook(
                by=cast.officer, diagnostic=held, upload=ContentFile(damaged), name="x.xlsx", now=timezone.now()
            )
    from tests.municipalities.test_documents import office

    found = brought(held, cast.officer, office())
    assert (found.state, bool(found.problem)) == (WorkbookState.REFUSED, True)


@pytest.mark.django_db
def test_a_workbook_waits_for_the_scanner_is_read_once_and_asked_for_again(cast: Cast) -> None:
    held = diagnostic(cast.here)
    found = receive_workbook(
        by=cast.officer, diagnostic=held, upload=ContentFile(downloaded(held)), name="x.xlsx", now=timezone.now()
    )
    later = timezone.now() + timedelta(minutes=2)
    assert not read_workbook(found.pk)
    assert (waiting(later), Workbook.objects.get().state) == ([], WorkbookState.QUEUED)
    found.document.state = DocumentState.CLEAN
    found.document.save()
    assert waiting(later) == [found.pk]
    assert read_workbook(found.pk)
    discard_workbook(by=cast.officer, workbook=found, now=timezone.now())
    assert read_workbook(found.pk)
    assert (waiting(later), Workbook.objects.get().state) == ([], WorkbookState.DISCARDED)


@pytest.mark.django_db
def test_the_last_day_between_preview_and_confirmation_loses_no_text(cast: Cast) -> None:
    held = diagnostic(cast.here)
    found = brought(held, cast.officer, filled_in(downloaded(held), CELLS))
    Diagnostic.objects.update(state=DiagnosticState.SUBMITTED)
    done = apply_workbook(by=cast.officer, workbook=found, decisions={}, now=timezone.now())
    assert {row["outcome"] for row in done.rows} == {Outcome.LATE}
    assert AnswerRevision.objects.filter(text="0012", version=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_apply_at_once_write_it_once() -> None:
    cast = assemble()
    held = diagnostic(cast.here)
    found = brought(held, cast.officer, filled_in(downloaded(held), CELLS))

    def confirm(by: User) -> str:
        try:
            return apply_workbook(by=by, workbook=found, decisions={}, now=timezone.now()).state
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(confirm, [cast.officer, cast.coordinator])) == [WorkbookState.APPLIED] * 2
    assert AnswerRevision.objects.count() == Answer.objects.count() == len(SAYS)
    assert set(Answer.objects.values_list("version", flat=True)) == {1}


@pytest.mark.django_db
def test_the_pages_carry_a_workbook_from_upload_to_result(
    cast: Cast, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    held = diagnostic(cast.here)
    sign_in(client, cast.officer)
    place = [cast.here.cut, cast.here.slug, held.pk]
    page = reverse("diagnostics:workbooks", args=place)
    with django_assert_max_num_queries(12):
        content = client.get(reverse("diagnostics:workbook_download", args=place)).content
    assert "Elija la planilla" in client.post(page).content.decode()
    sent = client.post(page, {"file": ContentFile(b"hola", "x.xlsx")})
    assert (sent.status_code, "no es una planilla" in sent.content.decode()) == (422, True)
    save(held, cast.coordinator, "t1", Content(2, text="del portal"))
    sent = client.post(page, {"file": ContentFile(filled_in(content, CELLS), "planilla.xlsx")})
    found = Workbook.objects.get()
    here = reverse("diagnostics:workbook", args=[*place, found.pk])
    assert sent.headers["Location"] == here
    assert "hx-trigger" in client.get(here).content.decode()
    found.document.state = DocumentState.CLEAN
    found.document.save()
    read_workbook(found.pk)
    with django_assert_max_num_queries(14):
        shown = client.get(here).content.decode()
    assert "Aplicar 8 cambios" in shown
    assert "del portal" in shown
    confirm = reverse("diagnostics:workbook_apply", args=[*place, found.pk])
    refused = client.post(confirm, {"t1-keep": "nada"})
    assert (refused.status_code, Answer.objects.count()) == (422, 1)
    done = client.post(confirm, {"t1-keep": "joined", "t1-text": "uno\r\ndos"}, follow=True)
    assert "Se escribieron 8 respuestas" in done.content.decode()
    assert Answer.objects.get(question="t1").text == "uno\ndos"
    assert client.get(page).status_code == 200
    assert client.get(f"{here}?ver=written").status_code == 200
