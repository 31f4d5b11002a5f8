"""A small country of plans carried out, and what their municipalities and monitors say of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from action_plans.choices import AssessmentKind, AssessmentState, MeetingKind, MeetingState, MilestoneState, PlanStage
from action_plans.models import (
    Assessment,
    AssessmentAnswer,
    Commitment,
    Contribution,
    Milestone,
    Plan,
    ProgressUpdate,
    Response,
)
from action_plans.rules.assessments import COMPLETION, INSTRUMENTS
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from diagnostics.models import InstrumentVersion
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind
from municipalities.models import Municipality
from tests.action_plans import citizens
from tests.cast import Cast

DAY: Final = timedelta(days=1)
MET, UNDER_WAY, SCHEDULED = MilestoneState.MET, MilestoneState.UNDER_WAY, MilestoneState.SCHEDULED


def country(cast: Cast, *, many: int = 1, now: datetime | None = None) -> tuple[Plan, Plan]:
    """Two plans in two regions: five commitments, complete, half, begun, not begun and without milestones; three are judged.

    `many` repeats the first commitment. The first plan is the one `here`.
    """
    now = now or timezone.now()
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    here, there = carried_out(cast.here, cast.officer, now=now), carried_out(cast.elsewhere, cast.officer, now=now)
    whole = [promise(here, cast.officer, "information", [16], [(MET, 0)], now=now) for _number in range(many)]
    half = promise(here, cast.officer, "information participation", [16, 11], [(MET, 0), (SCHEDULED, 0)], now=now)
    begun = promise(here, cast.officer, "participation", [16], [(UNDER_WAY, 20), (SCHEDULED, 0)], now=now)
    promise(here, cast.officer, "", [5], [], now=now)
    idle = promise(there, cast.officer, "accountability", [], [(SCHEDULED, 0)], now=now)
    own = assessment(here, AssessmentKind.FINAL, cast.coordinator, now=now)
    for commitment, level in ((whole[0], 4), (half, 4), (begun, 2)):
        said(own, commitment, level, {"abrio-informacion": 4, "abrio-tecnologia": None}, cast.coordinator, now=now)
    for commitment, level in ((whole[0], 4), (half, 2), (begun, 3), (idle, 1)):
        made = assessment(commitment.plan, AssessmentKind.END, cast.analyst, commitment, now=now)
        said(made, commitment, level, {"abrio-informacion": 2}, cast.analyst, now=now)
    return here, there


def carried_out(place: Municipality, by: User, *, now: datetime, days: int = 40, **more: Any) -> Plan:
    """A plan carried out since so many days."""
    act = keep(municipality=place, kind=DocumentKind.DECREE, content=b"%PDF-1.7", name="acto.pdf", now=now)
    began = now - days * DAY
    fields: dict[str, Any] = {
        "title": "Plan de acción",
        "starts": timezone.localdate(began),
        "ends": timezone.localdate(began) + 700 * DAY,
        "stage": PlanStage.IMPLEMENTATION,
        "stage_since": began,
        "created_at": began,
        "created_by": by,
        "approved_on": timezone.localdate(began),
        "approved_by": "Concejo Municipal",
        "approval": act,
    }
    return Plan.objects.create(municipality=place, **{**fields, **more})


def promise(
    plan: Plan, by: User, values: str, goals: list[int], milestones: list[tuple[MilestoneState, int]], *, now: datetime
) -> Commitment:
    """A commitment with its milestones told as (state, advance) ten days ago."""
    number = plan.commitments.count() + 1
    made = Commitment.objects.create(
        plan=plan,
        number=number,
        title=f"Compromiso {number}",
        values=dict.fromkeys(values.split(), "Porque sí"),
        goals=goals,
        created_at=plan.created_at,
    )
    for place, (state, advance) in enumerate(milestones, start=1):
        told(made, place, state, advance, by, at=now - 10 * DAY)
    return made


def told(commitment: Commitment, number: int, state: MilestoneState, advance: int, by: User, *, at: datetime) -> None:
    milestone, _new = Milestone.objects.get_or_create(commitment=commitment, number=number, defaults={"title": "Hito"})
    milestone.state, milestone.advance = state, advance
    milestone.met_on = timezone.localdate(at) if state == MET else None
    milestone.save()
    if state != SCHEDULED:
        ProgressUpdate.objects.create(
            commitment=commitment,
            milestone=milestone,
            client_id=uuid4(),
            text="Va",
            state=state,
            advance=advance if state == UNDER_WAY else None,
            at=at,
            by=by,
        )


def assessment(
    plan: Plan, kind: AssessmentKind, by: User, commitment: Commitment | None = None, *, now: datetime
) -> Assessment:
    version = InstrumentVersion.objects.get(family__key=INSTRUMENTS[kind])
    return Assessment.objects.create(
        plan=plan,
        kind=kind,
        commitment=commitment,
        version=version,
        state=AssessmentState.PUBLISHED,
        created_at=now,
        created_by=by,
        published_at=now - 5 * DAY,
        published_by=by,
    )


def said(
    made: Assessment, commitment: Commitment, level: int, opened: dict[str, int | None], by: User, *, now: datetime
) -> None:
    """Completion, and how much it opened by question; None: it does not apply."""
    for question, value in {COMPLETION: level, **opened}.items():
        AssessmentAnswer.objects.create(
            assessment=made,
            commitment=commitment,
            question=question,
            value=value,
            is_na=value is None,
            text="x",
            updated_at=now,
            updated_by=by,
        )


def heard(plan: Plan, by: User, *, published: datetime, after: int | None) -> None:
    """A contribution, answered so many days after it was published, or not."""
    made = Contribution.objects.create(
        plan=plan,
        client_id=uuid4(),
        kind="proposal",
        text="Que el concejo transmita sus sesiones",
        state="published",
        sent_at=published,
        published_at=published,
    )
    if after is not None:
        Response.objects.create(
            contribution=made, verdict="accepted", reasons="Se hará", at=published + after * DAY, by=by
        )


def met(plan: Plan, kind: MeetingKind, on: datetime) -> None:
    citizens.meeting(
        plan.municipality, plan=plan, kind=kind, state=MeetingState.HELD, starts_at=on, ends_at=on + DAY / 12
    )


def noon(year: int, month: int, day: int) -> datetime:
    return timezone.make_aware(datetime.combine(date(year, month, day), datetime.min.time()) + DAY / 2)
