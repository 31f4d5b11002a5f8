"""FirmaGob, the State's signing service: it receives the hash of an act and gives back the mayor's advanced signature.

The act itself never leaves the portal. The mayor's one-time code (OTP) lives for seconds, so the question is asked while they
wait, within `FIRMAGOB_TIMEOUT` seconds.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import time
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
import requests
from asn1crypto import cms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import CMSExtractionError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from urllib3.exceptions import HTTPError

from municipalities.actions import RefusedError
from municipalities.reports.seal import Prepared, prepare

PURPOSE: Final = "Propósito General"
TOKEN_LASTS: Final = timedelta(minutes=5)
FIELD: Final = "Firma-FirmaGob"
# A signature comes with its chain of certificates and perhaps a time stamp.
ROOM: Final = 32 * 1024
LONGEST_ANSWER: Final = 1024 * 1024


class FirmaGobError(RefusedError):
    """FirmaGob did not sign. Nothing was recorded, and the text says what to do."""


class WrongCodeError(FirmaGobError):
    """The one-time code is wrong or was used or too old: another one may work."""


class TokenRefusedError(FirmaGobError):
    """FirmaGob does not accept the portal's token: its time passed, or the portal is not registered."""


class NotAnsweringError(FirmaGobError):
    """FirmaGob cannot be reached, is too slow or fails."""


class PartialAnswerError(FirmaGobError):
    """FirmaGob answered without the signature of our hash."""


class UnreadableAnswerError(FirmaGobError):
    """What FirmaGob answered is no signature of our hash."""


def is_offered() -> bool:
    """Whether the portal is registered at FirmaGob."""
    return bool(settings.FIRMAGOB_ENTITY)


def prepare_for_firmagob(pdf: bytes, *, reason: str, now: datetime) -> Prepared:
    """The PDF with room for FirmaGob's signature, whose hash is then asked for."""
    return prepare(pdf, field=FIELD, reason=reason, now=now, room=ROOM, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)


def sign(prepared: Prepared, *, run: str, code: str, now: datetime) -> bytes:
    """The PDF signed by the holder of `run` with their one-time code. Raises a `FirmaGobError`."""
    answer = _ask(prepared.digest, run=run, code=code, now=now)
    signature = _signature_in(answer)
    try:
        _check_digest(signature, prepared.digest)
        signed = prepared.filled(signature)
        _check_whole(signed)
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        PdfError,
        CMSExtractionError,
        SignatureValidationError,
    ) as error:
        raise UnreadableAnswerError(
            _(
                "FirmaGob answered with something that is not a signature of this act. Nothing was signed. Try again later."
            )
        ) from error
    return signed


def token(run: str, *, now: datetime) -> str:
    """The portal's word for one question: who asks, for whom, until when (in the time of Santiago, without zone)."""
    until = timezone.localtime(now + TOKEN_LASTS).replace(tzinfo=None)
    claims = {
        "entity": settings.FIRMAGOB_ENTITY,
        "run": run.partition("-")[0],
        "purpose": PURPOSE,
        "expiration": until.isoformat(timespec="seconds"),
    }
    return jwt.encode(claims, settings.FIRMAGOB_SECRET, "HS256")


def _ask(digest: bytes, *, run: str, code: str, now: datetime) -> dict[str, Any]:
    """Send the hash; give what FirmaGob answered. The time-out counts for the whole answer, not for each byte of it."""
    question = {
        "api_token_key": settings.FIRMAGOB_TOKEN_KEY,
        "token": token(run, now=now),
        "hashes": [{"content-type": "application/pdf", "content": base64.b64encode(digest).decode()}],
    }
    deadline = time.monotonic() + settings.FIRMAGOB_TIMEOUT
    body = bytearray()
    try:
        with requests.post(
            settings.FIRMAGOB_URL,
            json=question,
            headers={"OTP": code},
            timeout=settings.FIRMAGOB_TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            # As it arrives, not in full pieces: whoever sends a byte now and then must not hold the mayor.
            while part := response.raw.read1(8192, decode_content=True):
                body += part
                if time.monotonic() > deadline or len(body) > LONGEST_ANSWER:
                    raise _away()
    except (requests.RequestException, HTTPError):
        # Without its cause: the exception of the library holds the question.
        raise _away() from None
    return _understood(response, bytes(body))


def _understood(response: requests.Response, body: bytes) -> dict[str, Any]:
    """The answer as a dictionary; each way of saying no becomes its error."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _away() if response.status_code != requests.codes.ok else _unreadable()
    said = f"{answer.get('error', '')} {answer.get('message', '')}".casefold()
    metadata = answer.get("metadata")
    if "otp" in said or (isinstance(metadata, dict) and metadata.get("otpExpired") is True):
        raise WrongCodeError(
            _(
                "FirmaGob did not accept the code. Codes change every few seconds: enter the one your application shows now."
            )
        )
    if response.status_code in {400, 401, 403} or "token" in said or "expir" in said:
        raise TokenRefusedError(
            _(
                "FirmaGob did not accept the portal's request. Nothing was signed. Try again; if it repeats, tell the council."
            )
        )
    if response.status_code != requests.codes.ok:
        raise _away()
    return answer


def _signature_in(answer: dict[str, Any]) -> bytes:
    """The one signature of the answer (DER)."""
    signed = answer.get("hashes") or answer.get("files")
    if not isinstance(signed, list) or len(signed) != 1 or not isinstance(signed[0], dict):
        raise _partial()
    if signed[0].get("status") != "OK" or not isinstance(signed[0].get("content"), str):
        raise _partial()
    try:
        return base64.b64decode(signed[0]["content"], validate=True)
    except binascii.Error:
        raise _unreadable() from None


def _check_digest(signature: bytes, digest: bytes) -> None:
    """Raise `ValueError` unless this is a CMS signature, by one signer, of exactly our hash."""
    content = cms.ContentInfo.load(signature, strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("no signed data")
    signers = content["content"]["signer_infos"]
    if len(signers) != 1:
        raise ValueError("not one signer")
    told = [
        attribute["values"][0].native
        for attribute in signers[0]["signed_attrs"]
        if attribute["type"].native == "message_digest"
    ]
    if told != [digest]:
        raise ValueError("signature of another hash")


def _check_whole(signed: bytes) -> None:
    """Raise `ValueError` unless the signature holds mathematically. Whom it is of, and who vouches for it, is judged later."""
    embedded = PdfFileReader(io.BytesIO(signed)).embedded_signatures[-1]
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[], allow_fetching=False))
    if not (status.intact and status.valid):
        raise ValueError("the signature does not hold")


def _away() -> NotAnsweringError:
    return NotAnsweringError(_("FirmaGob does not answer now. Nothing was lost: try again in some minutes."))


def _partial() -> PartialAnswerError:
    return PartialAnswerError(
        _("FirmaGob did not return the signature. Nothing was signed: try again with a new code.")
    )


def _unreadable() -> UnreadableAnswerError:
    return UnreadableAnswerError(_("FirmaGob's answer cannot be read. Nothing was signed. Try again later."))
