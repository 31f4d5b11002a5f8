"""Following a plan by mail: asking, confirming, and leaving with one click."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from action_plans.actions import following as actions
from action_plans.forms.public import FollowForm
from action_plans.models import Follower
from action_plans.models.monitoring import FollowerQuerySet
from action_plans.reports.published import public_plan, public_plans
from municipalities.actions import RefusedError
from municipalities.choices import MailKind
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import leave_address, who_leaves
from municipalities.views.open_form import keeps_what_was_typed, sent_by_a_person


@keeps_what_was_typed
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for news of a plan or one of its commitments. The answer is the same whoever follows already."""
    plan = get_object_or_404(public_plans(), pk=pk)
    now = public_plan(plan, today=timezone.localdate()).now
    form = FollowForm(
        request.POST or None,
        commitments=[(each.key, each.title) for each in now.commitments] if now else [],
        initial={"about": request.GET.get("compromiso", "")},
    )

    def work() -> None:
        about = form.cleaned_data["about"]
        commitment = plan.commitments.filter(key=about).first() if about else None
        actions.follow(plan=plan, email=form.cleaned_data["email"], commitment=commitment, now=timezone.now())

    status = 200
    if request.method == "POST":
        status = sent_by_a_person(request, form, work)
        if status == 302:
            messages.success(request, _("Look at your mail: open the link that we sent you, and the news begin."))
            return redirect("action_plans:plan_one", plan.municipality_id, plan.municipality.slug, plan.pk)
    context = {"municipality": plan.municipality, "plan": plan, "form": form}
    return render(request, "action_plans/watch/follow.html", context, status=status)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: UUID) -> HttpResponse:
    """A page with a button: a program that follows links confirms nothing."""
    follower = get_object_or_404(_followers(), token=token)
    if request.method == "POST":
        try:
            follower = actions.confirm(token=token, now=timezone.now())
        except RefusedError as gone:
            raise Http404 from gone
    return render(request, "action_plans/watch/follow_confirm.html", _around(follower))


# A mail program may send it for the person (RFC 8058), without a cookie; the token says whose it is and allows nothing else.
@csrf_exempt
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: UUID) -> HttpResponse:
    """One button ends the mails about one thing. A link that was used already says that they ended."""
    follower = _followers().filter(token=token).first()
    if request.method == "POST":
        actions.leave(token=token)
    has_left = request.method == "POST" or follower is None
    context = {"has_left": has_left, **(_around(follower) if follower else {})}
    if follower and Follower.objects.filter(email=follower.email).exclude(pk=follower.pk).exists():
        context["leave_all"] = leave_address(MailKind.PLAN_NEWS, Recipient(follower.email, ""))
    return render(request, "action_plans/watch/follow_leave.html", context)


@csrf_exempt
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave_all(request: HttpRequest, token: str) -> HttpResponse:
    """All that an address follows, and one button that ends all of it: what the button of a mail program sends, too."""
    mark = who_leaves(MailKind.PLAN_NEWS, token)
    if mark is None:
        raise Http404
    if request.method == "POST":
        actions.leave_all(mark=mark)
    follows = list(_followers().marked(mark).order_by("plan__municipality__name", "plan", "commitment__number"))
    return render(request, "action_plans/watch/follow_leave_all.html", {"follows": follows})


def _followers() -> FollowerQuerySet:
    return Follower.objects.select_related("plan__municipality", "commitment")


def _around(follower: Follower) -> dict[str, object]:
    return {"follower": follower, "plan": follower.plan, "municipality": follower.plan.municipality}
