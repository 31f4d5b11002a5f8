"""Asking SINIM for a year, and every way in which it does not give it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from budget.imports.reference import sinim_numbers
from budget.imports.sinim_client import Sinim, SinimError
from budget.models import Import, SourceFile
from tests import sinim_server
from tests.budget.importing import in_force, prepare
from tests.sinim_files import table, year_of
from tests.sinim_server import FakeSinim

TABLE = table({"13120": {"IADM11": 81_200}})


def client(sinim: FakeSinim, *, attempts: int = 3, timeout: float = 5) -> Sinim:
    return Sinim(sinim.url, timeout, attempts=attempts, pause=0, sleep=lambda _: None)


def test_the_question_is_the_one_that_sinims_form_sends() -> None:
    with sinim_server.running(TABLE) as sinim, client(sinim).fetch(["880", "4211"], 2024) as answer:
        assert answer.read() == TABLE
    assert sinim.asked == [
        {
            "area[]": "T",
            "subarea[]": "T",
            "variables[]": "880,4211",
            "periodos[]": "25",
            "regiones[]": "T",
            "municipios[]": "T",
            "corrmon": "0",
        }
    ]


@pytest.mark.parametrize("failure", ["503", "500", "429", "page", "cut"])
def test_a_failure_that_passes_is_tried_again(failure: str) -> None:
    said: list[str] = []
    with (
        sinim_server.running(failure, failure, TABLE) as sinim,
        client(sinim).fetch(["1"], 2024, said.append) as answer,
    ):
        assert answer.read() == TABLE
    assert len(sinim.asked) == 3
    assert len(said) == 2


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("503", "error 503"),
        ("page", "Una página web.*Error inesperado"),
        ("cut", "cerró la conexión"),
        (b"", "sin contenido"),
        (b"\n\n", "sin contenido"),
        (b"PK\x03\x04", "ZIP"),
    ],
)
def test_a_failure_that_lasts_is_told_after_some_attempts(failure: bytes | str, words: str) -> None:
    with sinim_server.running(failure) as sinim, pytest.raises(SinimError, match=words) as error:
        client(sinim).fetch(["1"], 2024)
    assert "Se intentó 3 veces" in str(error.value)
    assert len(sinim.asked) == 3


@pytest.mark.parametrize("status", ["403", "404"])
def test_an_error_that_will_not_pass_is_told_at_once(status: str) -> None:
    with sinim_server.running(status) as sinim, pytest.raises(SinimError, match=f"error {status}"):
        client(sinim).fetch(["1"], 2024)
    assert len(sinim.asked) == 1


@pytest.mark.parametrize("failure", ["silence", "trickle"])
def test_a_server_that_keeps_us_waiting_is_left(failure: str) -> None:
    with sinim_server.running(failure) as sinim, pytest.raises(SinimError, match="tardó demasiado"):
        client(sinim, attempts=1, timeout=0.1).fetch(["1"], 2024)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(SinimError, match="No hay conexión"):
        Sinim(sinim_server.nobody_listens(), 1, attempts=2, pause=0, sleep=lambda _: None).fetch(["1"], 2024)


def test_the_pauses_grow() -> None:
    pauses: list[float] = []
    with sinim_server.running("503") as sinim, pytest.raises(SinimError):
        Sinim(sinim.url, 5, sleep=pauses.append).fetch(["1"], 2024)
    assert pauses == [2, 4, 8]


# --- The command ------------------------------------------------------------------------------------------------------


def fetch(sinim: FakeSinim, *arguments: str) -> str:
    out = StringIO()
    with override_settings(SINIM_URL=sinim.url + "/", SINIM_TIMEOUT=5):
        call_command("fetch_sinim", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_fetches_publishes_and_is_repeatable() -> None:
    prepare()
    with sinim_server.running(TABLE) as sinim:
        assert "1 new" in fetch(sinim, "--year", "2024", "--variables", "IADM11")
        assert "changes nothing" in fetch(sinim, "--year", "2024", "--variables", "IADM11")
    assert sinim.asked[0]["variables[]"] == sinim_numbers()["IADM11"]
    assert in_force("13120").totals["expense"]["accrued"] == 81_200_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer",
    [
        table({"13120": {"IADM11": 81_200}}, year=2023),
        table({"13120": year_of(81_200)}),
        TABLE[:-200],
        TABLE.replace(b"81200", b"mucho"),
    ],
    ids=["another year", "other variables", "cut short", "not a number"],
)
def test_nothing_stays_of_an_answer_that_is_not_the_table_asked_for(answer: bytes) -> None:
    prepare()
    with sinim_server.running(answer) as sinim, pytest.raises(CommandError) as error:
        fetch(sinim, "--year", "2024", "--variables", "IADM11")
    assert error.value.returncode == 1
    assert not Import.objects.filter(datasets__isnull=False).exists()


@pytest.mark.django_db
def test_the_whole_finance_file_is_asked_for_by_default() -> None:
    with sinim_server.running("404") as sinim, pytest.raises(CommandError):
        fetch(sinim, "--year", "2024")
    assert len(sinim.asked[0]["variables[]"].split(",")) == 120
    assert not SourceFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["--year", "1999"], ["--year", "2024", "--variables", "NADA"]])
def test_a_wrong_question_is_not_asked(arguments: list[str]) -> None:
    with sinim_server.running(TABLE) as sinim, pytest.raises(CommandError) as error:
        fetch(sinim, *arguments)
    assert error.value.returncode == 2
    assert sinim.asked == []
