"""Citizens observe a published assessment: the form that needs no account, and all the observations on one."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from action_plans.actions import contributions as actions
from action_plans.actions.contributions import Sent
from action_plans.choices import ContributionKind, Sector
from action_plans.filters.contributions import PublicList
from action_plans.forms.public import ObservationForm
from action_plans.models import Assessment, Commitment, Contribution
from action_plans.reports.assessment_page import heard, parts_to_observe, published_on
from action_plans.reports.assessments import is_observed, part_of
from action_plans.reports.contributions import kept_words, summed
from action_plans.reports.published import PublicPlan
from action_plans.rules.assessments import observed_until
from action_plans.rules.plan_states import FINAL
from action_plans.views.public import found
from config.page_cache import public_page
from municipalities.views.open_form import keeps_what_was_typed, sent_by_a_person

ROWS: Final = 20


def published(cut: str, pk: str, number: str) -> tuple[PublicPlan, Assessment]:
    """A published assessment of a plan that anyone may read; 404 for any other."""
    shown = found(cut, pk)
    rows = Assessment.objects.published().select_related("plan", "version", "commitment").defer("version__content")
    return shown, get_object_or_404(rows, plan=shown.plan, pk=number)


@keeps_what_was_typed
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def observe(request: HttpRequest, cut: str, slug: str, pk: str, number: str) -> HttpResponse:
    """Observe an assessment, with an account or without; the official text stands beside."""
    shown, assessment = published(cut, pk, number)
    user = request.user if isinstance(request.user, User) else None
    parts = parts_to_observe(assessment, shown)
    form = ObservationForm(
        request.POST or None,
        parts=parts,
        of_one=assessment.commitment_id is not None,
        has_account=user is not None,
        initial={"about": request.GET.get("sobre", "")},
    )
    status = 200
    if request.method == "POST":
        status = sent_by_a_person(request, form, lambda: _receive(assessment, form, user))
        if status == 302:
            messages.success(request, _done(user))
            return redirect("action_plans:plan_assessment", cut, shown.plan.municipality.slug, pk, number)
    context = {
        "plan": shown.plan,
        "municipality": shown.plan.municipality,
        "assessment": assessment,
        "form": form,
        "text": _official(request, assessment, dict(parts)),
        "is_observed": is_observed(assessment, shown.plan.stage, timezone.localdate()),
        "is_over": shown.plan.stage in FINAL,
        "until": observed_until(published_on(assessment)),
        "kept_for": kept_words(actions.kept()),
    }
    return render(request, "action_plans/watch/observe.html", context, status=status)


def _official(request: HttpRequest, assessment: Assessment, parts: dict[str, str]) -> dict[str, object] | None:
    """What the assessment says of the commitment from whose text the person came."""
    key = str(assessment.commitment.key) if assessment.commitment else request.GET.get("sobre", "")
    about = Commitment.objects.filter(key=key).first() if key in parts else None
    return {"label": parts[key], "part": part_of(assessment, about)} if about else None


def _done(user: User | None) -> str:
    if user is None:
        return _(
            "Look at your mail: open the link that we sent you, and your observation goes on. It lasts seven days."
        )
    return _("Thank you. The municipality reads it before it appears, unless it published something of yours before.")


def _receive(assessment: Assessment, form: ObservationForm, user: User | None) -> None:
    words, key = form.cleaned_data, form.key
    sent = Sent(
        kind=ContributionKind.OBSERVATION,
        text=words["text"],
        client_id=words["client_id"],
        shown_as=words["shown_as"],
        email=words.get("email", ""),
        sector=Sector(words["sector"]),
        assessment=assessment,
        commitment=Commitment.objects.get(key=key) if key else None,
        passage={"part": key, "label": form.parts[key], "quote": ""} if key else None,
    )
    actions.contribute(plan=assessment.plan, sent=sent, now=timezone.now(), user=user)


@require_safe
@public_page
def observations(request: HttpRequest, cut: str, slug: str, pk: str, number: str) -> HttpResponse:
    """All the observations on an assessment, by what became of them; of one commitment with `?sobre=`."""
    shown, assessment = published(cut, pk, number)
    rows, parts = Contribution.objects.filter(assessment=assessment), dict(parts_to_observe(assessment, shown))
    about = request.GET.get("sobre", "")
    if about in parts:
        rows = rows.filter(commitment__key=about)
    elif about == "todo":
        rows = rows.filter(commitment=None)
    summary = summed(rows)
    asked = PublicList(request.GET.dict(), rows, summary)
    page = Paginator(asked.rows(), ROWS).get_page(request.GET.get("pagina"))
    context = {
        "plan": shown.plan,
        "municipality": shown.plan.municipality,
        "assessment": assessment,
        "about": parts.get(about, _("The assessment as a whole") if about == "todo" else ""),
        "summary": summary,
        "asked": asked,
        "page": page,
        "rows": [(each.observation, each.authors, each.supports) for each in heard(list(page))],
        "is_observed": is_observed(assessment, shown.plan.stage, timezone.localdate()),
    }
    return render(request, "action_plans/watch/observations.html", context)
