"""Keeping files: judged by content at the door, stored under a random name, scanned by a worker, never changed."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import IO, TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction

from municipalities import tasks
from municipalities.actions import RefusedError
from municipalities.choices import DocumentKind, DocumentState
from municipalities.imports.pdf_safety import check_pdf
from municipalities.models import Document, Municipality
from municipalities.rules.uploads import LARGEST, PDF, NotKeptError, clean_name, media_type

if TYPE_CHECKING:
    from accounts.models import User


def receive(
    *, by: User, municipality: Municipality, kind: DocumentKind, upload: IO[bytes], name: str, now: datetime
) -> Document:
    """Keep what a person sent. Raises `RefusedError` with the reason for a file of a kind that is never kept.

    The document waits (`DocumentState.WAITING`) until a worker has scanned it. Whether `by` may send it is asked by the action
    that calls.
    """
    content = upload.read(LARGEST + 1)
    try:
        found = media_type(content, kind)
        if found == PDF:
            check_pdf(content)
    except NotKeptError as refusal:
        raise RefusedError(str(refusal)) from None
    with transaction.atomic():
        document = _store(
            content, by=by, municipality=municipality, kind=kind, name=name, now=now, found=found, opened=False
        )
        tasks.scan_document.delay_on_commit(document.pk)
    return document


def keep(*, municipality: Municipality, kind: DocumentKind, content: bytes, name: str, now: datetime) -> Document:
    """Keep a PDF that the portal itself made: it needs no scan."""
    return _store(content, by=None, municipality=municipality, kind=kind, name=name, now=now, found=PDF, opened=True)


def _store(
    content: bytes,
    *,
    by: User | None,
    municipality: Municipality,
    kind: DocumentKind,
    name: str,
    now: datetime,
    found: str,
    opened: bool,
) -> Document:
    document = Document(
        municipality=municipality,
        kind=kind,
        name=clean_name(name, found),
        media_type=found,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        state=DocumentState.CLEAN if opened else DocumentState.WAITING,
        checked_at=now if opened else None,
        uploaded_by=by,
        uploaded_at=now,
    )
    document.file.save(document.name, ContentFile(content), save=False)
    try:
        document.save()
    except Exception:
        document.file.delete(save=False)
        raise
    return document
