"""Kept pages, through the real middleware and the real Redis, with a view that counts how often it is asked."""

import gzip
from collections.abc import Iterator

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils.translation import get_language

from config import page_cache
from config.page_cache import forget_public_pages, public_page

asked: list[str] = []


@public_page
def counted(request: HttpRequest) -> HttpResponse:
    asked.append(request.get_full_path())
    return HttpResponse(f"{get_language()} {request.GET.urlencode()} " + "x" * 500)


@public_page
def with_cookie(request: HttpRequest) -> HttpResponse:
    asked.append(request.path)
    response = HttpResponse("mine")
    response.set_cookie("own", "1")
    return response


@login_not_required
def unmarked(request: HttpRequest) -> HttpResponse:
    asked.append(request.path)
    return HttpResponse("form")


@public_page
def missing(request: HttpRequest) -> HttpResponse:
    asked.append(request.path)
    return HttpResponse("no", status=404)


urlpatterns = [
    path("counted/", counted),
    path("with-cookie/", with_cookie),
    path("unmarked/", unmarked),
    path("missing/", missing),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    forget_public_pages()
    asked.clear()
    yield
    forget_public_pages()


def test_a_page_is_computed_once_and_answered_the_same(client: Client) -> None:
    first, second = client.get("/counted/"), client.get("/counted/")
    assert len(asked) == 1
    assert first.content == second.content
    for header in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Content-Type", "ETag"):
        assert header in first.headers
        assert first[header] == second[header]
    assert first["Cache-Control"] == "public, no-cache"
    assert {"Cookie", "Accept-Encoding"} <= {name.strip() for name in first["Vary"].split(",")}


def test_a_change_of_public_data_forgets_every_page(client: Client) -> None:
    client.get("/counted/")
    forget_public_pages()
    client.get("/counted/")
    assert len(asked) == 2


def test_a_lost_version_never_brings_an_old_page_back(client: Client) -> None:
    client.get("/counted/")
    cache.delete("public-version")
    client.get("/counted/")
    assert len(asked) == 2


@pytest.mark.parametrize("cookie", ["sesion", "messages"])
def test_a_reader_with_something_of_their_own_gets_a_page_of_their_own(client: Client, cookie: str) -> None:
    client.get("/counted/")
    client.cookies[cookie] = "x"
    answer = client.get("/counted/")
    client.get("/counted/")
    assert len(asked) == 3
    assert answer["Cache-Control"] == "private, no-cache"


def test_what_a_signed_in_reader_saw_is_shown_to_nobody_else(client: Client) -> None:
    client.cookies["sesion"] = "x"
    client.get("/counted/")
    Client().get("/counted/")
    assert len(asked) == 2


@pytest.mark.parametrize("address", ["/with-cookie/", "/unmarked/", "/missing/"])
def test_answers_that_are_not_for_everyone_are_not_kept(client: Client, address: str) -> None:
    client.get(address)
    Client().get(address)
    assert len(asked) == 2


def test_a_reader_who_has_the_page_is_told_so_even_when_nothing_is_kept(client: Client) -> None:
    etag = client.get("/counted/")["ETag"]
    forget_public_pages()
    for known in (etag, f'"other", {etag}', f"W/{etag.removeprefix('W/')}"):
        answer = client.get("/counted/", headers={"if-none-match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer["ETag"] == etag
        assert "Content-Security-Policy" in answer.headers
    assert len(asked) == 2
    assert client.get("/counted/", headers={"if-none-match": '"another"'}).status_code == 200


def test_trackers_do_not_make_another_page(client: Client) -> None:
    client.get("/counted/?a=1")
    client.get("/counted/?utm_source=x&a=1&fbclid=y")
    assert len(asked) == 1


def test_order_within_a_parameter_and_empty_values_make_another_page(client: Client) -> None:
    for query in ("a=1&a=2", "a=2&a=1", "a=", "", "b=3&a=1", "a=1&b=3"):
        client.get(f"/counted/?{query}")
    assert len(asked) == 5


def test_packed_and_plain_pages_are_kept_apart(client: Client) -> None:
    plain = client.get("/counted/")
    packed = client.get("/counted/", headers={"accept-encoding": "gzip, br"})
    again = client.get("/counted/", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(again.content) == plain.content
    assert len(asked) == 2


def test_a_browser_that_prefers_another_language_gets_the_page_that_is_kept(client: Client) -> None:
    spanish = client.get("/counted/", headers={"accept-language": "es-CL"})
    english = client.get("/counted/", headers={"accept-language": "en"})
    assert spanish.content == english.content
    assert spanish.content.startswith(b"es ")


def test_the_head_of_a_page_has_its_headers_and_no_body(client: Client) -> None:
    computed = client.head("/counted/")
    page = client.get("/counted/")
    kept = client.head("/counted/")
    assert (computed.content, kept.content) == (b"", b"")
    assert computed["Content-Length"] == kept["Content-Length"] == str(len(page.content))
    assert len(asked) == 2


def test_what_a_tracker_says_is_in_nobody_s_page(client: Client) -> None:
    page = client.get("/counted/?utm_source=invented&a=1")
    assert b"invented" not in page.content
    assert b"a=1" in page.content


def test_a_wish_that_only_resembles_packing_does_not_keep_a_plain_page_for_others(client: Client) -> None:
    client.get("/counted/", headers={"accept-encoding": "xgzipx"})
    assert client.get("/counted/", headers={"accept-encoding": "gzip"})["Content-Encoding"] == "gzip"


def test_pages_without_end_do_not_fill_redis(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "STRETCH_BYTES", 1200)  # two of these pages
    with override_settings(SITE_URL="http://testserver"):
        for host in ("testserver", "testserver:1", "testserver:2"):
            for query in ("", "?x=1", "?x=2", "?x=3"):
                client.get(f"/counted/{query}", headers={"host": host})
        assert len(asked) == 12
        kept = [address for address in ("/counted/", "/counted/?x=1", "/counted/?x=2") if cache_holds(client, address)]
        assert kept == ["/counted/", "/counted/?x=1", "/counted/?x=2"]
        assert not cache_holds(client, "/counted/?x=3")
        assert not cache_holds(client, "/counted/", host="testserver:2")


def cache_holds(client: Client, address: str, host: str = "testserver") -> bool:
    before = len(asked)
    assert client.get(address, headers={"host": host}).status_code == 200
    return len(asked) == before


def test_what_a_signed_in_person_saw_stays_in_no_browser(client: Client) -> None:
    client.cookies["sesion"] = "x"
    assert client.get("/unmarked/")["Cache-Control"] == "private, no-store"
