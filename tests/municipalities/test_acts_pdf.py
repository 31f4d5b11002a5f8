"""The act as a PDF: the same bytes from the same input, accessible, and nothing that people write becomes code."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from municipalities.choices import Fact, SignatureMethod
from municipalities.imports.act_templates import SHIPPED
from municipalities.models import Act, Document, Municipality, Region, Signature
from municipalities.reports import acts as reports
from municipalities.rules import acts as rules
from municipalities.rules.four_facts import told
from tests.municipalities.acting import MAYOR, NOW, RUN

ROOT = Path(__file__).resolve().parents[2]
LONGEST = "Aysén del General Carlos Ibáñez del Campo y sus sesenta letras"


def shipped() -> rules.Parts:
    words = yaml.safe_load(SHIPPED.read_text())
    return rules.Parts(**{name: words.get(name, "") for name in rules.Parts._fields})


def fields(words: rules.Parts | None = None, *, authority: str = MAYOR, name: str = LONGEST) -> dict[str, Any]:
    place = Municipality(name=name, region=Region(code="11", name="Aysén del General Carlos Ibáñez del Campo"))
    values = reports.values_of(
        place, authority=authority, is_acting=False, term="2024-2028", day=NOW.date(), folio="MGAM-2026-0001"
    )
    return reports.fields_of(words or shipped(), values, issued_at=NOW)


def root_of(content: bytes) -> Any:
    return PdfFileReader(io.BytesIO(content)).root


def pages(content: bytes) -> int:
    return int(root_of(content)["/Pages"]["/Count"])


def streams(content: bytes) -> bytes:
    """Every stream of the file unpacked, with the file itself: where a word in the clear would be found."""
    found = [content]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            found.append(packed)
    return b"\n".join(found)


def letters(content: bytes) -> set[str]:
    """Every character that the file's fonts show, from their tables of characters."""
    text = streams(content).decode("latin-1")
    tables = re.findall(r"begin(?:bfchar|bfrange)(.*?)end(?:bfchar|bfrange)", text, re.DOTALL)
    return {
        bytes.fromhex(code).decode("utf-16-be")
        for table in tables
        for code in re.findall(r"<[0-9a-fA-F]+>\s+<([0-9a-fA-F]+)>", table)
    }


def test_the_act_is_a_tagged_pdf_in_spanish_of_chile_with_a_title() -> None:
    content = reports.act_pdf(fields())
    root = root_of(content)
    assert root["/Lang"] == "es-CL"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    plain = streams(content)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in plain
    for tag in (b"/H1", b"/H2", b"/L", b"/LI", b"/Figure"):
        assert re.search(rb"/S\s*" + tag + rb"\b", plain), tag
    info = PdfFileReader(io.BytesIO(content)).trailer["/Info"]
    assert info["/Title"].startswith("Acta de adhesión")


def test_the_qr_says_in_words_where_it_leads(settings: Any) -> None:
    settings.SITE_URL = "https://portal.example"
    content = reports.act_pdf(fields())
    structure = root_of(content)["/StructTreeRoot"]
    alternatives: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, dict):
            if "/Alt" in node:
                alternatives.append(str(node["/Alt"]))
            walk(node.get("/K", []))
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(structure)
    assert any("https://portal.example/verificar/MGAM-2026-0001/" in words for words in alternatives)


def test_the_shipped_act_fits_on_one_page() -> None:
    assert pages(reports.act_pdf(fields())) == 1


def test_the_same_fields_give_the_same_bytes_in_another_process_elsewhere(tmp_path: Path) -> None:
    told = fields()
    here = hashlib.sha256(reports.act_pdf(told)).hexdigest()
    program = (
        "import sys, json, hashlib; from municipalities.reports.acts import act_pdf;"
        "print(hashlib.sha256(act_pdf(json.load(sys.stdin))).hexdigest())"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LANG": "C",
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "FONTCONFIG_PATH": str(tmp_path),
        "SOURCE_DATE_EPOCH": "1",
    }
    program = "import django; django.setup();" + program
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(told),
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here


def test_other_words_another_day_or_another_folio_give_other_bytes() -> None:
    told = fields()
    others = [told, {**told, "folio": "MGAM-2026-0002"}, {**told, "issued_at": told["issued_at"] + 1}]
    assert len({hashlib.sha256(reports.act_pdf(one)).hexdigest() for one in others}) == 3


HOSTILE = [
    '#read("/etc/passwd")',
    "#sys.inputs",
    "$ sum_(i=0)^n $ *fuerte* _cursiva_ @cita <etiqueta> `codigo`",
    "\\u{41} \\ // comentario /* otro */ [ ] ( ) { x",
    '"; #panic("x") "',
    "= Título\n+ lista\n/ término: x",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_write_is_set_as_text_and_never_run(words: str) -> None:
    parts = shipped()._replace(title=f"Acta {words}", closing=words, commitments=words)
    content = reports.act_pdf(fields(parts, authority=words, name=words))
    assert b"root:" not in streams(content)
    if not words.startswith("="):
        wanted = {letter for letter in words if not letter.isspace()} - set('"')  # quotes become typographic ones
        assert wanted <= letters(content) | {"`", "'"}


@settings(max_examples=30)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_any_name_in_plain_letters_makes_an_act(name: str) -> None:
    assert reports.act_pdf(fields(authority=name)).startswith(b"%PDF")


def test_parts_that_are_empty_leave_no_fault() -> None:
    bare = rules.Parts(title="Acta", body="{municipio}", commitments="Uno", closing="")
    assert pages(reports.act_pdf(fields(bare))) == 1


def test_a_long_text_goes_on_over_several_pages() -> None:
    long = shipped()._replace(body="\n\n".join(["Una frase que se repite. " * 30] * 20), commitments="Uno\n" * 20)
    assert pages(reports.act_pdf(fields(long))) >= 3


def test_a_character_without_a_letter_is_named() -> None:
    with pytest.raises(reports.UnprintableError, match="漢"):
        reports.act_pdf(fields(authority="漢"))


def test_names_of_the_peoples_of_chile_can_be_printed() -> None:
    reports.act_pdf(fields(authority="Ayün Ñamku Küyen Ṉawel Ḻafken Ṯopa, Tiare Rapu Hoŋa ʼAtan, Ülkantún"))


def test_the_public_copy_tells_how_it_was_signed_and_holds_no_run() -> None:
    signature = Signature(
        method=SignatureMethod.ADVANCED,
        signer_run=RUN,
        signer_name=f"{MAYOR} {RUN}",
        is_intact=Fact.YES,
        is_trusted=Fact.NO,
        is_mayor=Fact.UNKNOWN,
        covers_act=Fact.YES,
        signed_at=NOW,
        received_at=datetime(2026, 11, 25, 15, tzinfo=UTC),
        document=Document(sha256="ab12" * 16),
    )
    words = fields()
    content = reports.public_copy_pdf(Act(fields=words), signature)
    assert content == reports.public_copy_pdf(Act(fields=words), signature)
    assert root_of(content)["/Lang"] == "es-CL"
    assert pages(content) == 2
    signature.signer_run = signature.signer_name = "otra cosa"
    assert reports.public_copy_pdf(Act(fields=words), signature) == content, (
        "the copy depends on the RUN or the certificate's name"
    )
    signature.document.sha256 = "cd34" * 16
    assert reports.public_copy_pdf(Act(fields=words), signature) != content


@pytest.mark.parametrize("method", list(SignatureMethod))
@pytest.mark.parametrize("fact", list(Fact))
def test_every_road_and_every_answer_has_words_in_the_public_copy(method: SignatureMethod, fact: Fact) -> None:
    signature = Signature(
        method=method,
        is_intact=fact,
        is_trusted=fact,
        is_mayor=fact,
        covers_act=fact,
        received_at=NOW,
        document=Document(sha256="0" * 64),
    )
    assert pages(reports.public_copy_pdf(Act(fields=fields()), signature)) == 2
    with translation.override("es"):
        words = [str(fact.sentence) for fact in told(signature.facts, method=method)]
    with translation.override("en"):
        assert [said["sentence"] for said in reports.said_of(signature)["facts"]] == words
