"""The council's page of one signed act: its four facts, and the decision about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError, signatures
from municipalities.choices import AdhesionState, ReturnReason, SignatureMethod, SignatureState
from municipalities.forms.review import AcceptForm, CheckScanForm, ReturnForm
from municipalities.models import Adhesion, Signature
from municipalities.permissions import can, check_can
from municipalities.reports import adhesion_file as files
from municipalities.reports.return_reasons import return_reasons
from municipalities.reports.signature_report import facts_with_reasons, signatures_in_file
from municipalities.views.review import council_adhesion

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

    from accounts.models import User


@dataclass(frozen=True)
class Decision:
    """What may be decided about a signed act: by whom, with which form, and what the person is told afterwards."""

    permission: Permission
    form: Callable[..., forms.Form]
    act: Callable[..., object]
    done: StrOrPromise


def _return(*, reason: str, **sent: Any) -> Signature:
    return signatures.return_signature(reason=ReturnReason(reason), **sent)


# The last part of the address -> the decision.
DECISIONS: Final = {
    "revisar": Decision(
        Permission.CHECK_SCAN, CheckScanForm, signatures.check_scan, _("Your check of the scanned act was recorded.")
    ),
    "aceptar": Decision(
        Permission.REVIEW_ADHESION, AcceptForm, signatures.accept_signature, _("The signed act was accepted.")
    ),
    "devolver": Decision(
        Permission.REVIEW_ADHESION, ReturnForm, _return, _("The signed act was returned, and the municipality told.")
    ),
}


@never_cache
@require_safe
def signature(request: HttpRequest, pk: int, signature_id: int) -> HttpResponse:
    """One signed act: its four facts with their reasons, and what may be decided."""
    user, adhesion = council_adhesion(request, pk)
    found = _signature(adhesion, signature_id)
    if request.htmx:  # type: ignore[attr-defined]
        context = {"signature": found, "adhesion": adhesion}
        response = render(request, "municipalities/review/signature.html#judging", context)
        if found.state != SignatureState.WAITING:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "municipalities/review/signature.html", _page(user, adhesion, found))


@never_cache
@require_POST
def signature_decision(request: HttpRequest, pk: int, signature_id: int, decision: str) -> HttpResponse:
    """Check a scan, accept or return; whoever decides second is told what happened, with their words still there."""
    user, adhesion = council_adhesion(request, pk)
    found = _signature(adhesion, signature_id)
    if decision not in DECISIONS:
        raise Http404
    wanted = DECISIONS[decision]
    check_can(user, wanted.permission, adhesion.municipality)
    form = wanted.form(request.POST, **_options(decision, adhesion, found))
    refused: dict[str, object] = {}
    if form.is_valid():
        try:
            wanted.act(by=user, signature=found, now=timezone.now(), **form.cleaned_data)
        except OvertakenError as overtaken:
            refused = {"overtaken": str(overtaken), "sent": form}
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(wanted.done))
            return redirect(files.signature_address(found) if decision == "revisar" else adhesion)
    adhesion.refresh_from_db(fields=["state", "state_since"])
    page = _page(user, adhesion, _signature(adhesion, signature_id), {decision: form}) | refused
    return render(request, "municipalities/review/signature.html", page, status=409 if refused else 200)


def _signature(adhesion: Adhesion, pk: int) -> Signature:
    found = Signature.objects.filter(act__adhesion=adhesion)
    return get_object_or_404(
        found.select_related("act__adhesion", "act__authority", "document", "submitted_by", "decided_by"), pk=pk
    )


def _options(decision: str, adhesion: Adhesion, found: Signature) -> dict[str, Any]:
    """How the form of a decision is made: each has its own prefix, for they stand on one page."""
    options: dict[str, Any] = {"auto_id": f"id_{decision}_%s"}
    if decision != "revisar":
        options["initial"] = {"seen": adhesion.state}
    if decision == "aceptar":
        options["needs_exception"] = bool(files.what_stands_against(found).open)
    return options


def _offered(user: User, adhesion: Adhesion, found: Signature) -> list[str]:
    """The decisions that the person may take now."""
    is_pending = found.state in {SignatureState.WAITING, SignatureState.JUDGED}
    if adhesion.state != AdhesionState.UNDER_REVIEW or not is_pending or found.submitted_by_id == user.pk:
        return []
    held = [name for name, decision in DECISIONS.items() if can(user, decision.permission, adhesion.municipality)]
    checked = found.method != SignatureMethod.SCAN or found.checks.filter(by=user).exists()
    barred = found.state != SignatureState.JUDGED or files.what_stands_against(found).is_barred
    closed = {"revisar"} if checked else set()
    return [name for name in held if name not in closed | ({"aceptar"} if barred else set())]


def _page(
    user: User, adhesion: Adhesion, found: Signature, sent: dict[str, forms.Form] | None = None
) -> dict[str, Any]:
    """The page of a signed act. `sent` are forms that came back with a fault."""
    place = adhesion.municipality
    blank = {name: DECISIONS[name].form(**_options(name, adhesion, found)) for name in _offered(user, adhesion, found)}
    reviews = can(user, Permission.REVIEW_ADHESION, place)
    return {
        "adhesion": adhesion,
        "municipality": place,
        "signature": found,
        "facts": facts_with_reasons(found),
        "in_file": signatures_in_file(found),
        "obstacles": files.what_stands_against(found),
        "mayors": files.mayors_on(found),
        "checks": found.checks.select_related("by"),
        "exceptions": found.exceptions.select_related("granted_by"),
        "may_record": can(user, Permission.RECORD_AUTHORITY, place),
        "may_take_up": reviews and adhesion.state == AdhesionState.SIGNED,
        "may_judge_again": reviews and found.state == SignatureState.JUDGED and found.method != SignatureMethod.SCAN,
        "decides": bool(blank),
        "forms": {name: (sent or {}).get(name, form) for name, form in blank.items()},
        "report": json.dumps(found.report, indent=2, ensure_ascii=False, sort_keys=True),
        "reasons": [(reason.label, words) for reason, words in return_reasons().items()],
    }
