"""Around a question: all that ever stood in it, what is said about it, and who answers its section."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import filling as actions
from diagnostics.actions.answers import LONGEST_TEXT, Content, save_answer
from diagnostics.choices import Audience
from diagnostics.forms.filling import AssignForm, CommentForm, RestoreForm, TakeSectionBackForm, TextForm
from diagnostics.models import AnswerRevision, Diagnostic
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.section import answers_of, comments_for
from diagnostics.rules.answer_words import said
from diagnostics.rules.instrument import Dimension, Question
from diagnostics.views.filling import dimension_of, place
from municipalities.actions import RefusedError
from municipalities.models import Membership
from municipalities.permissions import can, check_can

A_PAGE = 30


@never_cache
@require_http_methods(["GET", "POST"])
def history(request: HttpRequest, cut: str, slug: str, pk: int, question: str) -> HttpResponse:
    """Every text that was ever sent for a question, with who and when. Restoring one is a save like any other. Of what is longer
    than an answer may be, the page shows the beginning, and `?texto=` gives the whole."""
    user, diagnostic = place(request, cut, pk, Permission.FILL_DIAGNOSTIC)
    part, asked = question_of(diagnostic, question)
    answer = answers_of(diagnostic, [question])[question]
    revisions = AnswerRevision.objects.filter(answer=answer).select_related("by") if answer.pk else None
    if request.method == "POST":
        form = RestoreForm(request.POST)
        row = _revision(revisions, form)
        content = Content(row.value, row.is_na, row.text, row.confidence)
        try:
            save_answer(
                by=user,
                diagnostic=diagnostic,
                question=question,
                content=content,
                base_version=form.cleaned_data["version"],
                client_id=form.cleaned_data["client_id"],
                now=timezone.now(),
            )
        except RefusedError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("That text is the answer again. Nothing else was erased."))
        return redirect(request.path)
    if "texto" in request.GET:
        row = _revision(revisions, TextForm({"revision": request.GET["texto"]}))
        return HttpResponse(row.text, "text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})
    page = Paginator(revisions or [], A_PAGE).get_page(request.GET.get("pagina"))
    rows = [(row, said(asked, row.value), uuid4()) for row in page]
    context = {"rows": rows, "page": page, "answer": answer, "most": LONGEST_TEXT}
    return render(request, "diagnostics/filling/history.html", context | _around(diagnostic, part, asked))


def _revision(revisions: QuerySet[AnswerRevision] | None, form: TextForm | RestoreForm) -> AnswerRevision:
    """The one that the form names; 404 where there is none."""
    if revisions is None or not form.is_valid():
        raise Http404
    return get_object_or_404(revisions, pk=form.cleaned_data["revision"])


@never_cache
@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, cut: str, slug: str, pk: int, question: str) -> HttpResponse:
    """What was said about a question, and saying more."""
    user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    part, asked = question_of(diagnostic, question)
    needed = Permission.REVIEW_DIAGNOSTIC if user.is_council else Permission.FILL_DIAGNOSTIC
    may_write = can(user, needed, diagnostic.municipality)
    form = CommentForm(request.POST or None, is_council=user.is_council)
    if request.method == "POST":
        check_can(user, needed, diagnostic.municipality)
        if form.is_valid():
            text, audience = form.cleaned_data["text"], form.cleaned_data.get("audience", Audience.SHARED)
            try:
                actions.comment(
                    by=user, diagnostic=diagnostic, question=question, text=text, audience=audience, now=timezone.now()
                )
            except RefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect(request.path)
    found = comments_for(user, diagnostic).filter(question=question).select_related("by", "resolved_by")
    context = {"comments": found, "form": form if may_write else None, **_around(diagnostic, part, asked)}
    context["may_resolve"] = not user.is_council and may_write
    return render(request, "diagnostics/filling/comments.html", context)


@never_cache
@require_POST
def resolve(request: HttpRequest, cut: str, slug: str, pk: int, comment: int) -> HttpResponse:
    """Mark a comment as dealt with."""
    user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    row = get_object_or_404(comments_for(user, diagnostic), pk=comment)
    actions.resolve(by=user, comment=row, now=timezone.now())
    return redirect("diagnostics:comments", cut, slug, pk, row.question)


@never_cache
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, cut: str, slug: str, pk: int, dimension: str) -> HttpResponse:
    """Who answers a section, and by when."""
    user, diagnostic = place(request, cut, pk, Permission.COORDINATE_DIAGNOSTIC)
    part = dimension_of(instrument_of(diagnostic.version), dimension)
    people = User.objects.filter(
        pk__in=Membership.objects.current()
        .filter(municipality=diagnostic.municipality, role__in=["coordinator", "officer"])
        .values("user")
    ).order_by("name")
    form = AssignForm(request.POST or None, people=people)
    given = diagnostic.assignments.filter(dimension=dimension).select_related("user")
    back = reverse("diagnostics:diagnostic", args=[cut, slug, pk])
    if "take_back" in request.POST:
        asked = TakeSectionBackForm(request.POST)
        row = get_object_or_404(given, pk=asked.cleaned_data["take_back"] if asked.is_valid() else 0)
        actions.take_back(by=user, assignment=row, now=timezone.now())
        return redirect(request.path)
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign(
                by=user,
                diagnostic=diagnostic,
                dimension=dimension,
                user=form.cleaned_data["user"],
                due=form.cleaned_data["due"],
                now=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The section is given."))
            return redirect(back)
    context = {"diagnostic": diagnostic, "municipality": diagnostic.municipality, "dimension": part}
    return render(request, "diagnostics/filling/assign.html", {**context, "form": form, "given": given, "back": back})


def question_of(diagnostic: Diagnostic, name: str) -> tuple[Dimension, Question]:
    """A question and its section; 404 where there is none."""
    for part in instrument_of(diagnostic.version).dimensions:
        for question in part.questions():
            if question.id == name:
                return part, question
    raise Http404


def _around(diagnostic: Diagnostic, part: Dimension, question: Question) -> dict[str, object]:
    municipality = diagnostic.municipality
    return {"diagnostic": diagnostic, "municipality": municipality, "dimension": part, "question": question}
