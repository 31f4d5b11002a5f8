"""The council's pages about mails: the log, one mail, and the texts that staff edit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Event, User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import mails as actions
from municipalities.choices import MailKind, MailState
from municipalities.forms.mails import DecisionForm, MailFilterForm, TemplateForm
from municipalities.models import Mail, MailTemplate, Municipality
from municipalities.notifications import words
from municipalities.permissions import can, check_can
from municipalities.rules import mail_states, mail_templates

ROWS = 40
LATE = timedelta(minutes=10)
"""A mail that has been due for this long tells that the mail server or the workers stand still."""


@never_cache
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The log, within the person's scope, newest first."""
    check_can(request.user, Permission.VIEW_DESK)
    user = cast(User, request.user)
    form = MailFilterForm(request.GET, user=user)
    visible = Mail.objects.visible_to(user)
    now = timezone.now()
    rows = form.chosen(visible).select_related("municipality").defer("body")
    context = {
        "form": form,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("pagina")),
        "late": visible.filter(state=MailState.QUEUED, attempts=0, not_before__lt=now - LATE).count(),
        "undecided": visible.filter(state__in=[MailState.FAILED, MailState.UNCERTAIN]).count(),
    }
    return render(request, "municipalities/mails/log.html", context)


@never_cache
@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail, exactly as it was sent, and what may be done with it."""
    check_can(request.user, Permission.VIEW_DESK)
    return _mail_page(request, _visible(request, pk))


@never_cache
@require_POST
def mail_step(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A decision about a mail that did not leave, or that came back."""
    check_can(request.user, Permission.MANAGE_MAILS)
    found = _visible(request, pk)
    form = DecisionForm(request.POST)
    try:
        step = mail_states.step(code)
    except KeyError:
        raise Http404 from None
    if not form.is_valid():
        refusal = " ".join(str(words) for errors in form.errors.values() for words in errors)
        return _mail_page(request, found, refusal=refusal, reason=form.data.get("reason", ""), status=400)
    decided = form.cleaned_data
    try:
        actions.decide(by=cast(User, request.user), mail=found, step=step, now=timezone.now(), **decided)
    except RefusedError as refused:
        status = 409 if isinstance(refused, OvertakenError) else 400
        return _mail_page(request, _visible(request, pk), refusal=str(refused), reason=decided["reason"], status=status)
    messages.success(request, _("Noted."))
    return redirect("municipalities:mail", pk)


def _visible(request: HttpRequest, pk: int) -> Mail:
    visible = Mail.objects.visible_to(cast(User, request.user))
    return get_object_or_404(visible.select_related("municipality", "campaign", "created_by"), pk=pk)


def _mail_page(
    request: HttpRequest, found: Mail, *, refusal: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    decides = can(request.user, Permission.MANAGE_MAILS)
    events = Event.objects.filter(subject_type=Mail._meta.label_lower, subject_id=str(found.pk))
    context = {
        "mail": found,
        "steps": mail_states.steps_from(found.state) if decides else (),
        "events": events.order_by("-at", "-pk"),
        "refusal": refusal,
        "reason": reason,
    }
    return render(request, "municipalities/mails/mail.html", context, status=status)


@never_cache
@require_safe
def mail_templates_list(request: HttpRequest) -> HttpResponse:
    """Every kind of mail with its subject, and who changed it."""
    check_can(request.user, Permission.VIEW_DESK)
    stored = {template.kind: template for template in MailTemplate.objects.select_related("updated_by")}
    brought = words.shipped()
    rows = [
        {"kind": kind, "template": stored.get(kind), "subject": (stored.get(kind) or brought[kind]).subject}
        for kind in MailKind
    ]
    return render(request, "municipalities/mails/templates.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "POST"])
def mail_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The words of a kind, how they read for a municipality, and for whoever may: the form that changes them."""
    check_can(request.user, Permission.VIEW_DESK)
    if kind not in MailKind.values:
        raise Http404
    now = timezone.now()
    if request.method == "GET":
        return _template_page(request, MailKind(kind), _template_form(request, MailKind(kind), now), now=now)
    check_can(request.user, Permission.MANAGE_MAILS)
    form = TemplateForm(request.POST, user=cast(User, request.user))
    if not form.is_valid() or request.POST.get("do") == "preview":
        return _template_page(request, MailKind(kind), form, now=now, status=200 if form.is_valid() else 400)
    try:
        _save(cast(User, request.user), MailKind(kind), form.cleaned_data, now=now)
    except OvertakenError as refusal:
        form = TemplateForm(_seen_now(form, MailKind(kind), now), user=cast(User, request.user))
        return _template_page(request, MailKind(kind), form, now=now, overtaken=str(refusal), status=409)
    except RefusedError as refusal:
        form.add_error("body", str(refusal))
        return _template_page(request, MailKind(kind), form, now=now, status=400)
    messages.success(request, _("The text was saved. It holds from the next mail on."))
    return redirect("municipalities:mail_template", kind)


def _template_form(request: HttpRequest, kind: MailKind, now: datetime) -> TemplateForm:
    """The form with the text in use, for the municipality asked for or the first one within the person's scope."""
    user = cast(User, request.user)
    visible, asked = Municipality.objects.visible_to(user), request.GET.get("municipio", "")
    template = actions.template_of(kind, now=now)
    initial = {
        "subject": template.subject,
        "body": template.body,
        "seen": actions.version(template),
        "municipality": visible.filter(pk=asked if asked.isdecimal() else "").first() or visible.first(),
    }
    return TemplateForm(initial=initial, user=user)


def _seen_now(form: TemplateForm, kind: MailKind, now: datetime) -> dict[str, Any]:
    """What the person typed, on top of the text that is in use now: to save again is then a decision."""
    typed = {name: form.data.get(name, "") for name in form.fields}
    return {**typed, "seen": actions.version(actions.template_of(kind, now=now))}


def _save(user: User, kind: MailKind, typed: dict[str, Any], *, now: datetime) -> None:
    actions.save_template(by=user, kind=kind, subject=typed["subject"], body=typed["body"], seen=typed["seen"], now=now)


@never_cache
@require_POST
def mail_template_restore(request: HttpRequest, kind: str) -> HttpResponse:
    """Back to the words that the portal brings."""
    check_can(request.user, Permission.MANAGE_MAILS)
    if kind not in MailKind.values:
        raise Http404
    now, user = timezone.now(), cast(User, request.user)
    try:
        actions.restore_template(by=user, kind=MailKind(kind), seen=request.POST.get("seen", ""), now=now)
    except OvertakenError as refusal:
        form = _template_form(request, MailKind(kind), now)
        return _template_page(request, MailKind(kind), form, now=now, overtaken=str(refusal), status=409)
    messages.success(request, _("The text is again the one that the portal brings."))
    return redirect("municipalities:mail_template", kind)


def _template_page(
    request: HttpRequest, kind: MailKind, form: TemplateForm, *, now: datetime, overtaken: str = "", status: int = 200
) -> HttpResponse:
    user = cast(User, request.user)
    template = actions.template_of(kind, now=now)
    typed = form.cleaned_data if form.is_bound and form.is_valid() else form.initial if not form.is_bound else {}
    place = typed.get("municipality")
    text = words.Text(typed["subject"], typed["body"]) if place else None
    shown = words.preview(text, kind, municipality=place, by=user, now=now) if text and place else None
    context = {
        "kind": kind,
        "form": form,
        "template": template,
        "edits": can(user, Permission.MANAGE_MAILS),
        "place": place,
        "preview": shown,
        "fields": [(name, mail_templates.MEANINGS[name]) for name in mail_templates.fields_of(kind)],
        "unknown": mail_templates.unknown(kind, f"{text.subject}\n{text.body}") if text else [],
        "version": actions.version(template),
        "is_shipped": words.shipped()[kind] == (template.subject, template.body),
        "overtaken": overtaken,
    }
    return render(request, "municipalities/mails/template.html", context, status=status)
