"""Assessments: the municipality's own at midterm and at the end, and those of independent monitors. Published, they stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.plans import locked
from action_plans.choices import AssessmentKind, AssessmentState, PlanStage
from action_plans.models import Assessment, AssessmentAnswer, Commitment, Monitor, Plan
from action_plans.reports.assessments import parts_of, questions_about
from action_plans.rules.assessments import INSTRUMENTS, OWN, STAGES
from action_plans.rules.plan_states import CARRYING_OUT
from config.page_cache import forget_public_pages
from diagnostics.choices import InstrumentPurpose
from diagnostics.models import InstrumentVersion
from diagnostics.rules.answers import value_problem
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Membership
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User


class Said(NamedTuple):
    """An answer as somebody wrote it, having read the one of `version`."""

    question: str
    value: Any
    text: str
    version: int
    is_na: bool = False


class ConflictError(OvertakenError):
    """Somebody saved answers in between. `standing` holds what is there now, by question."""

    def __init__(self, standing: dict[str, AssessmentAnswer]) -> None:
        self.standing = standing
        super().__init__(
            _("Somebody changed this meanwhile. Nothing of yours was saved yet: compare both texts, and save again.")
        )


def may_write(user: User, plan: Plan, kind: AssessmentKind | str, today: date) -> bool:
    """The municipality writes its own; a monitor in office writes theirs."""
    if kind in OWN:
        return can(user, Permission.WRITE_PLAN, plan.municipality)
    return is_monitor(user, plan, today)


def may_publish(user: User, plan: Plan, kind: AssessmentKind | str, today: date) -> bool:
    """The municipality's own by its coordinator; a monitor's by whoever may write it."""
    if kind in OWN:
        return can(user, Permission.COORDINATE_PLAN, plan.municipality)
    return is_monitor(user, plan, today)


def is_monitor(user: User, plan: Plan, today: date) -> bool:
    """Whether the person monitors the plan on a day."""
    return Monitor.objects.of(user, today).filter(plan=plan).exists()


def appoint(
    *, by: User, plan: Plan, user: User, organisation: str, basis: str, starts: date, ends: date | None, now: datetime
) -> Monitor:
    """Appoint an independent monitor; appointed again, the dates change. Never a member of the municipality or of the council."""
    check_can(by, Permission.ADVISE_PLAN, plan.municipality)
    if user.is_council or _belongs(user, plan):
        raise RefusedError(_("A monitor is independent: neither of the municipality nor of the council."))
    if ends and ends < starts:
        raise RefusedError(_("The last day lies before the first one."))
    with transaction.atomic():
        monitor, _made = Monitor.objects.update_or_create(
            plan=plan,
            user=user,
            defaults={
                "organisation": organisation.strip(),
                "basis": basis.strip(),
                "starts": starts,
                "ends": ends,
                "appointed_by": by,
                "appointed_at": now,
            },
        )
        _record("plan.monitor_appointed", by, plan, now, person=str(user))
    return monitor


def begin(
    *, by: User, plan: Plan, kind: AssessmentKind, now: datetime, commitment: Commitment | None = None
) -> Assessment:
    """Begin an assessment with the published version of its instrument; begun twice, it is the same."""
    if not may_write(by, plan, kind, timezone.localdate(now)):
        raise PermissionDenied
    with transaction.atomic():
        held = locked(plan)
        before = Assessment.objects.filter(plan=held, kind=kind, commitment=commitment).first()
        if before:
            return before
        _check_time(held, kind, commitment)
        version = InstrumentVersion.objects.published(InstrumentPurpose.SELF_ASSESSMENT)
        instrument = version.filter(family__key=INSTRUMENTS[kind]).first()
        if instrument is None:
            raise RefusedError(_("The council has not published the instrument of this assessment yet."))
        assessment = Assessment.objects.create(
            plan=held, kind=kind, commitment=commitment, version=instrument, created_at=now, created_by=by
        )
        _record("assessment.begun", by, held, now, assessment=kind.value)
    return assessment


def _check_time(plan: Plan, kind: AssessmentKind, commitment: Commitment | None) -> None:
    """Each has its time, and the end-of-commitment assessment alone is of one commitment."""
    if kind in STAGES and plan.stage != STAGES[kind]:
        raise RefusedError(_("The plan is not in the stage of this self-assessment."))
    if kind not in OWN and plan.stage not in CARRYING_OUT | {PlanStage.CLOSED}:
        raise RefusedError(_("A monitor assesses a plan once it is approved."))
    if (kind == AssessmentKind.END) != (commitment is not None):
        raise RefusedError(_("This assessment is of one commitment."))


def save(
    *, by: User, assessment: Assessment, about: Commitment | None, said: Sequence[Said], now: datetime
) -> list[AssessmentAnswer]:
    """Write the answers about the plan or a commitment, all or none; returns those that changed.

    Raises `ConflictError` with what stands where somebody else changed an answer that this changes too, `RefusedError`,
    `OvertakenError` once it is published, `PermissionDenied`.
    """
    if not may_write(by, assessment.plan, assessment.kind, timezone.localdate(now)):
        raise PermissionDenied
    asked = {question.id: question for question in questions_about(assessment, about)}
    for each in said:
        question = asked.get(each.question)
        if question is None:
            raise RefusedError(_("This question does not belong to the assessment."))
        if value_problem(question, each.value) or (each.is_na and not question.allows_na):
            raise RefusedError(_("This cannot be the answer to the question."))
    with transaction.atomic():
        held = draft_of(assessment)
        standing = {row.question: row for row in held.answers.filter(commitment=about).select_related("updated_by")}
        new = [each for each in said if not _is_the_same(standing.get(each.question), each)]
        overtaken = {
            each.question: row
            for each in new
            if (row := standing.get(each.question)) is not None and row.version != each.version
        }
        if overtaken:
            raise ConflictError(overtaken)
        return [_write(held, about, standing.get(each.question), each, by, now) for each in new]


def draft_of(assessment: Assessment) -> Assessment:
    """The assessment, held until the transaction ends; refused once it is published."""
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("plan__municipality")
    held = rows.get(pk=assessment.pk)
    if held.state != AssessmentState.DRAFT:
        raise OvertakenError(_("The assessment is published: it does not change any more."))
    return held


def _is_the_same(row: AssessmentAnswer | None, said: Said) -> bool:
    stands = (row.value, row.is_na, row.text) if row else (None, False, "")
    return stands == (said.value, said.is_na, said.text)


def _write(
    held: Assessment, about: Commitment | None, row: AssessmentAnswer | None, said: Said, by: User, now: datetime
) -> AssessmentAnswer:
    row = row or AssessmentAnswer(assessment=held, question=said.question, commitment=about)
    row.value, row.is_na, row.text = said.value, said.is_na, said.text
    row.version, row.updated_at, row.updated_by = row.version + 1, now, by
    row.save()
    return row


def publish(*, by: User, assessment: Assessment, now: datetime) -> Assessment:
    """Publish, once: from then on nothing of it changes. Raises `RefusedError` while a question has no answer."""
    plan = assessment.plan
    if not may_publish(by, plan, assessment.kind, timezone.localdate(now)):
        raise PermissionDenied
    with transaction.atomic():
        held = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
        if held.state == AssessmentState.PUBLISHED:
            return held
        left = sum(part.left for part in parts_of(held))
        if left:
            words = ngettext("%(count)d question has no answer yet.", "%(count)d questions have no answer yet.", left)
            raise RefusedError(words % {"count": left})
        _pin(held)
        held.state, held.published_at, held.published_by = AssessmentState.PUBLISHED, now, by
        held.save()
        _record("assessment.published", by, plan, now, assessment=held.kind)
        transaction.on_commit(forget_public_pages)
    return held


def _pin(held: Assessment) -> None:
    """It is published with the newest version of each piece of the library; what was removed there meanwhile is left out."""
    for piece in held.pieces.filter(version__isnull=False).select_related("version__evidence"):
        if piece.version is None or piece.version.evidence.removed_at is not None:
            piece.delete()
            continue
        piece.version = piece.version.evidence.versions.order_by("-number").first()
        piece.save(update_fields=["version"])


def _belongs(user: User, plan: Plan) -> bool:
    return Membership.objects.filter(user=user, municipality=plan.municipality_id).exists()


def _record(kind: str, by: User, plan: Plan, now: datetime, **words: Any) -> None:
    record_event(kind, by=by, at=now, subject=plan, municipality_cut=plan.municipality_id, **words)
