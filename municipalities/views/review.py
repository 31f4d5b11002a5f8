"""The council's file of one adhesion, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError, adhesions, signatures
from municipalities.choices import AdhesionState
from municipalities.forms.review import StepForm
from municipalities.models import Adhesion
from municipalities.permissions import can, check_can
from municipalities.reports import adhesion_file as files
from municipalities.rules.adhesion_states import Step, step
from municipalities.rules.next_steps import CONSEQUENCES

# Steps that are more than a change of state.
ACTIONS: Final[dict[AdhesionState, Callable[..., Adhesion]]] = {
    AdhesionState.UNDER_REVIEW: signatures.take_up_review,
    AdhesionState.IN_FORCE: signatures.put_in_force,
}


def council_adhesion(request: HttpRequest, pk: int) -> tuple[User, Adhesion]:
    """The person of the council and an adhesion within their scope; 403 for others, 404 outside the scope."""
    user = cast(User, request.user)
    check_can(user, Permission.VIEW_DESK)
    found = Adhesion.objects.visible_to(user).select_related("municipality__region", "campaign", "adviser")
    return user, get_object_or_404(found, pk=pk)


@never_cache
@require_safe
def adhesion_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one adhesion on one page, and what may be done now."""
    user, adhesion = council_adhesion(request, pk)
    now = timezone.now()
    undoable = adhesions.undoable(adhesion, now=now)
    context = files.file_of(adhesion, user, now=now) | {
        "adhesion": adhesion,
        "municipality": adhesion.municipality,
        "buttons": files.buttons(adhesion, user),
        "undoable": undoable if undoable and _may(user, undoable, adhesion) else None,
        "may_record": can(user, Permission.RECORD_AUTHORITY, adhesion.municipality),
    }
    return render(request, "municipalities/review/file.html", context)


def _may(user: User, taken: Step, adhesion: Adhesion) -> bool:
    return taken.permission is not None and can(user, taken.permission, adhesion.municipality)


@never_cache
@require_http_methods(["GET", "POST"])
def adhesion_step(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """Say what a step does and to whom it is told, ask its reason, and take it."""
    user, adhesion = council_adhesion(request, pk)
    if state not in CONSEQUENCES:
        raise Http404
    to, seen = AdhesionState(state), request.POST.get("seen", adhesion.state)
    try:
        taken = step(seen, to)
    except ValueError:
        messages.warning(request, adhesions.overtaken(adhesion))
        return redirect(adhesion)
    if not _may(user, taken, adhesion):
        check_can(user, taken.permission or Permission.MANAGE_PEOPLE, adhesion.municipality)
    form = StepForm(request.POST or None, needs_reason=taken.reason, initial={"seen": adhesion.state})
    context: dict[str, Any] = {"adhesion": adhesion, "municipality": adhesion.municipality, "step": taken, "form": form}
    if request.method == "POST" and form.is_valid():
        act = ACTIONS.get(to)
        try:
            if act:
                act(by=user, adhesion=adhesion, now=timezone.now(), **form.cleaned_data)
            else:
                adhesions.move(by=user, adhesion=adhesion, to=to, now=timezone.now(), **form.cleaned_data)
        except OvertakenError as overtaken:
            context["overtaken"] = str(overtaken)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Done: the adhesion is now “%(state)s”.") % {"state": to.label})
            return redirect(adhesion)
    context |= {
        "consequence": CONSEQUENCES[to],
        "mail": files.mail_preview(taken, adhesion, by=user, now=timezone.now()),
    }
    return render(request, "municipalities/review/step.html", context, status=409 if "overtaken" in context else 200)


@require_POST
def adhesion_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last step."""
    user, adhesion = council_adhesion(request, pk)
    try:
        undone = adhesions.undo_step(by=user, adhesion=adhesion, now=timezone.now(), seen=request.POST.get("seen"))
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request, _("Taken back: the adhesion is again “%(state)s”.") % {"state": undone.get_state_display()}
        )
    return redirect(adhesion)
