"""From what was found in a signed PDF to the four facts about it. Pure: no file, no clock, no certificate is read here.

For each signature of the file:

- *intact*: its hash is that of the bytes it covers, and the signature fits the certificate.
- *trusted*: on the day of signing its certificate was valid, not revoked, and led to a certificate that staff trusted that day.
- *mayor*: the RUN in that certificate is of the mayor, or acting mayor, whom the act names, in office on the day of signing.
- *covers*: the file begins with the act as issued, byte by byte, and nothing but signatures was added to it, before or after.

The day of signing is that of a trusted time stamp. Without one it is what the signer's computer claimed, when that is possible:
not before the act was issued, not after the file arrived. A claimed time proves nothing, so what held then and no longer held
when the file arrived is `UNKNOWN`, and a certificate revoked by then counts as revoked.

For the file: *intact* when every signature in it is; the other three are those of the signature that speaks for the mayor, the
one with the most facts. A second signature of somebody else is listed and changes nothing while it is intact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.rules import InvalidRunError, normalise_run
from municipalities.choices import Fact

CLOCK_TOLERANCE: Final = timedelta(days=1)
"""How far the clock of a signer's computer, or its time zone, may be off."""

LARGEST_STAMP: Final = 0.15
"""Share of a page that the pictures of all signatures may cover together; more could hide what was issued."""


class TimeSource(StrEnum):
    STAMP = "stamp"
    CLAIMED = "claimed"
    RECEIVED = "received"


class Reason(StrEnum):
    """Why a fact is not a plain yes. The stored reports hold these names: none is ever taken away."""

    NO_SIGNATURE = "no_signature"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    BROKEN_HASH = "broken_hash"
    BROKEN_SIGNATURE = "broken_signature"
    OTHER_BROKEN = "other_broken"
    SELF_SIGNED = "self_signed"
    UNKNOWN_ISSUER = "unknown_issuer"
    TRUST_ENDED = "trust_ended"
    TRUST_NOT_BEGUN = "trust_not_begun"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    NOT_FOR_SIGNING = "not_for_signing"
    BAD_CHAIN = "bad_chain"
    REVOKED = "revoked"
    REVOCATION_NOT_CHECKED = "revocation_not_checked"
    TIME_UNPROVEN = "time_unproven"
    TIME_IMPOSSIBLE = "time_impossible"
    NO_RUN = "no_run"
    TWO_RUNS = "two_runs"
    OTHER_PERSON = "other_person"
    NOT_IN_OFFICE = "not_in_office"
    NOT_NAMED = "not_named"
    NO_MAYOR_KNOWN = "no_mayor_known"
    RUN_NOT_PROVEN = "run_not_proven"
    OTHER_TEXT = "other_text"
    OTHER_DOCUMENT = "other_document"
    PARTIAL = "partial"
    CHANGED_BEFORE = "changed_before"
    CHANGED_AFTER = "changed_after"
    LARGE_STAMP = "large_stamp"
    PEOPLE_DECIDE = "people_decide"


WORDS: Final[dict[Reason, Promise]] = {
    Reason.NO_SIGNATURE: _("The PDF has no electronic signature."),
    Reason.UNREADABLE: _("The PDF cannot be read."),
    Reason.ENCRYPTED: _("The PDF is encrypted."),
    Reason.BROKEN_HASH: _("The document was changed after it was signed: what was signed is not what the file says."),
    Reason.BROKEN_SIGNATURE: _("The signature does not fit its certificate."),
    Reason.OTHER_BROKEN: _("Another signature in the same file is broken."),
    Reason.SELF_SIGNED: _("The certificate was made by its own holder; nobody vouches for it."),
    Reason.UNKNOWN_ISSUER: _("Whoever issued the certificate is not among those the council trusts."),
    Reason.TRUST_ENDED: _("The council no longer trusted the issuer of the certificate on that day."),
    Reason.TRUST_NOT_BEGUN: _("The council did not trust the issuer of the certificate yet on that day."),
    Reason.EXPIRED: _("The certificate had expired on the day of signing."),
    Reason.NOT_YET_VALID: _("The certificate was not valid yet on the day of signing."),
    Reason.NOT_FOR_SIGNING: _("The certificate is not meant for signing documents."),
    Reason.BAD_CHAIN: _("The certificates do not lead to one that the council trusts."),
    Reason.REVOKED: _("The certificate was revoked."),
    Reason.REVOCATION_NOT_CHECKED: _("Whether the certificate was revoked could not be checked: its list is missing."),
    Reason.TIME_UNPROVEN: _(
        "It was so on the day that the signer's computer claims, and no longer when the file arrived."
    ),
    Reason.TIME_IMPOSSIBLE: _(
        "The signer's computer claims an impossible time, so the day on which the file arrived was taken."
    ),
    Reason.NO_RUN: _("The certificate names no RUN."),
    Reason.TWO_RUNS: _("The certificate names two different RUNs."),
    Reason.OTHER_PERSON: _("The certificate is of a person who is not the mayor."),
    Reason.NOT_IN_OFFICE: _("The signer was mayor, but not on the day of signing."),
    Reason.NOT_NAMED: _(
        "The signer holds the office, but the act names somebody else: issue it again for whoever signs."
    ),
    Reason.NO_MAYOR_KNOWN: _("The portal does not know who was mayor on that day."),
    Reason.RUN_NOT_PROVEN: _("The RUN is the mayor's, but what names it cannot be relied upon."),
    Reason.OTHER_TEXT: _("The file is not the act as issued with signatures added to its end."),
    Reason.OTHER_DOCUMENT: _("The file carries the act as issued, but shows another document."),
    Reason.PARTIAL: _("The signature covers only a part of the file."),
    Reason.CHANGED_BEFORE: _("Something besides the signature was added to the act before signing."),
    Reason.CHANGED_AFTER: _("Something besides further signatures was added after signing."),
    Reason.LARGE_STAMP: _("The pictures of the signatures cover a large part of a page."),
    Reason.PEOPLE_DECIDE: _("The document was signed on paper: people check it, not the portal."),
}


_BY_NAME: Final = {reason.value: words for reason, words in WORDS.items()}


class Office(NamedTuple):
    """Somebody who may sign: a mayor or acting mayor, from one day until another (the first day without the office)."""

    run: str
    starts: date
    ends: date | None

    def is_held(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day < self.ends)


class Answer(NamedTuple):
    fact: Fact
    reasons: tuple[Reason, ...] = ()


class SigningTime(NamedTuple):
    at: datetime
    source: TimeSource
    reasons: tuple[Reason, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether more than the signer's own clock says so."""
        return self.source != TimeSource.CLAIMED


def signing_time(
    *, stamped: datetime | None, claimed: datetime | None, issued: datetime | None, received: datetime
) -> SigningTime:
    """When it was signed, as far as one may believe it."""
    if stamped is not None:
        return SigningTime(stamped, TimeSource.STAMP)
    if claimed is None:
        return SigningTime(received, TimeSource.RECEIVED)
    too_early = issued is not None and claimed < issued - CLOCK_TOLERANCE
    if too_early or claimed > received + CLOCK_TOLERANCE:
        return SigningTime(received, TimeSource.RECEIVED, (Reason.TIME_IMPOSSIBLE,))
    return SigningTime(claimed, TimeSource.CLAIMED)


def is_intact(*, hash_fits: bool, signature_fits: bool) -> Answer:
    if not hash_fits:
        return Answer(Fact.NO, (Reason.BROKEN_HASH,))
    return Answer(Fact.YES) if signature_fits else Answer(Fact.NO, (Reason.BROKEN_SIGNATURE,))


class Trust(NamedTuple):
    """What the certificates say. `then` and `on_arrival` are None where the chain holds, else why it does not."""

    then: Reason | None
    on_arrival: Reason | None
    revoked_at: datetime | None = None
    revocation_checked: bool = False


def is_trusted(trust: Trust, time: SigningTime, *, received: datetime) -> Answer:
    if trust.then is not None:
        return Answer(Fact.NO, (trust.then,))
    # A thief of the key sets the clock as he likes: only a stamp shows that the signature is older than the revocation.
    known_by = time.at if time.source == TimeSource.STAMP else max(received, time.at)
    if trust.revoked_at is not None and trust.revoked_at <= known_by:
        return Answer(Fact.NO, (Reason.REVOKED,))
    notes = () if trust.revocation_checked else (Reason.REVOCATION_NOT_CHECKED,)
    if not time.is_proven and trust.on_arrival is not None:
        return Answer(Fact.UNKNOWN, (Reason.TIME_UNPROVEN, *notes))
    return Answer(Fact.YES, notes)


def runs_in(texts: Sequence[str]) -> list[str]:
    """The different RUNs, as stored, that a certificate writes in one way or another (`12.345.678-5`, `PNOCL-123456785`...)."""
    found = []
    for text in texts:
        plain = "".join(text.upper().split()).replace(".", "")
        number = plain.removeprefix("RUN").removeprefix("RUT").lstrip(":=")
        for head in ("PNOCL-", "IDCCL-", "TINCL-", "CL-", "CHL-"):
            number = number.removeprefix(head)
        try:
            run = normalise_run(number.lstrip("0"))
        except InvalidRunError:
            continue
        if run not in found:
            found.append(run)
    return found


def is_mayor(
    runs: Sequence[str],
    offices: Sequence[Office],
    time: SigningTime,
    *,
    day: date,
    received: date,
    reliable: bool,
    named: str = "",
) -> Answer:
    """Whether the one RUN is of somebody in office on `day`, and of whom the act names (`named`, a RUN), where that is told.

    `reliable`: the signature is intact and its certificate not distrusted; without that a fitting RUN proves nothing.
    """
    if len(runs) != 1:
        return Answer(Fact.NO if runs else Fact.UNKNOWN, (Reason.TWO_RUNS if runs else Reason.NO_RUN,))
    held = [office for office in offices if office.run == runs[0]]
    if not any(office.is_held(day) for office in offices):
        return Answer(Fact.UNKNOWN, (Reason.NO_MAYOR_KNOWN,))
    if not held:
        return Answer(Fact.NO, (Reason.OTHER_PERSON,))
    if not any(office.is_held(day) for office in held):
        return Answer(Fact.NO, (Reason.NOT_IN_OFFICE,))
    if named and named != runs[0]:
        return Answer(Fact.NO, (Reason.NOT_NAMED,))
    if not reliable:
        return Answer(Fact.UNKNOWN, (Reason.RUN_NOT_PROVEN,))
    if not time.is_proven and not any(office.is_held(received) for office in held):
        return Answer(Fact.UNKNOWN, (Reason.TIME_UNPROVEN,))
    return Answer(Fact.YES)


class Coverage(NamedTuple):
    """How the signed file and the act as issued lie in each other."""

    begins_with_act: bool
    is_built_on_act: bool
    covers_its_revision: bool
    adds_only_signatures: bool
    changed_after: bool
    stamps: float = 0.0


def covers_act(coverage: Coverage, *, intact: bool) -> Answer:
    """`NO` with the first reason that applies, from the plainest to the subtlest."""
    checks = (
        (coverage.begins_with_act, Reason.OTHER_TEXT),
        (coverage.is_built_on_act, Reason.OTHER_DOCUMENT),
        (intact, Reason.BROKEN_HASH),
        (coverage.covers_its_revision, Reason.PARTIAL),
        (not coverage.changed_after, Reason.CHANGED_AFTER),
        (coverage.adds_only_signatures, Reason.CHANGED_BEFORE),
        (coverage.stamps <= LARGEST_STAMP, Reason.LARGE_STAMP),
    )
    failed = next((reason for holds, reason in checks if not holds), None)
    return Answer(Fact.YES) if failed is None else Answer(Fact.NO, (failed,))


@dataclass(frozen=True)
class JudgedSignature:
    """One signature of the file with its own four facts; `details` is what else the report keeps of it."""

    intact: Answer
    trusted: Answer
    mayor: Answer
    covers: Answer
    signer: str = ""
    run: str = ""
    signed_at: datetime | None = None
    is_stamp: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> dict[str, Answer]:
        return {
            "is_intact": self.intact,
            "is_trusted": self.trusted,
            "is_mayor": self.mayor,
            "covers_act": self.covers,
        }


@dataclass(frozen=True)
class Verdict:
    """The four facts of a file, with the signature that speaks for the mayor (`main`) and everything for the report."""

    answers: dict[str, Answer]
    main: JudgedSignature | None = None
    signatures: tuple[JudgedSignature, ...] = ()
    sources: dict[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Fact]:
        return {name: answer.fact for name, answer in self.answers.items()}

    @property
    def report(self) -> dict[str, Any]:
        """As JSON: facts and reasons by their names; dates in ISO; certificates by their fingerprints."""
        return {
            "version": 1,
            **self.sources,
            "facts": {name: _as_json(answer) for name, answer in self.answers.items()},
            "signatures": [
                {
                    "signer": one.signer,
                    "run": one.run,
                    "is_stamp": one.is_stamp,
                    "is_main": one is self.main,
                    "signed_at": one.signed_at.isoformat() if one.signed_at else None,
                    "facts": {name: _as_json(answer) for name, answer in one.answers.items()},
                    **one.details,
                }
                for one in self.signatures
            ],
        }


def _as_json(answer: Answer) -> dict[str, Any]:
    return {"fact": answer.fact.value, "reasons": [reason.value for reason in answer.reasons]}


def nothing_to_judge(reason: Reason, sources: dict[str, Any]) -> Verdict:
    """Of a file without a signature, or one that cannot be read."""
    no, unknown = Answer(Fact.NO, (reason,)), Answer(Fact.UNKNOWN, (reason,))
    rest = no if reason == Reason.NO_SIGNATURE else unknown
    return Verdict({"is_intact": no, "is_trusted": rest, "is_mayor": rest, "covers_act": rest}, sources=sources)


def of_file(signatures: Sequence[JudgedSignature], sources: dict[str, Any]) -> Verdict:
    """The facts of the whole file; see the head of this module."""
    people = [one for one in signatures if not one.is_stamp]
    if not people:
        return nothing_to_judge(Reason.NO_SIGNATURE, sources)
    # The mayor's signature speaks; among several the one with most facts, among equals the first.
    main = max(people, key=lambda one: (_weight(one.mayor), sum(_weight(answer) for answer in one.answers.values())))
    answers = dict(main.answers)
    if main.intact.fact == Fact.YES and any(one.intact.fact != Fact.YES for one in signatures):
        answers["is_intact"] = Answer(Fact.NO, (Reason.OTHER_BROKEN,))
    return Verdict(answers, main, tuple(signatures), sources)


def _weight(answer: Answer) -> int:
    return {Fact.YES: 2, Fact.UNKNOWN: 1, Fact.NO: 0}[answer.fact]


def on_paper(run: str, offices: Sequence[Office], day: date | None) -> Verdict:
    """Of a scanned act: people decide, all but whether the person it names (`run`) was in office on the day written on it."""
    unknown = Answer(Fact.UNKNOWN, (Reason.PEOPLE_DECIDE,))
    mayor = unknown
    if day is not None:
        arrived = SigningTime(datetime.combine(day, datetime.min.time()), TimeSource.RECEIVED)
        mayor = is_mayor([run], offices, arrived, day=day, received=day, reliable=True)
    return Verdict({"is_intact": unknown, "is_trusted": unknown, "is_mayor": mayor, "covers_act": unknown})


def with_mayor(found: Verdict, mayor: Answer) -> Verdict:
    """The same verdict where something better than the certificate says who signed."""
    main = replace(found.main, mayor=mayor) if found.main else None
    signatures = tuple(main if one is found.main and main else one for one in found.signatures)
    return replace(found, answers={**found.answers, "is_mayor": mayor}, main=main, signatures=signatures)


def told(report: dict[str, Any]) -> dict[str, Any]:
    """A stored report with its reasons in words, in the reader's language; a reason of a newer portal keeps its name."""
    return {
        **report,
        "facts": _told_facts(report.get("facts", {})),
        "signatures": [{**one, "facts": _told_facts(one.get("facts", {}))} for one in report.get("signatures", [])],
    }


def _told_facts(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "fact": answer["fact"],
            "label": Fact(answer["fact"]).label,
            "reasons": [str(_BY_NAME.get(code, code)) for code in answer["reasons"]],
        }
        for name, answer in facts.items()
    }
