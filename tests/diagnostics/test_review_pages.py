"""The pages of a review: the queue, one diagnostic, its sections with and without scripts, and its steps."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diagnostics.actions.reviewers import assign, begin, finish, set_second_review
from diagnostics.choices import DiagnosticState, Opinion
from diagnostics.models import Answer, Diagnostic, ReviewEntry
from diagnostics.reports.returned import returned_entries
from diagnostics.reports.review import review_of
from municipalities.actions import OvertakenError
from municipalities.models import Municipality
from tests.cast import Cast, sign_in
from tests.diagnostics import factories
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import accept_rest, returned, say, second_adviser, send_back, submitted, taken_up
from tests.diagnostics.test_validation import validated

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name: str, held: Diagnostic, *more: object) -> str:
    return reverse(f"diagnostics:{name}", args=[held.pk, *more])


def section_of(held: Diagnostic) -> str:
    return address("review_section", held, "transparencia")


def body(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_queue_goes_by_deadline_and_says_how_far_each_has_come(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    other = factories.diagnostic(cast.elsewhere)
    Diagnostic.objects.filter(pk=other.pk).update(state=DiagnosticState.SUBMITTED, submitted_at=NOW - timedelta(30))
    sign_in(client, cast.administrator)
    response = client.get(reverse("diagnostics:reviews"))
    assert [row.diagnostic.pk for row in response.context["rows"]] == [other.pk, held.pk]
    assert "1 de 7" in response.content.decode()
    assign(by=cast.administrator, diagnostic=held, user=cast.adviser, due=date(2026, 5, 2), now=NOW)
    response = client.get(reverse("diagnostics:reviews"))
    assert [row.diagnostic.pk for row in response.context["rows"]] == [held.pk, other.pk]


def test_the_queue_is_filtered(client: Client, cast: Cast) -> None:
    held = returned(cast)
    other = factories.diagnostic(cast.elsewhere)
    Diagnostic.objects.filter(pk=other.pk).update(state=DiagnosticState.SUBMITTED, submitted_at=NOW)

    def seen(query: str) -> list[int]:
        return [row.diagnostic.pk for row in client.get(reverse("diagnostics:reviews") + query).context["rows"]]

    sign_in(client, cast.administrator)
    assert seen("") == [other.pk]
    assert seen("?ver=devueltas") == [held.pk]
    assert seen("?ver=sin-revisor") == [other.pk]
    assert seen("?ver=corregidas") == []
    assert seen(f"?region={cast.here.region_id}") == []
    assert seen("?ronda=9999&region=zz&ver=x&pagina=x") == [other.pk]
    Diagnostic.objects.filter(pk=held.pk).update(state=DiagnosticState.SUBMITTED)
    assert seen("?ver=corregidas") == [held.pk]
    sign_in(client, cast.adviser)
    assert (seen("?ver=mias"), seen("")) == ([held.pk], [held.pk])


def test_an_adviser_sees_the_diagnostics_of_their_places_alone(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    sign_in(client, cast.adviser_elsewhere)
    assert client.get(address("review", held)).status_code == 404
    sign_in(client, cast.coordinator)
    assert client.get(address("review", held)).status_code == 403


def test_a_review_is_taken_up_from_its_page(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    sign_in(client, cast.adviser)
    assert "Tomar la revisión" in body(client, address("review", held))
    response = client.post(address("review_begin", held), follow=True)
    assert "La revisión está a su cargo" in response.content.decode()
    assert "Tomar la revisión" not in response.content.decode()
    sign_in(client, cast.administrator)
    again = client.post(address("review_begin", held), follow=True).content.decode()
    assert f"{cast.adviser.name} ya revisa este diagnóstico" in again


def test_without_scripts_one_button_saves_all_that_was_judged(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    sign_in(client, cast.adviser)
    sent = {
        "t1-version": 1, "t1-opinion": "other_level", "t1-proposed": "2", "t1-note": "Falta.\r\nMucho.",
        "t2-version": 1, "t2-opinion": "accepted",
        "t4-version": 1, "t4-opinion": "correction", "t4-note": "Sin motivo elegido",
        "t5-version": 1, "t5-note": "Sin opinión elegida", "only": "t1",
    }  # fmt: skip
    response = client.post(section_of(held), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Sin motivo elegido" in page
    assert "Sin opinión elegida" in page
    entry = ReviewEntry.objects.get(question="t1")
    assert (entry.proposed_value, entry.note) == (2, "Falta.\nMucho.")
    assert Answer.objects.get(question="t2").is_locked
    good = {"t4-version": 1, "t4-opinion": "correction", "t4-reason": "unclear", "only": "t4"}
    assert client.post(section_of(held), good).status_code == 302
    at = ReviewEntry.objects.get(question="t1").at
    client.post(section_of(held), sent | good | {"t5-note": ""})
    assert ReviewEntry.objects.get(question="t1").at == at, "what was said before is not said again"


def test_with_the_script_one_answer_is_saved_and_shown_again(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    sign_in(client, cast.adviser)
    sent = {"t1-version": 1, "t1-opinion": "accepted", "t2-version": 1, "t2-opinion": "accepted", "only": "t1"}
    response = client.post(section_of(held), sent, **HTMX)  # type: ignore[arg-type]
    page = response.content.decode()
    assert (response.status_code, ReviewEntry.objects.count()) == (200, 1)
    assert 'id="t1"' in page
    assert 'id="t2"' not in page
    assert "Revisadas 1 de 7" in page
    Answer.objects.filter(question="t2").update(version=2)
    sent = {"t2-version": 1, "t2-opinion": "commented", "t2-note": "Lo que escribí", "only": "t2"}
    refused = client.post(section_of(held), sent, **HTMX)  # type: ignore[arg-type]
    assert refused.status_code == 422
    assert "Lo que escribí" in refused.content.decode()
    assert "léala de nuevo" in refused.content.decode()


def test_an_opinion_that_comes_after_the_return_is_refused_with_its_words(client: Client, cast: Cast) -> None:
    held = returned(cast)
    sign_in(client, cast.adviser)
    sent = {"t1-version": 1, "t1-opinion": "commented", "t1-note": "Tarde", "only": "t1"}
    response = client.post(section_of(held), sent, **HTMX)  # type: ignore[arg-type]
    assert (response.status_code, ReviewEntry.objects.filter(note="Tarde").count()) == (422, 0)


def test_a_closed_answer_is_opened_from_the_page_and_nothing_typed_is_lost(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    sign_in(client, cast.adviser)
    sent = {"reopen": "t1", "t2-version": 1, "t2-opinion": "commented", "t2-note": "Bien"}
    assert client.post(section_of(held), sent).headers["Location"].endswith("#t1")
    assert not Answer.objects.get(question="t1").is_locked
    assert ReviewEntry.objects.get(question="t2").note == "Bien"
    assert client.post(section_of(held), {"reopen": "nada\x00\n"}).status_code == 302


def test_each_answer_stands_beside_that_of_the_round_before(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    earlier = factories.diagnostic(cast.here, factories.a_round("Ronda anterior"))
    Answer.objects.create(diagnostic=earlier, question="t1", value=1, text="Antes nada.", version=1, updated_at=NOW)
    Diagnostic.objects.filter(pk=earlier.pk).update(
        state=DiagnosticState.VALIDATED, validated_at=NOW, folio="DGAM-2026-0900"
    )
    sign_in(client, cast.adviser)
    page = body(client, section_of(held))
    assert "Ronda anterior" in page
    assert "Antes nada." in page
    assert "nivel 1 de 5: inexistente" in page
    assert "Entonces no se respondió." in page


def test_a_return_shows_what_the_municipality_will_read(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    sign_in(client, cast.adviser)
    assert "No se pide nada" in body(client, address("review_return", held))
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear", note="¿De qué año?")
    page = body(client, address("review_return", held))
    assert "¿De qué año?" in page
    assert "Revisó 1 de 7 respuestas" in page
    sent = {"seen": "under_review", "reason": "Falta el año.", "until": timezone.localdate() + timedelta(days=30)}
    assert client.post(address("review_return", held), sent).status_code == 302
    held.refresh_from_db()
    assert held.state == DiagnosticState.RETURNED
    again = client.post(address("review_return", held), sent)
    assert (again.status_code, "Falta el año." in again.content.decode()) == (409, True)


def test_the_municipality_agrees_or_disagrees_on_a_page(client: Client, cast: Cast) -> None:
    held = returned(cast)
    sign_in(client, cast.officer)
    place = [cast.here.cut, cast.here.slug, held.pk]
    overview = body(client, reverse("diagnostics:diagnostic", args=place))
    assert "Faltan dos respuestas." in overview
    assert "Decir si están de acuerdo" in overview
    section = body(client, reverse("diagnostics:section", args=[*place, "transparencia"]))
    assert "El Consejo propone: nivel 2 de 5: inicial" in section
    reply = reverse("diagnostics:reply", args=[*place, "t1"])
    assert "De acuerdo: la respuesta es nivel 2 de 5: inicial" in body(client, reply)
    assert client.post(reply, {"text": " "}).status_code == 200
    assert client.post(reply, {"text": "No."}).status_code == 302
    agreed = client.get(reply).context["client_id"]
    assert client.post(reply, {"agree": "x"}).status_code == 404
    assert client.post(reply, {"agree": agreed}).status_code == 302
    assert client.post(reply, {"agree": agreed}).status_code == 302
    assert client.post(reply, {"agree": uuid4()}).status_code == 409
    assert returned_entries(held)["t1"].reply == "agreed"
    assert Answer.objects.get(question="t1").value == 2
    assert client.get(reverse("diagnostics:reply", args=[*place, "t2"])).status_code == 404
    sign_in(client, cast.reader)
    assert client.get(reply).status_code == 403


def test_two_reviewers_agree_on_a_page(client: Client, cast: Cast) -> None:
    second = second_adviser(cast)
    held = submitted(cast)
    set_second_review(by=cast.administrator, diagnostic=held, wanted=True, now=NOW)
    for who in (cast.adviser, second):
        begin(by=who, diagnostic=held, now=NOW)
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear", note="Palabras de la primera")
    for who in (cast.adviser, second):
        accept_rest(who, held)
    finish(by=cast.adviser, diagnostic=held, now=NOW)
    sign_in(client, second)
    for url in (section_of(held), address("review", held), address("review_differences", held)):
        assert "Palabras de la primera" not in body(client, url)
    assert "Ver 1 diferencia" in client.post(address("review_finish", held), follow=True).content.decode()
    page = body(client, address("review_differences", held))
    assert "Palabras de la primera" in page
    entry = ReviewEntry.objects.get(question="t4", by=cast.adviser)
    done = client.post(address("review_differences", held), {"question": "t4", "seen": entry.pk}, follow=True)
    assert "No hay diferencias" in done.content.decode()
    wrong = client.post(address("review_differences", held), {"question": "t4\x00", "seen": "9" * 30}, follow=True)
    assert wrong.status_code == 200


def test_a_sample_is_seen_before_it_is_drawn(client: Client, cast: Cast) -> None:
    held = factories.diagnostic(cast.here)
    sign_in(client, cast.administrator)
    url = reverse("diagnostics:review_sample")
    asked: dict[str, Any] = {"round": held.round_id, "percent": 50, "seed": "abc"}
    page = client.get(url, asked).content.decode()
    assert "Saldría sorteada 1 municipalidad" in page
    assert cast.here.name in page
    assert client.post(url, asked).status_code == 302
    held.refresh_from_db()
    assert held.needs_second_review
    assert client.post(url, {"percent": "x"}).status_code == 200


def test_a_validation_is_made_on_its_page_and_gives_the_document(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    sign_in(client, cast.adviser)
    assert "Falta revisar 7 respuestas." in body(client, address("review_validate", held))
    accept_rest(cast.adviser, held)
    sent = {"seen": "under_review", "public_from": timezone.localdate()}
    assert client.post(address("review_validate", held), sent).status_code == 302
    page = body(client, address("review", held))
    assert "DGAM-" in page
    held.refresh_from_db()
    assert held.document is not None
    for reader in (cast.adviser, cast.reader):
        sign_in(client, reader)
        assert client.get(held.document.get_absolute_url()).getvalue().startswith(b"%PDF")
    sign_in(client, cast.coordinator_elsewhere)
    assert client.get(held.document.get_absolute_url()).status_code == 404


def test_who_reviews_is_set_on_a_page(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    sign_in(client, cast.administrator)
    url = address("review_assign", held)
    names = [person.name for person in client.get(url).context["form"].fields["user"].queryset]
    assert names == sorted([cast.adviser.name, cast.administrator.name, cast.unprotected_administrator.name])
    client.post(url, {"two": "1"})
    assert client.post(url, {"user": cast.adviser.pk, "seat": 2, "due": "2026-12-01"}).status_code == 302
    assert client.post(url, {"user": cast.adviser.pk, "seat": 1}).status_code == 200
    sign_in(client, cast.adviser)
    assert client.get(url).status_code == 403


def test_pages_ask_the_same_number_of_queries_however_many_there_are(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    held = taken_up(cast)
    accept_rest(cast.adviser, held)
    for number in range(5):
        place = Municipality.objects.get(pk=cast.here.pk)
        place.pk = place.cut = f"1229{number}"
        place.slug = f"otra-{number}"
        place.save(force_insert=True)
        other = factories.diagnostic(place)
        Diagnostic.objects.filter(pk=other.pk).update(state=DiagnosticState.SUBMITTED, submitted_at=NOW)
    sign_in(client, cast.adviser)
    client.get(reverse("diagnostics:reviews"))
    with django_assert_max_num_queries(18):
        assert len(client.get(reverse("diagnostics:reviews")).context["rows"]) == 6
    with django_assert_max_num_queries(18):
        client.get(section_of(held))
    with django_assert_max_num_queries(18):
        client.get(address("review", held))


def test_a_validated_review_can_be_read_by_its_reviewers(client: Client, cast: Cast) -> None:
    held = taken_up(cast)
    accept_rest(cast.adviser, held)
    validated(cast, held)
    sign_in(client, cast.adviser)
    assert "Guardar la opinión" not in body(client, section_of(held))
    assert review_of(held, cast.adviser).counted == (7, 7)
    held.refresh_from_db()
    with pytest.raises(OvertakenError):
        send_back(cast.adviser, held)
