"""What a municipality sees of its adhesion: where it stands, what is asked of it now, from whom, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone

from accounts.choices import MunicipalRole
from accounts.claveunica import provider as claveunica
from municipalities.choices import AdhesionState, Office, ReturnReason, SignatureMethod, SignatureState
from municipalities.models import Act, Adhesion, Authority, Document, Membership, Municipality, Signature
from municipalities.reports.return_reasons import Words, return_reasons
from municipalities.reports.seal import has_seal
from municipalities.rules.adhesion_states import SIGNABLE
from municipalities.rules.next_steps import NOT_BEGUN, Asked, Stage, asked, stages

if TYPE_CHECKING:
    from accounts.models import Event

EVENTS_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class AdhesionPage:
    """Everything the page shows but what depends on who reads it. `adhesion` is None while the council has not begun."""

    adhesion: Adhesion | None
    asked: Asked
    due: date | None
    is_late: bool
    stages: list[Stage]
    act: Act | None
    signature: Signature | None
    words: Words | None
    public_copy: Document | None
    mayor: Authority | None
    senders: list[Membership]
    roads: frozenset[str]
    events: list[Event]
    earlier: list[Adhesion]

    @property
    def awaits_signature(self) -> bool:
        return self.act is not None and self.adhesion is not None and self.adhesion.state in SIGNABLE

    @property
    def awaits_answer(self) -> bool:
        return self.adhesion is not None and self.adhesion.state == AdhesionState.INVITED

    @property
    def is_signed_here(self) -> bool:
        """Whether the mayor may sign on the portal's own pages."""
        return bool(self.roads & {SignatureMethod.PORTAL, SignatureMethod.FIRMAGOB})

    @property
    def is_judging(self) -> bool:
        """A worker is looking at the signed act at this moment."""
        return self.signature is not None and self.signature.state == SignatureState.WAITING

    @property
    def is_returned(self) -> bool:
        return (
            self.adhesion is not None and self.adhesion.state == AdhesionState.RETURNED and self.signature is not None
        )


def latest_adhesion(municipality: Municipality) -> Adhesion | None:
    """The adhesion that the page is about: the newest of the newest term."""
    found = Adhesion.objects.filter(municipality=municipality).order_by("-term_year", "-pk")
    return found.select_related("adviser", "municipality").first()


def adhesion_page(municipality: Municipality, *, now: datetime) -> AdhesionPage:
    """Read the page of a municipality as of `now`."""
    adhesion = latest_adhesion(municipality)
    act = adhesion.acts.current().select_related("document", "authority").first() if adhesion else None
    signature = act.signatures.select_related("document", "public_document").first() if act else None
    wanted = asked(adhesion.state) if adhesion else NOT_BEGUN
    due = wanted.due(timezone.localdate(adhesion.state_since)) if adhesion else None
    today = timezone.localdate(now)
    returned = signature if signature and signature.state == SignatureState.RETURNED else None
    others = Adhesion.objects.filter(municipality=municipality).order_by("-term_year", "-pk")
    return AdhesionPage(
        adhesion=adhesion,
        asked=wanted,
        due=due,
        is_late=due is not None and due < today,
        stages=stages(adhesion.state if adhesion else AdhesionState.PROSPECT),
        act=act,
        signature=signature,
        words=return_reasons()[ReturnReason(returned.return_reason)] if returned else None,
        public_copy=signature.public_document if signature else None,
        mayor=mayor_on(municipality, today),
        senders=_senders(municipality),
        roads=roads(),
        events=list(adhesion.timeline[:EVENTS_SHOWN]) if adhesion else [],
        earlier=list(others.exclude(pk=adhesion.pk)) if adhesion else [],
    )


def mayor_on(municipality: Municipality, day: date) -> Authority | None:
    """Who is mayor on a day: the acting one where there is one, for they sign then."""
    found = Authority.objects.on(day).filter(municipality=municipality, office__in=[Office.MAYOR, Office.ACTING_MAYOR])
    return min(found, key=lambda authority: authority.office != Office.ACTING_MAYOR, default=None)


def _senders(municipality: Municipality) -> list[Membership]:
    """Who may send the signed act, so that others know whom to ask."""
    members = Membership.objects.current().filter(municipality=municipality, user__is_active=True)
    allowed = members.filter(role__in=[MunicipalRole.COORDINATOR, MunicipalRole.MAYOR])
    return list(allowed.select_related("user").order_by("role", "user__name"))


def roads() -> frozenset[str]:
    """The roads to a signature that are open here: the two by a file always, the others where they are configured."""
    found = {SignatureMethod.ADVANCED.value, SignatureMethod.SCAN.value}
    if claveunica.is_offered() and has_seal():
        found.add(SignatureMethod.PORTAL.value)
    if settings.FIRMAGOB_ENTITY:
        found.add(SignatureMethod.FIRMAGOB.value)
    return frozenset(found)
