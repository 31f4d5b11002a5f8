"""The bench itself: its table, its databases, and that nothing of it is on the site."""

import smtplib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.bench import databases, mails, rows, work
from portal.bench.rows import Row


def test_the_table_says_of_each_row_whether_the_bar_was_met() -> None:
    text = rows.table(
        [Row("a", "1 ms", "<= 2 ms", True), Row("b", "3 ms", "<= 2 ms", False), Row("c", "no browser", "x", None)]
    )
    assert [line.split()[-1] for line in text.splitlines()[2:]] == ["ok", "NO", "-"]


def test_the_bench_works_in_a_database_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://postgres@%2Ftmp%2Fsocket/portal?sslmode=disable")
    address = urlsplit(databases.environment("all", tmp_path)["DATABASE_URL"])
    assert (address.path, address.netloc, address.query) == (
        "/bench_all",
        "postgres@%2Ftmp%2Fsocket",
        "sslmode=disable",
    )


@pytest.mark.django_db(transaction=True)
def test_a_database_is_made_copied_and_dropped() -> None:
    try:
        databases.create("made")
        databases.create("copied", template="made")
        assert databases.exists("copied")
    finally:
        databases.drop("copied")
        databases.drop("made")
    assert not databases.exists("made")


def test_the_real_file_is_used_only_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REAL_DATA_DIR", str(tmp_path))
    assert work.real_file() is None
    (tmp_path / "sinim").mkdir()
    (tmp_path / "sinim" / "finanzas_2024.xlsx").touch()
    assert work.real_file() == str(tmp_path / "sinim" / "finanzas_2024.xlsx")


def test_the_mail_server_of_the_bench_counts_what_arrives() -> None:
    with mails.mail_server() as (port, arrived):
        for to in ("a@ejemplo.cl", "b@ejemplo.cl", "a@ejemplo.cl"):
            with smtplib.SMTP("127.0.0.1", port) as line:
                line.sendmail("x@ejemplo.cl", to, "Subject: x\r\n\r\n.con un punto\r\n")
    assert arrived == {"a@ejemplo.cl": 2, "b@ejemplo.cl": 1}


@pytest.mark.django_db
def test_the_plain_view_is_not_on_the_site(client: Client) -> None:
    assert client.get("/hello/").status_code == 404


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("bench", "--only", "nothing")
