"""The address that saves one answer, as the script of the form speaks with it."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from diagnostics.choices import DiagnosticState
from diagnostics.models import Answer, AnswerRevision, Diagnostic, Evidence, EvidenceUse
from diagnostics.rules.answers import value_problem
from diagnostics.rules.controls import controls_of, value_of
from tests.cast import Cast, sign_in
from tests.diagnostics import factories

pytestmark = pytest.mark.django_db


def send(
    client: Client, held: Diagnostic, person: User, text: str = "", question: str = "t1", version: int = 0, **more: Any
) -> tuple[int, dict[str, Any]]:
    municipality = held.municipality
    address = reverse("diagnostics:save", args=[municipality.cut, municipality.slug, held.pk, question])
    fields = {"person": person.pk, "version": version, "client_id": str(uuid4()), "value": "2", "text": text, **more}
    response = client.post(address, fields)
    return response.status_code, response.json()


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    return factories.diagnostic(cast.here)


def test_a_save_says_its_version_what_is_shown_and_how_far_it_is(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    status, said = send(client, held, cast.officer, "uno")
    assert (status, said["state"], said["version"], said["who"]) == (200, "saved", 1, cast.officer.name)
    assert "t3" not in said["shown"]
    assert said["progress"]["section"] == "Faltan 3 de 4, 1 con evidencia pendiente"
    _status, said = send(client, held, cast.officer, question="t2", value="si")
    assert "t3" in said["shown"]


def test_a_save_repeated_after_someone_elses_starts_from_its_own_version(
    client: Client, cast: Cast, held: Diagnostic
) -> None:
    """Its answer got lost; in between another person wrote. What the page sends next must not pass over that."""
    sign_in(client, cast.officer)
    mine: dict[str, Any] = {"client_id": str(uuid4()), "tab": str(uuid4()), "sequence": 1}
    send(client, held, cast.officer, "uno", **mine)
    sign_in(client, cast.coordinator)
    send(client, held, cast.coordinator, "dos", version=1)
    sign_in(client, cast.officer)
    status, said = send(client, held, cast.officer, "uno", **mine)
    assert (status, said["version"], said["standing"]["version"], said["standing"]["text"]) == (200, 1, 2, "dos")
    status, said = send(client, held, cast.officer, "uno y más", version=1, tab=mine["tab"], sequence=2)
    assert (status, said["state"], said["theirs"]["text"], said["version"]) == (409, "conflict", "dos", 2)
    assert AnswerRevision.objects.filter(text="uno y más", version=None).exists()


def test_a_page_is_not_in_conflict_with_its_own_save_whose_answer_got_lost(
    client: Client, cast: Cast, held: Diagnostic
) -> None:
    sign_in(client, cast.officer)
    tab = str(uuid4())
    send(client, held, cast.officer, "hola", tab=tab, sequence=1)
    status, said = send(client, held, cast.officer, "hola mundo", tab=tab, sequence=2)
    assert (status, said["version"]) == (200, 2)
    status, said = send(client, held, cast.officer, "de otra página", tab=str(uuid4()), sequence=1)
    assert (status, said["state"]) == (409, "conflict")


def test_a_late_save_is_superseded(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    tab = str(uuid4())
    send(client, held, cast.officer, "hola mundo", tab=tab, sequence=2)
    status, said = send(client, held, cast.officer, "hola", tab=tab, sequence=1)
    assert (status, said["state"], said["version"], said["standing"]["text"]) == (200, "superseded", 1, "hola mundo")


def test_an_identifier_of_another_answer_is_refused(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    again: dict[str, Any] = {"client_id": str(uuid4())}
    send(client, held, cast.officer, "uno", **again)
    status, _said = send(client, held, cast.officer, "dos", question="t2", value="si", **again)
    assert status == 400
    assert Answer.objects.get(question="t1").text == "uno"


@pytest.mark.parametrize(
    ("question", "value"), [("t1", "9"), ("t1", "dos"), ("t4", "muchos"), ("t5", "no es"), ("p1", "x")]
)
def test_an_impossible_value_is_422_and_kept(
    client: Client, cast: Cast, held: Diagnostic, question: str, value: str
) -> None:
    sign_in(client, cast.officer)
    status, said = send(client, held, cast.officer, "con palabras", question, value=value)
    assert (status, said["state"]) == (422, "impossible")
    assert str(AnswerRevision.objects.get(text="con palabras").value) == value


def test_text_is_kept_to_the_letter(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    text = "  dos espacios,\n\tuna tabulación, 🌊 y un final \n\n"
    send(client, held, cast.officer, text)
    assert Answer.objects.get().text == text
    status, _said = send(client, held, cast.officer, "x\x00y", version=1)
    assert (status, Answer.objects.get().text) == (200, "xy")
    status, _said = send(client, held, cast.officer, "z" * 20_001, version=2)
    assert (status, AnswerRevision.objects.filter(text="z" * 20_001).count()) == (422, 1)


def test_who_may_not_is_told_in_json(client: Client, cast: Cast, held: Diagnostic) -> None:
    status, said = send(client, held, cast.officer, "x")
    assert (status, said["state"]) == (401, "signed_out")
    sign_in(client, cast.coordinator)
    status, said = send(client, held, cast.officer, "x")
    assert (status, said["state"]) == (401, "other_person")
    for other in (cast.mayor, cast.reader, cast.administrator, cast.coordinator_elsewhere, cast.citizen):
        sign_in(client, other)
        status, said = send(client, held, other, "x")
        assert (status, said["state"]) == (403, "forbidden"), other
    assert not AnswerRevision.objects.exists()


def test_a_closed_diagnostic_says_why_and_keeps_the_text(client: Client, cast: Cast, held: Diagnostic) -> None:
    Diagnostic.objects.update(state=DiagnosticState.SUBMITTED)
    sign_in(client, cast.officer)
    status, said = send(client, held, cast.officer, "tarde")
    assert (status, said["state"]) == (409, "closed")
    assert AnswerRevision.objects.get().text == "tarde"


def test_presence_names_the_others_and_forgets_who_left(client: Client, cast: Cast, held: Diagnostic) -> None:
    cache.clear()
    address = reverse("diagnostics:presence", args=[cast.here.cut, cast.here.slug, held.pk, "transparencia"])
    pages = {person.pk: str(uuid4()) for person in (cast.officer, cast.coordinator)}

    def ask(person: User, **more: Any) -> dict[str, Any]:
        sign_in(client, person)
        said: dict[str, Any] = client.post(address, {"person": person.pk, "tab": pages[person.pk], **more}).json()
        return said

    assert ask(cast.officer)["others"] == []
    assert ask(cast.coordinator)["others"] == [cast.officer.name]
    ask(cast.officer, leaving=1)
    assert ask(cast.coordinator)["others"] == []


def test_a_section_costs_the_same_however_many_answers(
    client: Client, cast: Cast, held: Diagnostic, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, cast.officer)
    address = reverse("diagnostics:section", args=[cast.here.cut, cast.here.slug, held.pk, "transparencia"])
    client.get(address)
    for question in ("t1", "t2", "t3", "t4", "t5"):
        answer = Answer.objects.create(
            diagnostic=held, question=question, text="x", version=1, updated_at=factories.NOW, updated_by=cast.officer
        )
        AnswerRevision.objects.create(answer=answer, client_id=uuid4(), base_version=0, at=factories.NOW)
        proof = Evidence.objects.create(municipality=cast.here, title="x", owner=cast.officer, created_at=factories.NOW)
        EvidenceUse.objects.create(
            evidence=proof, diagnostic=held, question=question, linked_by=cast.officer, linked_at=factories.NOW
        )
    with django_assert_max_num_queries(15):
        assert client.get(address).status_code == 200


NUMBERS = st.decimals(-(10**9), 10**9, places=2).map(str)


@given(number=NUMBERS)
def test_a_number_comes_back_as_it_went(number: str) -> None:
    question = factories.instrument().by_id["t4"]
    assert value_of(question, controls_of(question, number)) == number


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1.234,5", "1234.5"), ("1234,5", "1234.5"), ("95.5", "95.5"), ("1.234", "1234"), (" 95 ", "95"), ("", None)],
)
def test_numbers_are_read_as_they_are_written_here(typed: str, value: str | None) -> None:
    question = factories.instrument().by_id["t4"]
    assert value_of(question, [typed]) == value
    assert not value_problem(question, value)
