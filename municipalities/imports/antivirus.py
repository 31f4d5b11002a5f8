"""The virus scanner (ClamAV's daemon, INSTREAM). It fails closed: while it does not answer, no file opens."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import datetime, timedelta
from typing import IO, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from accounts.actions import record_event
from municipalities.choices import DocumentState, SignatureState
from municipalities.models import Document, Signature
from municipalities.rules.uploads import SCANNER_SILENT, malware

_CHUNK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4096
PATIENCE: Final = timedelta(minutes=10)
"""How long a file may wait for a silent scanner before people are told that it is in quarantine."""


class ScannerError(OSError):
    """The scanner could not be reached, gave up, or answered something that is neither clean nor found."""


def scan(file: IO[bytes]) -> str:
    """Ask the scanner at `CLAMAV_URL` about a file: the name of what it found, or "" for a clean one.

    Raises `ScannerError` in every other case, so that no fault is taken for a clean file.
    """
    try:
        with closing(_connect(settings.CLAMAV_URL, settings.CLAMAV_TIMEOUT)) as connection:
            connection.sendall(b"zINSTREAM\0")
            while chunk := file.read(_CHUNK):
                connection.sendall(len(chunk).to_bytes(4) + chunk)
            connection.sendall(bytes(4))
            answer = _answer(connection)
    except OSError as error:
        raise ScannerError(str(error)) from error
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerError(f"the scanner answered {answer[:80]!r}")


def _connect(url: str, seconds: int) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or 3310), timeout=seconds)
    if parts.scheme == "unix" and parts.path:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    raise ScannerError("CLAMAV_URL is neither tcp://host:port nor unix:///path")


def _answer(connection: socket.socket) -> str:
    """What the daemon says until its closing zero byte. Half an answer is none."""
    said = b""
    while not said.endswith(b"\0"):
        more = connection.recv(_LONGEST_ANSWER)
        if not more or len(said) > _LONGEST_ANSWER:
            raise ScannerError("the scanner gave half an answer")
        said += more
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()


def scan_document(document_id: int, now: datetime) -> list[int]:
    """Have a file scanned and open or close it; give the ids of the signatures that may be judged now.

    A file that is open already stays so. While the scanner fails the file waits and `ScannerError` is raised, to be tried
    again; after `PATIENCE` it is in quarantine for that reason, and leaves it as soon as the scanner answers.
    """
    document = Document.objects.get(pk=document_id)
    if not _is_open_question(document):
        return _waiting_signatures(document)
    try:
        with document.file.open("rb") as file:
            found = scan(file) if settings.CLAMAV_URL else ""
    except FileNotFoundError:
        raise
    except OSError:
        if now - document.uploaded_at >= PATIENCE:
            _close(document_id, now=now, reason=SCANNER_SILENT)
        raise
    if found:
        _close(document_id, now=now, reason=malware(found))
        return []
    return _open(document_id, now=now)


def _is_open_question(document: Document) -> bool:
    return document.state == DocumentState.WAITING or document.state_reason == SCANNER_SILENT


def _open(document_id: int, *, now: datetime) -> list[int]:
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        if _is_open_question(document):
            document.state, document.state_reason, document.checked_at = DocumentState.CLEAN, "", now
            document.save(update_fields=["state", "state_reason", "checked_at"])
    return _waiting_signatures(document)


def _close(document_id: int, *, now: datetime, reason: str) -> None:
    """Put a file in quarantine, once for each reason, and tell it where its adhesion's history is read."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        if not _is_open_question(document) or document.state_reason == reason:
            return
        document.state, document.state_reason, document.checked_at = DocumentState.QUARANTINED, reason, now
        document.save(update_fields=["state", "state_reason", "checked_at"])
        signature = Signature.objects.filter(document=document).select_related("act__adhesion").first()
        record_event(
            "adhesion.document_quarantined" if signature else "document.quarantined",
            by=None,
            at=now,
            subject=signature.act.adhesion if signature else document,
            municipality_cut=document.municipality_id,
            document=document.name,
        )


def _waiting_signatures(document: Document) -> list[int]:
    if document.state != DocumentState.CLEAN:
        return []
    waiting = Signature.objects.filter(document=document, state=SignatureState.WAITING)
    return list(waiting.values_list("pk", flat=True))


def unscanned(now: datetime) -> list[int]:
    """Ids of the files whose answer is still owed: sent a minute ago or longer, or closed only because of a silent scanner."""
    waiting = Document.objects.filter(state=DocumentState.WAITING, uploaded_at__lte=now - timedelta(minutes=1))
    silent = Document.objects.filter(state=DocumentState.QUARANTINED, state_reason=SCANNER_SILENT)
    return sorted({*waiting.values_list("pk", flat=True), *silent.values_list("pk", flat=True)})
