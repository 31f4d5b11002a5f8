"""The judgement of the signatures in a PDF (PAdES), with pyHanko and the certificates that staff trust.

Nothing is fetched: certificates and revocation lists are those given and those inside the file. What the findings mean is the
matter of `rules.verdict`.
"""

from __future__ import annotations

import asyncio
import hashlib
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import load_der_x509_crl
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)
from pyhanko.sign.diff_analysis.constants import ACROFORM_EXEMPT_STRICT_COMPARISON
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import CMSStructuralError, extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    extract_tst_data_iter,
    message_imprint_checker,
    validate_sig_integrity,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    ValidationError,
)

from municipalities.choices import Fact
from municipalities.imports.pdf_safety import LIMITS
from municipalities.imports.revocation import Evidence, inside, revocation
from municipalities.imports.stamps import covered_by_signatures
from municipalities.rules import verdict as rules
from municipalities.rules.verdict import Answer, Coverage, JudgedSignature, Office, Reason, SigningTime, Trust, Verdict

SANTIAGO: Final = ZoneInfo("America/Santiago")
RUN_OF_HOLDER: Final = "1.3.6.1.4.1.8321.1"
"""Where accredited Chilean certificates write the RUN of their holder (subjectAltName, otherName)."""

_MOST_SIGNATURES: Final = 20
_ADDITIONS: Final = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule(
        [SigFieldCreationRule(), SigFieldModificationRule(), GenericFieldModificationRule()],  # type: ignore[no-untyped-call]
        # The first signature begins the form, its flags included.
        ignored_acroform_keys=ACROFORM_EXEMPT_STRICT_COMPARISON | {"/SigFlags"},
    ),
)
_FAULTS: Final = (
    PdfError,
    SignatureValidationError,
    CMSStructuralError,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    ArithmeticError,
    EOFError,
    struct.error,
    zlib.error,
)
"""In how many ways a parser of hostile bytes fails."""


class Anchor(NamedTuple):
    """A certificate that staff listed, in DER, trusted from a day until another (the first day without trust)."""

    der: bytes
    trusted_from: date
    trusted_until: date | None = None

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def is_trusted(self, day: date) -> bool:
        return self.trusted_from <= day and (self.trusted_until is None or day < self.trusted_until)


@dataclass(frozen=True)
class _Sources:
    """What a judgement relies on, read once for all signatures of a file."""

    roots: tuple[tuple[Anchor, x509.Certificate], ...]
    intermediates: tuple[tuple[Anchor, x509.Certificate], ...]
    known: Evidence
    offices: Sequence[Office]
    named: str
    received: datetime
    issued_at: datetime | None

    def listed(self, fingerprint: str) -> Anchor | None:
        found = (anchor for anchor, _ in (*self.roots, *self.intermediates) if anchor.fingerprint == fingerprint)
        return next(found, None)


def judge(
    content: bytes,
    issued: bytes,
    *,
    roots: Iterable[Anchor],
    intermediates: Iterable[Anchor],
    crls: Iterable[bytes],
    offices: Sequence[Office],
    on: datetime,
    issued_at: datetime | None = None,
    named: str = "",
) -> Verdict:
    """Judge every signature of a PDF against the act as issued.

    `offices`: the mayors and acting mayors of the municipality, with their dates; `on`: when the file arrived; `issued_at`: when
    the act was made, before which nobody can have signed it; `named`: the RUN of whom the act names. Never raises for what
    the file holds.
    """
    roots, intermediates = tuple(roots), tuple(intermediates)
    lists = tuple((hashlib.sha256(der).hexdigest(), load_der_x509_crl(der)) for der in crls)
    sources = _Sources(
        roots=tuple((anchor, x509.Certificate.load(anchor.der)) for anchor in roots),
        intermediates=tuple((anchor, x509.Certificate.load(anchor.der)) for anchor in intermediates),
        known=Evidence(lists=tuple(found for _, found in lists)),
        offices=offices,
        named=named,
        received=on,
        issued_at=issued_at,
    )
    about = {
        "received": on.isoformat(),
        "file_sha256": hashlib.sha256(content).hexdigest(),
        "act_sha256": hashlib.sha256(issued).hexdigest(),
        "roots": [anchor.fingerprint for anchor in roots],
        "intermediates": [anchor.fingerprint for anchor in intermediates],
        "revocation_lists": [fingerprint for fingerprint, _ in lists],
    }
    try:
        reader = PdfFileReader(BytesIO(content), strict=True, decode_limits=LIMITS)
        if reader.encrypted:
            return rules.nothing_to_judge(Reason.ENCRYPTED, about)
        fields = [(name, found) for name, _value, found in enumerate_sig_fields(reader, filled_status=True)]
    except _FAULTS:
        return rules.nothing_to_judge(Reason.UNREADABLE, about)
    if len(fields) > _MOST_SIGNATURES:
        return rules.nothing_to_judge(Reason.UNREADABLE, about)
    common = _common_coverage(reader, content, issued)
    judged = [_judge_field(reader, name, field, content, common, sources) for name, field in fields]
    return rules.of_file(judged, about)


def _broken(name: str, reason: Reason, covers: Coverage) -> JudgedSignature:
    unknown = Answer(Fact.UNKNOWN, (reason,))
    return JudgedSignature(
        intact=Answer(Fact.NO, (reason,)),
        trusted=unknown,
        mayor=unknown,
        covers=rules.covers_act(covers, intact=False),
        details={"field": _plain(name)},
    )


def _judge_field(
    reader: PdfFileReader, name: str, field: Any, content: bytes, common: Coverage, sources: _Sources
) -> JudgedSignature:
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        return asyncio.run(_judge_signature(embedded, content, common, sources))
    except _FAULTS:
        return _broken(name, Reason.BROKEN_SIGNATURE, common)


async def _judge_signature(
    embedded: EmbeddedPdfSignature, content: bytes, common: Coverage, sources: _Sources
) -> JudgedSignature:
    is_stamp = embedded.sig_object_type == "/DocTimeStamp"
    embedded.compute_integrity_info(skip_diff=True)  # type: ignore[no-untyped-call]
    hash_fits, signature_fits = await _integrity(embedded, sources, is_stamp=is_stamp)
    intact = rules.is_intact(hash_fits=hash_fits, signature_fits=signature_fits)
    certificate = embedded.signer_cert
    time, claimed, stamped = await _time(embedded, sources, is_stamp=is_stamp)
    chain, trust = await _trust(embedded, certificate, time, sources)
    trusted = rules.is_trusted(trust, time, received=sources.received)
    runs = runs_of(certificate)
    mayor = rules.is_mayor(
        runs,
        sources.offices,
        time,
        day=time.at.astimezone(SANTIAGO).date(),
        received=sources.received.astimezone(SANTIAGO).date(),
        reliable=intact.fact == Fact.YES and trusted.fact != Fact.NO,
        named=sources.named,
    )
    coverage = _coverage(embedded, content, common)
    return JudgedSignature(
        intact=intact,
        trusted=trusted,
        mayor=mayor,
        covers=rules.covers_act(coverage, intact=intact.fact == Fact.YES),
        signer=_name_of(certificate),
        run=runs[0] if len(runs) == 1 else "",
        signed_at=time.at,
        is_stamp=is_stamp,
        details={
            "field": _plain(embedded.field_name),
            "time_source": time.source.value,
            "time_reasons": [reason.value for reason in time.reasons],
            "claimed_at": claimed.isoformat() if claimed else None,
            "stamped_at": stamped.isoformat() if stamped else None,
            "issuer": _plain(certificate.issuer.human_friendly),
            "serial": f"{certificate.serial_number:x}",
            "valid_from": certificate.not_valid_before.isoformat(),
            "valid_until": certificate.not_valid_after.isoformat(),
            "certificate": certificate.sha256.hex(),
            "chain": [found.sha256.hex() for found in chain],
            "revocation_checked": trust.revocation_checked,
            "revoked_at": trust.revoked_at.isoformat() if trust.revoked_at else None,
            "digest": _plain(embedded.md_algorithm),
            "coverage": coverage._asdict(),
        },
    )


async def _integrity(embedded: EmbeddedPdfSignature, sources: _Sources, *, is_stamp: bool) -> tuple[bool, bool]:
    """Whether the hash is that of the bytes covered, and whether the signature fits the certificate."""
    if is_stamp:
        context = _context([], [], sources.received)
        found = await validate_tst_signed_data(embedded.signed_data, context, embedded.compute_digest)
        return bool(found["intact"]), bool(found["valid"])
    if embedded.signed_data["encap_content_info"]["content"].native is not None:
        raise SignatureValidationError("a detached signature holds no content")
    if embedded.md_algorithm in {"md5", "sha1"}:
        return False, False  # such a hash is made to fit
    signer = extract_signer_info(embedded.signed_data)
    return validate_sig_integrity(
        signer,
        embedded.signer_cert,
        expected_content_type=embedded.signed_data["encap_content_info"]["content_type"].native,
        actual_digest=embedded.compute_digest(),
    )


async def _time(
    embedded: EmbeddedPdfSignature, sources: _Sources, *, is_stamp: bool
) -> tuple[SigningTime, datetime | None, datetime | None]:
    """The time to believe, the one claimed, and that of a time stamp whose chain leads to a trusted root."""
    claimed = embedded.self_reported_timestamp
    if claimed is not None and claimed.tzinfo is None:
        claimed = claimed.replace(tzinfo=SANTIAGO)
    tokens = [embedded.signed_data] if is_stamp else list(extract_tst_data_iter(embedded.signer_info, signed=False))
    imprint = embedded.compute_digest if is_stamp else message_imprint_checker(embedded.signer_info)
    stamped = None
    for token in tokens:
        said: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
        day = said.astimezone(SANTIAGO).date()
        roots = [certificate for anchor, certificate in sources.roots if anchor.is_trusted(day)]
        context = _context(roots, [certificate for _, certificate in sources.intermediates], said)
        found = await validate_tst_signed_data(token, context, imprint)
        if found["intact"] and found["valid"] and found["trust_problem_indic"] is None:
            stamped = said
            break
    time = rules.signing_time(stamped=stamped, claimed=claimed, issued=sources.issued_at, received=sources.received)
    return time, claimed, stamped


def _context(roots: list[x509.Certificate], others: list[x509.Certificate], moment: datetime) -> ValidationContext:
    """Rules of a chain at a moment: these roots and no others, nothing fetched. Revocation is looked up by `revocation`."""
    return ValidationContext(trust_roots=roots, other_certs=others, moment=moment, allow_fetching=False)


async def _trust(
    embedded: EmbeddedPdfSignature, certificate: x509.Certificate, time: SigningTime, sources: _Sources
) -> tuple[list[x509.Certificate], Trust]:
    others = [*embedded.other_embedded_certs, *(found for _, found in sources.intermediates)]
    chain, then = await _chain(certificate, others, time.at, sources)
    if then is not None:
        return chain, Trust(then, then)
    _arrived, on_arrival = await _chain(certificate, others, sources.received, sources)
    revoked_at, checked = revocation(chain, time.at, sources.known + inside(embedded.reader, embedded))
    return chain, Trust(None, on_arrival, revoked_at, checked)


async def _chain(
    certificate: x509.Certificate, others: list[x509.Certificate], moment: datetime, sources: _Sources
) -> tuple[list[x509.Certificate], Reason | None]:
    """The chain from a trusted root to the certificate at a moment, or why there is none."""
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & set(usage.native):
        return [], Reason.NOT_FOR_SIGNING
    day = moment.astimezone(SANTIAGO).date()
    roots = [found for _, found in sources.roots]
    # First with every root ever listed: a root that is known but not trusted on that day has a reason of its own.
    chain, reason = await _path(certificate, _context(roots, others, moment))
    if reason is not None:
        return chain, reason
    anchors = [anchor for found in chain if (anchor := sources.listed(found.sha256.hex()))]
    outside = [anchor for anchor in anchors if not anchor.is_trusted(day)]
    if not outside:
        return chain, None
    # Another chain may avoid the distrusted certificate.
    fit = [found for anchor, found in sources.roots if anchor.is_trusted(day)]
    distrusted = {anchor.fingerprint for anchor in outside}
    rest = [found for found in others if found.sha256.hex() not in distrusted]
    another, reason = await _path(certificate, _context(fit, rest, moment))
    if reason is None:
        return another, None
    return chain, Reason.TRUST_ENDED if day >= outside[0].trusted_from else Reason.TRUST_NOT_BEGUN


async def _path(
    certificate: x509.Certificate, context: ValidationContext
) -> tuple[list[x509.Certificate], Reason | None]:
    try:
        path = await CertificateValidator(certificate, validation_context=context).async_validate_path()
    except (InvalidCertificateError, PathBuildingError):
        alone = certificate.self_signed in {"yes", "maybe"}
        return [], Reason.SELF_SIGNED if alone else Reason.UNKNOWN_ISSUER
    except ExpiredError:
        return [], Reason.EXPIRED
    except NotYetValidError:
        return [], Reason.NOT_YET_VALID
    except ValidationError:
        return [], Reason.BAD_CHAIN
    return list(path.iter_certs(include_root=True)), None


def _name_of(certificate: x509.Certificate) -> str:
    name = certificate.subject.native.get("common_name", "")
    return _plain(name[0] if isinstance(name, list) else name)[:200]


def _plain(said: object) -> str:
    """What a hostile file says of itself, as a text that any database keeps: no zero bytes, no half letters."""
    text = said.decode("latin-1") if isinstance(said, bytes) else str(said)
    return "".join(letter for letter in text[:500] if unicodedata.category(letter)[0] != "C")


def runs_of(certificate: x509.Certificate) -> list[str]:
    """The different RUNs in a certificate: in the subject's serialNumber, and in the otherName of the accredited issuers."""
    said = certificate.subject.native.get("serial_number", "")
    texts = [str(text) for text in (said if isinstance(said, list) else [said])]
    names = certificate.subject_alt_name_value
    for name in names if names is not None else ():
        if name.name == "other_name" and name.chosen["type_id"].dotted == RUN_OF_HOLDER:
            value = name.chosen["value"].parsed.native
            texts.append(value.decode("ascii", "replace") if isinstance(value, bytes) else str(value))
    return rules.runs_in(texts)


def _common_coverage(reader: PdfFileReader, content: bytes, issued: bytes) -> Coverage:
    """What holds of the file whichever signature is looked at. Only a file that begins with the act is looked into."""
    no = Coverage(
        begins_with_act=False,
        is_built_on_act=False,
        covers_its_revision=False,
        adds_only_signatures=False,
        changed_after=False,
    )
    if not content.startswith(issued):
        return no
    try:
        act = PdfFileReader(BytesIO(issued), strict=True, decode_limits=LIMITS)
        revision = act.xrefs.total_revisions - 1
        # The table of the act must be one that this file's own tables continue. Otherwise the act is dead weight before
        # another document, and comparing revisions would compare that document with itself.
        continues = (
            reader.xrefs.total_revisions > revision + 1
            and reader.xrefs.get_startxref_for_revision(revision) == act.last_startxref
        )
        if not continues:
            return no._replace(begins_with_act=True)
        return no._replace(
            begins_with_act=True,
            is_built_on_act=True,
            adds_only_signatures=_is_harmless(_changes_since(content, revision)),
            stamps=covered_by_signatures(reader),
        )
    except _FAULTS:
        return no._replace(begins_with_act=True, is_built_on_act=True)


def _changes_since(content: bytes, revision: int) -> Any:
    """What was added to the act since its last revision, as pyHanko judges additions to a signed document."""
    # A reader of its own, for the act is given an empty form here: the rules compare forms and know none that begins.
    reader = PdfFileReader(BytesIO(content), strict=True, decode_limits=LIMITS)
    act = reader.get_historical_resolver(revision)
    if "/AcroForm" not in act.root:
        act.root["/AcroForm"] = DictionaryObject({"/Fields": ArrayObject()})  # type: ignore[no-untyped-call]
    return _ADDITIONS.review_file(reader, act)


def _is_harmless(changes: Any) -> bool:
    return isinstance(changes, DiffResult) and changes.modification_level <= ModificationLevel.FORM_FILLING


def _coverage(embedded: EmbeddedPdfSignature, content: bytes, common: Coverage) -> Coverage:
    level = embedded.coverage or SignatureCoverageLevel.UNCLEAR
    covers = level >= SignatureCoverageLevel.ENTIRE_REVISION and _is_contiguous(embedded, content)
    if not (covers and common.is_built_on_act):
        return common._replace(covers_its_revision=covers)
    after = embedded.evaluate_modifications(DEFAULT_DIFF_POLICY)
    if not isinstance(after, DiffResult):
        return common._replace(covers_its_revision=True, changed_after=True)
    # A signature may itself forbid what is harmless otherwise.
    allowed = embedded.docmdp_level
    forbidden = allowed is not None and after.modification_level.value > allowed.value
    return common._replace(covers_its_revision=True, changed_after=forbidden or not _is_harmless(after))


def _is_contiguous(embedded: EmbeddedPdfSignature, content: bytes) -> bool:
    """Whether all that the signature leaves out is the signature itself, between its angle brackets."""
    if len(embedded.byte_range) != 4:
        return False
    start, length, again, rest = (int(number) for number in embedded.byte_range)
    gap = content[length:again]
    return (
        start == 0
        and 0 < length < again
        and again + rest <= len(content)
        and gap[:1] + gap[-1:] == b"<>"
        and bytes.fromhex(gap[1:-1].decode("ascii")) == embedded.pkcs7_content
    )
