"""The two ends of a turn: returning a diagnostic for correction, and validating it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from diagnostics.actions import reviews as actions
from diagnostics.actions import validation
from diagnostics.actions.correction import begin_correction, correction_of
from diagnostics.actions.rounds import deadline
from diagnostics.forms.review import CorrectForm, ReviewReturnForm, ValidateForm
from diagnostics.models import Diagnostic
from diagnostics.reports.review import review_of
from diagnostics.rules.answer_words import said
from diagnostics.rules.review import CORRECTION_DAYS, Standing, after
from diagnostics.views.reviews import council_diagnostic
from municipalities.permissions import check_can
from municipalities.views.form_page import FormPage, answer


@never_cache
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return it for correction, after seeing what the municipality will read."""
    user, diagnostic = council_diagnostic(request, pk)
    check_can(user, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality)
    held, today = review_of(diagnostic, user), timezone.localdate()
    until = max(after(today, CORRECTION_DAYS), deadline(diagnostic))
    form = ReviewReturnForm(request.POST or None, initial={"seen": diagnostic.state, "until": until})
    told = [*held.asked, *held.with_standing({Standing.COMMENTED})]
    entries = [(question, held.entry(question.id)) for question in told]
    return answer(
        request,
        form,
        FormPage(_("Return for correction"), _("Return the diagnostic"), _back(pk), str(diagnostic.round)),
        lambda: actions.return_for_correction(by=user, diagnostic=diagnostic, now=timezone.now(), **form.cleaned_data),
        municipality=diagnostic.municipality,
        done=_("It is returned, and the municipality told."),
        fresh=lambda: _state(diagnostic),
        template="diagnostics/review/return.html",
        told=[(question, entry, said(question, entry.proposed_value)) for question, entry in entries if entry],
        obstacle=actions.obstacle_to_return(held),
        diagnostic=diagnostic,
        review=held,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def validate(request: HttpRequest, pk: int) -> HttpResponse:
    """Validate it, and say from when it is public."""
    user, diagnostic = council_diagnostic(request, pk)
    check_can(user, Permission.VALIDATE_DIAGNOSTIC, diagnostic.municipality)
    held, today = review_of(diagnostic, user), timezone.localdate()
    former = diagnostic.corrects
    public_from = max((former or diagnostic.round).public_from or today, today)
    form = ValidateForm(request.POST or None, initial={"seen": diagnostic.state, "public_from": public_from})
    return answer(
        request,
        form,
        FormPage(_("Validate the diagnostic"), _("Validate it"), _back(pk), str(diagnostic.round)),
        lambda: validation.validate(by=user, diagnostic=diagnostic, now=timezone.now(), **form.cleaned_data),
        municipality=diagnostic.municipality,
        done=_("The diagnostic is validated. It has its folio and its document."),
        fresh=lambda: _state(diagnostic),
        template="diagnostics/review/validate.html",
        obstacle=validation.obstacle_to_validation(held),
        diagnostic=diagnostic,
        review=held,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the correction of what is validated: it stays as it is until the correction is validated and takes its place."""
    user, diagnostic = council_diagnostic(request, pk)
    check_can(user, Permission.VALIDATE_DIAGNOSTIC, diagnostic.municipality)
    until = after(timezone.localdate(), CORRECTION_DAYS)
    form = CorrectForm(request.POST or None, initial={"seen": diagnostic.state, "until": until})
    return answer(
        request,
        form,
        FormPage(_("Open a correction"), _("Open the correction"), _back(pk), str(diagnostic.round)),
        lambda: begin_correction(by=user, diagnostic=diagnostic, now=timezone.now(), **form.cleaned_data),
        municipality=diagnostic.municipality,
        done=_("The correction is open, and the municipality told."),
        fresh=lambda: _state(diagnostic),
        template="diagnostics/review/correct.html",
        diagnostic=diagnostic,
        standing=correction_of(diagnostic),
    )


def _back(pk: int) -> str:
    return reverse("diagnostics:review", args=[pk])


def _state(diagnostic: Diagnostic) -> str:
    diagnostic.refresh_from_db(fields=["state"])
    return diagnostic.state
