"""The mailbox to which mails come back: a Maildir that a mail server fills, or a program that fetches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from itertools import chain, islice
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from municipalities.rules.bounces import Bounce, bounces_in

logger = structlog.get_logger(__name__)

A_RUN: Final = 500
"""Letters read in one run; the next takes up the rest."""
LARGEST: Final = 2 * 1024 * 1024
_FLAGS: Final = ":2,"


def waiting() -> Iterator[list[Bounce]]:
    """What each unread letter gives back. One counts as read once the next is asked for, so what an interrupted run did not
    finish comes again. Nothing is deleted: people may read the same mailbox."""
    if not settings.BOUNCES_MAILDIR:
        return
    box = Path(settings.BOUNCES_MAILDIR)
    if not (box / "new").is_dir():
        logger.error("bounces_mailbox_missing", path=str(box))
        return
    unread = (file for file in (box / "cur").glob("*") if "S" not in file.name.rpartition(_FLAGS)[2])
    for file in islice(chain(sorted((box / "new").iterdir()), sorted(unread)), A_RUN):
        yield _bounces(file)
        name, _mark, flags = file.name.partition(_FLAGS)
        with suppress(FileNotFoundError):  # somebody took it away meanwhile
            file.rename(box / "cur" / f"{name}{_FLAGS}{''.join(sorted({*flags, 'S'}))}")


def _bounces(file: Path) -> list[Bounce]:
    try:
        if file.stat().st_size > LARGEST:
            return []
        return bounces_in(message_from_bytes(file.read_bytes()))
    # What strangers send fails in more ways than a parser declares.
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        logger.warning("bounce_unreadable", letter=file.name)
        return []
