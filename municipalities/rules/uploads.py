"""What a file that somebody sends may be: judged by its content, never by its name. Pure."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from io import BytesIO
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from municipalities.choices import DocumentKind

LARGEST: Final = 20 * 1024 * 1024
"""Bytes of the largest file that is kept."""

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SUFFIXES: Final = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", XLSX: ".xlsx", DOCX: ".docx"}

_PAPER: Final = frozenset({PDF, JPEG, PNG})
ACCEPTED: Final[dict[DocumentKind, frozenset[str]]] = {
    DocumentKind.SIGNED_ACT: frozenset({PDF}),
    DocumentKind.SCANNED_ACT: _PAPER,
    DocumentKind.DECREE: _PAPER,
    DocumentKind.EVIDENCE: _PAPER | {XLSX, DOCX},
    DocumentKind.WORKBOOK: frozenset({XLSX}),
    DocumentKind.MINUTES: _PAPER,
    DocumentKind.OTHER: _PAPER,
}
"""What people may send of each kind. Acts and their public copies are made by the portal alone."""

SCANNER_SILENT: Final = "scanner_silent"
MALWARE: Final = "malware"

_LONGEST_NAME: Final = 120
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_END: Final = b"\xff\xd9"
_OFFICE: Final = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}
_RUNS: Final = re.compile(r"vba|activeX|embeddings/|\.exe$", re.IGNORECASE)
_MOST_PARTS: Final = 2_000
_LARGEST_UNPACKED: Final = 200 * 1024 * 1024


class NotKeptError(ValueError):
    """The file is of a kind that is never kept. The text says why and what to do, in the reader's language."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


TRUNCATED: Final = _("The file is cut off: its end is missing. Save it again and send the new copy.")
UNREADABLE: Final = _("The file cannot be read: it is damaged. Save it again and send the new copy.")
TOO_LARGE: Final = _("The file is larger than 20 MB. Scan it with a lower resolution, or save it with less weight.")


_NO_PAPER: Final = _("The file is neither a PDF nor a picture (JPEG or PNG).")
_NOT_ACCEPTED: Final[dict[DocumentKind, Promise]] = {
    DocumentKind.SIGNED_ACT: _("The file is not a PDF. Send the signed act as the PDF that your signing program gave."),
    DocumentKind.EVIDENCE: _(
        "The file is neither a PDF, nor a picture (JPEG or PNG), nor a document or workbook without macros (DOCX or XLSX)."
    ),
    DocumentKind.WORKBOOK: _("The file is not a workbook (XLSX). Save it in the format in which it was downloaded."),
}


def media_type(content: bytes, kind: DocumentKind) -> str:
    """The type of a file of this kind, by its first bytes; a picture is also followed to its end.

    Raises `NotKeptError` for what is empty, too large, cut off or of a type that this kind does not take. What a PDF holds
    inside is the matter of `imports.pdf_safety`.
    """
    if not content:
        raise NotKeptError(_("The file is empty."))
    if len(content) > LARGEST:
        raise NotKeptError(TOO_LARGE)
    accepted = ACCEPTED.get(kind, frozenset())
    found = _type_by_start(content)
    if found not in accepted:
        raise NotKeptError(_NOT_ACCEPTED.get(kind, _NO_PAPER))
    if found == PNG:
        _follow_png(content)
    elif found == JPEG:
        _follow_jpeg(content)
    return found


def _type_by_start(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(_PNG_START):
        return PNG
    if content.startswith(b"PK\x03\x04"):
        return _type_by_parts(content)
    return JPEG if content.startswith(b"\xff\xd8\xff") else ""


def _type_by_parts(content: bytes) -> str:
    """What an Office file is, by the parts of its archive. Programs, other files inside and archive bombs are not kept."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotKeptError(UNREADABLE) from None
    names = {part.filename for part in parts}
    found = next((kind for part, kind in _OFFICE.items() if part in names), "")
    if "[Content_Types].xml" not in names or not found:
        return ""
    if any(part.flag_bits & 1 for part in parts):
        raise NotKeptError(_("The file is protected with a password. Save it without one and send it again."))
    if any(_RUNS.search(name) for name in names):
        raise NotKeptError(
            _("The file holds programs (macros) or other files inside. Save it without them and send it again.")
        )
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise NotKeptError(
            _("The file unpacks to more than the portal reads. Save it with less in it and send it again.")
        )
    return found


def _follow_png(content: bytes) -> None:
    """Walk the chunks, each with its checksum, to the last; nothing may follow it."""
    at, first = len(_PNG_START), True
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        checksum = content[at + 8 + length : at + 12 + length]
        if first and name != b"IHDR":
            raise NotKeptError(UNREADABLE)
        if len(checksum) < 4:
            raise NotKeptError(TRUNCATED)
        if zlib.crc32(name + body) != int.from_bytes(checksum):
            raise NotKeptError(UNREADABLE)
        at, first = at + 12 + length, False
        if name == b"IEND":
            if at != len(content):
                raise NotKeptError(_("Something else is hidden after the end of the picture."))
            return
    raise NotKeptError(TRUNCATED)


def _follow_jpeg(content: bytes) -> None:
    """Walk the segments to the picture's data, which must have an end. Telephones write previews after it: those may stay."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise NotKeptError(UNREADABLE)
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xDA:
            if content.find(_JPEG_END, at) < 0:
                raise NotKeptError(TRUNCATED)
            return
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    raise NotKeptError(TRUNCATED)


def clean_name(name: str, found: str) -> str:
    """A name to offer for download: no folders, no invisible or direction-changing letters, the suffix of its type."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(" " if letter.isspace() else letter for letter in text if _is_visible(letter))
    text = re.sub(r'[<>:"|?*%;]+', "-", " ".join(text.split()))
    stem = re.sub(r"\.(pdf|jpe?g|png|xlsx|docx)$", "", text.strip(". "), flags=re.IGNORECASE).strip(". ")
    return (stem[:_LONGEST_NAME].rstrip(". ") or "documento") + SUFFIXES[found]


def _is_visible(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] not in {"C", "Z"}


def malware(name: str) -> str:
    """The stored reason of a file in which the scanner found something."""
    return f"{MALWARE}:{name}"[:300]


def quarantine_words(reason: str) -> str:
    """A stored reason of quarantine in words for people."""
    if reason == SCANNER_SILENT:
        return str(
            _(
                "The virus scanner did not answer, so the file stays closed. It is asked again by itself: "
                "nobody has to send the file again."
            )
        )
    if reason.startswith(MALWARE):
        found = reason.partition(":")[2]
        return str(
            _("The virus scanner found something dangerous (%(name)s). The file stays closed. Send a clean copy.")
        ) % {"name": found}
    return reason
