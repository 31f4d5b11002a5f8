"""What every form that anyone may send passes: no machine, valid, not too often from one network or to one mailbox."""

from __future__ import annotations

from collections.abc import Callable

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext as _

from municipalities.actions import RefusedError
from municipalities.forms.public import OpenForm

LIMIT = "participation"


def sent_by_a_person(request: HttpRequest, form: OpenForm, work: Callable[[], object]) -> int:
    """Do `work` with a valid form. Returns the status of the answer: 302 when it is done, else the form says what is wrong.

    What a machine sends is answered alike and dropped.
    """
    if form.is_a_machines:
        return 302
    if not form.is_valid():
        return 200
    # One mailbox gets few mails, whoever types its address; without one, an account or a page stands for it.
    key = form.cleaned_data.get("email", "").lower() or str(request.user.pk or request.path)
    if not ratelimit.consume(request, action=LIMIT, key=key):
        form.add_error(None, _("Too many messages came from your network or to this e-mail. Try again in an hour."))
        return 429
    try:
        work()
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return 200
    return 302
