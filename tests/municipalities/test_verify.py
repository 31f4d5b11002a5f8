"""Verification by anyone: by file, by hash, by folio, by the printed code."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from municipalities.choices import AdhesionState
from municipalities.models import Act, Adhesion, Document, Municipality, Signature
from municipalities.rules.verification import Folio, read_folio, read_sha256
from tests.cast import Cast
from tests.municipalities.adhesions import adhesion, pdf

S = AdhesionState
MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


@pytest.fixture
def here(cast: Cast) -> Municipality:
    return cast.here


def said(client: Client, address: str) -> str:
    return plain(client.get(address).content.decode())


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def by_hash(client: Client, content: bytes) -> str:
    return said(client, f"/verificar/?sha256={hashlib.sha256(content).hexdigest()}")


def send(client: Client, content: bytes) -> str:
    return plain(client.post("/verificar/", {"archivo": SimpleUploadedFile("acta.pdf", content)}).content.decode())


# Folios as people write them


@pytest.mark.parametrize(
    "typed",
    [
        *("MGAM-2026-0001", "mgam-2026-0001", " MGAM 2026 1 ", "mgam20260001"[:8] + " 0001", "2026-1", "2026/0001"),
        *("Folio: MGAM-2026-0001.", "https://portal.cl/verificar/MGAM-2026-0001/", "MGAM–2026–0001"),
        *("https://portal.cl/adhesiones/actas/MGAM-2026-0001.pdf", "MGAM_2026_0001"),
    ],
)
def test_a_folio_is_read_as_people_write_it(typed: str) -> None:
    assert read_folio(typed) == Folio(2026, 1)


@pytest.mark.parametrize(
    "typed", ["", "Ñuñoa", "2026", "MGAM", "12345678-5", "99-1", "MGAM-2026-", "MGAM-2026-12345678"]
)
def test_what_is_no_folio_is_none(typed: str) -> None:
    assert read_folio(typed) is None


@pytest.mark.parametrize("typed", ["MGAM-20261-034", "MGAM-99999-1", "mgam20260-1", "MGAM 20260", "mgam202612"])
def test_a_year_with_a_digit_too_many_leads_to_no_other_act(typed: str) -> None:
    assert read_folio(typed) is None


def test_a_folio_in_one_run_is_read_with_all_its_zeros() -> None:
    assert read_folio("mgam20260001") == Folio(2026, 1)


def test_a_folio_typed_badly_is_told_first_and_leads_to_its_field(client: Client, here: Municipality) -> None:
    page = client.get("/verificar/?folio=34").content.decode()
    assert page.index("error-summary") < page.index('href="#folio"') < page.index("<form method")


def test_the_page_promises_nothing_of_the_file_that_needs_a_script(client: Client, here: Municipality) -> None:
    page = said(client, "/verificar/")
    assert "El archivo viaja al portal, que calcula su huella y no lo guarda." in page
    assert "no sale de su equipo" not in page


@given(st.text())
def test_any_text_is_read_without_failing(typed: str) -> None:
    read_folio(typed)
    read_sha256(typed)


@given(st.integers(1000, 9999), st.integers(0, 9_999_999))
def test_a_written_folio_is_read_back(year: int, number: int) -> None:
    assert read_folio(f"MGAM-{year}-{number:04d}") == Folio(year, number)


def test_a_hash_is_read_with_blanks_and_capitals_and_nothing_else_is_one() -> None:
    assert read_sha256(" AB" + "0" * 62 + "\n") == "ab" + "0" * 62
    assert read_sha256("0" * 63) is None
    assert read_sha256("g" * 64) is None


# The verdict on a file


def test_each_file_of_an_act_in_force_is_called_what_it_is(client: Client, here: Municipality) -> None:
    folio = adhesion(here).acts.get().folio
    assert "exactamente el acta de adhesión firmada de la Municipalidad de Cabo de Hornos. Está vigente" in by_hash(
        client, pdf(f"firmada {folio}".encode())
    )
    assert "exactamente la copia pública del acta" in by_hash(client, pdf(f"copia {folio}".encode()))
    assert "tal como se emitió, antes de la firma." in by_hash(client, pdf(f"acta {folio}".encode()))


def test_a_file_sent_to_the_portal_gets_the_same_verdict_as_its_hash(client: Client, here: Municipality) -> None:
    folio = adhesion(here).acts.get().folio
    content = pdf(f"firmada {folio}".encode())
    assert send(client, content) == by_hash(client, content)


def test_one_changed_byte_makes_a_file_unknown(client: Client, here: Municipality) -> None:
    folio = adhesion(here).acts.get().folio
    content = bytearray(pdf(f"firmada {folio}".encode()))
    content[-3] ^= 1
    page = send(client, bytes(content))
    assert "El registro no conoce este archivo." in page
    assert "basta una letra" in page
    assert "Cabo de Hornos" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (S.SUSPENDED, "La adhesión está suspendida desde el 02-03-2026."),
        (S.WITHDRAWN, "no está vigente desde el 02-03-2026."),
        (S.CONCLUDED, "no está vigente desde el 02-03-2026."),
    ],
)
def test_an_older_act_is_told_from_the_one_in_force(
    client: Client, here: Municipality, state: AdhesionState, words: str
) -> None:
    folio = adhesion(here, state).acts.get().folio
    page = by_hash(client, pdf(f"firmada {folio}".encode()))
    assert words in page
    assert "Está vigente" not in page


def test_an_older_act_leads_to_the_one_in_force(client: Client, here: Municipality) -> None:
    old = adhesion(here, S.CONCLUDED, term=2021)
    new = adhesion(here, previous=old)
    page = said(client, f"/verificar/{old.acts.get().folio}/")
    assert f"El acta vigente es {new.acts.get().folio}" in page


@pytest.mark.parametrize("state", [S.ACT_ISSUED, S.SIGNED, S.UNDER_REVIEW, S.RETURNED, S.VERIFIED])
def test_an_act_that_is_not_public_answers_exactly_like_one_that_does_not_exist(
    client: Client, here: Municipality, state: AdhesionState
) -> None:
    folio = adhesion(here, state).acts.get().folio
    unknown = by_hash(client, b"nothing")
    for kind in ("acta", "firmada", "copia"):
        content = pdf(f"{kind} {folio}".encode())
        digest = hashlib.sha256(content).hexdigest()
        assert by_hash(client, content) == unknown.replace(hashlib.sha256(b"nothing").hexdigest(), digest)
    real, made_up = client.get(f"/verificar/{folio}/"), client.get("/verificar/MGAM-2026-9999/")
    assert (real.status_code, made_up.status_code) == (404, 404)
    assert plain(real.content.decode()) == plain(made_up.content.decode())


def test_a_returned_signature_of_an_act_in_force_is_unknown(client: Client, here: Municipality) -> None:
    made = adhesion(here)
    accepted = Signature.objects.get(act__adhesion=made)
    Signature.objects.filter(pk=accepted.pk).update(
        state="returned", return_reason="altered", document=Document.objects.get(act__adhesion=made)
    )
    assert "El registro no conoce este archivo." in by_hash(client, pdf(f"firmada {made.acts.get().folio}".encode()))


# Folios and codes


def test_a_forgiving_folio_leads_to_the_one_address_of_its_verdict(client: Client, here: Municipality) -> None:
    folio = adhesion(here).acts.get().folio
    led = client.get("/verificar/", {"folio": folio.lower().replace("-000", " ")})
    assert (led.status_code, led["Location"]) == (302, f"/verificar/{folio}/")
    assert client.get(f"/verificar/{folio.lower()}/")["Location"] == f"/verificar/{folio}/"
    assert f"El acta {folio} es el acta de adhesión de la Municipalidad de Cabo de Hornos." in said(
        client, f"/verificar/{folio}/"
    )


def test_what_is_no_folio_is_explained_beside_its_field(client: Client, here: Municipality) -> None:
    page = client.get("/verificar/", {"folio": "nada <b>"}).content.decode()
    assert "Esto no es un folio." in page
    assert 'value="nada &lt;b&gt;"' in page
    assert client.get("/verificar/nada/").status_code == 404
    assert client.get("/verificar/", {"sha256": "x"}).status_code == 400


def test_no_answer_holds_the_signer_s_run(client: Client, here: Municipality) -> None:
    made = adhesion(here)
    page = client.get(f"/verificar/{made.acts.get().folio}/").content.decode()
    assert "12345678" not in page
    assert "12.345.678" not in page


# Sending a file


def stored() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def test_a_file_sent_is_kept_nowhere(client: Client, here: Municipality, tmp_path: Path) -> None:
    adhesion(here)
    before, rows = stored(), Document.objects.count()
    content = b"%PDF-1.7" + b"x" * (4 * MEGABYTE)  # more than Django keeps in memory
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settings, "FILE_UPLOAD_TEMP_DIR", str(tmp_path))
        page = send(client, content)
    assert hashlib.sha256(content).hexdigest() in page
    assert stored() == before
    assert list(tmp_path.iterdir()) == []
    assert Document.objects.count() == rows
    assert Act.objects.count() == Adhesion.objects.count() == 1


def test_a_file_needs_no_token_of_the_form(here: Municipality) -> None:
    strict = Client(enforce_csrf_checks=True)
    answered = strict.post("/verificar/", {"archivo": SimpleUploadedFile("acta.pdf", b"%PDF")})
    assert answered.status_code == 200
    assert not answered.cookies


def test_nothing_sent_is_said_beside_the_field(client: Client, here: Municipality) -> None:
    answered = client.post("/verificar/", {})
    assert answered.status_code == 400
    assert "Elija primero el PDF del acta." in answered.content.decode()


def test_a_file_of_twenty_megabytes_passes_and_a_larger_one_does_not(client: Client, here: Municipality) -> None:
    assert "El registro no conoce este archivo." in send(client, b"x" * (20 * MEGABYTE))
    assert "El archivo pesa más de 20 MB" in send(client, b"x" * (20 * MEGABYTE + 1))
    refused = client.generic(
        "POST", "/verificar/", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(22 * MEGABYTE)
    )
    assert refused.status_code == 413


def test_too_many_files_from_one_address_must_wait(client: Client, here: Municipality) -> None:
    answers = [client.post("/verificar/", {}).status_code for _ in range(21)]
    assert answers[:20] == [400] * 20
    assert answers[20] == 429
    assert client.get("/verificar/").status_code == 200


def test_the_page_is_the_same_for_everyone_and_sets_no_cookie(client: Client, here: Municipality) -> None:
    answered = client.get("/verificar/")
    assert "csrfmiddlewaretoken" not in answered.content.decode()
    assert not answered.cookies
    assert answered["Cache-Control"] == "public, no-cache"
