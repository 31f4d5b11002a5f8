"""To ClaveÚnica and back. Each journey starts with a POST, so that no link of another site can start one."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.utils import get_request_param
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.claveunica import journeys
from accounts.claveunica.provider import ClaveUnicaAdapter, is_offered, logout_address
from accounts.models import User

LINK = "link"
View = Callable[..., HttpResponseBase]


def offered(view: View) -> View:
    """Without a client at ClaveÚnica none of its addresses exists."""

    @wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not is_offered():
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@never_cache
@login_not_required
@offered
@require_POST
def login(request: HttpRequest) -> HttpResponseBase:
    """Sign in with ClaveÚnica, for those whose account is linked with it."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    wished = get_request_param(request, "next")
    own = url_has_allowed_host_and_scheme(wished, {request.get_host()}, require_https=request.is_secure())
    return journeys.enter(request, next_url=wished if own else None)


@never_cache
@offered
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator] # allauth ships no types
def link(request: HttpRequest) -> HttpResponseBase:
    """Prove one's RUN, and from then on sign in with ClaveÚnica too. Who sits at an open session does not suffice."""
    return journeys.ask_proof(request, by=cast(User, request.user), purpose=LINK, next_url=reverse("claveunica_linked"))


@never_cache
@offered
@require_safe
def linked(request: HttpRequest) -> HttpResponseBase:
    """Back from ClaveÚnica: what it proved becomes the account's RUN."""
    user, now = cast(User, request.user), timezone.now()
    proof = journeys.proof(request, purpose=LINK, now=now)
    journeys.forget_proof(request)
    if proof:
        try:
            is_new = actions.confirm_run(by=user, run=proof.run, now=now)
        except actions.RunRefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            tell_of_link(user, is_new=is_new)
            messages.success(request, _("ClaveÚnica confirmed your RUN. You may now sign in with it too."))
    return redirect("socialaccount_connections")


def tell_of_link(user: User, *, is_new: bool) -> None:
    """A new door to the account is announced to its owner by mail."""
    if is_new:
        get_adapter().send_notification_mail("socialaccount/email/account_connected", user, {"provider": "ClaveÚnica"})


@never_cache
@login_not_required
@offered
@require_safe
def callback(request: HttpRequest) -> HttpResponseBase:
    """Where ClaveÚnica sends the browser back to."""
    answer: HttpResponseBase = OAuth2CallbackView.adapter_view(ClaveUnicaAdapter(request))(request)
    return answer


@never_cache
@login_not_required
@offered
@require_safe
def unknown(request: HttpRequest) -> HttpResponseBase:
    """Nobody here has linked this RUN. The session at ClaveÚnica was ended on the way to this page."""
    return render(request, "socialaccount/claveunica_unknown.html")


@never_cache
@offered
@require_safe
def stale(request: HttpRequest) -> HttpResponseBase:
    """ClaveÚnica did not ask for the password anew: the session there must be ended first."""
    address = logout_address(reverse("portal:desk"))
    return render(request, "socialaccount/claveunica_stale.html", {"logout": address}, status=409)
