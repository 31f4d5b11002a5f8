"""What citizens say to a plan: the list, one with its response, and the forms that need no account."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from action_plans.actions import contributions as actions
from action_plans.actions import moderation
from action_plans.actions.contributions import Sent
from action_plans.choices import ContributionKind, ContributionState, Sector
from action_plans.filters.contributions import PublicList
from action_plans.forms.public import AppealForm, ContributionForm, SupportForm
from action_plans.models import Contribution, Plan
from action_plans.reports.contributions import authors_of, kept_words, summary_of, supports_of, told
from action_plans.reports.passages import passages_of
from action_plans.reports.readiness import more_time
from action_plans.rules.plan_states import LISTENING
from config.page_cache import public_page
from municipalities.actions import RefusedError
from municipalities.views.open_form import keeps_what_was_typed, sent_by_a_person

ROWS: Final = 20


def public_plan(pk: int) -> Plan:
    """A plan of which everyone sees something; 404 for any other."""
    return get_object_or_404(Plan.objects.public().select_related("municipality__region"), pk=pk)


def _public_contribution(pk: int, key: UUID) -> Contribution:
    """One that everyone may open: published, hidden (without its words), or joined or divided (it leads on)."""
    gone = (ContributionState.UNCONFIRMED, ContributionState.WAITING)
    rows = told(Contribution.objects.exclude(state__in=gone).select_related("plan__municipality__region"))
    return get_object_or_404(rows, plan__in=Plan.objects.public(), plan=pk, key=key)


@require_safe
@public_page
def contributions(request: HttpRequest, pk: int) -> HttpResponse:
    """The contributions of a plan, by what became of them; how many have an answer and how long it took."""
    plan = public_plan(pk)
    summary = summary_of(plan)
    asked = PublicList(request.GET.dict(), plan.contributions.on_the_text(), summary)
    page = Paginator(asked.rows(), ROWS).get_page(request.GET.get("pagina"))
    rows = list(page)
    supports = supports_of(rows)
    context = {
        "plan": plan,
        "municipality": plan.municipality,
        "summary": summary,
        "more_time": more_time(plan) if summary.unanswered else None,
        "asked": asked,
        "page": page,
        "rows": [(each, authors_of(each), supports.get(each.pk, 0)) for each in rows],
        "listens": plan.stage in LISTENING,
    }
    return render(request, "action_plans/participation/contributions.html", context)


@never_cache
@login_not_required
@require_safe
def contribution(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """One contribution: who wrote it, what became of it, the response with its reasons, and the button to support it."""
    found = _public_contribution(pk, key)
    context = {
        "plan": found.plan,
        "municipality": found.plan.municipality,
        "contribution": found,
        "authors": authors_of(found),
        "supports": supports_of([found]).get(found.pk, 0),
        "state": ContributionState,
        "parts": found.parts.order_by("pk") if found.state == ContributionState.SPLIT else [],
        "form": SupportForm(),
    }
    return render(request, "action_plans/participation/contribution.html", context)


@keeps_what_was_typed
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contribution_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Contribute, with an account or without. What a machine sends is thanked for and dropped."""
    plan = public_plan(pk)
    user = request.user if isinstance(request.user, User) else None
    about = request.GET.get("sobre", "")
    initial: dict[str, Any] = {"about": about, "kind": ContributionKind.COMMENT if about else ContributionKind.PROPOSAL}
    form = ContributionForm(
        request.POST or None, passages=passages_of(plan), has_account=user is not None, initial=initial
    )
    status = 200
    if request.method == "POST":
        status = sent_by_a_person(request, form, lambda: _receive(plan, form, user))
        if status == 302:
            messages.success(request, _done(user))
            return redirect("action_plans:contributions", pk)
    context = {
        "plan": plan,
        "municipality": plan.municipality,
        "form": form,
        "listens": plan.stage in LISTENING,
        "kept_for": kept_words(actions.kept()),
    }
    return render(request, "action_plans/participation/contribution_new.html", context, status=status)


def _done(user: User | None) -> str:
    if user is None:
        return _(
            "Look at your mail: open the link that we sent you, and your contribution goes on. It lasts seven days."
        )
    return _("Thank you. The municipality reads it before it appears, unless it published something of yours before.")


def _receive(plan: Plan, form: ContributionForm, user: User | None) -> None:
    words, passage = form.cleaned_data, form.passage
    sent = Sent(
        kind=ContributionKind(words["kind"]),
        text=words["text"],
        client_id=words["client_id"],
        shown_as=words["shown_as"],
        email=words.get("email", ""),
        sector=Sector(words["sector"]),
        title=words["title"],
        commitment=passage.commitment() if passage else None,
        edition=passage.edition if passage else None,
        passage=passage.kept(words["quote"]) if passage else None,
    )
    actions.contribute(plan=plan, sent=sent, now=timezone.now(), user=user)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contribution_support(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """Stand behind a contribution: one click with an account, an address to confirm without."""
    found = _public_contribution(pk, key)
    if request.method == "POST" and isinstance(request.user, User):
        try:
            actions.support(contribution=found, user=request.user, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You support this contribution."))
        return redirect("action_plans:contribution", pk, key)
    form, status = SupportForm(request.POST or None), 200
    if request.method == "POST":
        status = sent_by_a_person(
            request,
            form,
            lambda: actions.support(contribution=found, email=form.cleaned_data["email"], now=timezone.now()),
        )
        if status == 302:
            messages.success(request, _("Look at your mail: your support counts once you open the link that we sent."))
            return redirect("action_plans:contribution", pk, key)
    context = {"plan": found.plan, "municipality": found.plan.municipality, "contribution": found, "form": form}
    return render(request, "action_plans/participation/support.html", context, status=status)


@keeps_what_was_typed
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, pk: int, key: UUID, author: UUID) -> HttpResponse:
    """An author, known by the link of the mail, asks that a hidden contribution be looked at again. They see their words."""
    found = _public_contribution(pk, key)
    if not found.authors.filter(key=author, forgotten_at=None).exists():
        raise Http404
    standing = found.appeals.first()
    form, status = AppealForm(request.POST or None), 200
    if request.method == "POST":
        status = sent_by_a_person(
            request,
            form,
            lambda: moderation.appeal(
                contribution=found, author=author, text=form.cleaned_data["text"], now=timezone.now()
            ),
        )
        if status == 302:
            messages.success(request, _("Your appeal was received. Somebody else than whoever hid it decides on it."))
            return redirect(request.path)
    context = {
        "plan": found.plan,
        "municipality": found.plan.municipality,
        "contribution": found,
        "standing": standing,
        "is_hidden": found.state == ContributionState.HIDDEN,
        "form": form,
    }
    return render(request, "action_plans/participation/appeal.html", context, status=status)
