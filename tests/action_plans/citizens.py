"""Citizens who contribute and come to meetings, as tests need them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import signing

from accounts.models import User
from action_plans.actions import contributions
from action_plans.actions.contributions import Sent
from action_plans.choices import ContributionKind, ContributionState, MeetingKind, PlanStage
from action_plans.models import Contribution, Meeting, Plan
from municipalities.forms import public
from municipalities.models import Mail, Municipality
from tests.action_plans.factories import NOW
from tests.action_plans.factories import plan as a_plan


def listening(place: Municipality, stage: PlanStage = PlanStage.CO_CREATION) -> Plan:
    """A plan that receives contributions."""
    return a_plan(place, stage=stage)


def sent(text: str = "Que el concejo transmita sus sesiones", **more: Any) -> Sent:
    given = {"kind": ContributionKind.PROPOSAL, "client_id": uuid4(), "shown_as": "Vecina", "email": "v@ejemplo.cl"}
    return Sent(text=text, **{**given, **more})


def confirmed(plan: Plan, *, now: datetime = NOW, **more: Any) -> Contribution:
    """Someone without an account contributed and confirmed."""
    made = contributions.contribute(plan=plan, sent=sent(**more), now=now)
    contributions.confirm(key=made.authors.get().key, now=now)
    made.refresh_from_db()
    return made


def published(plan: Plan, *, user: User | None = None, **more: Any) -> Contribution:
    """A contribution that everyone reads."""
    made = confirmed(plan, **more)
    Contribution.objects.filter(pk=made.pk).update(state=ContributionState.PUBLISHED, published_at=NOW)
    made.refresh_from_db()
    return made


def meeting(place: Municipality, *, days: int = 30, announced: datetime | None = NOW, **more: Any) -> Meeting:
    """A meeting so many days from `NOW`."""
    starts = NOW + timedelta(days=days)
    given: dict[str, Any] = {
        "kind": MeetingKind.WORKSHOP,
        "title": "Taller en la plaza",
        "agenda": "Qué priorizar",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "place": "Plaza de Armas s/n",
        "announced_at": announced,
    }
    return Meeting.objects.create(municipality=place, **{**given, **more})


def written(kind: str) -> list[Mail]:
    """The mails of a kind, oldest first."""
    return list(Mail.objects.filter(kind=kind).order_by("pk"))


def opened() -> str:
    """The moment of a form that was opened long enough ago."""
    return signing.TimestampSigner(salt=public._SALT).sign("opened")
