"""What kind of file the bytes are, whatever the name says."""

import re
from typing import Final

from django.utils.translation import gettext as _

HEAD: Final = 4096
"""How many bytes from the start are enough to tell."""

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"
WEB_PAGE: Final = re.compile(rb"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def is_spreadsheetml(head: bytes) -> bool:
    """Whether the file may be an Excel 2003 workbook in XML; the parser then checks it whole."""
    return kind_of(head) == ""


def kind_of(head: bytes) -> str:
    """Name, for the person who brought it, the kind of a file that is not SpreadsheetML; empty for XML, and for nothing at all.

    `head` is the first `HEAD` bytes.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(ZIP):
        return (
            _("A workbook of Excel 2007 or later (.xlsx)")
            if b"xl/" in head or b"[Content_Types]" in head
            else _("A ZIP file")
        )
    for mark, name in (
        (OLE, _("A workbook of Excel 97-2003 in its binary format (.xls)")),
        (b"%PDF", _("A PDF document")),
        (b"{", _("A JSON file")),
        (b"[", _("A JSON file")),
    ):
        if text.startswith(mark):
            return name
    if WEB_PAGE.match(text) or (text.startswith(b"<") and WEB_PAGE.search(text)):
        return _("A web page (HTML)")
    if text.startswith(b"<") or not text:
        return ""
    if b"\x00" in head or sum(byte < 9 for byte in head):
        return _("A file that is not text")
    return _("A text file (CSV or similar)")
