"""All evidence of a diagnostic as one ZIP, written while it is sent: memory holds a piece of one file, the disk nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.reports.evidence import Piece
from diagnostics.rules.instrument import Instrument
from municipalities.exports.authorities import harmless
from municipalities.models import Document
from municipalities.rules.uploads import clean_name, quarantine_words

PIECE: Final = 256 * 1024
INDEX: Final = "index.csv"


class _Sink(io.RawIOBase):
    """What the archive writes, until it is taken to be sent. It cannot be wound back."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.waiting += data  # type: ignore[arg-type]
        return len(data)  # type: ignore[arg-type]

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


def archive(instrument: Instrument, evidence: Mapping[str, Sequence[Piece]], *, now: datetime) -> Iterator[bytes]:
    """A folder for each question, in the order of the form, and an index of every piece, those left out too with the reason.

    Only files that were checked are included. What the caller fetched is all that is asked of the database.
    """
    sink = _Sink()
    rows = [_head()]
    # Lightly compressed: a member that is only stored cannot be read by every program when its size was not known before.
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for order, question in enumerate(instrument.questions(), 1):
            for number, piece in enumerate(evidence.get(question.id, ()), 1):
                path, note = "", ""
                document = piece.version.document if piece.version else None
                if document is not None:
                    path = f"{order:02d}-{question.id}/{number:02d}-{clean_name(piece.title, document.media_type)}"
                    file, note = _open(document)
                    if file is None:
                        path = ""
                    else:
                        yield from _member(book, sink, path, file, now)
                rows.append([question.id, question.text, *_line(piece, document, path, note)])
        book.writestr(_info(INDEX, now), _csv(rows))
    yield sink.take()


def _member(book: zipfile.ZipFile, sink: _Sink, path: str, file: FieldFile, now: datetime) -> Iterator[bytes]:
    with file, book.open(_info(path, now), "w") as member:
        while part := file.read(PIECE):
            member.write(part)
            yield sink.take()


def _open(document: Document) -> tuple[FieldFile | None, str]:
    """The file, or why it is left out."""
    if not document.may_open:
        reason = quarantine_words(document.state_reason) if document.state_reason else _("It is being checked.")
        return None, _("Not included. %(reason)s") % {"reason": reason}
    try:
        document.file.open("rb")
    except OSError:
        return None, _("Not included. The file cannot be read now.")
    return document.file, ""


def _head() -> list[str]:
    return [
        _("Question"),
        _("Text"),
        _("Title"),
        _("Version"),
        _("File"),
        "SHA-256",
        _("Link"),
        _("Date"),
        _("Valid until"),
        _("Note"),
    ]


def _line(piece: Piece, document: Document | None, path: str, note: str) -> list[str]:
    version = piece.version
    return [
        harmless(piece.title),
        str(version.number) if version else "",
        path,
        document.sha256 if document else "",
        harmless(version.url) if version else "",
        f"{piece.evidence.dated:%d-%m-%Y}" if piece.evidence.dated else "",
        f"{piece.evidence.expires:%d-%m-%Y}" if piece.evidence.expires else "",
        note or piece.link_words,
    ]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    """Semicolons and the mark of UTF-8, as a Spanish Excel expects."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return "\ufeff" + out.getvalue()


def _info(path: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, timezone.localtime(now).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o640 << 16
    return info
