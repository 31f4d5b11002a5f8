"""The document of a validated diagnostic: the same bytes each time, every answer in words, whatever people wrote."""

import io
import time
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from diagnostics.choices import Opinion
from diagnostics.models import Answer, Diagnostic, Evidence, Snapshot
from diagnostics.reports.pdf import LAYOUT, ROOT, diagnostic_pdf, fields_of, public_address
from diagnostics.reports.review import review_of
from diagnostics.rules.print import NO_LETTER, printable
from diagnostics.rules.submission import Remark
from municipalities.reports.acts import qr, typeset
from tests.cast import Cast
from tests.diagnostics.reviews import accept_rest, say, taken_up
from tests.diagnostics.test_validation import validated

pytestmark = pytest.mark.django_db

REMARKS = [Remark("low_confidence", "t1", "Quien respondió no está seguro.", blocks=False)]


@pytest.fixture
def done(cast: Cast) -> Diagnostic:
    held = taken_up(cast)
    Answer.objects.filter(question="t2").update(text="Sí. 文 🌊 \x07\n#let x = 1 $alpha$ *fin*")
    say(cast.adviser, held, "t2", Opinion.COMMENTED, note="Muy bien.")
    accept_rest(cast.adviser, held)
    return validated(cast, held)


def made(done: Diagnostic, cast: Cast) -> bytes:
    snapshot = Snapshot.objects.get(kind="validated")
    return diagnostic_pdf(done, snapshot, review=review_of(done, cast.adviser), remarks=REMARKS)


def words(done: Diagnostic, cast: Cast) -> dict[str, Any]:
    snapshot = Snapshot.objects.get(kind="validated")
    with translation.override("es"):
        return fields_of(done, snapshot, review=review_of(done, cast.adviser), remarks=REMARKS)


def test_the_same_diagnostic_gives_the_same_bytes_in_any_language(cast: Cast, done: Diagnostic) -> None:
    first = made(done, cast)
    with translation.override("en"):
        assert made(done, cast) == first
    root = PdfFileReader(io.BytesIO(first)).root
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "es-CL"


def test_it_says_every_answer_in_words_with_its_evidence(cast: Cast, done: Diagnostic) -> None:
    told = words(done, cast)
    asked = [one for part in told["dimensions"] for each in part["descriptors"] for one in each["questions"]]
    assert [one["said"] for one in asked] == [
        "nivel 3 de 5: en desarrollo",
        "No",
        "95 respuestas a tiempo de cada 100",
        "https://ejemplo.cl/",
        "Una vez al año",
        "01-04-2026",
        "",
    ]
    assert asked[0]["evidence"] == [{"title": "Página", "version": 1, "sha256": "", "url": "https://ejemplo.cl/"}]
    assert asked[1]["comment"] == "Muy bien."
    assert asked[6]["words"] == "Un plan de trabajo."
    assert (told["index"]["level"], told["index"]["next"]["level"]) == (3, 4)
    assert told["checks"] == [
        {"question": "¿Cómo publica la información obligatoria?", "text": "Quien respondió no está seguro."}
    ]


def test_evidence_that_is_not_public_is_not_named(cast: Cast) -> None:
    Evidence.objects.all().delete()
    held = taken_up(cast)
    Evidence.objects.update(is_public=False)
    accept_rest(cast.adviser, held)
    done = validated(cast, held)
    assert "ejemplo.cl" not in str(words(done, cast)["dimensions"][0]["descriptors"][0])


def test_the_code_leads_to_the_public_page(done: Diagnostic) -> None:
    assert public_address(done).endswith("/municipios/12201-cabo-de-hornos/diagnosticos/publicos/DGAM-2026-0001/")


def test_it_is_made_within_300_ms(cast: Cast, done: Diagnostic) -> None:
    made(done, cast)
    begun = time.perf_counter()
    made(done, cast)
    assert time.perf_counter() - begun < 0.3


def test_every_sign_that_is_let_through_has_a_letter(cast: Cast, done: Diagnostic) -> None:
    told = words(done, cast)
    signs = "".join(sign for number in range(0x20, 0x10000) if (sign := chr(number)) == printable(sign))
    told |= {"title": signs, "round": signs, "dimensions": []}
    typeset(LAYOUT, root=ROOT, at=0, diagnostic={**told, "replaced": True, "qr": qr("https://ejemplo.cl/")})


@given(st.text())
def test_what_cannot_be_printed_is_replaced_and_the_rest_kept(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert (
        printable("Ñandú a\u0301rbol “año” 12,5 % — 3 ≤ 5\n文🌊")
        == f"Ñandú árbol “año” 12,5 % — 3 ≤ 5\n{NO_LETTER * 2}"
    )
