"""The evidence of one question: its page, and the same list within the form of its section (static/js/evidence.js)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import evidence as actions
from diagnostics.actions.evidence import Details, Place
from diagnostics.forms.evidence import PieceForm, SourceForm, found_by
from diagnostics.models import Answer, Diagnostic, Evidence, EvidenceQuerySet
from diagnostics.reports.evidence import by_question
from diagnostics.reports.filled import evidence_uses
from diagnostics.views.filling import may_write, place
from diagnostics.views.questions import question_of
from municipalities.actions import RefusedError

SHOWN_AT_ONCE = 12
FRAGMENTS = {"lista": "diagnostics/evidence/_list.html", "biblioteca": "diagnostics/evidence/_choices.html"}


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def question_evidence(request: HttpRequest, cut: str, slug: str, pk: int, question: str) -> HttpResponse:
    """What a question points to: add, choose from the library, unlink. `?parte=lista` answers with the list alone, and
    `?parte=biblioteca` with what the library offers."""
    permission = Permission.FILL_DIAGNOSTIC if request.method == "POST" else Permission.VIEW_DIAGNOSTIC
    user, diagnostic = place(request, cut, pk, permission)
    part, asked = question_of(diagnostic, question)
    fragment = FRAGMENTS.get(request.GET.get("parte", ""))
    form = SourceForm(initial={"key": uuid4()})
    notice, problem = "", ""
    if request.method == "POST":
        form = SourceForm(request.POST, request.FILES)
        try:
            notice = _work(request, user, form, Place(diagnostic, question))
        except RefusedError as refusal:
            problem = str(refusal)
        if notice and not fragment:
            messages.success(request, notice)
            return redirect(request.path)
    context = {
        **_shown(request, user, diagnostic, question),
        "municipality": diagnostic.municipality,
        "dimension": part,
        "q": asked,
        "form": form,
        "notice": notice,
        "problem": problem,
    }
    status = 422 if request.method == "POST" and not notice else 200
    return render(request, fragment or "diagnostics/evidence/question.html", context, status=status)


def _shown(request: HttpRequest, user: User, diagnostic: Diagnostic, question: str) -> dict[str, Any]:
    uses = evidence_uses(diagnostic, [question])
    is_locked = Answer.objects.filter(diagnostic=diagnostic, question=question, is_locked=True).exists()
    sought = request.GET.get("buscar", "")
    return {
        "diagnostic": diagnostic,
        "pieces": by_question(uses).get(question, []),
        "may_change": may_write(user, diagnostic) and not is_locked,
        "choices": found_by(_library(user, diagnostic), sought).exclude(uses__in=[use for use, _version in uses])[
            :SHOWN_AT_ONCE
        ],
        "sought": sought,
        "today": timezone.localdate(),
    }


def _library(user: User, diagnostic: Diagnostic) -> EvidenceQuerySet:
    of_here = Evidence.objects.visible_to(user).kept().filter(municipality=diagnostic.municipality)
    return of_here.with_state().order_by("-created_at", "-pk")


def _work(request: HttpRequest, user: User, form: SourceForm, where: Place) -> str:
    """Do what was asked and say what was done; the form keeps what is wrong with it, and the answer is empty."""
    now, what = timezone.now(), request.POST.get("what")
    if what in {"link", "unlink"}:
        piece = get_object_or_404(_library(user, where.diagnostic), key=_key(request))
        if what == "link":
            actions.link(by=user, evidence=piece, place=where, now=now)
            return _("“%(title)s” is evidence of this answer.") % {"title": piece.title}
        actions.unlink(by=user, evidence=piece, place=where, now=now)
        return _("“%(title)s” is no longer evidence of this answer. It stays in the library.") % {"title": piece.title}
    if not form.is_valid():
        raise RefusedError(" ".join(str(error) for errors in form.errors.values() for error in errors))
    added = actions.add(
        by=user,
        municipality=where.diagnostic.municipality,
        key=form.cleaned_data["key"],
        details=Details(form.own_title()),
        sent=form.sent(),
        now=now,
        place=where,
    )
    if added.was_there:
        return _("The library already had it as “%(title)s”: it is linked.") % {"title": added.evidence.title}
    return _("“%(title)s” is evidence of this answer.") % {"title": added.evidence.title}


def _key(request: HttpRequest) -> UUID | None:
    form = PieceForm(request.POST)
    return form.cleaned_data["key"] if form.is_valid() else None
