"""A plan is begun, written, taken from stage to stage, and published in editions. Each row is locked before it is looked at."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.choices import EditionKind, PlanStage
from action_plans.models import Plan, PlanEdition, Waiver
from action_plans.reports.editions import TEXTS, content_of, fingerprint, sha256
from action_plans.reports.readiness import what_lacks
from action_plans.rules.plan_states import CARRYING_OUT, DRAFTING, step
from config.page_cache import forget_public_pages
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Document, Municipality
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User


def open_plan(*, by: User, municipality: Municipality, title: str, starts: date, ends: date, now: datetime) -> Plan:
    """Begin a plan, from the latest validated diagnostic of the municipality if it has one.

    Raises `RefusedError` when another plan is open or the period is none, `PermissionDenied`.
    """
    check_can(by, Permission.COORDINATE_PLAN, municipality)
    if ends <= starts:
        raise RefusedError(_("The plan must end after it begins."))
    diagnostic = (
        Diagnostic.objects.filter(municipality=municipality, state=DiagnosticState.VALIDATED)
        .order_by("-validated_at")
        .first()
    )
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                municipality=municipality,
                title=title,
                starts=starts,
                ends=ends,
                diagnostic=diagnostic,
                stage_since=now,
                created_at=now,
                created_by=by,
            )
            _record("plan.opened", by, plan, now, title=title)
            transaction.on_commit(forget_public_pages)
    except IntegrityError:
        raise RefusedError(_("The municipality already has an action plan that is not closed.")) from None
    return plan


def edit(
    *,
    by: User,
    plan: Plan,
    texts: dict[str, str],
    starts: date,
    ends: date,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> Plan:
    """Change the texts (`TEXTS`) and the period. After the approval a reason is needed, and an edition shows the change.

    `seen` is `reports.editions.fingerprint` as the person saw the texts; None where nobody saw any.
    """
    check_can(by, Permission.WRITE_PLAN, plan.municipality)
    if ends <= starts:
        raise RefusedError(_("The plan must end after it begins."))
    with transaction.atomic():
        held = locked(plan)
        check_writable(held, reason)
        if seen is not None and seen != fingerprint(held):
            raise OvertakenError(_("Somebody changed these texts meanwhile. Compare both, and save again."))
        for field in TEXTS:
            setattr(held, field, texts.get(field, getattr(held, field)))
        held.starts, held.ends = starts, ends
        held.save()
        _record("plan.edited", by, held, now, reason=reason)
        amend(held, by=by, reason=reason, now=now)
    return held


def move(
    *,
    by: User,
    plan: Plan,
    to: PlanStage,
    now: datetime,
    seen: str,
    reason: str = "",
    approval: Document | None = None,
    approved_by: str = "",
    approved_on: date | None = None,
    brought: bool = False,
) -> Plan:
    """Take one step of the table, once; `seen` is the stage that the person saw. The last four are for the approval; `brought`:
    it came before the plan was here.

    Raises `OvertakenError` when the plan is elsewhere by now, `RefusedError` for what is missing, `PermissionDenied`.
    """
    with transaction.atomic():
        held = locked(plan)
        if held.stage != seen:
            raise OvertakenError(
                _("In the meantime the plan became “%(stage)s”.") % {"stage": held.get_stage_display()}
            )
        try:
            taken = step(held.stage, to, brought=brought)
        except ValueError:
            raise OvertakenError(_("This step does not exist from where the plan is now.")) from None
        if not can(by, taken.permission, held.municipality):
            raise PermissionDenied(taken.permission.value)
        if taken.reason and not reason.strip():
            raise RefusedError(_("Say the reason: the other side will read it."))
        if to == PlanStage.APPROVED:
            held.approval, held.approved_by, held.approved_on = approval, approved_by.strip(), approved_on
        lacking = what_lacks(held, to, today=timezone.localdate(now))
        if lacking:
            raise RefusedError(" ".join(lacking))
        held.stage, held.stage_since = to, now
        held.save()
        _record("plan.moved", by, held, now, reason=reason, start=taken.start.value, end=to.value)
        if taken.publishes:
            publish(held, taken.publishes, by=by, reason=reason, now=now)
        transaction.on_commit(forget_public_pages)
    return held


def ask_waiver(*, by: User, plan: Plan, rule: str, reason: str, until: date, now: datetime) -> Waiver:
    """Ask the council for an exception to a rule, with its reason and its last day. Asked twice, it is one."""
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    if not reason.strip():
        raise RefusedError(_("Say the reason: the other side will read it."))
    if until < timezone.localdate(now):
        raise RefusedError(_("The last day of the exception is past."))
    with transaction.atomic():
        held, words = locked(plan), reason.strip()
        same = held.waivers.filter(rule=rule, reason=words, until=until, granted_at=None).first()
        if same:
            return same
        waiver = held.waivers.create(rule=rule, reason=words, asked_by=by, asked_at=now, until=until)
        _record("plan.waiver_asked", by, plan, now, reason=reason, until=f"{until:%d-%m-%Y}")
    return waiver


def grant_waiver(*, by: User, waiver: Waiver, now: datetime) -> Waiver:
    """Grant an exception, once; never the one that one asked for."""
    check_can(by, Permission.ADVISE_PLAN, waiver.plan.municipality)
    with transaction.atomic():
        held = Waiver.objects.select_for_update(of=("self",)).select_related("plan__municipality").get(pk=waiver.pk)
        if held.asked_by_id == by.pk:
            raise RefusedError(_("Whoever asks for an exception does not grant it."))
        if held.granted_at is None:
            held.granted_by, held.granted_at = by, now
            held.save(update_fields=["granted_by", "granted_at"])
            _record("plan.waiver_granted", by, held.plan, now, reason=held.reason, until=f"{held.until:%d-%m-%Y}")
            transaction.on_commit(forget_public_pages, robust=True)
    return held


def locked(plan: Plan) -> Plan:
    """The plan, held until the end of the transaction: writers of one plan go one after the other."""
    return Plan.objects.select_for_update(of=("self",)).select_related("municipality", "approval").get(pk=plan.pk)


def check_writable(plan: Plan, reason: str) -> None:
    """Raise `RefusedError` when the text may not change, or not without a reason."""
    if plan.stage in CARRYING_OUT and not reason.strip():
        raise RefusedError(_("The plan is approved: say why it changes. The reason is public."))
    if plan.stage not in CARRYING_OUT | DRAFTING:
        raise RefusedError(_("The plan is closed: it does not change any more."))


def amend(plan: Plan, *, by: User, reason: str, now: datetime) -> PlanEdition | None:
    """Publish what changed in an approved plan; nothing while it is being drafted, or when nothing changed."""
    if plan.stage not in CARRYING_OUT:
        return None
    last = plan.editions.first()
    if last and last.sha256 == sha256(content_of(plan)):
        return None
    return publish(plan, EditionKind.AMENDED, by=by, reason=reason, now=now)


def publish(plan: Plan, kind: EditionKind, *, by: User, reason: str, now: datetime) -> PlanEdition:
    """Freeze the plan as the next edition. The caller holds its row."""
    content = content_of(plan)
    last = plan.editions.first()
    edition = PlanEdition.objects.create(
        plan=plan,
        number=last.number + 1 if last else 1,
        kind=kind,
        reason=reason.strip(),
        content=content,
        sha256=sha256(content),
        published_at=now,
        published_by=by,
    )
    _record("plan.published", by, plan, now, reason=reason, number=edition.number)
    transaction.on_commit(forget_public_pages)
    return edition


def _record(kind: str, by: User, plan: Plan, now: datetime, reason: str = "", **words: Any) -> None:
    record_event(
        kind, by=by, at=now, subject=plan, municipality_cut=plan.municipality_id, reason=reason.strip(), **words
    )
