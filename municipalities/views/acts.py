"""The council's pages of the act: its text, edition by edition, and issuing the act of one adhesion."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import acts as actions
from municipalities.choices import AdhesionState, EditionState, MailKind, Office
from municipalities.forms.acts import IssueForm, PlaceForm, SeenForm, TemplateForm
from municipalities.models import Act, ActTemplate, Adhesion, Authority, Municipality
from municipalities.notifications.recipients import recipients
from municipalities.permissions import can, check_can
from municipalities.reports import acts as reports
from municipalities.rules import acts as rules
from municipalities.rules import differences
from municipalities.rules.adhesion_states import Step, step
from municipalities.rules.terms import term_on

PARTS: Final = {
    "title": gettext_lazy("Title"),
    "body": gettext_lazy("Text"),
    "commitments": gettext_lazy("Commitments"),
    "closing": gettext_lazy("Closing"),
}
# Less than this much of a term is worth a word before an act is issued for it.
SHORT_TERM_DAYS: Final = 365


def _staff(request: HttpRequest, permission: Permission) -> User:
    user = cast(User, request.user)
    check_can(user, permission)
    return user


def changes(before: rules.Words, after: rules.Words) -> list[tuple[object, tuple[differences.Line, ...]]]:
    """The parts that differ, each with its comparison."""
    compared = (
        (label, differences.compare(getattr(before, part), getattr(after, part))) for part, label in PARTS.items()
    )
    return [(label, lines) for label, lines in compared if differences.is_changed(lines)]


def _places(user: User) -> list[Municipality]:
    return list(Municipality.objects.visible_to(user).select_related("region"))


def _preview_values(place: Municipality | None, now: datetime) -> dict[str, str]:
    """What fills the fields in a preview: the municipality's own data, and stand-ins for what it does not have."""
    if place is None:
        return reports.SAMPLE
    able = actions.signatories(place, now)
    today = timezone.localdate(now)
    return reports.values_of(
        place,
        authority=able[0].name if able else reports.SAMPLE["autoridad"],
        is_acting=bool(able) and able[0].office == Office.ACTING_MAYOR,
        term=str(term_on(today)),
        day=today,
        folio=rules.folio(today.year, 0),
    )


def _preview(words: rules.Words, user: User, asked: str) -> dict[str, Any]:
    """The text with the data of the municipality asked for, or of the first one, and what is wrong with it."""
    places = _places(user)
    place = next((one for one in places if one.cut == asked), places[0] if places else None)
    return {
        "text": rules.compose(words, _preview_values(place, timezone.now())),
        "place": place,
        "place_form": PlaceForm(initial={"municipio": place.cut if place else ""}, places=places),
        "problems": [(PARTS[found.part], found.sentence) for found in rules.problems(words)],
    }


@never_cache
@require_http_methods(["GET", "POST"])
def act_templates(request: HttpRequest) -> HttpResponse:
    """The editions of the text, newest first, and the start of a new one."""
    user = _staff(request, Permission.VIEW_DESK)
    if request.method == "POST":
        check_can(user, Permission.MANAGE_ACT_TEMPLATES)
        number = request.POST.get("source", "")
        source = get_object_or_404(ActTemplate, number=int(number) if number.isdecimal() and len(number) < 10 else 0)
        try:
            draft = actions.new_draft(by=user, source=source, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("municipalities:act_templates")
        return redirect("municipalities:act_template", draft.number)
    issued = ActTemplate.objects.select_related("updated_by").annotate(issued=Count("acts"))
    editions = list(issued.order_by("-number"))  # a count drops the model's order
    context = {
        "editions": editions,
        "draft": next((one for one in editions if one.state == EditionState.DRAFT), None),
        "may_write": can(user, Permission.MANAGE_ACT_TEMPLATES),
    }
    return render(request, "municipalities/acts/templates.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def act_template(request: HttpRequest, number: int) -> HttpResponse:
    """An edition: the editor of a draft for whoever may write it, the text for everyone else."""
    user = _staff(request, Permission.VIEW_DESK)
    edition = ActTemplate.objects.select_related("updated_by").filter(number=number).first()
    if request.method == "POST":
        check_can(user, Permission.MANAGE_ACT_TEMPLATES)
        return _write(request, user, edition, number)
    if edition is None:
        raise Http404
    if edition.state == EditionState.DRAFT and can(user, Permission.MANAGE_ACT_TEMPLATES):
        return _editor(request, user, edition, number, TemplateForm.of(edition))
    before = ActTemplate.objects.filter(number__lt=number).first()
    context = {
        **_preview(edition, user, request.GET.get("municipio", "")),
        "edition": edition,
        "before": before,
        "changes": changes(before, edition) if before else [],
        "may_write": can(user, Permission.MANAGE_ACT_TEMPLATES),
        "draft": ActTemplate.objects.filter(state=EditionState.DRAFT).first(),
    }
    return render(request, "municipalities/acts/template.html", context)


def _write(request: HttpRequest, user: User, edition: ActTemplate | None, number: int) -> HttpResponse:
    """Save the draft, or only look at it. Overtaken by somebody else, the page shows both texts and nothing is lost."""
    form = TemplateForm(request.POST)
    is_valid = form.is_valid()
    if request.POST.get("do") == "look":
        return _editor(request, user, edition, number, form)
    if is_valid:
        try:
            actions.save_draft(
                by=user,
                draft=edition or ActTemplate(number=number),
                parts=form.parts(),
                seen=form.cleaned_data["seen"],
                now=timezone.now(),
            )
        except OvertakenError as overtaken:
            return _editor(request, user, edition, number, form, overtaken=str(overtaken))
        messages.success(request, _("The draft was saved."))
        return redirect("municipalities:act_template", number)
    return _editor(request, user, edition, number, form)


def _editor(
    request: HttpRequest,
    user: User,
    edition: ActTemplate | None,
    number: int,
    form: TemplateForm,
    *,
    overtaken: str = "",
) -> HttpResponse:
    """The editor with what is written in `form`; after `overtaken` with the other text beside it, to save over it knowingly."""
    words: rules.Words = form.parts() if form.is_bound else cast(ActTemplate, edition)
    published = ActTemplate.objects.filter(state=EditionState.PUBLISHED).first()
    context = {
        **_preview(words, user, (request.POST or request.GET).get("municipio", "")),
        "edition": edition,
        "number": number,
        "published": published,
        "changes": changes(published, words) if published else [],
        "fields": rules.FIELDS,
        "is_open": edition is not None and edition.state == EditionState.DRAFT,
        "overtaken": overtaken,
    }
    if overtaken:
        form = TemplateForm(
            initial={**form.parts()._asdict(), "seen": edition.updated_at.isoformat() if edition else ""}
        )
        context["theirs"] = changes(edition, words) if edition else []
    context["form"] = form
    return render(request, "municipalities/acts/template_draft.html", context, status=409 if overtaken else 200)


@never_cache
@require_safe
def act_template_preview(request: HttpRequest, number: int) -> HttpResponse:
    """The saved text of an edition as the PDF that would be issued, marked as worthless."""
    user = _staff(request, Permission.VIEW_DESK)
    edition = get_object_or_404(ActTemplate, number=number)
    cut = request.GET.get("municipio", "")
    found = Municipality.objects.visible_to(user).select_related("region")
    place = get_object_or_404(found, pk=cut if cut.isdecimal() else "") if cut else None
    now = timezone.now()
    fields = reports.fields_of(edition, _preview_values(place, now), issued_at=now, preview=True)
    try:
        content = reports.act_pdf(fields)
    except reports.UnprintableError as error:
        messages.error(request, actions.unprintable(error))
        return redirect("municipalities:act_template", number)
    headers = {"Content-Disposition": f'inline; filename="acta-vista-previa-{number}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@never_cache
@require_http_methods(["GET", "POST"])
def publish_act_template(request: HttpRequest, number: int) -> HttpResponse:
    """What the draft changes, then its publication."""
    user = _staff(request, Permission.MANAGE_ACT_TEMPLATES)
    draft = get_object_or_404(ActTemplate.objects.select_related("updated_by"), number=number)
    refusal = ""
    form = SeenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_template(by=user, draft=draft, now=timezone.now(), **form.cleaned_data)
        except RefusedError as error:
            refusal = str(error)
        else:
            messages.success(request, _("The edition %(number)s is published.") % {"number": number})
            return redirect("municipalities:act_template", number)
    elif draft.state != EditionState.DRAFT:
        return redirect("municipalities:act_template", number)
    draft.refresh_from_db()
    published = actions.published_template()
    context = {
        "draft": draft,
        "published": published,
        "changes": changes(published, draft) if published else [],
        "problems": [(PARTS[found.part], found.sentence) for found in rules.problems(draft)],
        "form": SeenForm.of(draft),
        "refusal": refusal,
        "is_open": draft.state == EditionState.DRAFT,
    }
    return render(request, "municipalities/acts/template_publish.html", context, status=409 if refusal else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def discard_act_template(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, then throw a draft away."""
    user = _staff(request, Permission.MANAGE_ACT_TEMPLATES)
    draft = get_object_or_404(ActTemplate.objects.filter(state=EditionState.DRAFT), number=number)
    form = SeenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.discard_draft(by=user, draft=draft, now=timezone.now(), **form.cleaned_data)
        except OvertakenError as overtaken:
            messages.error(request, str(overtaken))
            return redirect("municipalities:act_template", number)
        messages.success(request, _("The draft was thrown away."))
        return redirect("municipalities:act_templates")
    context = {"draft": draft, "form": SeenForm.of(draft)}
    return render(request, "municipalities/acts/template_discard.html", context)


def _step_to_act(state: str) -> Step | None:
    try:
        return step(state, AdhesionState.ACT_ISSUED)
    except ValueError:
        return None


def _warnings(adhesion: Adhesion, authority: Authority, now: datetime) -> list[str]:
    """What whoever issues the act should know; none of it forbids it."""
    today, found = timezone.localdate(now), []
    if authority.office == Office.ACTING_MAYOR:
        found.append(_("An acting mayor signs. Check that the decree covers this act."))
    if authority.ends and authority.ends < adhesion.term.ends:
        found.append(
            _("%(who)s leaves the office on %(day)s.")
            % {"who": authority.name, "day": authority.ends.strftime("%d-%m-%Y")}
        )
    left = (adhesion.term.ends - today).days
    if left < SHORT_TERM_DAYS:
        found.append(_("The term ends in %(days)s days: little time is left for a plan.") % {"days": left})
    if not recipients(MailKind.ACT_ISSUED, adhesion):
        found.append(
            _(
                "Nobody of the municipality will get the mail: there is no coordinator, mayor or main contact with an address."
            )
        )
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def issue_act(request: HttpRequest, pk: int) -> HttpResponse:
    """The act as it would be issued now, who signs it and what to know before; then its issue."""
    user = cast(User, request.user)
    adhesion = get_object_or_404(Adhesion.objects.visible_to(user).select_related("municipality__region"), pk=pk)
    check_can(user, Permission.ISSUE_ACT, adhesion.municipality)
    if request.method == "GET":
        return _issue_page(request, adhesion)
    seen = _step_to_act(request.POST.get("seen", ""))
    form = IssueForm(request.POST, asks_reason=bool(seen and seen.reason))
    if not form.is_valid():
        return _issue_page(request, adhesion, form=form)
    asked = form.cleaned_data
    who = get_object_or_404(Authority, pk=asked["authority"], municipality=adhesion.municipality)
    try:
        act = actions.issue_act(
            by=user,
            adhesion=adhesion,
            now=timezone.now(),
            seen=asked["seen"],
            reason=asked.get("reason", ""),
            authority=who,
            edition=asked["edition"],
        )
    except RefusedError as refusal:
        adhesion.refresh_from_db(fields=["state"])
        return _issue_page(request, adhesion, refusal=str(refusal), reason=asked.get("reason", ""))
    messages.success(request, _("The act %(folio)s was issued.") % {"folio": act.folio})
    return redirect("municipalities:issue_act", adhesion.pk)


def _issue_page(
    request: HttpRequest, adhesion: Adhesion, *, form: IssueForm | None = None, refusal: str = "", reason: str = ""
) -> HttpResponse:
    """The page on the adhesion as it is now; after a refusal with its words and the reason that was typed."""
    now = timezone.now()
    taken = _step_to_act(adhesion.state)
    context: dict[str, Any] = {
        "adhesion": adhesion,
        "current": Act.objects.current().filter(adhesion=adhesion).select_related("issued_by", "template").first(),
        "is_possible": taken is not None,
        "obstacle": actions.obstacle(adhesion, now) if taken else "",
        "refusal": refusal,
        "form": form,
    }
    if taken and not context["obstacle"]:
        context |= _act_to_be(adhesion, now, chosen=request.GET.get("firma", ""))
        initial = {
            "seen": adhesion.state,
            "edition": context["template"].number,
            "authority": context["authority"].pk,
            "reason": reason,
        }
        context["form"] = form or IssueForm(initial=initial, asks_reason=taken.reason)
    return render(request, "municipalities/acts/issue.html", context, status=409 if refusal else 200)


def _act_to_be(adhesion: Adhesion, now: datetime, *, chosen: str) -> dict[str, Any]:
    """The text as it would be issued, signed by the person chosen or by the mayor."""
    able = actions.signatories(adhesion.municipality, now)
    authority = next((one for one in able if str(one.pk) == chosen), able[0])
    template = cast(ActTemplate, actions.published_template())
    fields = actions.fields_for(
        adhesion,
        template=template,
        authority=authority,
        folio=f"MGAM-{timezone.localdate(now).year}-…",
        now=now,
        preview=True,
    )
    return {
        "template": template,
        "authority": authority,
        "is_chosen": bool(chosen),
        "others": [one for one in able if one != authority],
        "text": reports.text_of(fields),
        "warnings": _warnings(adhesion, authority, now),
    }
