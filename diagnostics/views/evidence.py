"""The library of evidence of a municipality, one piece of it, and the archive for whoever reviews a diagnostic."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import takes_documents
from accounts.models import Event, User
from accounts.permissions import Permission
from diagnostics.actions import evidence as actions
from diagnostics.actions.evidence import Place
from diagnostics.exports.evidence import archive
from diagnostics.forms.evidence import AddForm, DetailsForm, LibraryForm, PlaceForm, RemoveForm, SourceForm, said_of
from diagnostics.models import Diagnostic, Evidence, EvidenceVersion
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.evidence import as_it_counts, fingerprint, newest, places_of, snapshots_with
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.views.filling import place
from municipalities.actions import RefusedError
from municipalities.models import Membership, Municipality
from municipalities.permissions import can
from municipalities.views.form_page import FormPage, answer, municipality_of

ROWS = 30
EVENTS_SHOWN = 30
FORM = "diagnostics/evidence/form.html"


@never_cache
@require_safe
def library(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """Every piece of evidence of a municipality, the newest first."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_DIAGNOSTIC)
    form = LibraryForm(request.GET)
    rows = form.chosen(_visible(user, municipality).with_state(), today=timezone.localdate())
    page = Paginator(rows.order_by("-created_at", "-pk"), ROWS).get_page(request.GET.get("pagina"))
    context = {
        "municipality": municipality,
        "form": form,
        "page": page,
        "pieces": [newest(evidence) for evidence in page],
        "today": timezone.localdate(),
        "may_write": can(user, Permission.FILL_DIAGNOSTIC, municipality),
    }
    return render(request, "diagnostics/evidence/library.html", context)


@never_cache
@require_safe
def evidence(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """One piece: what is said of it, its versions, where it is used, what happened to it."""
    user, municipality, piece = _piece(request, cut, key, Permission.VIEW_DIAGNOSTIC)
    may_write = can(user, Permission.FILL_DIAGNOSTIC, municipality)
    return _page(request, piece, PlaceForm(diagnostics=_open_diagnostics(municipality)) if may_write else None)


@never_cache
@require_POST
def evidence_link(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Let a question of an open diagnostic point to the piece, from the page of the piece."""
    user, municipality, piece = _piece(request, cut, key, Permission.FILL_DIAGNOSTIC)
    form = PlaceForm(request.POST, diagnostics=_open_diagnostics(municipality))
    if form.is_valid():
        try:
            actions.link(by=user, evidence=piece, place=Place(*form.chosen()), now=timezone.now())
        except RefusedError as refusal:
            form.add_error("place", str(refusal))
        else:
            messages.success(request, _("The question points to this evidence now."))
            return redirect(piece)
    return _page(request, piece, form, status=422)


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def evidence_add(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """A new piece for the library."""
    user, municipality = municipality_of(request, cut, Permission.FILL_DIAGNOSTIC)
    form = AddForm(request.POST or None, request.FILES or None, initial={"key": uuid4()})
    back = reverse("diagnostics:evidence_library", args=[municipality.cut, municipality.slug])
    page = FormPage(_("Add evidence"), _("Add"), back, _("Evidence"))

    def work() -> object:
        data = form.cleaned_data
        added = actions.add(
            by=user,
            municipality=municipality,
            key=data["key"],
            details=form.details(),
            sent=form.sent(),
            now=timezone.now(),
        )
        if added.was_there:
            raise RefusedError(_("The library already has it as “%(title)s”.") % {"title": added.evidence.title})
        return added

    return answer(request, form, page, work, municipality=municipality, done=_("It is in the library."), template=FORM)


@never_cache
@require_http_methods(["GET", "POST"])
def evidence_edit(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Change what is said of a piece."""
    user, municipality, piece = _piece(request, cut, key, Permission.FILL_DIAGNOSTIC)
    form = DetailsForm(request.POST or None, people=_people(piece), initial=said_of(piece, seen=fingerprint(piece)))
    page = FormPage(_("Change what is said of it"), _("Save"), piece.get_absolute_url(), piece.title)

    def work() -> object:
        details = form.details(owner=form.cleaned_data["owner"])
        seen = form.cleaned_data["seen"]
        return actions.edit(by=user, evidence=piece, details=details, seen=seen, now=timezone.now())

    def fresh() -> str:
        return fingerprint(Evidence.objects.get(pk=piece.pk))

    return answer(request, form, page, work, municipality=municipality, done=_("Saved."), fresh=fresh)


@takes_documents
@never_cache
@require_http_methods(["GET", "POST"])
def evidence_renew(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Another version of a piece."""
    user, municipality, piece = _piece(request, cut, key, Permission.FILL_DIAGNOSTIC)
    form = SourceForm(request.POST or None, request.FILES or None, initial={"key": uuid4()})
    lead = _("The former versions stay: what was submitted with them keeps them.")
    page = FormPage(_("Add a version"), _("Add"), piece.get_absolute_url(), piece.title, lead)

    def work() -> object:
        return actions.renew(by=user, evidence=piece, sent=form.sent(), now=timezone.now())

    done = _("The newest version counts from now on.")
    return answer(request, form, page, work, municipality=municipality, done=done, template=FORM)


@never_cache
@require_http_methods(["GET", "POST"])
def evidence_remove(request: HttpRequest, cut: str, slug: str, key: str) -> HttpResponse:
    """Take a piece out of the library and off its questions."""
    user, municipality = municipality_of(request, cut, Permission.FILL_DIAGNOSTIC)
    piece = get_object_or_404(Evidence.objects.visible_to(user).filter(municipality=municipality), key=key)
    if piece.removed_at is not None:
        return redirect("diagnostics:evidence_library", cut, slug)
    names = [question.text if question else use.question for use, question in places_of(piece)]
    lead = _("No question uses it.")
    if names:
        lead = _("These questions lose it: %(questions)s") % {"questions": "; ".join(names)}
    back = reverse("diagnostics:evidence_library", args=[municipality.cut, municipality.slug])
    page = FormPage(
        _("Remove “%(title)s”") % {"title": piece.title}, _("Remove"), back, _("Evidence"), lead, danger=True
    )
    form = RemoveForm(request.POST if request.method == "POST" else None)

    def work() -> None:
        actions.remove(by=user, evidence=piece, now=timezone.now())

    return answer(request, form, page, work, municipality=municipality, done=_("It is no longer in the library."))


@never_cache
@require_safe
def evidence_archive(request: HttpRequest, cut: str, slug: str, pk: int) -> StreamingHttpResponse:
    """All evidence of a diagnostic as one file, sent while it is written."""
    _user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    parts = archive(instrument_of(diagnostic.version), as_it_counts(diagnostic), now=timezone.now())
    response = StreamingHttpResponse(parts, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="evidencia-{cut}-{pk}.zip"'
    response["Content-Encoding"] = "identity"  # it is compressed already
    return response


def _visible(user: User, municipality: Municipality) -> Any:
    versions = EvidenceVersion.objects.select_related("document", "added_by").order_by("-number")
    rows = Evidence.objects.visible_to(user).kept().filter(municipality=municipality)
    return rows.select_related("municipality", "owner").prefetch_related(Prefetch("versions", versions))


def _piece(request: HttpRequest, cut: str, key: str, permission: Permission) -> tuple[User, Municipality, Evidence]:
    user, municipality = municipality_of(request, cut, permission)
    return user, municipality, get_object_or_404(_visible(user, municipality), key=key)


def _page(request: HttpRequest, piece: Evidence, form: PlaceForm | None, status: int = 200) -> HttpResponse:
    events = Event.objects.filter(subject_type=Evidence._meta.label_lower, subject_id=str(piece.pk))
    context = {
        "municipality": piece.municipality,
        "piece": newest(piece),
        "evidence": piece,
        "versions": list(piece.versions.all()),
        "places": places_of(piece),
        "snapshots": snapshots_with(piece),
        "events": events[:EVENTS_SHOWN],
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, "diagnostics/evidence/piece.html", context, status=status)


def _people(piece: Evidence) -> QuerySet[User]:
    """Who may answer for it: those who answer the municipality's diagnostics, and whoever does now."""
    members = Membership.objects.current().filter(municipality=piece.municipality, role__in=["coordinator", "officer"])
    return (User.objects.filter(pk__in=members.values("user")) | User.objects.filter(pk=piece.owner_id)).order_by(
        "name"
    )


def _open_diagnostics(municipality: Municipality) -> list[tuple[Diagnostic, Any]]:
    rows = Diagnostic.objects.filter(municipality=municipality, state__in=WRITABLE).select_related("round", "version")
    return [(row, instrument_of(row.version)) for row in rows.defer("version__content")]
