"""What a mail server says when it gives a mail back (RFC 3464, inside the multipart/report of RFC 6522). Pure."""

from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from typing import Final, NamedTuple

LONGEST: Final = 300


class Bounce(NamedTuple):
    """A mail that reaches `address` for good never; `said` is the server's own reason."""

    message_id: str
    address: str
    said: str


def bounces_in(letter: Message) -> list[Bounce]:
    """The mails that a letter gives back: none where it is no such letter, or tells only of a delay or of a delivery."""
    if letter.get_content_type() != "multipart/report" or letter.get_param("report-type") != "delivery-status":
        return []
    returned = next(filter(None, map(_identity, letter.walk())), "")
    reports = (block for part in letter.walk() for block in _blocks(part))
    return [
        Bounce(returned, _address(block), _said(block))
        for block in reports
        if returned and str(block.get("Action", "")).strip().lower() == "failed"
    ]


def _identity(part: Message) -> str:
    """The Message-ID of the mail that comes back, whole or by its headers."""
    payload = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
        return next((str(whole.get("Message-ID", "")).strip() for whole in payload if isinstance(whole, Message)), "")
    if part.get_content_type() == "text/rfc822-headers" and isinstance(payload, str):
        return str(message_from_string(payload).get("Message-ID", "")).strip()
    return ""


def _blocks(part: Message) -> Iterator[Message]:
    """A report is blocks of fields: of the whole, then of each address."""
    payload = part.get_payload()
    if part.get_content_type() == "message/delivery-status" and isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))


def _address(block: Message) -> str:
    return _after_semicolon(str(block.get("Original-Recipient") or block.get("Final-Recipient") or ""))


def _said(block: Message) -> str:
    words = _after_semicolon(str(block.get("Diagnostic-Code") or "")) or str(block.get("Status") or "")
    return " ".join(words.split())[:LONGEST]


def _after_semicolon(field: str) -> str:
    """`rfc822; ana@ejemplo.cl` without its kind."""
    return field.partition(";")[2].strip() or field.strip()
