import json
import os
import subprocess
import sys

import pytest

ASK = """
import django, json
django.setup()
from django.test import Client
answer = Client().get("/salud/")
print(json.dumps([answer.status_code, answer.json(), answer["Cache-Control"]]))
"""


@pytest.mark.parametrize(
    ("variable", "address", "expected"),
    [
        ("REDIS_URL", "redis://127.0.0.1:1/0", {"database": "ok", "redis": "unreachable"}),
        ("DATABASE_URL", "postgres://portal@127.0.0.1:1/x", {"database": "unreachable", "redis": "ok"}),
    ],
)
def test_the_health_page_says_503_and_which_server_is_away(
    variable: str, address: str, expected: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ALLOWED_HOSTS": "testserver",
            "LOG_LEVEL": "CRITICAL",
            variable: address,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    status, answers, caching = json.loads(done.stdout)
    assert (status, answers) == (503, expected)
    assert "no-store" in caching
