"""The portal's seal: an electronic signature (PAdES B-B) added to a PDF, which stays byte by byte as it was before it."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from asn1crypto import cms
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner

from municipalities.actions import RefusedError

DIGEST: Final = "sha256"
# Bytes kept free for a signature with its certificates.
ROOM: Final = 8 * 1024
FIELD: Final = "Sello-del-portal"


class Prepared(NamedTuple):
    """A PDF with room for a signature, and what must be signed: `digest` is the SHA-256 of all but the room."""

    content: bytes
    digest: bytes
    start: int
    end: int

    def filled(self, signature: bytes) -> bytes:
        """The PDF with a CMS signature (DER) in the room. Raises `ValueError` when it does not fit."""
        if 2 * len(signature) > self.end - self.start - 2:
            raise ValueError("the signature is larger than its room")
        output = io.BytesIO(self.content)
        PreparedByteRangeDigest(self.digest, self.start, self.end).fill_with_cms(output, signature)
        return output.getvalue()


def prepare(
    pdf: bytes,
    *,
    field: str,
    reason: str,
    now: datetime,
    room: int = ROOM,
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
) -> Prepared:
    """Append `room` bytes for an invisible signature to a PDF, with the reason and the moment that readers will see.

    Raises `RefusedError` for what is no PDF that can be signed.
    """
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        embedder = PdfCMSEmbedder(SigFieldSpec(field)).write_cms(field_name=field, writer=writer)
        next(embedder)
        # In hexadecimal each byte takes two.
        signature = SignatureObject(timestamp=now, subfilter=subfilter, reason=reason, bytes_reserved=2 * room)
        embedder.send(SigObjSetup(sig_placeholder=signature))
        place, output = embedder.send(SigIOSetup(md_algorithm=DIGEST))
    except (PdfError, ValueError) as error:
        raise RefusedError(_("This PDF cannot be signed. Write to the council.")) from error
    return Prepared(output.getvalue(), place.document_digest, place.reserved_region_start, place.reserved_region_end)


def seal(pdf: bytes, *, reason: str, now: datetime) -> bytes:
    """The PDF with the portal's signature appended. Raises `RefusedError` when the portal has no seal."""
    signer = _signer()
    place = prepare(pdf, field=FIELD, reason=reason, now=now)
    signature: cms.ContentInfo = asyncio.run(
        signer.async_sign(place.digest, DIGEST, use_pades=True, signed_attr_settings=PdfCMSSignedAttributes())
    )
    return place.filled(signature.dump())


def has_seal() -> bool:
    """Whether the portal was given a certificate to seal with."""
    return bool(settings.SEAL_FILE)


def seal_certificate() -> bytes:
    """The certificate of the seal (DER). Raises `RefusedError` when the portal has none."""
    der: bytes = _signer().signing_cert.dump()
    return der


def _signer() -> Any:
    if not has_seal():
        raise RefusedError(_("Nothing can be signed in the portal yet: it has no seal. Choose another way to sign."))
    try:
        return _load(settings.SEAL_FILE, settings.SEAL_PASSWORD)
    except (OSError, ValueError) as error:
        raise RefusedError(_("The portal's seal cannot be read. Write to the council: nothing was signed.")) from error


@lru_cache(maxsize=4)
def _load(path: str, password: str) -> Any:
    """Read the PKCS#12 once: opening it takes longer than sealing."""
    return SimpleSigner.load_pkcs12_data(Path(path).read_bytes(), [], password.encode() or None)
