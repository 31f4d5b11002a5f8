"""Bodies larger than anybody may send are refused unread."""

import pytest
from django.test import Client, override_settings

from tests.cast import Cast, sign_in

pytestmark = pytest.mark.django_db
MEGABYTE = 2**20


def status(client: Client, address: str, length: int) -> int:
    """What a request is told that only says how long its body is."""
    answer = client.generic("POST", address, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(length))
    return answer.status_code


@pytest.mark.parametrize("address", ["/cuenta/ingresar/", "/consejo/importaciones/", "/", "/api/v1/lines/"])
def test_a_stranger_cannot_send_a_file_anywhere(client: Client, address: str) -> None:
    assert status(client, address, 6 * MEGABYTE) == 413
    assert status(client, address, 10**30) == 413


def test_somebody_of_a_municipality_cannot_either(client: Client, cast: Cast) -> None:
    assert status(sign_in(client, cast.coordinator), "/cuenta/", 6 * MEGABYTE) == 413


def test_anyone_sends_a_file_to_verify_up_to_its_limit_and_no_further(client: Client) -> None:
    assert status(client, "/verificar/", 20 * MEGABYTE) != 413
    assert status(client, "/verificar/", 22 * MEGABYTE) == 413
    assert status(client, "/verificar/MGAM-2026-0001/", 6 * MEGABYTE) == 413


def test_the_council_sends_files_up_to_the_limit(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    assert status(client, "/consejo/importaciones/", 65 * MEGABYTE) == 413
    assert status(client, "/consejo/importaciones/", 61 * MEGABYTE) != 413


@override_settings(LARGEST_UPLOAD=7 * MEGABYTE)
def test_the_page_says_the_limit_and_what_to_do(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    answer = client.generic("POST", "/consejo/importaciones/", b"", "text/plain", CONTENT_LENGTH=str(8 * MEGABYTE))
    assert "7 MB como máximo" in answer.content.decode()


@pytest.mark.parametrize("said", ["", "-5", "many", "\u00b2"])
def test_a_length_that_is_none_fails_nobody(client: Client, said: str) -> None:
    answer = client.generic("POST", "/salud/", b"", "text/plain", CONTENT_LENGTH=said)
    assert answer.status_code != 500
