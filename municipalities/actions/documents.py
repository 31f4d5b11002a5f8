"""Keeping files: judged by content at the door, stored under a random name, scanned by a worker, never changed."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import IO, TYPE_CHECKING

from django.core.files.base import ContentFile

from municipalities.choices import DocumentKind, DocumentState
from municipalities.models import Document, Municipality

if TYPE_CHECKING:
    from accounts.models import User

LARGEST = 20 * 1024 * 1024


def receive(
    *, by: User, municipality: Municipality, kind: DocumentKind, upload: IO[bytes], name: str, now: datetime
) -> Document:
    """Keep what a person sent. Raises `RefusedError` with the reason for a file of a kind that is never kept.

    The document waits (`DocumentState.WAITING`) until a worker has scanned it.
    """
    return _store(
        upload.read(LARGEST + 1),
        by=by,
        municipality=municipality,
        kind=kind,
        name=name,
        now=now,
        media_type="application/pdf",
    )


def keep(*, municipality: Municipality, kind: DocumentKind, content: bytes, name: str, now: datetime) -> Document:
    """Keep a PDF that the portal itself made: it needs no scan."""
    document = _store(
        content, by=None, municipality=municipality, kind=kind, name=name, now=now, media_type="application/pdf"
    )
    document.state, document.checked_at = DocumentState.CLEAN, now
    document.save(update_fields=["state", "checked_at"])
    return document


def _store(
    content: bytes,
    *,
    by: User | None,
    municipality: Municipality,
    kind: DocumentKind,
    name: str,
    now: datetime,
    media_type: str,
) -> Document:
    document = Document(
        municipality=municipality,
        kind=kind,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        uploaded_at=now,
    )
    document.file.save(name, ContentFile(content), save=False)
    document.save()
    return document
