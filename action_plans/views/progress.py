"""How a commitment goes is told here, with evidence; beside it, the arithmetic of its progress."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import progress as actions
from action_plans.choices import MilestoneState
from action_plans.forms.progress import ProgressForm
from action_plans.models import Commitment, Plan
from action_plans.reports.editions import commitment_data
from action_plans.reports.standing import arithmetic, standing, told_of
from action_plans.reports.updates import updates_of
from action_plans.rules.plan_states import CARRYING_OUT
from action_plans.views.place import commitment_of, plan_of
from diagnostics.actions import evidence as evidence_actions
from diagnostics.forms.evidence import found_by
from diagnostics.models import Evidence, EvidenceQuerySet
from municipalities.actions import RefusedError
from municipalities.permissions import can

SHOWN_AT_ONCE: Final = 12
UUID_SHAPE: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def progress(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Tell progress; below, what was told before."""
    permission = Permission.WRITE_PLAN if request.method == "POST" else Permission.VIEW_PLAN
    user, plan = plan_of(request, cut, permission)
    commitment = commitment_of(plan, key)
    milestones = list(commitment.milestones.order_by("number"))
    asked = next((each.key for each in milestones if str(each.key) == request.GET.get("hito")), None)
    form = ProgressForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        milestones=milestones,
        library=_library(request, user, plan),
        initial={"client_id": uuid4(), "key": uuid4(), "milestone": asked},
    )
    if request.method == "POST" and form.is_valid():
        try:
            _report(user, commitment, form)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("What you told is public now."))
            return redirect(request.path)
    content = {"commitments": [commitment_data(commitment)]}
    now = standing(content, told_of(plan), today=timezone.localdate()).commitments[0]
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "commitment": commitment,
        "now": now,
        "sum": arithmetic(now.milestones) if now.milestones else "",
        "form": form,
        "sought": request.GET.get("buscar", ""),
        # Fewer than are shown at once need no search.
        "is_long": "buscar" in request.GET or form.fields["evidence"].queryset.count() >= SHOWN_AT_ONCE,  # type: ignore[attr-defined]
        "updates": updates_of(plan, commitment=commitment),
        "may_tell": plan.stage in CARRYING_OUT and can(user, Permission.WRITE_PLAN, plan.municipality),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "action_plans/progress/progress.html", context, status=status)


def _library(request: HttpRequest, user: User, plan: Plan) -> EvidenceQuerySet:
    """The pieces to choose from: what was sought or the newest, and whatever was ticked."""
    of_here = Evidence.objects.visible_to(user).kept().filter(municipality=plan.municipality)
    newest = found_by(of_here, request.GET.get("buscar", "")).order_by("-created_at", "-pk")
    ticked = [key for key in request.POST.getlist("evidence") if UUID_SHAPE.fullmatch(key)]
    shown = Q(pk__in=list(newest.values_list("pk", flat=True)[:SHOWN_AT_ONCE])) | Q(key__in=ticked)
    return of_here.filter(shown).order_by("-created_at", "-pk")


def _report(user: User, commitment: Commitment, form: ProgressForm) -> None:
    """New evidence goes into the library first; refused afterwards, the words stay and the piece is there to be ticked."""
    sent, now = form.cleaned_data, timezone.now()
    pieces: list[Any] = list(sent["evidence"])
    if form.brings_evidence:
        added = evidence_actions.add(
            by=user,
            municipality=commitment.plan.municipality,
            key=sent["key"],
            details=evidence_actions.Details(form.own_title(), is_public=sent["is_public"]),
            sent=form.sent(),
            now=now,
        )
        pieces.append(added.evidence)
    actions.report(
        by=user,
        commitment=commitment,
        milestone=sent["milestone"],
        text=sent["text"],
        state=MilestoneState(sent["state"]) if sent["state"] else None,
        advance=sent["advance"],
        met_on=sent["met_on"],
        evidence=pieces,
        client_id=sent["client_id"],
        now=now,
    )
