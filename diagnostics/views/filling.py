"""A diagnostic as its municipality fills it in: the whole, one section, sending it and taking it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions.answers import ConflictError, Content, save_answer
from diagnostics.actions.correction import correction_of
from diagnostics.actions.rounds import deadline
from diagnostics.actions.submission import NotReadyError, submit, take_back
from diagnostics.choices import AnswerOrigin, DiagnosticState
from diagnostics.forms.filling import SaveForm, TakeBackForm, content_of
from diagnostics.models import AnswerRevision, Diagnostic
from diagnostics.reports.filled import filled
from diagnostics.reports.progress import progress, sections, so_far
from diagnostics.reports.returned import returned_entries
from diagnostics.reports.section import QuestionOnPage, questions_on_page
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.instrument import Dimension, Instrument
from diagnostics.rules.submission import remarks
from municipalities.actions import RefusedError
from municipalities.permissions import can, check_can, held_in
from municipalities.views.form_page import FormPage, answer


def place(request: HttpRequest, cut: str, pk: int, permission: Permission) -> tuple[User, Diagnostic]:
    """The person and the diagnostic, through its one door; 404 where they see nothing, 403 where they may not do this."""
    user, diagnostic = seen(request, cut, pk)
    check_can(user, permission, diagnostic.municipality)
    return user, diagnostic


def seen(request: HttpRequest, cut: str, pk: int, *fields: str) -> tuple[User, Diagnostic]:
    """The same for a view whose action asks by itself whether the person may. `fields`: what is read, if not all."""
    user = cast(User, request.user)
    rows = Diagnostic.objects.visible_to(user).select_related("municipality", "round", "version")
    rows = rows.only(*fields) if fields else rows.defer("version__content")
    return user, get_object_or_404(rows, pk=pk, municipality=cut)


def dimension_of(instrument: Instrument, name: str) -> Dimension:
    for dimension in instrument.dimensions:
        if dimension.id == name:
            return dimension
    raise Http404


@never_cache
@require_safe
def overview(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Where the diagnostic stands: what is asked now, its sections with people and progress, what is missing."""
    user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    now = filled(diagnostic, today=timezone.localdate())
    parts = sections(diagnostic, now)
    names = now.instrument.by_id
    last_day = deadline(diagnostic)
    context = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "instrument": now.instrument,
        "sections": parts,
        "mine": [part for part in parts if any(given.user_id == user.pk for given in part.assignments)],
        "progress": progress(now),
        "remarks": [
            (remark, names[remark.question], _section_of(now.instrument, remark.question)) for remark in remarks(now)
        ],
        "correction": correction_of(diagnostic) if diagnostic.folio else None,
        "returned": [
            (entry, names[entry.question], _section_of(now.instrument, entry.question))
            for entry in returned_entries(diagnostic).values()
        ],
        "last_return": diagnostic.returns.last() if diagnostic.submitted_at else None,
        "deadline": last_day,
        "is_extended": last_day != diagnostic.round.closes,
        "is_over": now.today > last_day,
        "is_writable": diagnostic.state in WRITABLE,
        "may_take_back": diagnostic.state == DiagnosticState.SUBMITTED
        and now.today <= last_day
        and can(user, Permission.SUBMIT_DIAGNOSTIC, diagnostic.municipality),
        "today": now.today,
        "may_coordinate": can(user, Permission.COORDINATE_DIAGNOSTIC, diagnostic.municipality),
        "may_submit": can(user, Permission.SUBMIT_DIAGNOSTIC, diagnostic.municipality),
    }
    return render(request, "diagnostics/filling/overview.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, cut: str, slug: str, pk: int, dimension: str) -> HttpResponse:
    """One section of the form. The script saves each answer by itself; without it, the button saves the whole section."""
    permission = Permission.FILL_DIAGNOSTIC if request.method == "POST" else Permission.VIEW_DIAGNOSTIC
    user, diagnostic = seen(request, cut, pk)
    held, today = held_in(user, diagnostic.municipality), timezone.localdate()
    if permission not in held:
        raise PermissionDenied(permission.value)
    now = so_far(diagnostic)
    part = dimension_of(now.instrument, dimension)
    questions = questions_on_page(diagnostic, part, now, user, today)
    last_day, status = deadline(diagnostic), 200
    if request.method == "POST":
        if _save_all(request.POST, user, diagnostic, questions):
            messages.success(request, _("Saved at %(time)s.") % {"time": f"{timezone.localtime():%H:%M}"})
            return redirect(request.path)
        status, now = 409, so_far(diagnostic)
    context = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "checksum": diagnostic.version.checksum,
        "dimension": part,
        "groups": [(d, [q for q in questions if q.question in d.questions]) for d in part.descriptors],
        "problems": [q for q in questions if q.theirs or q.problem],
        "progress": progress(now, part.questions()),
        "whole": progress(now),
        "deadline": last_day,
        "may_write": Permission.FILL_DIAGNOSTIC in held and is_time(diagnostic, today, last_day),
        "today": today,
        "neighbours": _neighbours(now.instrument, part),
    }
    return render(request, "diagnostics/filling/section.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """The coordinator reads what the checks found, acknowledges what stays as it is, and submits."""
    user, diagnostic = place(request, cut, pk, Permission.SUBMIT_DIAGNOSTIC)
    acknowledged = [tuple(sent.split(":", 1)) for sent in request.POST.getlist("left") if ":" in sent]
    problem, status = "", 200
    if request.method == "POST":
        try:
            submit(
                by=user,
                diagnostic=diagnostic,
                now=timezone.now(),
                seen=request.POST.get("seen", ""),
                acknowledged=cast(list[tuple[str, str]], acknowledged),
            )
        except RefusedError as refusal:
            problem, status = str(refusal), 422 if isinstance(refusal, NotReadyError) else 409
        else:
            messages.success(request, _("The diagnostic is submitted. The Consejo will review it."))
            return redirect("diagnostics:diagnostic", diagnostic.municipality.cut, diagnostic.municipality.slug, pk)
    now = filled(diagnostic, today=timezone.localdate())
    names = now.instrument.by_id
    found = [(remark, names[remark.question], _section_of(now.instrument, remark.question)) for remark in remarks(now)]
    context: dict[str, Any] = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "progress": progress(now),
        "blocking": [each for each in found if each[0].blocks],
        "others": [each for each in found if not each[0].blocks],
        "acknowledged": {":".join(each) for each in acknowledged},
        "problem": problem,
        "is_writable": diagnostic.state in WRITABLE,
    }
    return render(request, "diagnostics/filling/submit.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def unsend(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """The coordinator takes a submission back, with a reason that the council reads, while nobody has begun to review it."""
    user, diagnostic = place(request, cut, pk, Permission.SUBMIT_DIAGNOSTIC)
    form = TakeBackForm(request.POST or None, initial={"seen": diagnostic.state})

    def fresh() -> str:
        diagnostic.refresh_from_db(fields=["state"])
        return diagnostic.state

    return answer(
        request,
        form,
        FormPage(
            _("Take the diagnostic back"),
            _("Take it back"),
            reverse("diagnostics:diagnostic", args=[cut, slug, pk]),
            str(diagnostic.round),
        ),
        lambda: take_back(by=user, diagnostic=diagnostic, now=timezone.now(), **form.cleaned_data),
        municipality=diagnostic.municipality,
        done=_("You took the diagnostic back. It can be changed and submitted again."),
        fresh=fresh,
        template="diagnostics/filling/take_back.html",
        diagnostic=diagnostic,
    )


def _save_all(sent: QueryDict, user: User, diagnostic: Diagnostic, questions: list[QuestionOnPage]) -> bool:
    """Save what changed since the page was shown. What could not be saved stays in its question, with the reason."""
    typed = [sent.get(f"{each.question.id}-version", "") for each in questions]
    bases = [int(base) for base in typed if base.isdecimal() and len(base) < 10]
    seen = AnswerRevision.objects.filter(
        answer__diagnostic=diagnostic, answer__question__in=[each.question.id for each in questions], version__in=bases
    )
    before = {(row.answer.question, row.version): row for row in seen.select_related("answer")}
    done = True
    for on_page in questions:
        name, prefix = on_page.question.id, f"{on_page.question.id}-"
        form = SaveForm({key: sent.get(prefix + key) for key in ("version", "client_id")})
        if not form.is_valid() or sent.get(f"{prefix}keep") == "theirs":
            continue
        (content, origin), base = _sent_of(on_page, sent), form.cleaned_data["version"]
        shown = before.get((name, base)) or (on_page.answer if base == on_page.answer.version else Content())
        if _same(content, shown) and sent.get("confirm") != name:
            continue
        try:
            client: UUID = form.cleaned_data["client_id"]
            saved = save_answer(
                by=user,
                diagnostic=diagnostic,
                question=name,
                content=content,
                base_version=base,
                client_id=client,
                now=timezone.now(),
                origin=origin,
            )
            on_page.answer = on_page.typed = saved.answer
        except ConflictError as conflict:
            on_page.answer = on_page.theirs = conflict.answer
            on_page.typed, done = content, False
        except RefusedError as refusal:
            on_page.typed, on_page.problem, done = content, str(refusal), False
    return done


def _sent_of(on_page: QuestionOnPage, sent: QueryDict) -> tuple[Content, AnswerOrigin]:
    """What was written, or what the portal knows where its button was pressed; words already written stay."""
    content = content_of(on_page.question, sent, f"{on_page.question.id}-")
    if on_page.known is None or sent.get("known") != on_page.question.id:
        return content, AnswerOrigin.PERSON
    words = content.text or on_page.known_words
    return replace(content, value=on_page.known.value, is_na=False, text=words), AnswerOrigin.PORTAL


def _same(one: Any, other: Any) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in ("value", "is_na", "text", "confidence"))


def may_write(user: User, diagnostic: Diagnostic) -> bool:
    """Whether the person may write today."""
    is_open = is_time(diagnostic, timezone.localdate(), deadline(diagnostic))
    return is_open and can(user, Permission.FILL_DIAGNOSTIC, diagnostic.municipality)


def is_time(diagnostic: Diagnostic, today: date, last_day: date) -> bool:
    """Whether its municipality may still write, whoever does it."""
    return diagnostic.state in WRITABLE and today <= last_day


def _section_of(instrument: Instrument, question: str) -> Dimension:
    return next(part for part in instrument.dimensions if any(each.id == question for each in part.questions()))


def _neighbours(instrument: Instrument, part: Dimension) -> dict[str, Dimension | None]:
    at = instrument.dimensions.index(part)
    after = instrument.dimensions[at + 1] if at + 1 < len(instrument.dimensions) else None
    return {"before": instrument.dimensions[at - 1] if at else None, "after": after}
