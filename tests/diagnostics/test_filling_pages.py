"""The pages of filling in: the whole, a section without scripts, delegation, comments, history, sending."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diagnostics.actions.answers import Content, save_answer
from diagnostics.actions.filling import assign, comment, resolve
from diagnostics.choices import AnswerOrigin, Audience, DiagnosticState
from diagnostics.models import Answer, AnswerRevision, Comment, Diagnostic, ReviewEntry, SectionAssignment
from diagnostics.reports.filled import filled
from diagnostics.reports.progress import progress, sections
from municipalities.actions import RefusedError
from tests.cast import Cast, sign_in
from tests.diagnostics import factories
from tests.diagnostics.test_submission import complete

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    return factories.diagnostic(cast.here)


def address(name: str, held: Diagnostic, *more: object) -> str:
    return reverse(f"diagnostics:{name}", args=[held.municipality.cut, held.municipality.slug, held.pk, *more])


def write(cast: Cast, held: Diagnostic, question: str, base: int = 0, **content: Any) -> Answer:
    return save_answer(
        by=cast.officer,
        diagnostic=held,
        question=question,
        content=Content(**content),
        base_version=base,
        client_id=uuid4(),
        now=timezone.now(),
    ).answer


def as_sent(client: Client, held: Diagnostic) -> dict[str, Any]:
    """What a browser without scripts would send of the section as it is shown now."""
    response = client.get(address("section", held, "transparencia"))
    fields: dict[str, Any] = {}
    for _descriptor, questions in response.context["groups"]:
        for on_page in questions:
            name = on_page.question.id
            fields |= {
                f"{name}-version": on_page.answer.version,
                f"{name}-client_id": str(on_page.client_id),
                f"{name}-value": on_page.controls,
                f"{name}-text": on_page.typed.text,
                f"{name}-confidence": on_page.typed.confidence,
            }
    return fields


def test_the_overview_says_what_is_missing_and_who_answers(client: Client, cast: Cast, held: Diagnostic) -> None:
    write(cast, held, "t1", value=3)
    assign(
        by=cast.coordinator,
        diagnostic=held,
        dimension="transparencia",
        user=cast.officer,
        due=date(2026, 7, 1),
        now=factories.NOW,
    )
    sign_in(client, cast.officer)
    body = client.get(address("diagnostic", held)).content.decode()
    assert "Faltan 6 de 7, 1 con evidencia pendiente" in body
    assert "Lo que se le pide a usted" in body
    assert f"{cast.officer.name} (1)" in body
    assert "01-07-2026" in body
    assert f"{address('section', held, 'transparencia')}#t1" in body


def test_progress_counts_what_is_asked_and_what_lacks_evidence(cast: Cast, held: Diagnostic) -> None:
    write(cast, held, "t1", value=3)
    write(cast, held, "t2", value=True)
    now = filled(held, today=date(2026, 6, 1))
    whole = progress(now)
    assert (whole.total, whole.answered, whole.missing, whole.without_evidence) == (8, 2, 6, 1)
    first, second = sections(held, now)
    assert (first.progress.missing, second.progress.missing) == (3, 3)
    assert first.writers == ((cast.officer.name, 2),)


def test_what_the_council_returned_is_on_top(client: Client, cast: Cast, held: Diagnostic) -> None:
    write(cast, held, "t1", value=3)
    ReviewEntry.objects.create(
        diagnostic=held, question="t1", by=cast.adviser, at=factories.NOW, opinion="correction",
        reason="no_evidence", note="Falta el enlace", answer_version=1, is_told=True,
    )  # fmt: skip
    held.returns.create(turn=1, reason="x", until=date(2026, 7, 1), by=cast.adviser, at=factories.NOW)
    Diagnostic.objects.update(state=DiagnosticState.RETURNED, submitted_at=factories.NOW)
    sign_in(client, cast.officer)
    assert "Falta el enlace" in client.get(address("diagnostic", held)).content.decode()
    assert "Falta el enlace" in client.get(address("section", held, "transparencia")).content.decode()


def test_the_button_saves_only_what_changed(client: Client, cast: Cast, held: Diagnostic) -> None:
    write(cast, held, "t1", value=3, text="antes")
    sign_in(client, cast.officer)
    fields = as_sent(client, held)
    write(cast, held, "t1", 1, value=3, text="de otra persona")
    response = client.post(
        address("section", held, "transparencia"), fields | {"t4-value": "95,5", "t4-text": "a\r\nb"}
    )
    assert response.status_code == 302
    assert Answer.objects.get(question="t1").text == "de otra persona"
    assert (Answer.objects.get(question="t4").value, Answer.objects.get(question="t4").text) == ("95.5", "a\nb")
    assert not Answer.objects.filter(question__in=["t2", "t3", "t5"]).exists()
    again = client.post(address("section", held, "transparencia"), fields | {"t4-value": "95,5", "t4-text": "a\r\nb"})
    assert (again.status_code, Answer.objects.get(question="t4").version) == (302, 1)


def test_a_conflict_without_scripts_shows_both_and_keeps_both(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.coordinator)
    fields = as_sent(client, held)
    write(cast, held, "t1", value=3, text="de ella")
    response = client.post(address("section", held, "transparencia"), fields | {"t1-text": "de él", "t4-value": "80"})
    body = response.content.decode()
    assert response.status_code == 409
    assert "de ella" in body
    assert "de él" in body
    assert Answer.objects.get(question="t4").value == "80"
    assert AnswerRevision.objects.filter(text="de él", version=None).exists()


def test_an_impossible_value_without_scripts_stays_on_the_page(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    response = client.post(address("section", held, "transparencia"), as_sent(client, held) | {"t4-value": "muchos"})
    assert response.status_code == 409
    assert 'value="muchos"' in response.content.decode()


def test_an_answer_from_elsewhere_is_confirmed_with_a_button(client: Client, cast: Cast, held: Diagnostic) -> None:
    Answer.objects.create(
        diagnostic=held, question="t4", value="80", version=1, updated_at=factories.NOW, to_confirm=True,
        origin=AnswerOrigin.CARRIED,
    )  # fmt: skip
    sign_in(client, cast.officer)
    client.post(address("section", held, "transparencia"), as_sent(client, held) | {"confirm": "t4"})
    answer = Answer.objects.get(question="t4")
    assert (answer.to_confirm, answer.origin, answer.value) == (False, AnswerOrigin.PERSON, "80")


def test_who_only_reads_sees_no_controls_to_change(client: Client, cast: Cast, held: Diagnostic) -> None:
    for reader in (cast.mayor, cast.reader, cast.adviser):
        sign_in(client, reader)
        body = client.get(address("section", held, "transparencia")).content.decode()
        assert "data-filling" not in body
        assert client.post(address("section", held, "transparencia"), {}).status_code == 403


def test_a_restored_text_is_a_new_save(client: Client, cast: Cast, held: Diagnostic) -> None:
    write(cast, held, "t1", value=3, text="bueno")
    write(cast, held, "t1", 1, value=None, text="")
    sign_in(client, cast.coordinator)
    page = client.get(address("history", held, "t1"))
    assert "bueno" in page.content.decode()
    old = AnswerRevision.objects.get(text="bueno")
    client.post(address("history", held, "t1"), {"revision": old.pk, "version": 2, "client_id": str(uuid4())})
    assert (Answer.objects.get().text, Answer.objects.get().version) == ("bueno", 3)
    assert AnswerRevision.objects.count() == 3


def test_the_council_reads_only_shared_comments(client: Client, cast: Cast, held: Diagnostic) -> None:
    said: dict[str, Any] = {"diagnostic": held, "question": "t1", "now": factories.NOW}
    comment(by=cast.officer, text="entre nosotros", audience=Audience.MUNICIPALITY, **said)
    comment(by=cast.officer, text="para el Consejo", audience=Audience.SHARED, **said)
    answer = comment(by=cast.adviser, text="gracias", audience=Audience.MUNICIPALITY, **said)
    assert answer.audience == Audience.SHARED
    sign_in(client, cast.adviser)
    body = client.get(address("comments", held, "t1")).content.decode()
    assert "entre nosotros" not in body
    assert "para el Consejo" in body
    secret = Comment.objects.get(text="entre nosotros")
    assert client.post(address("comment_resolve", held, secret.pk)).status_code == 404
    sign_in(client, cast.officer)
    client.post(address("comments", held, "t1"), {"text": "otro", "audience": "municipality"})
    client.post(address("comment_resolve", held, secret.pk))
    secret.refresh_from_db()
    assert secret.resolved_by == cast.officer
    assert Comment.objects.count() == 4


def test_who_may_not_comment_or_delegate_is_refused(cast: Cast, held: Diagnostic) -> None:
    mine = comment(
        by=cast.officer, diagnostic=held, question="t1", text="x", audience=Audience.SHARED, now=factories.NOW
    )
    for other in (cast.mayor, cast.reader, cast.analyst, cast.coordinator_elsewhere):
        with pytest.raises(PermissionDenied):
            comment(by=other, diagnostic=held, question="t1", text="x", audience=Audience.SHARED, now=factories.NOW)
        with pytest.raises(PermissionDenied):
            resolve(by=other, comment=mine, now=factories.NOW)
        with pytest.raises(PermissionDenied):
            assign(by=other, diagnostic=held, dimension="transparencia", user=cast.officer, due=None, now=factories.NOW)
    with pytest.raises(RefusedError):
        assign(
            by=cast.coordinator,
            diagnostic=held,
            dimension="transparencia",
            user=cast.reader,
            due=None,
            now=factories.NOW,
        )
    with pytest.raises(RefusedError):
        assign(by=cast.coordinator, diagnostic=held, dimension="nada", user=cast.officer, due=None, now=factories.NOW)


def test_a_section_is_given_and_taken_back(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.coordinator)
    client.post(address("assign", held, "transparencia"), {"user": cast.officer.pk, "due": "2026-07-01"})
    client.post(address("assign", held, "transparencia"), {"user": cast.officer.pk, "due": "2026-08-01"})
    given = SectionAssignment.objects.get()
    assert given.due == date(2026, 8, 1)
    client.post(address("assign", held, "transparencia"), {"take_back": given.pk})
    assert not SectionAssignment.objects.exists()


def test_a_text_far_too_long_is_whole_at_its_own_address(client: Client, cast: Cast, held: Diagnostic) -> None:
    text = "ñandú " * 5_000
    with pytest.raises(RefusedError):
        write(cast, held, "t1", text=text)
    sign_in(client, cast.officer)
    page = client.get(address("history", held, "t1")).content.decode()
    assert len(page) < 30_000
    assert "El texto completo: 30.000 caracteres" in page
    whole = client.get(address("history", held, "t1"), {"texto": AnswerRevision.objects.get().pk})
    assert whole.content.decode() == text
    assert client.get(address("history", held, "t1"), {"texto": "abc"}).status_code == 404
    assert client.get(address("history", held, "t2"), {"texto": AnswerRevision.objects.get().pk}).status_code == 404


@pytest.mark.parametrize("sent", ["abc", "-1", "0", "\x00", "9" * 30, "9" * 5000, ""])
def test_a_row_that_cannot_be_is_not_found(client: Client, cast: Cast, held: Diagnostic, sent: str) -> None:
    write(cast, held, "t1", value=3)
    sign_in(client, cast.coordinator)
    assert client.post(address("assign", held, "transparencia"), {"take_back": sent}).status_code == 404
    restored = {"revision": sent, "version": 1, "client_id": str(uuid4())}
    assert client.post(address("history", held, "t1"), restored).status_code == 404
    assert Answer.objects.get(question="t1").version == 1


def test_the_coordinator_submits_from_the_page(client: Client, cast: Cast) -> None:
    held = complete(cast)
    Answer.objects.filter(question="p2").update(value=None)
    sign_in(client, cast.coordinator)
    refused = client.post(address("submit", held), {"seen": "open"})
    assert (refused.status_code, Diagnostic.objects.get().state) == (422, DiagnosticState.OPEN)
    done = client.post(address("submit", held), {"seen": "open", "left": "unanswered:p2"})
    assert (done.status_code, Diagnostic.objects.get().state) == (302, DiagnosticState.SUBMITTED)
