"""What the document of a diagnostic can print. Pure."""

import re
import unicodedata
from typing import Final

NO_LETTER: Final = "□"
"""Stands for a sign that the fonts of the document do not have."""

# Latin, Greek, Cyrillic, signs of text, currencies, arrows, mathematics, boxes. What is left out runs against a direction of
# writing, draws (emoji), or belongs to a script that the fonts lack.
_LETTERS: Final = re.compile(
    r"[\n\t\x20-\x7e\xa0-\u024f\u0370-\u03ff\u0400-\u045f\u2010-\u2027\u2030-\u2040\u2044-\u205e\u20a0-\u20bf"
    r"\u2190-\u22ff\u2460-\u25ff]"
)


def printable(text: str) -> str:
    """The text with what cannot be printed replaced, so that no word of a person can stop a document."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(sign if _has_letter(sign) else NO_LETTER for sign in composed)


def _has_letter(sign: str) -> bool:
    return _LETTERS.fullmatch(sign) is not None and unicodedata.category(sign) != "Cn"
