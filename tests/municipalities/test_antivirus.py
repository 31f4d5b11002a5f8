"""The scanner: what it says, and that no file opens while it says nothing."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Event
from municipalities import tasks
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind, DocumentState, SignatureState
from municipalities.imports import antivirus
from municipalities.imports.antivirus import ScannerError, scan, scan_document, unscanned
from municipalities.models import Document
from municipalities.rules.uploads import SCANNER_SILENT
from tests.cast import Cast
from tests.clamd_server import EICAR, free_port, scanner
from tests.municipalities.judged_acts import NOW, SIGNED, issued_act, received
from tests.signing import act, authority, person, sign


def test_a_clean_file_and_a_virus_are_told_apart(settings: Any, tmp_path: Path) -> None:
    for path in (None, tmp_path / "clamd.sock"):
        with scanner(path=path) as server:
            settings.CLAMAV_URL = server.url
            assert scan(BytesIO(b"hola" * 100_000)) == ""
            assert scan(BytesIO(EICAR)) == "Eicar-Test-Signature"
            assert server.seen == [b"hola" * 100_000, EICAR]


@pytest.mark.parametrize("mode", ["hang up", "limit", "half", "garbage", "silent"])
def test_every_fault_of_the_scanner_is_a_fault_and_no_clean_file(mode: str, settings: Any) -> None:
    settings.CLAMAV_TIMEOUT = 1
    with scanner(mode) as server:
        settings.CLAMAV_URL = server.url
        with pytest.raises(ScannerError):
            scan(BytesIO(b"hola" * 10_000))


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:{port}", "unix:///no/hay/nada.sock", "http://127.0.0.1/", "clamd"])
def test_a_scanner_that_is_not_there_is_a_fault(url: str, settings: Any) -> None:
    settings.CLAMAV_URL = url.format(port=free_port())
    with pytest.raises(ScannerError):
        scan(BytesIO(b"hola"))


@pytest.fixture
def document(cast: Cast) -> Document:
    return receive(
        by=cast.coordinator,
        municipality=cast.here,
        kind=DocumentKind.DECREE,
        upload=BytesIO(act()),
        name="decreto.pdf",
        now=NOW,
    )


def state(document: Document) -> tuple[str, str]:
    document.refresh_from_db()
    return document.state, document.state_reason


def test_a_clean_file_opens(document: Document, settings: Any) -> None:
    with scanner() as server:
        settings.CLAMAV_URL = server.url
        scan_document(document.pk, NOW)
    assert server.seen == [act()]
    assert state(document) == (DocumentState.CLEAN, "")


def test_without_a_scanner_the_content_alone_decides(document: Document) -> None:
    scan_document(document.pk, NOW)
    assert state(document) == (DocumentState.CLEAN, "")


def test_a_virus_puts_the_file_in_quarantine_once_and_for_good(document: Document, settings: Any) -> None:
    with scanner() as server:
        settings.CLAMAV_URL = server.url
        Path(document.file.path).write_bytes(EICAR)
        assert scan_document(document.pk, NOW) == []
        assert scan_document(document.pk, NOW) == []
    assert state(document) == (DocumentState.QUARANTINED, "malware:Eicar-Test-Signature")
    assert "Eicar-Test-Signature" in document.state_words
    assert Event.objects.filter(kind="document.quarantined").count() == 1
    settings.CLAMAV_URL = ""
    scan_document(document.pk, NOW)
    assert state(document)[0] == DocumentState.QUARANTINED


def test_a_silent_scanner_keeps_the_file_closed_says_so_and_is_asked_again(document: Document, settings: Any) -> None:
    settings.CLAMAV_URL = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ScannerError):
        scan_document(document.pk, NOW + timedelta(minutes=1))
    assert state(document) == (DocumentState.WAITING, "")
    assert unscanned(NOW + timedelta(minutes=2)) == [document.pk]
    for _attempt in range(2):
        with pytest.raises(ScannerError):
            scan_document(document.pk, NOW + antivirus.PATIENCE)
    assert state(document) == (DocumentState.QUARANTINED, SCANNER_SILENT)
    assert document.state_words
    assert Event.objects.filter(kind="document.quarantined").count() == 1
    assert unscanned(NOW) == [document.pk]
    with scanner() as server:
        settings.CLAMAV_URL = server.url
        scan_document(document.pk, NOW + timedelta(hours=1))
    assert state(document) == (DocumentState.CLEAN, "")
    assert unscanned(NOW + timedelta(hours=2)) == []


def test_a_signature_is_judged_once_its_file_is_clean(cast: Cast, settings: Any) -> None:
    root = authority("Raíz acreditada de prueba")
    content = sign(act(), person("Alcaldesa de Prueba", "12345678-5", by=root), SIGNED)
    signature = received(cast, content, act=issued_act(cast))
    Document.objects.filter(pk=signature.document_id).update(state=DocumentState.WAITING)
    with scanner() as server:
        settings.CLAMAV_URL = server.url
        assert scan_document(signature.document_id, NOW) == [signature.pk]
        assert scan_document(signature.document_id, NOW) == [signature.pk]  # a second delivery of the message
    tasks.judge_signature(signature.pk)
    signature.refresh_from_db()
    assert signature.state == SignatureState.JUDGED
    assert scan_document(signature.document_id, NOW) == []


def test_the_quarantine_of_a_signed_act_stands_in_the_history_of_its_adhesion(cast: Cast, settings: Any) -> None:
    signature = received(cast, act())
    Document.objects.filter(pk=signature.document_id).update(state=DocumentState.WAITING)
    Path(signature.document.file.path).write_bytes(EICAR)
    with scanner() as server:
        settings.CLAMAV_URL = server.url
        scan_document(signature.document_id, NOW)
    event = Event.objects.get(kind="adhesion.document_quarantined")
    assert event.subject_id == str(signature.act.adhesion_id)
    assert "acta firmada.pdf" in event.sentence
