import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_front_page_and_the_health_page_answer(client: Client) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/salud/").json() == {"database": "ok", "redis": "ok"}
