import pytest
from django.test import Client

from accounts.models import User
from tests.cast import Cast, sign_in

PAGE = "/cuenta/"


def test_a_person_changes_name_run_and_language(client: Client, cast: Cast) -> None:
    sign_in(client, cast.citizen)
    response = client.post(PAGE, {"name": "Rosa", "run": "12.345.678-5", "language": "en"})
    assert response.status_code == 302
    cast.citizen.refresh_from_db()
    assert (cast.citizen.name, cast.citizen.run, cast.citizen.language) == ("Rosa", "12345678-5", "en")
    assert 'value="12.345.678-5"' in client.get(PAGE).content.decode()


def test_a_wrong_check_digit_is_explained_and_nothing_is_saved(client: Client, cast: Cast) -> None:
    sign_in(client, cast.citizen)
    page = client.post(PAGE, {"name": "Rosa", "run": "12.345.678-9", "language": "es"}).content.decode()
    assert "12.345.678-9" in page
    assert "dígito" in page
    cast.citizen.refresh_from_db()
    assert cast.citizen.run is None
    assert cast.citizen.name == "Vecina"


def test_a_run_of_someone_else_is_refused_without_saying_that_it_is_taken(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.officer.pk).update(run="12345678-5")
    sign_in(client, cast.citizen)
    page = client.post(PAGE, {"name": "Rosa", "run": "12345678-5", "language": "es"}).content.decode()
    assert "No pudimos guardar este RUN" in page


def test_an_empty_run_is_no_run(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.citizen.pk).update(run="12345678-5")
    sign_in(client, cast.citizen)
    client.post(PAGE, {"name": "Rosa", "run": "", "language": "es"})
    cast.citizen.refresh_from_db()
    assert cast.citizen.run is None


@pytest.mark.parametrize(("language", "words"), [("es", "Mi cuenta"), ("en", "My account")])
def test_the_pages_speak_the_language_the_person_chose(client: Client, cast: Cast, language: str, words: str) -> None:
    User.objects.filter(pk=cast.citizen.pk).update(language=language)
    sign_in(client, cast.citizen)
    response = client.get(PAGE, headers={"Accept-Language": "de"})
    assert words in response.content.decode()
    assert response["Content-Language"] == language


def test_an_anonymous_reader_gets_spanish_whatever_the_browser_asks(client: Client, db: None) -> None:
    response = client.get("/cuenta/ingresar/", headers={"Accept-Language": "en"})
    assert response["Content-Language"] == "es"
    assert "Ingresar" in response.content.decode()


def test_the_profile_shows_the_memberships_in_force(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    assert "Cabo de Hornos" in client.get(PAGE).content.decode()
