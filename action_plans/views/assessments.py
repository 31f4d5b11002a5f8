"""Assessments are written: the municipality's own and those of its monitors, part by part, and published."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from action_plans.actions import assessment_evidence as evidence
from action_plans.actions import assessments as actions
from action_plans.actions.assessments import ConflictError
from action_plans.choices import AssessmentKind, AssessmentState, PieceHideReason
from action_plans.forms.assessments import UUID_SHAPE, HidePieceForm, PartForm, PiecesForm
from action_plans.forms.desk import NothingForm
from action_plans.models import Assessment, AssessmentPiece, Commitment
from action_plans.reports.assessment_evidence import chosen, file_of, key_of, offers
from action_plans.reports.assessments import Part, part_of, parts_of, questions_about
from action_plans.rules.assessments import ABOUT_PLAN, OWN
from action_plans.views.place import plan_of, to
from action_plans.views.public import opened
from municipalities.actions import RefusedError
from municipalities.views.form_page import FormPage, answer


def assessment_of(request: HttpRequest, pk: int) -> tuple[User, Assessment]:
    """The person and the assessment, through its one door; 404 for who sees it from inside nowhere."""
    user = cast(User, request.user)
    rows = Assessment.objects.visible_to(user, timezone.localdate())
    rows = rows.select_related("plan__municipality__region", "commitment", "version").defer("version__content")
    return user, get_object_or_404(rows, pk=pk)


def around(found: Assessment) -> dict[str, Any]:
    """What every page of an assessment shows."""
    plan = found.plan
    return {"municipality": plan.municipality, "plan": plan, "assessment": found, "is_own": found.kind in OWN}


@require_POST
def begin(request: HttpRequest, cut: str, slug: str, kind: str) -> HttpResponse:
    """The municipality begins the self-assessment of the stage. Begun twice, it is the same."""
    user, plan = plan_of(request, cut, Permission.WRITE_PLAN)
    if kind not in OWN:
        raise Http404
    try:
        made = actions.begin(by=user, plan=plan, kind=AssessmentKind(kind), now=timezone.now())
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect(to("plan_desk", plan))
    return redirect("action_plans:assessment", made.pk)


@never_cache
@require_safe
def assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """Its parts with what is left in each, and the way to publish it."""
    user, found = assessment_of(request, pk)
    parts, today = parts_of(found), timezone.localdate()
    is_draft = found.state == AssessmentState.DRAFT
    context = {
        **around(found),
        "parts": parts,
        "left": sum(part.left for part in parts),
        "is_rated": any(part.completion for part in parts),
        "may_write": is_draft and actions.may_write(user, found.plan, found.kind, today),
        "may_publish": is_draft and actions.may_publish(user, found.plan, found.kind, today),
    }
    return render(request, "action_plans/watch/assessment.html", context)


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The questions about the plan or one commitment, and its evidence. What was typed stays; who comes second sees both answers,
    and decides."""
    user, found = assessment_of(request, pk)
    about = _about(found, key)
    asked = part_of(found, about)
    form = PartForm(request.POST if request.method == "POST" else None, part=asked)
    pieces = _pieces_form(request, user, found, asked)
    status, problem = 200, ""
    if request.method == "POST":
        status = 422
        if all([form.is_valid(), pieces.is_valid()]):
            try:
                _save(user, found, about, form, pieces)
            except ConflictError as overtaken:
                status, problem = 409, str(overtaken)
                form.after_conflict(overtaken.standing)
                # The evidence was kept: what the form held of it is done.
                pieces = _pieces_form(None, user, found, part_of(found, about))
            except RefusedError as refusal:
                problem = str(refusal)
            else:
                messages.success(request, _("Saved at %(time)s.") % {"time": f"{timezone.localtime():%H:%M}"})
                return redirect("action_plans:assessment", found.pk)
    context = {
        **around(found),
        "about": about,
        "form": form,
        "pieces": pieces,
        "problem": problem,
        "may_write": found.state == AssessmentState.DRAFT
        and actions.may_write(user, found.plan, found.kind, timezone.localdate()),
        "part": asked,
    }
    return render(request, "action_plans/watch/assessment_part.html", context, status=status)


def _pieces_form(request: HttpRequest | None, user: User, found: Assessment, asked: Part) -> PiecesForm:
    """The form of the evidence as it was sent, or as it stands."""
    is_sent = request is not None and request.method == "POST"
    data, files = (request.POST, request.FILES) if request and is_sent else (None, None)
    ticked = [key for key in data.getlist("prueba-pieces") if UUID_SHAPE.fullmatch(key)] if data else []
    return PiecesForm(
        data, files, offers=offers(user, found, asked, ticked), standing=[key_of(piece) for piece in asked.pieces]
    )


def _save(user: User, found: Assessment, about: Commitment | None, form: PartForm, pieces: PiecesForm) -> None:
    """The evidence first: a file cannot be given back to its form, words can."""
    now = timezone.now()
    if pieces.has_news:
        evidence.change(
            by=user,
            assessment=found,
            about=about,
            add=chosen(user, found, pieces.ticked),
            drop=pieces.unticked,
            brought=pieces.brought,
            now=now,
        )
    actions.save(by=user, assessment=found, about=about, said=form.said(), now=now)


@never_cache
@require_safe
def piece(request: HttpRequest, pk: int, key: str) -> HttpResponseBase:
    """A file of the evidence, to whoever sees the assessment from inside."""
    _user, found = assessment_of(request, pk)
    held = file_of(found, key, for_everyone=False)
    if held is None:
        raise Http404
    return opened(held)


@never_cache
@require_http_methods(["GET", "POST"])
def hide_piece(request: HttpRequest, key: str) -> HttpResponse:
    """A monitor, or the Consejo, stops showing what a monitor should not have published. Sent twice, it is once."""
    user = cast(User, request.user)
    rows = AssessmentPiece.objects.visible_to(user, timezone.localdate())
    held = get_object_or_404(rows.select_related("assessment__plan__municipality__region", "commitment"), key=key)
    found, about = held.assessment, str(held.commitment.key) if held.commitment else ABOUT_PLAN
    if not evidence.may_hide(user, held, timezone.localdate()):
        raise PermissionDenied
    back = reverse("action_plans:assessment_part", args=[found.pk, about])
    page = FormPage(
        _("Stop showing “%(title)s”") % {"title": held.title},
        _("Stop showing it"),
        to("advice", found.plan) if user.is_council else back,
        _("Advice") if user.is_council else found.get_kind_display(),
        lead=_("Nobody opens it any more, and it cannot be shown again. Its place says since when and why."),
        danger=True,
    )
    form = HidePieceForm(request.POST or None)

    def work() -> AssessmentPiece:
        sent = form.cleaned_data
        reason = PieceHideReason(sent["reason"])
        return evidence.hide(by=user, piece=held, reason=reason, note=sent["note"], now=timezone.now())

    done = _("It is shown no more.")
    return answer(request, form, page, work, municipality=found.plan.municipality, done=done)


def _about(found: Assessment, key: str) -> Commitment | None:
    """What a part is about; 404 where the assessment asks nothing of it."""
    about = None if key == ABOUT_PLAN else get_object_or_404(Commitment, plan=found.plan_id, key=key)
    if not questions_about(found, about):
        raise Http404
    return about


@never_cache
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """From then on everyone reads it, and nothing of it changes."""
    user, found = assessment_of(request, pk)
    page = FormPage(
        _("Publish: %(assessment)s") % {"assessment": found.get_kind_display()},
        _("Publish"),
        reverse("action_plans:assessment", args=[found.pk]),
        found.plan.title,
        lead=_("Everyone reads it from then on. Nothing of it can be changed any more."),
    )
    if not actions.may_publish(user, found.plan, found.kind, timezone.localdate()):
        raise PermissionDenied
    form = NothingForm(request.POST if request.method == "POST" else None)

    def work() -> Assessment:
        return actions.publish(by=user, assessment=found, now=timezone.now())

    done = _("The assessment is published.")
    return answer(request, form, page, work, municipality=found.plan.municipality, done=done)
