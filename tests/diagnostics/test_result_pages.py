"""The result of a diagnostic as its municipality and the council read it."""

from datetime import timedelta

import pytest
from django.test import Client

from diagnostics.choices import DiagnosticState
from diagnostics.models import Answer, Diagnostic
from tests.cast import Cast, municipality, sign_in
from tests.diagnostics.factories import NOW, a_round, diagnostic
from tests.diagnostics.test_comparison import later_round, validated
from tests.diagnostics.test_results import scored

pytestmark = pytest.mark.django_db


def at(held: Diagnostic, rest: str = "") -> str:
    place = held.municipality
    return f"/municipios/{place.cut}-{place.slug}/diagnosticos/{held.pk}/resultado/{rest}"


def read(client: Client, cast: Cast, held: Diagnostic, rest: str = "") -> str:
    answer = sign_in(client, cast.reader).get(at(held, rest))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_index_is_a_level_with_its_meaning_why_and_what_is_missing(client: Client, cast: Cast) -> None:
    page = read(client, cast, scored(cast))
    assert "Nivel 3 de 5: en desarrollo" in page
    assert "significa en desarrollo" in page
    assert "porque alcanza" in page
    assert "Para el nivel 4, consolidado, que comienza en 60 puntos, falta sumar" in page
    assert "El Consejo todavía no valida este diagnóstico" in page
    assert "se están calculando" not in page


def test_a_validated_result_is_not_provisional(client: Client, cast: Cast) -> None:
    assert "todavía no valida" not in read(client, cast, validated(cast.here, a_round()))


def test_without_answers_the_page_leads_to_the_questions(client: Client, cast: Cast) -> None:
    page = read(client, cast, diagnostic(cast.here))
    assert "Todavía no hay puntajes" in page
    assert "Qué cambió" not in page


def test_while_scores_are_behind_the_page_asks_and_comes_anew_when_they_are_not(client: Client, cast: Cast) -> None:
    held = scored(cast)
    Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=NOW + timedelta(seconds=9))
    assert 'hx-trigger="every 3s"' in read(client, cast, held)
    asked = client.get(at(held), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in asked
    assert "se están calculando" in asked.content.decode()
    Diagnostic.objects.filter(pk=held.pk).update(scored_at=NOW + timedelta(seconds=9))
    assert client.get(at(held), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_earlier_rounds_and_peers_are_told_or_why_they_are_not(client: Client, cast: Cast) -> None:
    first = validated(cast.here, a_round())
    page = read(client, cast, first)
    assert "No hay un diagnóstico anterior validado" in page
    assert "de este grupo hay 1 diagnóstico validado, y la comparación se muestra desde 5" in page
    second = validated(cast.here, later_round(), t1=5)
    for number in range(4):
        validated(municipality(f"1220{number + 2}", f"Lugar {number}", f"lugar-{number}", order=16), second.round)
    page = read(client, cast, second)
    assert "Desde Línea de base 2026" in page
    assert "+" in page
    assert "5 diagnósticos, puntos de 100" in page
    assert "en el cuarto más alto" in page


def test_the_gaps_lead_to_their_questions(client: Client, cast: Cast) -> None:
    held = scored(cast)
    page = read(client, cast, held, "brechas/")
    assert "Publique cada mes." in page
    assert f"/diagnosticos/{held.pk}/seccion/transparencia/#t1" in page
    Answer.objects.all().delete()
    assert "sin respuesta que cuente" in read(client, cast, held, "brechas/")


def test_the_charts_come_from_their_addresses(client: Client, cast: Cast) -> None:
    held = scored(cast)
    for rest in ("radar.json", "barras/transparencia.json"):
        assert '"data":[' in read(client, cast, held, rest)
    assert client.get(at(held, "barras/nada.json")).status_code == 404
    assert client.get(at(held, "radar.json"))["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_the_page_of_the_diagnostic_leads_to_its_result(client: Client, cast: Cast) -> None:
    held = scored(cast)
    page = sign_in(client, cast.officer).get(at(held).removesuffix("resultado/")).content.decode()
    assert f'href="{at(held)}"' in page


def test_queries_do_not_grow_with_answers_or_peers(
    client: Client, cast: Cast, django_assert_max_num_queries: object
) -> None:
    held = validated(cast.here, later_round())
    validated(cast.here, a_round())
    sign_in(client, cast.reader)
    client.get(at(held))
    for number in range(6):
        validated(municipality(f"1220{number + 2}", f"Lugar {number}", f"lugar-{number}", order=16), held.round)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert client.get(at(held)).status_code == 200


def test_a_cancelled_diagnostic_still_reads(client: Client, cast: Cast) -> None:
    held = scored(cast)
    Diagnostic.objects.filter(pk=held.pk).update(state=DiagnosticState.CANCELLED)
    read(client, cast, held)
