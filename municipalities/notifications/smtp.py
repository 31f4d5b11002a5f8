"""A mail server that is told of the moment at which a mail is handed over.

A server keeps nothing of a mail until it has read the line with a single dot that ends it (RFC 5321, 4.1.1.4). So everything
is sent but that dot, the moment is written down, and then the dot follows: a worker that dies before that moment has surely
sent nothing, and only one that dies between the dot and the server's answer leaves a doubt.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

logger = structlog.get_logger(__name__)

DJANGOS: Final = "django.core.mail.backends.smtp.EmailBackend"
_END: Final = b"\r\n.\r\n"
_DOT: Final = b".\r\n"


def _nothing() -> None:
    """Nobody wants to know."""


class _Telling(smtplib.SMTP):
    """Calls `handing_over` when all of a mail but its last line is at the server."""

    handing_over: Callable[[], None] = staticmethod(_nothing)

    def send(self, s: Any) -> None:
        if isinstance(s, bytes) and s.endswith(_END):
            super().send(s[: -len(_DOT)])
            self.handing_over()
            super().send(_DOT)
        else:
            super().send(s)


class _TellingOverTLS(_Telling, smtplib.SMTP_SSL):
    """The same through a connection that is encrypted from its start."""


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _TellingOverTLS if self.use_ssl else _Telling

    def open(self) -> bool | None:
        opened = super().open()
        if opened and self.connection is not None and self.connection.sock is not None:
            # Else the dot would wait until the server has acknowledged what came before it.
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def tell(self, handing_over: Callable[[], None]) -> None:
        """Have `handing_over` called for the next mail."""
        if isinstance(self.connection, _Telling):
            self.connection.handing_over = handing_over

    def drop(self) -> None:
        """Hang up without a word."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.close()
        self.connection = None

    def forget_if_gone(self) -> None:
        """A connection that the server ended is to be opened again."""
        if self.connection is not None and not self.connection.sock:
            self.connection = None


class Line:
    """One connection for many mails, through whatever backend the settings name. Closed on leaving the block."""

    def __init__(self) -> None:
        smtp = settings.EMAIL_BACKEND == DJANGOS
        self._backend: BaseEmailBackend = _Backend() if smtp else get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        if fault is not None:
            self.drop()
        with suppress(OSError):  # a server that is gone is no fault any more
            self._backend.close()

    def is_open(self) -> bool:
        """Whether the server is there; the connection is opened, or opened again, if it is not open."""
        if isinstance(self._backend, _Backend):
            self._backend.forget_if_gone()
        try:
            self._backend.open()
        except OSError as fault:
            logger.warning("mail_server_away", fault=str(fault))
            return False
        return True

    def deliver(self, message: EmailMessage, handing_over: Callable[[], None]) -> None:
        """Give a mail to the server; `handing_over` is called at the last moment at which nothing is lost or done.

        What that raises ends the delivery. Raises `smtplib.SMTPException` or `OSError` as the server and the network do.
        """
        if isinstance(self._backend, _Backend):
            self._backend.tell(handing_over)
        else:
            handing_over()
        self._backend.send_messages([message])

    def drop(self) -> None:
        """Hang up without a word, as after a fault in the middle of a mail."""
        if isinstance(self._backend, _Backend):
            self._backend.drop()
