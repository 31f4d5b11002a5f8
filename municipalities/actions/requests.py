"""Citizens ask that a municipality adhere; the council answers, and then forgets who asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import OvertakenError
from municipalities.choices import MailKind
from municipalities.models import Adhesion, AdhesionRequest, Municipality
from municipalities.notifications.outbox import queue
from municipalities.notifications.recipients import recipients
from municipalities.permissions import check_can
from municipalities.rules.terms import term_on

if TYPE_CHECKING:
    from accounts.models import User

KEPT: Final = timedelta(days=90)


def ask_for_adhesion(
    *, municipality: Municipality, now: datetime, name: str = "", email: str = "", message: str = ""
) -> AdhesionRequest:
    """Keep what a citizen asks and tell the council: one mail a municipality a day, without a word of the citizen's."""
    today = timezone.localdate(now)
    with transaction.atomic():
        asked = AdhesionRequest.objects.create(
            municipality=municipality, name=name, email=email, message=message, created_at=now
        )
        record_event("adhesion.requested", by=None, at=now, subject=asked, municipality_cut=municipality.cut)
        opened = Adhesion.objects.open().filter(municipality=municipality).select_related("adviser").first()
        addressed = opened or Adhesion(municipality=municipality, term_year=term_on(today).year)
        words = {
            "municipio": municipality.name,
            "region": municipality.region.name,
            "enlace": settings.SITE_URL + reverse("municipalities:adhesion_requests"),
        }
        for recipient in recipients(MailKind.ADHESION_REQUEST, addressed):
            queue(
                MailKind.ADHESION_REQUEST,
                to=recipient,
                adhesion=opened,
                now=now,
                words=words,
                once=f"adhesion-request:{municipality.cut}:{today}:{recipient.email}",
            )
    return asked


def answer_request(*, by: User, asked: AdhesionRequest, now: datetime) -> AdhesionRequest:
    """Mark a request as answered and delete who asked.

    Raises `OvertakenError` when someone else did so before, `PermissionDenied` for one that is not theirs.
    """
    with transaction.atomic():
        locked = AdhesionRequest.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=asked.pk)
        check_can(by, Permission.PROMOTE_ADHESION, locked.municipality)
        if locked.handled_at:
            raise OvertakenError(_("%(who)s already marked this request as answered.") % {"who": locked.handled_by})
        locked.handled_at, locked.handled_by = now, by
        locked.name = locked.email = ""
        locked.save(update_fields=["handled_at", "handled_by", "name", "email"])
        record_event(
            "adhesion.request_answered", by=by, at=now, subject=locked, municipality_cut=locked.municipality_id
        )
    return locked


def forget_requests(*, now: datetime) -> int:
    """Delete what citizens wrote, and who they were, 90 days after they asked, answered or not. Returns how many rows."""
    told = ~(Q(name="") & Q(email="") & Q(message=""))
    old = AdhesionRequest.objects.filter(told, created_at__lt=now - KEPT)
    return old.update(name="", email="", message="")
