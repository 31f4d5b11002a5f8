"""One dimension of a review. Each answer is judged by itself; what could not be saved stays in its place with the reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import reviews as actions
from diagnostics.choices import CorrectionReason, DiagnosticState, Opinion
from diagnostics.forms.review import OpinionForm
from diagnostics.models import Diagnostic, ReviewEntry
from diagnostics.reports.review import Review, review_of
from diagnostics.reports.review_page import AnswerOnPage, answers_on_page, diagnostic_before
from diagnostics.rules.instrument import Dimension
from diagnostics.views.filling import dimension_of
from diagnostics.views.reviews import around, council_diagnostic
from municipalities.actions import RefusedError
from municipalities.permissions import check_can


@never_cache
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, pk: int, dimension: str) -> HttpResponse:
    """Read and judge. The script sends one answer (`only`); without it the button of any answer saves all that were judged."""
    user, diagnostic = council_diagnostic(request, pk)
    held = review_of(diagnostic, user)
    part = dimension_of(held.instrument, dimension)
    refused: dict[str, tuple[OpinionForm, str]] = {}
    if request.method == "POST":
        check_can(user, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality)
        refused = _save(request.POST, user, held, part, only=_only(request))
        opened = _reopen(request, user, diagnostic)
        if not refused and not _only(request):
            done = _("The answer is open again.") if opened else _("Saved at %(time)s.")
            messages.success(request, done % {"time": f"{timezone.localtime():%H:%M}"})
            pressed = {opened, request.POST.get("only", "")}
            place = next((question.id for question in part.questions() if question.id in pressed), "")
            return redirect(f"{request.path}#{place}")
        diagnostic.refresh_from_db(fields=["state", "state_since"])
        held = review_of(diagnostic, user)
    answers = answers_on_page(held, part, today=timezone.localdate())
    for one in answers:
        if one.question.id in refused:
            one.sent, one.problem = refused[one.question.id]
    context = _context(held, part, answers)
    status = 422 if refused else 200
    if _only(request):
        context["one"] = next((one for one in answers if one.question.id == _only(request)), None)
        return render(request, "diagnostics/review/section.html#saved", context, status=status)
    return render(request, "diagnostics/review/section.html", context, status=status)


def _only(request: HttpRequest) -> str:
    """The one answer that the script sends; empty for the whole form."""
    return request.POST.get("only", "") if request.htmx else ""  # type: ignore[attr-defined]


def _save(
    sent: QueryDict, user: User, held: Review, part: Dimension, *, only: str
) -> dict[str, tuple[OpinionForm, str]]:
    """Save every opinion that was given or changed; those that could not be saved, with the reason."""
    refused = {}
    for question in part.questions():
        form = OpinionForm(sent, question)
        is_sent = form.add_prefix("version") in sent and only in {"", question.id}
        if not is_sent or (form.is_valid() and _is_untouched(form, held)):
            continue
        problem = _problem(form) or _give(form, user, held.diagnostic)
        if problem:
            refused[question.id] = (form, problem)
    return refused


def _is_untouched(form: OpinionForm, held: Review) -> bool:
    """Whether the controls say nothing, or what the person said of this very answer before."""
    sent = form.cleaned_data
    if not sent["opinion"]:
        return not (sent["note"].strip() or sent["reason"])
    before = held.entry(form.question.id)
    if before is None or (before.turn, before.by_id) != (held.turn, held.user.pk):
        return False
    words = form.words()
    return _gist(before) == (words.opinion, words.reason, words.note.strip(), sent["version"]) and (
        words.opinion != Opinion.OTHER_LEVEL or words.proposed == before.proposed_value
    )


def _gist(entry: ReviewEntry) -> tuple[str, str, str, int]:
    return entry.opinion, entry.reason, entry.note, entry.answer_version


def _problem(form: OpinionForm) -> str:
    if not form.is_valid():
        return next(str(error) for errors in form.errors.values() for error in errors)
    return "" if form.cleaned_data["opinion"] else _("Choose what you say of the answer: your words are still here.")


def _give(form: OpinionForm, user: User, diagnostic: Diagnostic) -> str:
    """Give the opinion; returns why it could not be given."""
    try:
        actions.give_opinion(
            by=user,
            diagnostic=diagnostic,
            question=form.question.id,
            words=form.words(),
            answer_version=form.cleaned_data["version"],
            now=timezone.now(),
        )
    except RefusedError as refusal:
        return str(refusal)
    return ""


def _reopen(request: HttpRequest, user: User, diagnostic: Diagnostic) -> str:
    """Open the answer again whose button was pressed; returns its name, or tells why it cannot be."""
    question = request.POST.get("reopen", "")
    if question:
        try:
            actions.reopen(by=user, diagnostic=diagnostic, question=question, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return ""
    return question


def _context(held: Review, part: Dimension, answers: list[AnswerOnPage]) -> dict[str, object]:
    dimensions = held.instrument.dimensions
    at = dimensions.index(part)
    by_question = {one.question.id: one for one in answers}
    groups = [
        (each, [by_question[question.id] for question in each.questions if question.id in by_question])
        for each in part.descriptors
    ]
    return {
        **around(held.diagnostic, held),
        "dimension": part,
        "groups": [(each, found) for each, found in groups if found],
        "problems": [one for one in answers if one.problem],
        "before": diagnostic_before(held.diagnostic),
        "may_judge": held.diagnostic.state == DiagnosticState.UNDER_REVIEW and held.seat is not None,
        "may_reopen": held.diagnostic.state in {DiagnosticState.UNDER_REVIEW, DiagnosticState.RETURNED}
        and held.seat is not None,
        "opinions": Opinion.choices,
        "reasons": CorrectionReason.choices,
        "neighbours": (dimensions[at - 1] if at else None, dimensions[at + 1] if at + 1 < len(dimensions) else None),
    }
