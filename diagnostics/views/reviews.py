"""The council's queue of reviews, the review of one diagnostic, and who reviews it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Event, User
from accounts.permissions import Permission
from diagnostics.actions import reviewers as actions
from diagnostics.actions.correction import correction_of
from diagnostics.actions.reviews import adopt, obstacle_to_return
from diagnostics.actions.validation import obstacle_to_validation
from diagnostics.choices import DiagnosticState
from diagnostics.filters.reviews import VIEWS, QueueFilter
from diagnostics.forms.review import ReviewerForm, SampleForm
from diagnostics.models import Diagnostic
from diagnostics.permissions import is_impartial, may_review, may_validate
from diagnostics.reports.review import Review, review_of, reviews
from diagnostics.rules import review as rules
from diagnostics.rules.answer_words import said
from municipalities.actions import RefusedError
from municipalities.permissions import can, check_can
from municipalities.views.form_page import FormPage, answer

ROWS: Final = 50
ON_PAGE: Final = 100
"""Events of a diagnostic that its page shows."""


def council_diagnostic(request: HttpRequest, pk: int) -> tuple[User, Diagnostic]:
    """The person of the council and a diagnostic within their scope; 403 for others, 404 outside the scope."""
    user = cast(User, request.user)
    check_can(user, Permission.VIEW_DESK)
    rows = Diagnostic.objects.visible_to(user).select_related(
        "municipality__region", "round", "version", "submitted_by", "validated_by", "document", "corrects"
    )
    return user, get_object_or_404(rows.defer("version__content"), pk=pk)


@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The diagnostics that wait for the council, the most urgent first."""
    user = cast(User, request.user)
    check_can(user, Permission.VIEW_DESK)
    asked = QueueFilter(request.GET, user=user)
    page = Paginator(asked.keys(), ROWS).get_page(request.GET.get("pagina"))
    found = Diagnostic.objects.filter(pk__in=list(page)).select_related("municipality__region", "round", "version")
    by_pk = {one.pk: one for one in found.defer("version__content")}
    context = {
        "asked": asked,
        "views": VIEWS,
        "page": page,
        "rows": reviews([by_pk[pk] for pk in page], user),
        "today": timezone.localdate(),
        "may_draw": can(user, Permission.MANAGE_ROUNDS),
    }
    return render(request, "diagnostics/review/queue.html", context)


@never_cache
@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the review of a diagnostic stands, and what may be done now."""
    user, diagnostic = council_diagnostic(request, pk)
    held = review_of(diagnostic, user)
    events = Event.objects.filter(subject_type=diagnostic._meta.label_lower, subject_id=str(diagnostic.pk))
    is_open = diagnostic.state == DiagnosticState.UNDER_REVIEW
    correction = correction_of(diagnostic) if diagnostic.folio else None
    is_standing = diagnostic.state == DiagnosticState.VALIDATED and correction is None
    context = {
        **around(diagnostic, held),
        "sections": held.sections,
        "events": events.order_by("-at", "-pk")[:ON_PAGE],
        "may_begin": may_begin(user, held),
        "may_assign": can(user, Permission.ASSIGN_ADVISER),
        "is_impartial": is_impartial(user, diagnostic),
        "may_finish": is_open and held.is_blind and held.seat and not held.seat.done_at and not held.unread,
        "may_return": is_open and held.seat is not None,
        "may_validate": is_open and may_validate(user, diagnostic),
        "correction": correction,
        "may_correct": is_standing and can(user, Permission.VALIDATE_DIAGNOSTIC, diagnostic.municipality),
        "no_return": obstacle_to_return(held),
        "no_validation": obstacle_to_validation(held),
        "today": timezone.localdate(),
    }
    return render(request, "diagnostics/review/review.html", context)


def around(diagnostic: Diagnostic, held: Review) -> dict[str, Any]:
    """What every page of a review shows."""
    return {"diagnostic": diagnostic, "municipality": diagnostic.municipality, "review": held}


def may_begin(user: User, held: Review) -> bool:
    """Whether the person may take up the review now."""
    if held.diagnostic.state not in actions.WITH_THE_COUNCIL or not may_review(user, held.diagnostic):
        return False
    if held.seat is not None:
        return held.diagnostic.state == DiagnosticState.SUBMITTED
    return any(seat not in held.seats for seat in held.wanted)


@never_cache
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the review."""
    return _do(request, pk, actions.begin, _("The review is yours."))


@never_cache
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """One of two independent reviewers is done."""
    return _do(request, pk, actions.finish, _("Your review is finished."))


def _do(request: HttpRequest, pk: int, act: Callable[..., object], done: str, **more: Any) -> HttpResponse:
    user, diagnostic = council_diagnostic(request, pk)
    check_can(user, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality)
    try:
        act(by=user, diagnostic=diagnostic, now=timezone.now(), **more)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("diagnostics:review", pk)


@never_cache
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the review to someone, and say how many review it."""
    user, diagnostic = council_diagnostic(request, pk)
    check_can(user, Permission.ASSIGN_ADVISER, diagnostic.municipality)
    back = reverse("diagnostics:review", args=[pk])
    held = review_of(diagnostic, user)
    if "two" in request.POST:
        wanted = request.POST["two"] == "1"
        return _do(request, pk, actions.set_second_review, _("It is noted."), wanted=wanted)
    staff = User.objects.filter(is_active=True).exclude(council_role="")
    people = [person for person in staff if may_review(person, diagnostic)]
    form = ReviewerForm(request.POST or None, people=people, seats=held.wanted)
    return answer(
        request,
        form,
        FormPage(_("Who reviews it"), _("Give it"), back, str(diagnostic.round)),
        lambda: actions.assign(by=user, diagnostic=diagnostic, now=timezone.now(), **form.cleaned_data),
        municipality=diagnostic.municipality,
        done=_("The review is given."),
        template="diagnostics/review/assign.html",
        diagnostic=diagnostic,
        review=held,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def differences(request: HttpRequest, pk: int) -> HttpResponse:
    """Where two independent reviewers said other things; either makes the other's opinion their own."""
    user, diagnostic = council_diagnostic(request, pk)
    check_can(user, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            adopt(
                by=user,
                diagnostic=diagnostic,
                question=request.POST.get("question", ""),
                seen=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
                now=timezone.now(),
            )
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You both say the same of this answer now."))
        return redirect(request.path)
    held = review_of(diagnostic, user)
    rows = [
        (question, section_of(held, question.id), [(one, said(question, one.proposed_value)) for one in pair if one])
        for question, *pair in held.differences
    ]
    return render(request, "diagnostics/review/differences.html", {**around(diagnostic, held), "rows": rows})


def section_of(held: Review, question: str) -> str:
    return next(part.id for part in held.instrument.dimensions if any(q.id == question for q in part.questions()))


@never_cache
@require_http_methods(["GET", "POST"])
def sample(request: HttpRequest) -> HttpResponse:
    """Draw a share of a round for two independent reviewers: first seen, then done."""
    user = cast(User, request.user)
    check_can(user, Permission.MANAGE_ROUNDS)
    asked = "round" in request.GET
    form = SampleForm(request.POST or (request.GET if asked else None), initial={"seed": secrets.token_hex(4)})
    drawn: list[str] = []
    if form.is_valid():
        round_, percent, seed = (form.cleaned_data[name] for name in ("round", "percent", "seed"))
        if request.method == "POST":
            marked = actions.draw_sample(by=user, round_=round_, percent=percent, seed=seed, now=timezone.now())
            messages.success(request, _("Marked for two reviewers: %(number)s.") % {"number": len(marked)})
            return redirect("diagnostics:reviews")
        names = {one.municipality_id: one.municipality.name for one in actions.candidates(round_)}
        drawn = [names[cut] for cut in rules.chosen(names.keys(), percent=percent, seed=seed)]
    context = {"form": form, "drawn": drawn, "asked": asked}
    return render(request, "diagnostics/review/sample.html", context)
