import pytest
from django.test import Client

from budget.choices import DatasetState, Source
from budget.models import Dataset
from config.page_cache import forget_public_pages
from tests.budget import factories
from tests.budget.test_exports import adding, read_csv, total

ADDRESS = "/municipios/13120-nunoa/presupuesto/2024/datos"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nunoa() -> Dataset:
    forget_public_pages()  # other tests have read the same addresses
    return factories.dataset(
        factories.municipality(), lines=factories.full_lines(), indicators=factories.FULL_INDICATORS
    )


def test_a_reader_without_an_account_downloads_a_csv_that_adds_up(client: Client) -> None:
    response = client.get(f"{ADDRESS}.csv")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="presupuesto-13120-nunoa-2024.csv"'
    assert response.content.startswith(b"\xef\xbb\xbfcut;municipio;")
    assert total(adding(read_csv(response.content), tipo="gasto", vista="cuenta"), "devengado") == 80_000_000


@pytest.mark.parametrize(("suffix", "start"), [("xlsx", b"PK"), ("json", b'{"acerca"')])
def test_the_other_formats_are_served_too(client: Client, suffix: str, start: bytes) -> None:
    response = client.get(f"{ADDRESS}.{suffix}")
    assert response.content.startswith(start)
    assert f'-2024.{suffix}"' in response["Content-Disposition"]


def test_indicators_and_separator_are_chosen_in_the_address(client: Client) -> None:
    response = client.get(f"{ADDRESS}.csv?tabla=indicadores&separador=coma")
    assert response.content.startswith(b"cut,municipio,anio,indicador,")
    assert 'filename="indicadores-13120-nunoa-2024.csv"' in response["Content-Disposition"]


@pytest.mark.parametrize("query", ["tabla=otra", "separador=tab", "edicion=x", "edicion=-1", "edicion=99999"])
def test_an_unknown_option_is_answered_with_what_is_possible(client: Client, query: str) -> None:
    response = client.get(f"{ADDRESS}.csv?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in response.content.decode()


def test_a_reader_who_has_the_file_is_not_sent_it_again(client: Client) -> None:
    first = client.get(f"{ADDRESS}.csv")
    assert first["ETag"]
    again = client.get(f"{ADDRESS}.csv", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_a_wrong_name_in_the_address_leads_to_the_right_one(client: Client) -> None:
    response = client.get("/municipios/13120-nunhoa/presupuesto/2024/datos.csv?separador=coma")
    assert response.status_code == 301
    assert response["Location"] == f"{ADDRESS}.csv?separador=coma"


@pytest.mark.parametrize(
    "address", ["/municipios/13120-nunoa/presupuesto/2023/datos.csv", "/municipios/99999-x/presupuesto/2024/datos.csv"]
)
def test_what_was_never_published_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_draft_is_not_given_to_anyone(client: Client) -> None:
    factories.dataset(factories.municipality(), lines={"215": (1, 1, 1, None)}, edition=2, state=DatasetState.DRAFT)
    assert total(adding(read_csv(client.get(f"{ADDRESS}.csv").content), tipo="gasto"), "inicial") == 90_000_000
    assert client.get(f"{ADDRESS}.csv?edicion=2").status_code == 404


def test_an_edition_no_longer_in_force_is_still_given_by_its_number(client: Client, nunoa: Dataset) -> None:
    Dataset.objects.filter(pk=nunoa.pk).update(state=DatasetState.SUPERSEDED)
    factories.dataset(factories.municipality(), lines={"215": (1, 2, 3, None)}, edition=2)
    forget_public_pages()
    assert read_csv(client.get(f"{ADDRESS}.csv").content)[0]["edicion"] == "2"
    assert read_csv(client.get(f"{ADDRESS}.csv?edicion=1").content)[0]["edicion"] == "1"


def test_real_data_go_before_demonstration_data(client: Client) -> None:
    factories.dataset(factories.municipality(), lines={"215": (1, 2, 3, None)}, source=Source.DEMONSTRATION)
    assert read_csv(client.get(f"{ADDRESS}.csv").content)[0]["demostracion"] == "no"


def test_a_file_cannot_be_written_to(client: Client) -> None:
    assert client.post(f"{ADDRESS}.csv").status_code == 405
