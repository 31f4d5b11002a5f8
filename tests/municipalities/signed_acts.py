"""Adhesions with what grounds their state: acts, signed acts, authorities."""

import hashlib
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO

from django.utils import timezone

from accounts.models import User
from municipalities.actions import documents
from municipalities.choices import AdhesionState as S
from municipalities.choices import (
    DocumentKind,
    DocumentState,
    EditionState,
    Fact,
    Office,
    ReturnReason,
    SignatureFact,
    SignatureMethod,
    SignatureState,
)
from municipalities.models import (
    Act,
    ActTemplate,
    Adhesion,
    Authority,
    Campaign,
    Municipality,
    Signature,
)
from municipalities.reports import acts as reports
from municipalities.rules.terms import term_on
from tests import signing_stage

NOW = timezone.now()
ISSUED = NOW - timedelta(days=10)
RUN = "12345678-5"

# The state of the signed act that a state of the adhesion speaks of.
SIGNED = {
    S.SIGNED: SignatureState.JUDGED,
    S.UNDER_REVIEW: SignatureState.JUDGED,
    S.RETURNED: SignatureState.RETURNED,
    S.VERIFIED: SignatureState.ACCEPTED,
    S.IN_FORCE: SignatureState.ACCEPTED,
    S.SUSPENDED: SignatureState.ACCEPTED,
}


@cache
def pdf(text: str = "firmado") -> bytes:
    """A small PDF that differs with `text`. No signature is in it: the verdicts of these tests are written down."""
    return signing_stage.pdf(text)


def mayor(place: Municipality, *, starts: date = date(2024, 12, 6), run: str = RUN) -> Authority:
    found, _ = Authority.objects.get_or_create(
        municipality=place,
        office=Office.MAYOR,
        starts=starts,
        defaults={"name": "Alcaldesa de prueba", "run": run, "decree": "Decreto 1", "recorded_at": ISSUED},
    )
    return found


def act(adhesion: Adhesion, *, at: datetime = ISSUED) -> Act:
    """An act, in place of the one before it."""
    template, _ = ActTemplate.objects.get_or_create(
        number=1,
        defaults={
            "title": "Acta",
            "body": "Texto",
            "commitments": "Uno",
            "state": EditionState.PUBLISHED,
            "created_at": at,
            "updated_at": at,
        },
    )
    Act.objects.current().filter(adhesion=adhesion).update(replaced_at=at)
    number = Act.objects.count() + 1
    folio = f"MGAM-{at.year}-{number:04}"
    fields = reports.fields_of(template, {**reports.SAMPLE, "folio": folio}, issued_at=at)
    content = reports.act_pdf(fields)
    document = documents.keep(
        municipality=adhesion.municipality, kind=DocumentKind.ACT, content=content, name=f"{folio}.pdf", now=at
    )
    return Act.objects.create(
        adhesion=adhesion,
        year=at.year,
        number=number,
        folio=folio,
        template=template,
        authority=mayor(adhesion.municipality),
        fields=fields,
        document=document,
        sha256=hashlib.sha256(content).hexdigest(),
        issued_at=at,
    )


def signature(
    of: Act,
    *,
    by: User,
    method: SignatureMethod = SignatureMethod.ADVANCED,
    state: SignatureState = SignatureState.JUDGED,
    facts: dict[SignatureFact, Fact] | None = None,
    decided_by: User | None = None,
    run: str = RUN,
) -> Signature:
    """A signed act of which all four facts hold, but for those in `facts`."""
    document = documents.receive(
        by=by,
        municipality=of.adhesion.municipality,
        kind=DocumentKind.SIGNED_ACT,
        upload=BytesIO(pdf(f"{of.folio} {Signature.objects.count()}")),
        name="acta.pdf",
        now=ISSUED,
    )
    document.state = DocumentState.CLEAN
    document.save()
    decided = state in {SignatureState.ACCEPTED, SignatureState.RETURNED}
    answers = {fact.value: Fact.YES for fact in SignatureFact} | {
        fact.value: answer for fact, answer in (facts or {}).items()
    }
    return Signature.objects.create(
        act=of,
        method=method,
        state=state,
        document=document,
        submitted_by=by,
        received_at=ISSUED,
        signed_at=ISSUED,
        signer_name="Alcaldesa de prueba",
        signer_run=run,
        decided_by=decided_by if decided else None,
        decided_at=ISSUED if decided else None,
        return_reason=ReturnReason.UNREADABLE if state == SignatureState.RETURNED else "",
        **answers,
    )


def adhesion(
    place: Municipality, state: S, *, by: User, reviewer: User | None = None, since: datetime = ISSUED, year: int = 0
) -> Adhesion:
    """An adhesion in a state, with the act and the signature that it speaks of, sent by `by`."""
    made = Adhesion.objects.create(
        municipality=place,
        term_year=year or term_on(timezone.localdate(NOW)).year,
        state=state,
        state_since=since,
        created_at=since,
        in_force_from=timezone.localdate(since) if state in {S.IN_FORCE, S.SUSPENDED} else None,
        campaign=Campaign.objects.first(),
    )
    if state in {S.ACT_ISSUED, *SIGNED}:
        issued = act(made)
        if state in SIGNED:
            signature(issued, by=by, state=SIGNED[state], decided_by=reviewer)
    return made
