"""What the portal already knows is offered with its source, taken by a person, and never written over what somebody said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from budget.choices import DatasetState, Unit
from budget.models import Dataset, Indicator, SourceFile
from diagnostics.actions.answers import Content, save_answer
from diagnostics.choices import AnswerOrigin, EditionState
from diagnostics.models import Answer, AnswerRevision, Diagnostic
from diagnostics.reports.known import known_answers
from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import Question, QuestionKind
from diagnostics.rules.known import FACTS, Kept, Known, differs, is_offered
from tests.budget import factories as budget
from tests.cast import Cast, sign_in
from tests.diagnostics import factories
from tests.municipalities import adhesions

SHIPPED = Path("diagnostics/data/gobierno-abierto-municipal-2026.1.yaml")
TODAY = date(2026, 6, 1)


def asked(name: str, kind: QuestionKind = QuestionKind.YES_NO) -> Question:
    return Question("q", kind, "¿?", known_as=name)


def known(cast: Cast, name: str, kind: QuestionKind = QuestionKind.YES_NO) -> Known | None:
    with translation.override("es"):
        return known_answers(cast.here, [asked(name, kind)], today=TODAY).get("q")


def tell_sinim(cast: Cast, year: int, value: int | None, *, code: str = "MCOSOC") -> Dataset:
    Indicator.objects.get_or_create(code=code, defaults={"name": code, "plain_name": code, "unit": Unit.YES_NO})
    return budget.dataset(cast.here, year, indicators={code: value})


def test_every_word_of_the_shipped_instrument_is_a_fact_of_the_kind_of_its_question() -> None:
    shipped = instrument_file.read(SHIPPED.read_text())
    named = {question.known_as: question for question in shipped.questions() if question.known_as}
    assert set(named) <= set(FACTS)
    assert {name: FACTS[name].kind for name in named} == {name: question.kind for name, question in named.items()}


def test_the_variables_of_sinim_are_in_the_catalogue_that_is_fetched() -> None:
    from budget.imports.reference import sinim_numbers

    facts = [fact for fact in FACTS.values() if fact.kept == Kept.SINIM]
    assert {fact.code: fact.number for fact in facts} == {fact.code: sinim_numbers()[fact.code] for fact in facts}


def test_what_is_offered_is_not_the_answer_already() -> None:
    yes = Known(True, "x", TODAY)
    assert is_offered(yes, None, is_na=False)
    assert is_offered(yes, False, is_na=False)
    assert is_offered(yes, True, is_na=True)
    assert not is_offered(yes, True, is_na=False)
    assert (differs(yes, None), differs(yes, False), differs(yes, True)) == (False, True, False)


@pytest.mark.django_db
def test_sinim_is_cited_with_its_year_its_variable_and_the_day_it_was_read(cast: Cast) -> None:
    assert known(cast, "sinim_cosoc") is None
    tell_sinim(cast, 2022, 0)
    SourceFile.objects.update(received_at=datetime(2025, 12, 31, 15, tzinfo=UTC))
    assert known(cast, "sinim_cosoc") == Known(False, "SINIM 2022, variable 4327", date(2025, 12, 31))
    tell_sinim(cast, 2023, 1)
    tell_sinim(cast, 2024, None)
    latest = known(cast, "sinim_cosoc")
    assert latest is not None
    assert (latest.value, latest.source) == (True, "SINIM 2023, variable 4327")
    assert known(cast, "sinim_ordinance") is None
    Dataset.objects.filter(year=2023).update(state=DatasetState.DRAFT)
    before = known(cast, "sinim_cosoc")
    assert before is not None
    assert before.value is False
    assert not known_answers(cast.elsewhere, [asked("sinim_cosoc")], today=TODAY)


@pytest.mark.django_db
def test_an_edition_of_indicators_alone_is_no_published_budget(cast: Cast) -> None:
    tell_sinim(cast, 2025, 1)
    none = known(cast, "budget_published")
    assert none is not None
    assert (none.value, none.source) == (False, "los presupuestos publicados en este portal: no hay ninguno de 2025")
    Dataset.objects.all().delete()
    budget.dataset(cast.here, 2025, lines={"215": budget.spent(5)})
    there = known(cast, "budget_published")
    assert there is not None
    assert there.value is True
    assert "2025" in there.source


@pytest.mark.django_db
def test_the_adhesion_in_force_is_known(cast: Cast) -> None:
    before = known(cast, "adhesion_in_force")
    assert before is not None
    assert before.value is False
    adhesions.adhesion(cast.here)
    after = known(cast, "adhesion_in_force")
    assert after is not None
    assert after.value is True


@pytest.mark.django_db
def test_nothing_is_offered_without_a_source_or_to_another_kind_of_question(cast: Cast) -> None:
    assert known(cast, "public_account_date", QuestionKind.DATE) is None
    assert known(cast, "sin nombre") is None
    assert known(cast, "budget_published", QuestionKind.TEXT) is None


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    """A diagnostic whose t2 (yes or no) is what SINIM says of the COSOC: yes."""
    tell_sinim(cast, 2023, 1)
    held = factories.diagnostic(cast.here)
    data = {**factories.DATA, "dimensions": [*factories.DATA["dimensions"]]}
    small = instrument_file.to_data(instrument_file.from_data(data))
    small["dimensions"][0]["descriptors"][0]["questions"][1]["known_as"] = "sinim_cosoc"
    changed = instrument_file.from_data(small)
    version = held.version
    version.pk, version.version, version.state = None, "2026.2", EditionState.RETIRED
    version.content, version.checksum = instrument_file.to_data(changed), instrument_file.checksum(changed)
    version.save(force_insert=True)
    Diagnostic.objects.filter(pk=held.pk).update(version=version)
    return Diagnostic.objects.select_related("version", "round", "municipality").get(pk=held.pk)


def address(name: str, held: Diagnostic, *more: object) -> str:
    return reverse(f"diagnostics:{name}", args=[held.municipality.cut, held.municipality.slug, held.pk, *more])


def section(client: Client, held: Diagnostic) -> Any:
    return client.get(address("section", held, "transparencia"))


def offer(client: Client, held: Diagnostic) -> Any:
    questions = [each for _part, group in section(client, held).context["groups"] for each in group]
    return next(each for each in questions if each.question.id == "t2")


def write(cast: Cast, held: Diagnostic, value: bool, base: int = 0) -> None:
    save_answer(
        by=cast.officer,
        diagnostic=held,
        question="t2",
        content=Content(value, text="lo vimos"),
        base_version=base,
        client_id=uuid4(),
        now=timezone.now(),
    )


@pytest.mark.django_db
def test_the_page_offers_it_only_where_the_answer_is_another(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    body = section(client, held).content.decode()
    assert "El portal ya sabe: Sí." in body
    assert "Fuente: SINIM 2023, variable 4327." in body
    assert (offer(client, held).is_known_offered, offer(client, held).is_known_otherwise) == (True, False)
    write(cast, held, value=False)
    assert (offer(client, held).is_known_offered, offer(client, held).is_known_otherwise) == (True, True)
    write(cast, held, value=True, base=1)
    assert offer(client, held).is_known_offered is False
    sign_in(client, cast.reader)
    assert "El portal ya sabe" not in section(client, held).content.decode()


@pytest.mark.django_db
def test_the_button_without_scripts_takes_it_and_says_where_it_comes_from(
    client: Client, cast: Cast, held: Diagnostic
) -> None:
    sign_in(client, cast.officer)
    shown = offer(client, held)
    sent = {"t2-version": "0", "t2-client_id": str(shown.client_id), "t2-value": "", "t2-text": "", "known": "t2"}
    assert client.post(address("section", held, "transparencia"), sent).status_code == 302
    answer = Answer.objects.get(question="t2")
    assert (answer.value, answer.origin, answer.to_confirm) == (True, AnswerOrigin.PORTAL, False)
    assert (answer.text, answer.updated_by) == ("Fuente: SINIM 2023, variable 4327.", cast.officer)


@pytest.mark.django_db
def test_taking_it_keeps_the_words_and_the_former_answer(client: Client, cast: Cast, held: Diagnostic) -> None:
    write(cast, held, value=False)
    sign_in(client, cast.officer)
    fields = {"person": cast.officer.pk, "version": 1, "client_id": str(uuid4()), "value": "si", "text": "lo vimos"}
    response = client.post(address("save", held, "t2"), {**fields, "known": "1"})
    assert response.json()["state"] == "saved"
    answer = Answer.objects.get(question="t2")
    assert (answer.value, answer.text, answer.origin) == (True, "lo vimos", AnswerOrigin.PORTAL)
    former = AnswerRevision.objects.get(version=1)
    assert (former.value, former.origin) == (False, AnswerOrigin.PERSON)


@pytest.mark.django_db
def test_what_the_portal_does_not_say_is_a_persons_whatever_the_page_claims(
    client: Client, cast: Cast, held: Diagnostic
) -> None:
    sign_in(client, cast.officer)
    for question, value in (("t2", "no"), ("t4", "80")):
        fields = {"person": cast.officer.pk, "version": 0, "client_id": str(uuid4()), "value": value, "known": "1"}
        assert client.post(address("save", held, question), fields).json()["state"] == "saved"
        assert Answer.objects.get(question=question).origin == AnswerOrigin.PERSON
    # And an answer that somebody gave while the page was open is not written over.
    fields = {"person": cast.officer.pk, "version": 0, "client_id": str(uuid4()), "value": "si", "known": "1"}
    assert client.post(address("save", held, "t2"), fields).json()["state"] == "conflict"
    assert Answer.objects.get(question="t2").value is False
