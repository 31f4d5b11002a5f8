"""What every form that anyone may send passes: no machine, valid, its token, not too often from one network or to one mailbox."""

from __future__ import annotations

from collections.abc import Callable

from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import CSRFCheck

from municipalities.actions import RefusedError
from municipalities.forms.public import OpenForm

keeps_what_was_typed = csrf_exempt
"""For a view whose every POST goes through `sent_by_a_person`: that looks at the token itself, and shows the form again with its
words where the middleware would answer with a page without them."""


def sent_by_a_person(
    request: HttpRequest, form: OpenForm, work: Callable[[], object], *, limit: str = "participation"
) -> int:
    """Do `work` with a valid form, no more often than the rate `limit` of the settings allows. Returns the status of the answer:
    302 when it is done, else the form says what is wrong.

    What a machine sends is answered alike and dropped.
    """
    if form.is_a_machines:
        return 302
    has_token = _has_token(request)
    if not form.is_valid():
        return 200
    if not has_token:
        form.add_error(
            None,
            _(
                "The page was open for a long time, or your browser keeps no cookies of this site. What you wrote is still here: "
                "send it again."
            ),
        )
        return 403
    # One mailbox gets few mails, whoever types its address; without one, an account or a page stands for it.
    key = form.cleaned_data.get("email", "").lower() or str(request.user.pk or request.path)
    if not ratelimit.consume(request, action=limit, key=key):
        form.add_error(None, _("Too many messages came from your network or to this e-mail. Try again in an hour."))
        return 429
    try:
        work()
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return 200
    return 302


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _has_token(request: HttpRequest) -> bool:
    """Whether the form came with the token of its page. Raises `PermissionDenied` for one that another site sent: it is not
    filled in for the reader with words of others."""
    refused = CSRFCheck(_nothing).process_view(request, _nothing, (), {})
    if refused and str(refused).startswith(("Origin", "Referer")):
        raise PermissionDenied
    return not refused
