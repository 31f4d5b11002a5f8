"""Pure rules about people."""

import hashlib

from stdnum.cl import rut
from stdnum.exceptions import ValidationError


class InvalidRunError(ValueError):
    """The text is not a RUN, or its check digit does not fit."""


def normalise_run(text: str) -> str:
    """Give a RUN as stored: digits, a hyphen, the check digit in upper case (`12345678-5`).

    Dots, blanks and a missing hyphen are forgiven. Raises `InvalidRunError` when the module-11 check digit does not fit.
    """
    try:
        compact = rut.validate(text)
    except ValidationError as error:
        raise InvalidRunError(text) from error
    return f"{int(compact[:-1])}-{compact[-1].upper()}"


def format_run(run: str) -> str:
    """Give a stored RUN as people write it: `12.345.678-5`."""
    number, digit = run.split("-")
    return f"{int(number):,}".replace(",", ".") + f"-{digit}"


def mask_run(run: str) -> str:
    """Give a stored RUN so that its owner recognises it and nobody else learns it: `••.•••.678-5`."""
    formatted = format_run(run)
    return "".join("•" if sign.isdigit() else sign for sign in formatted[:-5]) + formatted[-5:]


def hash_of_secret(secret: str) -> str:
    """Give what is stored of the secret in a link: its SHA-256. The secrets are random and long, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
