"""The adhesion as its municipality sees and moves it: what is asked now, the answer to the invitation, the signed act."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import takes_documents
from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError, adhesions, signatures
from municipalities.choices import SignatureMethod
from municipalities.forms.adhesion import ROADS, SignedActForm
from municipalities.models import Adhesion, Municipality
from municipalities.permissions import can, check_can
from municipalities.reports.adhesion_page import adhesion_page, latest_adhesion


def _place(request: HttpRequest, cut: str, permission: Permission) -> tuple[User, Municipality]:
    """The person and the municipality; 404 where they see nothing, 403 where they may not do this."""
    user = cast(User, request.user)
    municipality = get_object_or_404(Municipality.objects.visible_to(user), pk=cut)
    check_can(user, permission, municipality)
    return user, municipality


@never_cache
@require_safe
def adhesion_desk(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Where the adhesion stands, what is asked now, from whom, by when; its documents and its history."""
    user, municipality = _place(request, cut, Permission.VIEW_ADHESION)
    page = adhesion_page(municipality, now=timezone.now())
    context = {"municipality": municipality, "page": page}
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "municipalities/adhesion/desk.html#judging", context)
        if not page.is_judging:
            # The judgement is there: the page around it changes too.
            response["HX-Refresh"] = "true"
        return response
    may = {
        "may_send": can(user, Permission.SUBMIT_SIGNATURE, municipality),
        "may_sign": can(user, Permission.SIGN_ACT, municipality),
        "may_record": can(user, Permission.RECORD_AUTHORITY, municipality),
        "may_see_people": can(user, Permission.VIEW_MEMBERS, municipality),
    }
    return render(request, "municipalities/adhesion/desk.html", context | may)


@require_POST
def answer_adhesion(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The municipality says that it wants to adhere."""
    user, municipality = _place(request, cut, Permission.SUBMIT_SIGNATURE)
    adhesion = get_object_or_404(Adhesion.objects.visible_to(user), municipality=municipality, pk=_number(request))
    try:
        adhesions.answer_invitation(by=user, adhesion=adhesion, now=timezone.now(), seen=request.POST.get("seen"))
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The Consejo sees your answer. It will write to you to prepare the act."))
    return redirect("municipalities:adhesion_desk", municipality.cut, municipality.slug)


def _number(request: HttpRequest) -> int:
    sent = request.POST.get("adhesion", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def upload_signature(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Send the signed act, by the road that was chosen."""
    user, municipality = _place(request, cut, Permission.SUBMIT_SIGNATURE)
    adhesion = latest_adhesion(municipality)
    act = adhesion.acts.current().first() if adhesion else None
    if adhesion is None or act is None:
        messages.info(request, _("There is no act to sign yet."))
        return redirect("municipalities:adhesion_desk", municipality.cut, municipality.slug)
    road = request.GET.get("camino", "")
    road = road if road in dict(ROADS) else SignatureMethod.ADVANCED.value
    form = SignedActForm(
        request.POST or None,
        request.FILES or None,
        issued_on=timezone.localdate(act.issued_at),
        initial={"seen": adhesion.state, "road": road},
    )
    context = {"municipality": municipality, "adhesion": adhesion, "act": act, "form": form}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            signatures.submit_signature(
                by=user,
                act=act,
                method=SignatureMethod(form.cleaned_data["road"]),
                upload=file,
                name=file.name,
                now=timezone.now(),
                seen=form.cleaned_data["seen"],
                declared_signed_on=form.cleaned_data["signed_on"],
            )
        except OvertakenError as overtaken:
            return render(
                request, "municipalities/adhesion/upload.html", {**context, "overtaken": overtaken}, status=409
            )
        except RefusedError as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("The Consejo has your signed act. The portal is looking at its signature."))
            return redirect("municipalities:adhesion_desk", municipality.cut, municipality.slug)
    return render(request, "municipalities/adhesion/upload.html", context)
