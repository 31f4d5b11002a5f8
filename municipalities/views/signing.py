"""The page on which a mayor signs the act: reading it, proving who they are, confirming."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import has_confirmed_run
from accounts.claveunica import journeys
from accounts.claveunica import provider as claveunica
from accounts.claveunica.views import tell_of_link
from accounts.permissions import Permission
from accounts.rules import mask_run
from municipalities.actions import RefusedError
from municipalities.actions import signing as actions
from municipalities.choices import SignatureState
from municipalities.forms.signing import CodeForm, ConfirmForm
from municipalities.imports import firmagob
from municipalities.models import Act, Municipality
from municipalities.permissions import check_can
from municipalities.reports.seal import has_seal

if TYPE_CHECKING:
    from accounts.models import User


def _place(request: HttpRequest, cut: str) -> tuple[User, Municipality]:
    """Who asks, and for which municipality: 404 where they see nothing, 403 where they may not sign."""
    user = cast("User", request.user)
    municipality = get_object_or_404(Municipality.objects.visible_to(user), pk=cut)
    check_can(user, Permission.SIGN_ACT, municipality)
    return user, municipality


def _current_act(user: User, municipality: Municipality) -> Act | None:
    acts = Act.objects.visible_to(user).current().select_related("adhesion__municipality", "authority", "document")
    return acts.filter(adhesion__municipality=municipality).order_by("-adhesion__term_year", "-issued_at").first()


def _act_to_sign(request: HttpRequest, cut: str) -> tuple[User, Act]:
    user, municipality = _place(request, cut)
    act = _current_act(user, municipality)
    if act is None:
        raise Http404
    return user, act


def _address(act: Act, name: str = "sign") -> str:
    municipality = act.adhesion.municipality
    return reverse(f"municipalities:{name}", args=[municipality.cut, municipality.slug])


def signs_in_portal() -> bool:
    """Whether an act can be signed here: ClaveÚnica says who signs, the seal keeps it."""
    return claveunica.is_offered() and has_seal()


def _page(
    request: HttpRequest, user: User, municipality: Municipality, *, refusal: str = "", form: CodeForm | None = None
) -> HttpResponse:
    """The act and the ways to sign it, or why there is nothing to sign."""
    act = _current_act(user, municipality)
    may_sign = act is not None and actions.may_be_signed(act)
    context = {
        "municipality": municipality,
        "act": act,
        "signature": actions.pending_signature(act) if act else None,
        "may_sign": may_sign,
        "signers": actions.signers_in_office(act, now=timezone.now()) if act and may_sign else [],
        "returned": act.signatures.filter(state=SignatureState.RETURNED).first() if act and may_sign else None,
        "refusal": refusal,
        "in_portal": signs_in_portal(),
        "form": form,
        "leave_claveunica": claveunica.logout_address("/") if claveunica.is_offered() else "",
    }
    if act and may_sign and firmagob.is_offered():
        context["form"] = form or CodeForm(initial={"seen": act.adhesion.state})
    return render(request, "municipalities/signing/sign.html", context, status=409 if refusal else 200)


@never_cache
@require_safe
def sign(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Read the act and choose how to sign it; afterwards, what was signed."""
    user, municipality = _place(request, cut)
    return _page(request, user, municipality)


@never_cache
@require_POST
def start(request: HttpRequest, cut: str, slug: str) -> HttpResponseBase:
    """To ClaveÚnica, to prove now who is about to sign this very act."""
    user, act = _act_to_sign(request, cut)
    if not signs_in_portal():
        raise Http404
    if not actions.may_be_signed(act):
        return redirect(_address(act))
    return journeys.ask_proof(request, by=user, purpose=_purpose(act), next_url=_address(act, "confirm_signature"))


def _purpose(act: Act) -> str:
    return f"act {act.pk} {act.sha256}"


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Back from ClaveÚnica: say once more what is signed, and by whom. The POST signs."""
    user, act = _act_to_sign(request, cut)
    now = timezone.now()
    proof = journeys.proof(request, purpose=_purpose(act), now=now)
    if proof is None:
        if not actions.pending_signature(act):
            messages.error(request, _("Ten minutes passed, or the act changed. Confirm with ClaveÚnica again to sign."))
        return redirect(_address(act))
    refusal = ""
    form = ConfirmForm(request.POST or None, initial={"seen": act.adhesion.state})
    if request.method == "POST" and form.is_valid():
        was_linked = has_confirmed_run(user)
        try:
            actions.sign_in_portal(
                by=user,
                act=act,
                run=proof.run,
                name=proof.name,
                session_key=request.session.session_key or "",
                address=get_adapter(request).get_client_ip(request),
                now=now,
                seen=form.cleaned_data["seen"],
            )
        except RefusedError as error:
            refusal = str(error)
        else:
            journeys.forget_proof(request)
            tell_of_link(user, is_new=not was_linked)
            messages.success(request, _("You signed act %(folio)s. The council will review it.") % {"folio": act.folio})
            return redirect(_address(act))
    context = {
        "municipality": act.adhesion.municipality,
        "act": act,
        "proof": proof,
        "masked_run": mask_run(proof.run),
        "form": form,
        "refusal": refusal,
    }
    return render(request, "municipalities/signing/confirm.html", context, status=409 if refusal else 200)


@never_cache
@sensitive_post_parameters("code")
@require_POST
def with_firmagob(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Sign with FirmaGob and the code of the mayor's application."""
    user, act = _act_to_sign(request, cut)
    if not firmagob.is_offered():
        raise Http404
    municipality = act.adhesion.municipality
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, user, municipality, form=form)
    try:
        actions.sign_with_firmagob(by=user, act=act, now=timezone.now(), **form.cleaned_data)
    except firmagob.WrongCodeError as error:
        form.add_error("code", str(error))
        return _page(request, user, municipality, form=form)
    except RefusedError as error:
        return _page(request, user, municipality, refusal=str(error), form=form)
    messages.success(request, _("You signed act %(folio)s. The council will review it.") % {"folio": act.folio})
    return redirect(_address(act))
