import logging
from logging.config import dictConfig
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response

from config.logging import hide_personal_data, logging_configuration


@pytest.mark.parametrize(
    "secret",
    ["vecina@demo.cl", "ana.maria+x@muni.nunoa.cl", "12.345.678-5", "12345678-5", "9.876.543-k", "1.234.567-K"],
)
def test_neither_mail_addresses_nor_runs_reach_the_log(secret: str) -> None:
    event: dict[str, Any] = {
        "event": f"Signed in {secret} today",
        "by": secret,
        "detail": {"people": [secret, {"run": secret}], "pair": (secret, 3)},
        "exception": f"Traceback: ValueError('{secret}')",
        "count": 3,
    }
    hidden = hide_personal_data(None, "info", event)
    assert secret not in repr(hidden)
    assert hidden["count"] == 3
    assert hidden["event"] == "Signed in [oculto] today"


@pytest.mark.parametrize("address", ["ana.perez%40muni.cl", "ana%2540muni.cl", "ana%2Bx%40muni.cl"])
def test_a_mail_address_within_the_address_of_a_page_does_not_reach_the_log(address: str) -> None:
    hidden = hide_personal_data(None, "info", {"request": f"GET /administracion/accounts/user/?q={address}&p=1"})
    assert hidden["request"] == "GET /administracion/accounts/user/?q=[oculto]&p=1"


@pytest.mark.parametrize(
    "plain", ["2024-01-31", "1.234.567", "GET /municipios/13120-nunoa/", "215-21-01", "12,5\u00a0%"]
)
def test_other_numbers_stay_readable(plain: str) -> None:
    assert hide_personal_data(None, "info", {"event": plain})["event"] == plain


@pytest.mark.parametrize(("status", "warned"), [(409, 0), (404, 1), (403, 1), (500, 1)])
def test_a_conflict_is_an_expected_answer_and_no_warning(
    status: int, warned: int, caplog: pytest.LogCaptureFixture
) -> None:
    dictConfig({**logging_configuration(json=False, level=logging.INFO), "root": {}})
    request = RequestFactory().post("/municipios/13101-santiago/diagnosticos/1/respuestas/t1/")
    with caplog.at_level(logging.WARNING, logger="django.request"):
        log_response("answered", response=HttpResponse(status=status), request=request)
    assert len(caplog.records) == warned
