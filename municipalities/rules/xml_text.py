"""What XML can hold: feeds and Word documents are XML, and people paste signs that it has no way to write. Pure."""

import re
from typing import Final

# All but the characters of XML 1.0 (production 2).
_NO_CHARACTER: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text without what XML cannot hold, so that no word of a person can stop a file."""
    return _NO_CHARACTER.sub("", text)
