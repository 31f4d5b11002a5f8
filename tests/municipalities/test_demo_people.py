import io
from typing import Any

import pyotp
import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from municipalities.management.commands.load_demo_people import TOTP_SECRET
from municipalities.models import AdviserScope, Membership
from tests.cast import municipality


def load(password: str = "una-clave-de-prueba") -> str:
    out = io.StringIO()
    call_command("load_demo_people", password=password, stdout=out)
    return out.getvalue()


def test_the_demonstration_sign_ins_are_made_once_and_printed(settings: Any, db: None) -> None:
    settings.DEMONSTRATION = True
    municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)
    table = load()
    before = (User.objects.count(), Membership.objects.count(), AdviserScope.objects.count())
    assert load() == table
    assert (User.objects.count(), Membership.objects.count(), AdviserScope.objects.count()) == before == (8, 4, 1)
    assert "administradora@demo.cl" in table
    assert "una-clave-de-prueba" in table
    assert TOTP_SECRET in table


def test_what_is_printed_opens_the_portal(settings: Any, client: Client, db: None) -> None:
    cache.clear()
    settings.DEMONSTRATION = True
    municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)
    load()
    step = client.post("/cuenta/ingresar/", {"login": "administradora@demo.cl", "password": "una-clave-de-prueba"})
    assert client.post(step["Location"], {"code": pyotp.TOTP(TOTP_SECRET).now()})["Location"] == "/inicio/"
    assert client.get("/administracion/").status_code == 200


def test_without_the_demonstration_setting_nobody_is_made(settings: Any, db: None) -> None:
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError):
        load()
    assert not User.objects.exists()
