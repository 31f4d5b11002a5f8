"""PDFs that are never kept, made here with what they are refused for."""

from __future__ import annotations

import time
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from municipalities.imports import pdf_safety
from municipalities.imports.pdf_safety import check_pdf
from municipalities.rules.uploads import TRUNCATED, UNREADABLE, NotKeptError
from tests.municipalities.judgements import HER, SIGNED
from tests.signing import act, sign, with_entry, written


def names(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})  # type: ignore[no-untyped-call]


def name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def refusal(content: bytes) -> str:
    """The reason in English for which a file is refused."""
    with pytest.raises(NotKeptError) as found:
        check_pdf(content)
    with translation.override("en"):
        return str(found.value)


def test_acts_plain_and_signed_are_kept() -> None:
    check_pdf(act())
    check_pdf(sign(act(), HER, SIGNED, box=(350, 60, 540, 120)))
    check_pdf(act(bytes_more=2_000_000))


SCRIPT = names(S=name("JavaScript"), JS=TextStringObject("app.alert(1)"))


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("/OpenAction", SCRIPT),
        ("/OpenAction", names(S=name("Launch"), F=TextStringObject("cmd.exe"))),
        ("/OpenAction", names(S=name("SubmitForm"), F=TextStringObject("https://otro.ejemplo.cl"))),
        ("/OpenAction", names(S=name("GoToE"))),
        ("/OpenAction", names(S=name("GoTo"), Next=ArrayObject([names(S=name("GoTo"), Next=SCRIPT)]))),
        ("/AA", names(WC=SCRIPT)),
        ("/Names", names(JavaScript=names(Names=ArrayObject([TextStringObject("x"), SCRIPT])))),
        ("/Names", names(EmbeddedFiles=names(Names=ArrayObject()))),
        ("/AF", ArrayObject([names(Type=name("Filespec"), EF=names(F=NumberObject(1)))])),  # type: ignore[no-untyped-call]
        ("/AcroForm", names(Fields=ArrayObject(), XFA=ArrayObject())),
        ("/Extra", names(Subtype=name("RichMedia"))),
        ("/Extra", names(Subtype=name("FileAttachment"))),
        ("/Extra", names(Subtype=name("Screen"))),
    ],
)
def test_scripts_programs_files_and_media_are_refused_wherever_they_hang(entry: str, value: DictionaryObject) -> None:
    assert refusal(with_entry(act(), entry, value))


def test_a_script_that_no_page_reaches_is_refused_also_inside_an_object_stream() -> None:
    for stream in (False, True):
        writer = copy_into_new_writer(PdfFileReader(BytesIO(act())))
        writer.stream_xrefs = True
        writer.add_object(SCRIPT, obj_stream=writer.prepare_object_stream() if stream else None)  # type: ignore[no-untyped-call]
        assert "script" in refusal(written(writer))


def test_a_script_of_an_earlier_revision_is_refused() -> None:
    first = with_entry(act(), "/OpenAction", SCRIPT)
    writer = IncrementalPdfFileWriter(BytesIO(first))
    del writer.root["/OpenAction"]
    writer.update_root()  # type: ignore[no-untyped-call]
    assert "script" in refusal(written(writer))


def test_a_name_written_in_numbers_hides_nothing() -> None:
    plain = with_entry(act(), "/OpenAction", SCRIPT)
    hidden = plain.replace(b"/S /JavaScript", b"/S /J#61vaScript", 1)
    if hidden == plain:
        hidden = plain.replace(b"/JavaScript", b"/J#61vaScript", 1)
    assert hidden != plain
    assert refusal(hidden)


def test_an_encrypted_file_is_refused_with_that_reason() -> None:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(act())))
    writer.encrypt("clave", "clave")  # type: ignore[no-untyped-call]
    assert "password" in refusal(written(writer))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95, 0.9995])
def test_a_truncated_file_is_refused_whole(share: float) -> None:
    for whole in (act(), sign(act(), HER, SIGNED)):
        with pytest.raises(NotKeptError) as found:
            check_pdf(whole[: int(len(whole) * share)])
        assert found.value.reason in (TRUNCATED, UNREADABLE)


def test_something_behind_the_end_is_refused() -> None:
    check_pdf(act() + b"\r\n")
    assert refusal(act() + b"PK\x03\x04" + bytes(range(256)) * 8)


def test_a_small_file_that_unpacks_to_a_giant_is_refused() -> None:
    bomb = zlib.compress(b"0 0 " * 10_000_000, 9)
    stream = b"<</Type/ObjStm/N 3/First 12/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb)
    assert refusal(file_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", stream))


def test_nesting_without_end_is_refused() -> None:
    assert refusal(file_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", b"[" * 100_000))


def test_a_file_of_endless_syntax_costs_a_bounded_number_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_safety, "MOST_STEPS", 50_000)
    long = b"[" + b"1 " * 200_000 + b"]"
    assert "too large inside" in refusal(
        file_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", long)
    )


def file_of(*objects: bytes) -> bytes:
    """A file with these objects, numbered from one, the first being the catalog."""
    body, places = b"%PDF-1.7\n", []
    for number, held in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, held)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + trailer


def test_the_smallest_file_is_kept() -> None:
    check_pdf(file_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"))


@settings(max_examples=60)
@given(st.integers(0, 16_000), st.binary(min_size=1, max_size=30))
def test_whatever_is_broken_in_a_file_it_is_kept_or_refused_with_a_reason(place: int, noise: bytes) -> None:
    content = act()
    at = place % len(content)
    try:
        check_pdf(content[:at] + noise + content[at + len(noise) :])
    except NotKeptError as found:
        assert str(found)  # noqa: PT017


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(NotKeptError):
        check_pdf(b"%PDF-1.7\n" + noise)


def test_a_stream_of_a_page_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(60_000_000), 9)
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb)
    check_pdf(file_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", stream))


def test_a_stream_used_as_object_stream_is_unpacked_whatever_it_calls_itself() -> None:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(act())))
    writer.stream_xrefs = True
    writer.add_object(SCRIPT, obj_stream=writer.prepare_object_stream())  # type: ignore[no-untyped-call]
    content = written(writer).replace(b"/ObjStm", b"/ObjStx")
    assert refusal(content)


@pytest.mark.parametrize(
    "action", [b"/S/JavaScript/JS(app.alert(1))", b"/S/Java#53cript/J#53(app.alert(1))", b"/S/Launch"]
)
def test_an_object_that_no_table_lists_is_looked_at(action: bytes) -> None:
    # Readers that find the table broken make one of their own, from every object they see.
    whole = act()
    place = whole.rindex(b"startxref")
    hidden = b"900 0 obj %\n<</Type/Catalog/Pages 1 0 R/OpenAction<<" + action + b">>>>\nendobj\n"
    assert refusal(whole[:place] + hidden + whole[place:])


def test_what_only_looks_like_an_object_is_passed_over() -> None:
    whole = act()
    place = whole.rindex(b"startxref")
    check_pdf(whole[:place] + b"% 900 0 obj <</S\n" + whole[place:])


def test_the_work_on_a_file_ends_after_some_seconds_whatever_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_safety, "MOST_SECONDS", 0.05)
    heavy = with_entry(act(), "/Heavy", names(A=ArrayObject([NumberObject(1)] * 200_000)))  # type: ignore[no-untyped-call]
    began = time.thread_time()
    assert refusal(heavy) == "The PDF is too large inside to be examined. Print it to a new PDF and send that."
    assert time.thread_time() - began < 1


def test_remarks_without_an_end_cost_no_more_than_their_length() -> None:
    began = time.thread_time()
    assert len(list(pdf_safety._BEGINS.finditer(b"1 0 obj%" * 50_000))) == 50_000
    assert time.thread_time() - began < 2
