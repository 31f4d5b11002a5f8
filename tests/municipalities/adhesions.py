"""Adhesions in any state, with the rows that such a state implies: act, authority, documents, signature, events."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from django.core.files.base import ContentFile

from accounts.actions import record_event
from accounts.models import User
from municipalities.choices import (
    AdhesionState,
    DocumentKind,
    DocumentState,
    EditionState,
    Fact,
    Office,
    ReturnReason,
    SignatureMethod,
    SignatureState,
)
from municipalities.models import Act, ActTemplate, Adhesion, Authority, Document, Municipality, Signature
from municipalities.reports import acts as reports

S = AdhesionState
SINCE: Final = datetime(2026, 3, 2, 15, tzinfo=UTC)
STEP: Final = timedelta(days=10)
RUN: Final = "12345678-5"
ALL_HOLD: Final = (Fact.YES, Fact.YES, Fact.YES, Fact.YES)
"""What the verdict may say: intact, trusted, mayor, whole act."""

SIGNATURE_IN: Final = {
    S.SIGNED: SignatureState.JUDGED,
    S.UNDER_REVIEW: SignatureState.JUDGED,
    S.RETURNED: SignatureState.RETURNED,
    S.VERIFIED: SignatureState.ACCEPTED,
    S.IN_FORCE: SignatureState.ACCEPTED,
    S.SUSPENDED: SignatureState.ACCEPTED,
    S.CONCLUDED: SignatureState.ACCEPTED,
    S.WITHDRAWN: SignatureState.ACCEPTED,
}
"""The state of the signed act that a state of the adhesion speaks of."""

_FORWARD = (S.PROSPECT, S.INVITED, S.CONVERSING, S.ACT_ISSUED, S.SIGNED, S.UNDER_REVIEW, S.VERIFIED, S.IN_FORCE)
_PUBLISHED = {S.IN_FORCE, S.SUSPENDED, S.CONCLUDED}


def adhesion(
    municipality: Municipality,
    state: AdhesionState = S.IN_FORCE,
    *,
    since: datetime = SINCE,
    term: int = 2024,
    was_in_force: bool = True,
    method: SignatureMethod = SignatureMethod.ADVANCED,
    facts: tuple[Fact, Fact, Fact, Fact] = ALL_HOLD,
    previous: Adhesion | None = None,
    by: User | None = None,
    reviewer: User | None = None,
) -> Adhesion:
    """An adhesion that entered `state` at `since`, ten days after the state before it.

    A withdrawn one was in force unless told otherwise. `by` sent the signed act, `reviewer` decided about it.
    """
    published = state in _PUBLISHED or (state == S.WITHDRAWN and was_in_force)
    path = _path(state, published=published)
    times = [since - STEP * (len(path) - 1 - place) for place in range(len(path))]
    made = Adhesion.objects.create(
        municipality=municipality,
        term_year=term,
        state=state,
        state_since=since,
        previous=previous,
        in_force_from=times[path.index(S.IN_FORCE)].date() if published else None,
        in_force_until=since.date() if published and state in {S.WITHDRAWN, S.CONCLUDED} else None,
        created_at=times[0],
    )
    for (start, end), at in zip(pairwise(path), times[1:], strict=True):
        record_event(
            "adhesion.moved",
            by=None,
            at=at,
            subject=made,
            municipality_cut=municipality.cut,
            start=start.value,
            end=end.value,
        )
    if S.ACT_ISSUED in path:
        issued = act(made, at=times[path.index(S.ACT_ISSUED)])
        if S.SIGNED in path:
            at = times[path.index(S.SIGNED)]
            signature(issued, SIGNATURE_IN[state], at=at, method=method, facts=facts, by=by, decided_by=reviewer)
    return made


def _path(state: AdhesionState, *, published: bool) -> tuple[AdhesionState, ...]:
    if state in _FORWARD:
        return _FORWARD[: _FORWARD.index(state) + 1]
    if state == S.RETURNED:
        return (*_FORWARD[:6], state)
    return (*(_FORWARD if published else _FORWARD[:3]), state)


def act(of: Adhesion, *, at: datetime = SINCE, content: bytes = b"") -> Act:
    """The act of an adhesion, with the next folio of its year, in place of the one before it."""
    number = Act.objects.filter(year=at.year).count() + 1
    folio = f"MGAM-{at.year}-{number:04d}"
    text, signer = template(), mayor(of.municipality)
    said = {"municipio": of.municipality.name, "region": of.municipality.region.name, "autoridad": signer.name}
    issued = document(of.municipality, DocumentKind.ACT, content or pdf(f"acta {folio}".encode()), at=at)
    Act.objects.current().filter(adhesion=of).update(replaced_at=at)
    return Act.objects.create(
        adhesion=of,
        year=at.year,
        number=number,
        folio=folio,
        template=text,
        authority=signer,
        fields=reports.fields_of(text, {**reports.SAMPLE, **said, "folio": folio}, issued_at=at),
        document=issued,
        sha256=issued.sha256,
        issued_at=at,
    )


def signature(
    of: Act,
    state: SignatureState = SignatureState.JUDGED,
    *,
    at: datetime = SINCE,
    method: SignatureMethod = SignatureMethod.ADVANCED,
    facts: tuple[Fact, Fact, Fact, Fact] = ALL_HOLD,
    by: User | None = None,
    decided_by: User | None = None,
) -> Signature:
    """What was received for an act, from `by`; once accepted, with its public copy."""
    place = of.adhesion.municipality
    accepted, returned = state == SignatureState.ACCEPTED, state == SignatureState.RETURNED
    return Signature.objects.create(
        act=of,
        method=method,
        state=state,
        document=document(place, DocumentKind.SIGNED_ACT, pdf(f"firmada {of.folio}".encode()), at=at),
        submitted_by=by or sender(),
        received_at=at,
        signed_at=at,
        signer_name=of.authority.name,
        signer_run=of.authority.run,
        address="192.0.2.7",
        is_intact=facts[0],
        is_trusted=facts[1],
        is_mayor=facts[2],
        covers_act=facts[3],
        judged_at=at,
        decided_by=decided_by if accepted or returned else None,
        decided_at=at + STEP if accepted or returned else None,
        return_reason=ReturnReason.UNREADABLE if returned else "",
        public_document=document(place, DocumentKind.PUBLIC_ACT, pdf(f"copia {of.folio}".encode()), at=at)
        if accepted
        else None,
    )


def document(of: Municipality, kind: DocumentKind, content: bytes, *, at: datetime = SINCE) -> Document:
    """A file that was found clean."""
    made = Document(
        municipality=of,
        kind=kind,
        name=f"{kind}.pdf",
        media_type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        state=DocumentState.CLEAN,
        checked_at=at,
        uploaded_at=at,
    )
    made.file.save(made.name, ContentFile(content), save=False)
    made.save()
    return made


def pdf(text: bytes) -> bytes:
    """A small file that begins and ends like a PDF; one that can be read is `signing_stage.pdf`."""
    return b"%PDF-1.7\n% " + text + b"\n%%EOF\n"


def template() -> ActTemplate:
    """The published text of the act."""
    found = ActTemplate.objects.filter(state=EditionState.PUBLISHED).first()
    return found or ActTemplate.objects.create(
        number=1 + ActTemplate.objects.count(),
        title="Acta de adhesión",
        body="La Municipalidad de {municipio} adhiere.",
        commitments="Hacer un diagnóstico",
        state=EditionState.PUBLISHED,
        created_at=SINCE,
        updated_at=SINCE,
        published_at=SINCE,
    )


def mayor(of: Municipality, *, starts: date = date(2024, 12, 6)) -> Authority:
    """The mayor in office."""
    found = Authority.objects.filter(municipality=of, office=Office.MAYOR, ends__isnull=True).first()
    return found or Authority.objects.create(
        municipality=of,
        office=Office.MAYOR,
        name=f"Alcaldesa de {of.name}",
        run=RUN,
        starts=starts,
        decree="Decreto 1",
        recorded_at=SINCE,
    )


def sender() -> User:
    """Whoever sends signed acts in tests."""
    person, _ = User.objects.get_or_create(email="quien.envia@ejemplo.cl", defaults={"name": "Quien envía"})
    return person
