"""Shape of the logs: JSON lines in production, readable lines in development. Neither RUN nor e-mail may appear in them."""

import logging
import re
from http import HTTPStatus
from typing import Any

import structlog

# In an address the @ of a search is written %40. A long text without any is passed over once, not once for each letter.
PERSONAL = re.compile(r"(?<![\w.+%-])[\w.+%-]+(?:@|%(?:25)*40)[\w-]+\.[\w.-]+|\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b")
# Whoever holds the address of an invitation may answer it, and that of a calendar reads it; also where the address is itself a
# parameter.
SECRET = re.compile(
    r"(?:(?<=/invitaciones/)|(?<=%2Finvitaciones%2F)|(?<=/calendario/)|(?<=%2Fcalendario%2F))[\w-]{20,}", re.IGNORECASE
)


def hide_personal_data(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace e-mail addresses, RUNs and the secrets of links in every text of a log line, however deep."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET.sub("[oculto]", PERSONAL.sub("[oculto]", value))
    if isinstance(value, dict):
        return {_hidden(key): _hidden(held) for key, held in value.items()}
    if isinstance(value, list | tuple | set):
        return [_hidden(held) for held in value]
    return value


class Unexpected(logging.Filter):
    """Of Django's warnings about answers to requests, those that tell of something. A conflict is an answer that the page
    expects: someone else was quicker, and it offers what to do."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != HTTPStatus.CONFLICT


def logging_configuration(*, json: bool, level: int) -> dict[str, Any]:
    """The `LOGGING` dictionary. `json` chooses the renderer."""
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "portal": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_personal_data,
                    renderer,
                ],
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.processors.TimeStamper(fmt="iso"),
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.add_log_level,
                    structlog.processors.format_exc_info,
                ],
            }
        },
        "filters": {"unexpected": {"()": Unexpected}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "portal"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"filters": ["unexpected"]},
            "django.server": {"handlers": ["console"], "propagate": False},
            # What they find in somebody's PDF goes into its report. In the log it would name signers and fill the disk.
            "pyhanko": {"level": "CRITICAL"},
            "pyhanko_certvalidator": {"level": "CRITICAL"},
        },
    }
