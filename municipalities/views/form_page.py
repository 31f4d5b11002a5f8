"""A page that is one form about a municipality: shown, sent, refused in words, or done and left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Municipality
from municipalities.permissions import check_can


@dataclass(frozen=True, slots=True)
class FormPage:
    """The words round a form. `back` is where it leads when it is done or given up; `parent` is what stands there."""

    heading: str
    submit: str
    back: str
    parent: str
    lead: str = ""
    danger: bool = False


def municipality_of(request: HttpRequest, cut: str, permission: Permission) -> tuple[User, Municipality]:
    """The person and the municipality, through its one door; 404 where they see nothing, 403 where they may not do this."""
    user = cast(User, request.user)
    municipality = get_object_or_404(Municipality.objects.visible_to(user).select_related("region"), pk=cut)
    check_can(user, permission, municipality)
    return user, municipality


def way_back(wanted: str, otherwise: str) -> str:
    """`wanted`, an address that came with the request, if it is a path of this site; else `otherwise`."""
    is_own = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_own else otherwise


def answer(
    request: HttpRequest,
    form: Form,
    page: FormPage,
    work: Callable[[], object],
    *,
    municipality: Municipality,
    done: str,
    fresh: Callable[[], str] = str,
    template: str = "municipalities/contacts/form.html",
    **context: Any,
) -> HttpResponse:
    """Show the form; once sent and valid, do `work` and go back with the words `done`.

    A refusal is an error of the form. When someone was quicker the answer is 409, what was typed stays, and `fresh()` is what
    the person has seen from then on (the hidden field `seen`), so that sending again is their decision.
    """
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            work()
        except OvertakenError as overtaken:
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["seen"] = fresh()  # type: ignore[index]
            form.add_error(None, str(overtaken))
            status = 409
        except RefusedError as refusal:
            form.add_error(getattr(refusal, "field", None), str(refusal))
        else:
            messages.success(request, done)
            return redirect(page.back)
    context |= {"municipality": municipality, "form": form, "page": page}
    return render(request, template, context, status=status)
