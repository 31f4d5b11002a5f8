"""The municipality answers a proposed level, or says why something stays as it is."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import replies as actions
from diagnostics.choices import Opinion
from diagnostics.forms.review import DisagreeForm
from diagnostics.models import ReviewEntry
from diagnostics.reports.returned import returned_entries
from diagnostics.reports.section import answers_of
from diagnostics.rules.answer_words import said
from diagnostics.views.filling import place
from diagnostics.views.questions import question_of
from municipalities.actions import RefusedError


@never_cache
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, cut: str, slug: str, pk: int, question: str) -> HttpResponse:
    """What the council asks of one answer, and what the municipality says to it."""
    user, diagnostic = place(request, cut, pk, Permission.FILL_DIAGNOSTIC)
    entry = returned_entries(diagnostic).get(question)
    if entry is None:
        raise Http404
    entry.diagnostic = diagnostic
    part, asked = question_of(diagnostic, question)
    back = reverse("diagnostics:section", args=[cut, slug, pk, part.id]) + f"#{question}"
    form = DisagreeForm(request.POST if "text" in request.POST else None, initial={"text": entry.reply_text})
    problem, status = "", 200
    if request.method == "POST" and ("agree" in request.POST or form.is_valid()):
        try:
            _say(request, user, entry, form)
        except RefusedError as refusal:
            problem, status = str(refusal), 409
        else:
            messages.success(request, _("Your reply is noted. It goes with the diagnostic when it is submitted."))
            return redirect(back)
    answer = answers_of(diagnostic, [question])[question]
    context = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "dimension": part,
        "question": asked,
        "entry": entry,
        "is_proposal": entry.opinion == Opinion.OTHER_LEVEL,
        "proposed": said(asked, entry.proposed_value),
        "answer": answer,
        "said": said(asked, answer.value),
        "client_id": uuid4(),
        "form": form,
        "problem": problem,
        "back": back,
    }
    return render(request, "diagnostics/filling/reply.html", context, status=status)


def _say(request: HttpRequest, user: User, entry: ReviewEntry, form: DisagreeForm) -> None:
    if "agree" in request.POST:
        try:
            client_id = UUID(request.POST["agree"])
        except ValueError:
            raise Http404 from None
        actions.agree(by=user, entry=entry, client_id=client_id, now=timezone.now())
    else:
        actions.disagree(by=user, entry=entry, text=form.cleaned_data["text"], now=timezone.now())
