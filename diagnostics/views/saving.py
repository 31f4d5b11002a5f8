"""What the script of the form talks to: one save, and who else is here. Answers are JSON, also to those who may not ask."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.permissions import Permission
from diagnostics.actions.answers import (
    ConflictError,
    Content,
    ImpossibleError,
    NotWritableError,
    Outcome,
    Saved,
    save_answer,
)
from diagnostics.choices import AnswerOrigin
from diagnostics.forms.filling import SaveForm, content_of
from diagnostics.models import Answer, Diagnostic
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.known import knows
from diagnostics.reports.progress import progress, so_far
from diagnostics.rules.answer_words import said
from diagnostics.rules.controls import controls_of
from diagnostics.rules.instrument import Question
from diagnostics.views.filling import place, seen
from municipalities.actions import RefusedError

# A page says each 20 seconds that it is open; after this many it is taken for closed.
PRESENT_FOR: Final = 40
# All that a save reads of a diagnostic before it is locked: on the closing day there are a hundred a second.
READ: Final = ("municipality__slug", "round__closes", "version__state", "version__checksum")


@login_not_required  # a script cannot follow to the page of signing in: it is told
@never_cache
@require_POST
def save(request: HttpRequest, cut: str, slug: str, pk: int, question: str) -> JsonResponse:
    """Save one answer. 200 saved or superseded; 409 conflict or closed; 422 impossible; 401 signed out; 403; 404."""
    refused = _not_this_person(request)
    if refused:
        return refused
    try:
        user, diagnostic = seen(request, cut, pk, *READ)
    except Http404:
        return _forbidden()
    form = SaveForm(request.POST)
    asked = instrument_of(diagnostic.version).by_id.get(question)
    if asked is None or not form.is_valid():
        return _refusal("unknown", _("This question does not belong to the diagnostic."), 404 if asked is None else 400)
    content, envelope = content_of(asked, request.POST), form.cleaned_data
    try:
        saved = save_answer(
            by=user,
            diagnostic=diagnostic,
            question=question,
            content=content,
            base_version=envelope["version"],
            client_id=envelope["client_id"],
            tab=envelope["tab"],
            sequence=envelope["sequence"] or 0,
            now=timezone.now(),
            origin=_origin(request, diagnostic, asked, content),
        )
    except PermissionDenied:
        return _forbidden()
    except ConflictError as conflict:
        theirs = standing(asked, conflict.answer)
        body = {"version": conflict.answer.version, "yours": _fields(asked, content), "theirs": theirs}
        return _refusal("conflict", str(conflict), 409, **body)
    except NotWritableError as refusal:
        return _refusal("closed", str(refusal), 409)
    except ImpossibleError as refusal:
        return _refusal("impossible", str(refusal), 422)
    except RefusedError as refusal:
        return _refusal("unknown", str(refusal), 400)
    return JsonResponse(_said(diagnostic, asked, saved))


@login_not_required
@never_cache
@require_POST
def presence(request: HttpRequest, cut: str, slug: str, pk: int, dimension: str) -> JsonResponse:
    """Who else has this section open. Kept in the cache alone, for as long as a page says that it is open."""
    refused = _not_this_person(request)
    if refused:
        return refused
    try:
        user, _diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
        tab = str(UUID(request.POST.get("tab", "")))
    except (PermissionDenied, Http404, ValueError):
        return _refusal("forbidden", _("You may not see this diagnostic."), 403)
    key, now = f"present:{pk}:{dimension}", time.time()
    here: dict[str, tuple[int, str, float]] = cache.get(key) or {}
    here = {page: seen for page, seen in here.items() if seen[2] > now and page != tab}
    others = sorted({seen[1] for seen in here.values() if seen[0] != user.pk})
    own = sum(seen[0] == user.pk for seen in here.values())
    if "leaving" not in request.POST:
        here[tab] = (user.pk, user.name, now + PRESENT_FOR)
    cache.set(key, here, PRESENT_FOR)
    return JsonResponse({"others": others, "own": own, "token": get_token(request)})


def standing(question: Question, answer: Answer) -> dict[str, Any]:
    """The present answer for the script: what to put into the controls, how to say it, who wrote it and when."""
    return {
        **_fields(question, answer),
        "version": answer.version,
        "said": said(question, answer.value),
        "who": answer.updated_by.name if answer.updated_by else _("the portal"),
        "at": _clock(answer),
    }


def _fields(question: Question, content: Content | Answer) -> dict[str, Any]:
    return {
        "value": controls_of(question, content.value),
        "is_na": content.is_na,
        "text": content.text,
        "confidence": content.confidence,
    }


def _origin(request: HttpRequest, diagnostic: Diagnostic, question: Question, content: Content) -> AnswerOrigin:
    """The portal's, where the page says that its answer was taken and it is the one that the portal gives."""
    taken = "known" in request.POST
    if taken and knows(diagnostic.municipality, question, content.value, today=timezone.localdate()):
        return AnswerOrigin.PORTAL
    return AnswerOrigin.PERSON


def _said(diagnostic: Diagnostic, question: Question, saved: Saved) -> dict[str, Any]:
    now = so_far(diagnostic)
    section = next(each for each in now.instrument.dimensions if question in set(each.questions()))
    body: dict[str, Any] = {
        "state": saved.outcome.value,
        "version": saved.version,
        "at": _clock(saved.answer),
        "who": saved.answer.updated_by.name if saved.answer.updated_by else "",
        "shown": sorted(now.shown),
        "progress": {
            "section": progress(now, section.questions()).sentence,
            "whole": progress(now).sentence,
        },
    }
    if saved.outcome == Outcome.SUPERSEDED or saved.answer.version != saved.version:
        body["standing"] = standing(question, saved.answer)
    return body


def _clock(answer: Answer) -> str:
    return f"{timezone.localtime(answer.updated_at):%H:%M}"


def _not_this_person(request: HttpRequest) -> JsonResponse | None:
    """The session ended, or someone else signed in on the same computer: what the page holds is not theirs to send."""
    if not request.user.is_authenticated:
        return _refusal("signed_out", _("Your session ended. Sign in again: what you wrote waits here."), 401)
    if request.POST.get("person") != str(request.user.pk):
        return _refusal("other_person", _("Someone else signed in on this computer."), 401)
    return None


def _forbidden() -> JsonResponse:
    return _refusal("forbidden", _("You may not answer this diagnostic."), 403)


def _refusal(state: str, reason: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"state": state, "reason": reason, **more}, status=status)
