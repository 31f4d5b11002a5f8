"""Whom the portal trusts to certify signatures: certificates, their ends, and lists of revoked ones."""

from __future__ import annotations

import base64
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Event, User
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions import trust as actions
from municipalities.choices import CertificateKind
from municipalities.forms.trust import CertificateForm, RevocationListForm, TrustForm
from municipalities.models import RevocationList, TrustedCertificate
from municipalities.permissions import check_can

EVENTS_SHOWN = 20


@never_cache
@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    """The certificates with their dates and who added them, the lists, and what happened to them."""
    check_can(request.user, Permission.MANAGE_TRUST)
    now = timezone.now()
    context = {
        "certificates": TrustedCertificate.objects.select_related("added_by"),
        "lists": RevocationList.objects.defer("der").select_related("added_by"),
        "events": Event.objects.filter(kind__startswith="trust.")[:EVENTS_SHOWN],
        "today": timezone.localdate(now),
        "now": now,
    }
    return render(request, "municipalities/trust/trust.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Bring a certificate; see what it says of itself; confirm."""
    user = cast(User, request.user)
    check_can(user, Permission.MANAGE_TRUST)
    today = timezone.localdate()
    form = CertificateForm(request.POST or None, request.FILES or None, initial={"trusted_from": today})
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind = CertificateKind(given["kind"])
        try:
            if "confirm" in request.POST:
                actions.add_certificate(
                    by=user,
                    content=given["content"],
                    kind=kind,
                    note=given["note"],
                    trusted_from=given["trusted_from"],
                    now=timezone.now(),
                )
                messages.success(request, _("The certificate was added."))
                return redirect("municipalities:trust")
            found = actions.examine_certificate(given["content"], kind)
        except RefusedError as refusal:
            form.add_error("file", str(refusal))
        else:
            encoded = base64.b64encode(found.der).decode()
            context |= {"found": found, "given": given, "kind": kind, "encoded": encoded, "now": timezone.now()}
            return render(request, "municipalities/trust/confirm.html", context)
    return render(request, "municipalities/trust/add.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the trust in a certificate, or take a mistaken end back."""
    user = cast(User, request.user)
    check_can(user, Permission.MANAGE_TRUST)
    certificate = get_object_or_404(TrustedCertificate, pk=pk)
    form = TrustForm(request.POST or None, initial={"until": certificate.trusted_until or timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_trust(by=user, certificate=certificate, now=timezone.now(), **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, _("The dates of the certificate were changed."))
            return redirect("municipalities:trust")
    return render(request, "municipalities/trust/end.html", {"form": form, "certificate": certificate})


@never_cache
@require_http_methods(["GET", "POST"])
def add_list(request: HttpRequest) -> HttpResponse:
    """Bring a revocation list."""
    user = cast(User, request.user)
    check_can(user, Permission.MANAGE_TRUST)
    form = RevocationListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_list(by=user, content=form.cleaned_data["file"].read(), now=timezone.now())
        except RefusedError as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("The revocation list was added."))
            return redirect("municipalities:trust")
    return render(request, "municipalities/trust/add_list.html", {"form": form})
