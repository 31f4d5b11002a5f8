"""Adhesions in any state, with the rows that such a state implies: act, authority, documents, signature, events."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

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
    SignatureMethod,
    SignatureState,
)
from municipalities.models import Act, ActTemplate, Adhesion, Authority, Document, Municipality, Signature

S = AdhesionState
SINCE = datetime(2026, 3, 2, 15, tzinfo=UTC)
STEP = timedelta(days=10)
RUN = "12345678-5"
_FORWARD = (
    *(S.PROSPECT, S.INVITED, S.CONVERSING, S.ACT_ISSUED, S.SIGNED, S.UNDER_REVIEW, S.VERIFIED),
    S.IN_FORCE,
)
_WITH_ACT = {*_FORWARD[3:], S.RETURNED, S.SUSPENDED, S.CONCLUDED}
_WITH_SIGNATURE = _WITH_ACT - {S.ACT_ISSUED}
_PUBLISHED = {S.IN_FORCE, S.SUSPENDED, S.CONCLUDED}


def adhesion(
    municipality: Municipality,
    state: AdhesionState = S.IN_FORCE,
    *,
    since: datetime = SINCE,
    term: int = 2024,
    was_in_force: bool = True,
    method: SignatureMethod = SignatureMethod.ADVANCED,
    facts: tuple[Fact, Fact, Fact, Fact] = (Fact.YES, Fact.YES, Fact.YES, Fact.YES),
    previous: Adhesion | None = None,
) -> Adhesion:
    """An adhesion that entered `state` at `since`, ten days after the state before it.

    A withdrawn one was in force unless told otherwise. `facts`: intact, trusted, mayor, whole act.
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
    if published or state in _WITH_ACT:
        issued = act(made, at=times[path.index(S.ACT_ISSUED)])
        if published or state in _WITH_SIGNATURE:
            signature(issued, state, at=times[path.index(S.SIGNED)], method=method, facts=facts)
    return made


def _path(state: AdhesionState, *, published: bool) -> tuple[AdhesionState, ...]:
    if state in _FORWARD:
        return _FORWARD[: _FORWARD.index(state) + 1]
    if state == S.RETURNED:
        return (*_FORWARD[:6], state)
    return (*(_FORWARD if published else _FORWARD[:3]), state)


def act(of: Adhesion, *, at: datetime = SINCE) -> Act:
    """The act of an adhesion, with the next folio of its year."""
    number = Act.objects.filter(year=at.year).count() + 1
    folio = f"MGAM-{at.year}-{number:04d}"
    issued = document(of.municipality, DocumentKind.ACT, f"acta {folio}".encode(), at=at)
    return Act.objects.create(
        adhesion=of,
        year=at.year,
        number=number,
        folio=folio,
        template=template(),
        authority=mayor(of.municipality),
        fields={
            "municipio": of.municipality.name,
            "authority": f"Alcaldesa de {of.municipality.name}",
            "office": "titular de la alcaldía",
        },
        document=issued,
        sha256=issued.sha256,
        issued_at=at,
    )


def signature(
    of: Act,
    state: AdhesionState,
    *,
    at: datetime,
    method: SignatureMethod = SignatureMethod.ADVANCED,
    facts: tuple[Fact, Fact, Fact, Fact] = (Fact.YES, Fact.YES, Fact.YES, Fact.YES),
) -> Signature:
    """What was received for an act, as a person would find it in an adhesion in `state`."""
    place = of.adhesion.municipality
    accepted = state not in {S.SIGNED, S.UNDER_REVIEW, S.RETURNED}
    returned = state == S.RETURNED
    return Signature.objects.create(
        act=of,
        method=method,
        state=SignatureState.RETURNED if returned else SignatureState.ACCEPTED if accepted else SignatureState.JUDGED,
        document=document(place, DocumentKind.SIGNED_ACT, f"firmada {of.folio}".encode(), at=at),
        submitted_by=sender(),
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
        decided_at=at + STEP if accepted or returned else None,
        return_reason="unreadable" if returned else "",
        public_document=document(place, DocumentKind.PUBLIC_ACT, f"copia {of.folio}".encode(), at=at)
        if accepted
        else None,
    )


def document(of: Municipality, kind: DocumentKind, text: bytes, *, at: datetime = SINCE) -> Document:
    """A small file that begins like a PDF, checked; its bytes are `pdf(text)`."""
    content = pdf(text)
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


def mayor(of: Municipality) -> Authority:
    """The mayor in office."""
    found = Authority.objects.filter(municipality=of, office=Office.MAYOR, ends__isnull=True).first()
    return found or Authority.objects.create(
        municipality=of,
        office=Office.MAYOR,
        name=f"Alcaldesa de {of.name}",
        run=RUN,
        starts=date(2024, 12, 6),
        decree="Decreto 1",
        recorded_at=SINCE,
    )


def sender() -> User:
    """Whoever sends signed acts in tests."""
    person, _ = User.objects.get_or_create(email="quien.envia@ejemplo.cl", defaults={"name": "Quien envía"})
    return person
