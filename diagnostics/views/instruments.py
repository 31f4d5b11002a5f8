"""The council's editor of instruments: a draft, part by part, and its publication."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from diagnostics.actions import instruments as actions
from diagnostics.choices import EditionState
from diagnostics.forms.instrument_versions import PublishForm, RemoveForm, SeenForm, UploadForm
from diagnostics.forms.instruments import Editor, NewPartForm, NewQuestionForm
from diagnostics.models import InstrumentFamily, InstrumentVersion
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import instrument_edit, instrument_file
from diagnostics.rules.file_faults import Problem
from diagnostics.rules.instrument import Descriptor, Dimension, Instrument, Question, QuestionKind
from diagnostics.rules.instrument_edit import Part
from diagnostics.rules.instrument_words import changes, label, words
from diagnostics.rules.versions import order_of
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can
from municipalities.rules.differences import compare as compare_texts
from municipalities.rules.differences import is_changed


def staff(request: HttpRequest) -> User:
    user = cast(User, request.user)
    check_can(user, Permission.MANAGE_INSTRUMENTS)
    return user


def version_of(pk: int) -> InstrumentVersion:
    return get_object_or_404(InstrumentVersion.objects.select_related("family", "updated_by"), pk=pk)


def refuse(form: Form, refusal: RefusedError) -> int:
    """Put a refusal into the form, fault by fault, and return the status of the answer."""
    for problem in getattr(refusal, "problems", ()):
        form.add_error(None, ": ".join(part for part in problem if part))
    if not getattr(refusal, "problems", ()):
        form.add_error(None, str(refusal))
    return 409 if isinstance(refusal, OvertakenError) else 200


@never_cache
@require_http_methods(["GET", "POST"])
def instruments(request: HttpRequest) -> HttpResponse:
    """The instruments and their versions, newest first, and the start of a draft from one of them."""
    user = staff(request)
    if request.method == "POST":
        asked = request.POST.get("source", "")
        source = version_of(int(asked) if asked.isdecimal() and len(asked) < 10 else 0)
        try:
            draft = actions.begin_draft(by=user, source=source, now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("diagnostics:instruments")
        return redirect("diagnostics:instrument_edit", draft.pk)
    families = InstrumentFamily.objects.prefetch_related("versions__updated_by")
    rows = [
        (family, sorted(family.versions.all(), key=lambda one: order_of(one.version), reverse=True))
        for family in families
    ]
    context = {"rows": [(family, held, any(one.state == "draft" for one in held)) for family, held in rows]}
    return render(request, "diagnostics/instruments/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Begin a draft from a file."""
    user = staff(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.begin_from_file(by=user, text=form.cleaned_data["file"], now=timezone.now())
        except RefusedError as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The draft was made from the file."))
            return redirect("diagnostics:instrument_edit", draft.pk)
    return render(request, "diagnostics/instruments/upload.html", {"form": form})


def _problems(version: InstrumentVersion, instrument: Instrument) -> list[tuple[Problem, str]]:
    """What is wrong, each with what people call the part."""
    called = {part.id: label(part) for part in instrument_edit.parts(instrument)}
    return [(problem, called.get(problem.where, "")) for problem in actions.problems(version)]


@never_cache
@require_safe
def instrument(request: HttpRequest, pk: int) -> HttpResponse:
    """A version: the tree of a draft with its problems and what may be done to each part."""
    staff(request)
    version = version_of(pk)
    content = instrument_of(version)
    is_draft = version.state == EditionState.DRAFT
    context = {
        "version": version,
        "instrument": content,
        "is_draft": is_draft,
        "problems": _problems(version, content) if is_draft else [],
        "earlier": version.family.versions.exclude(pk=pk).exclude(state=EditionState.DRAFT).order_by("-pk"),
        "counts": {
            "descriptors": sum(len(dimension.descriptors) for dimension in content.dimensions),
            "questions": len(content.by_id),
        },
    }
    return render(request, "diagnostics/instruments/version.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def front(request: HttpRequest, pk: int) -> HttpResponse:
    """The instrument's own words."""
    return _edit(request, pk, "")


@never_cache
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A dimension, a descriptor or a question of a draft."""
    return _edit(request, pk, name)


def _edit(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user = staff(request)
    version = version_of(pk)
    content = instrument_of(version)
    held = instrument_edit.part_of(content, name) if name else content
    if held is None or (request.method == "GET" and version.state != EditionState.DRAFT):
        messages.error(request, _("This part is not in the draft any more."))
        return redirect("diagnostics:instrument_edit", pk)
    editor = Editor(
        held,
        seen=actions.seen_of(content, name),
        asked=_earlier(content, name),
        frozen=name in actions.released(version.family),
        data=request.POST or None,
    )
    status, theirs = 200, None
    if request.method == "POST" and editor.is_valid():
        try:
            _save(user, version, name, editor)
        except RefusedError as refusal:
            status = refuse(editor.form, refusal)
            if isinstance(refusal, OvertakenError):
                theirs = compare_texts(words(held), words(editor.part()))
                editor.see(actions.seen_of(content, name))
        else:
            messages.success(request, _("Saved."))
            return _after(request, pk, name, editor.part())
    context = {
        "version": version,
        "name": name,
        "held": held,
        "heading": label(cast(Part, held)) if name else content.title,
        "editor": editor,
        "theirs": theirs if theirs and is_changed(theirs) else None,
        "overtaken": status == 409,
        "problems": [problem for problem, _called in _problems(version, content) if problem.where == name],
    }
    return render(request, "diagnostics/instruments/part.html", context, status=status)


def _save(user: User, version: InstrumentVersion, name: str, editor: Editor) -> None:
    now = timezone.now()
    if name:
        actions.put_part(by=user, draft=version, name=name, new=editor.part(), seen=editor.seen, now=now)
    else:
        actions.put_front(by=user, draft=version, front=editor.part(), seen=editor.seen, now=now)


def _after(request: HttpRequest, pk: int, name: str, made: Any) -> HttpResponse:
    """Where saving leads: the same page, the next question, or the tree."""
    if request.POST.get("then") == "stay" and name:
        return redirect("diagnostics:instrument_part", pk, made.id)
    if request.POST.get("then") == "next" and isinstance(made, Question):
        order = list(instrument_of(version_of(pk)).by_id)
        place = order.index(made.id) + 1 if made.id in order else len(order)
        if place < len(order):
            return redirect("diagnostics:instrument_part", pk, order[place])
    return redirect("diagnostics:instrument_edit", pk)


def _earlier(content: Instrument, name: str) -> dict[str, Question]:
    """The questions before this one: those that a condition may ask."""
    found: dict[str, Question] = {}
    for question in content.questions():
        if question.id == name:
            break
        found[question.id] = question
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int, owner: str = "") -> HttpResponse:
    """Begin a dimension, a descriptor of a dimension, or a question of a descriptor."""
    user = staff(request)
    version = version_of(pk)
    holder = instrument_edit.part_of(instrument_of(version), owner) if owner else None
    if (owner and holder is None) or isinstance(holder, Question):
        raise Http404
    form_type = NewQuestionForm if isinstance(holder, Descriptor) else NewPartForm
    form = form_type(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new = _new(holder, form.cleaned_data)
        try:
            actions.add_part(by=user, draft=version, owner=owner, new=new, now=timezone.now())
        except RefusedError as refusal:
            refuse(form, refusal)
        else:
            return redirect("diagnostics:instrument_part", pk, new.id)
    context = {"version": version, "form": form, "holder": holder, "kind": type(holder).__name__ if holder else ""}
    return render(request, "diagnostics/instruments/add.html", context)


def _new(holder: Part | None, told: dict[str, Any]) -> Part:
    if isinstance(holder, Descriptor):
        return Question(told["id"], QuestionKind(told["kind"]), told["text"])
    return Descriptor(told["id"], told["name"], ()) if holder else Dimension(told["id"], told["name"], ())


@never_cache
@require_POST
def move(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Move a part one place up or down."""
    user = staff(request)
    version = version_of(pk)
    try:
        actions.move_part(by=user, draft=version, name=name, up=request.POST.get("to") == "up", now=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    address = redirect("diagnostics:instrument_edit", pk)
    address["Location"] += f"#{name}"
    return address


@never_cache
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Ask, then take a part out of a draft."""
    user = staff(request)
    version = version_of(pk)
    content = instrument_of(version)
    held = instrument_edit.part_of(content, name)
    if held is None:
        return redirect("diagnostics:instrument_edit", pk)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.remove_part(by=user, draft=version, name=name, seen=form.cleaned_data["seen"], now=timezone.now())
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("diagnostics:instrument_remove", pk, name)
        messages.success(request, _("“%(name)s” was taken out.") % {"name": label(held)})
        return redirect("diagnostics:instrument_edit", pk)
    form = RemoveForm(initial={"seen": actions.seen_of(content, name, whole=True)})
    inner = [one for one in instrument_edit.parts(content) if one.id != name and _holds(held, one)]
    context = {"version": version, "held": held, "heading": label(held), "inner": map(label, inner), "form": form}
    return render(request, "diagnostics/instruments/remove.html", context)


def _holds(outer: Part, inner: Part) -> bool:
    if isinstance(outer, Dimension):
        return inner in outer.descriptors or inner in tuple(outer.questions())
    return isinstance(outer, Descriptor) and inner in outer.questions


@never_cache
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as an officer sees it."""
    staff(request)
    version = version_of(pk)
    context = {"version": version, "instrument": instrument_of(version)}
    return render(request, "diagnostics/instruments/preview.html", context)


@never_cache
@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs from another version of the instrument; without saying which, from the one in force."""
    staff(request)
    version = version_of(pk)
    others = list(version.family.versions.exclude(pk=pk).order_by("-pk"))
    asked = request.GET.get("con", "")
    other = next((one for one in others if str(one.pk) == asked), None) or _before(version)
    context = {
        "version": version,
        "other": other,
        "others": others,
        "changes": changes(instrument_of(other), instrument_of(version)) if other else [],
    }
    return render(request, "diagnostics/instruments/compare.html", context)


def _before(version: InstrumentVersion) -> InstrumentVersion | None:
    """The latest published version that is earlier than this one."""
    released = version.family.versions.exclude(state=EditionState.DRAFT).exclude(pk=version.pk)
    earlier = [one for one in released if order_of(one.version) < order_of(version.version)]
    return max(earlier, key=lambda one: order_of(one.version), default=None)


@never_cache
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draft changes, then its publication, for good."""
    user = staff(request)
    version = version_of(pk)
    form = PublishForm(request.POST or None, initial={"seen": version.updated_at.isoformat(), "note": version.note})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish(by=user, draft=version, now=timezone.now(), **form.cleaned_data)
        except RefusedError as refusal:
            status = refuse(form, refusal)
            form.data = {**form.data.dict(), "seen": version_of(pk).updated_at.isoformat()}  # type: ignore[attr-defined]
        else:
            messages.success(request, _("The version %(version)s is published.") % {"version": version.version})
            return redirect("diagnostics:instrument_edit", pk)
    elif version.state != EditionState.DRAFT:
        return redirect("diagnostics:instrument_edit", pk)
    version = version_of(pk)
    before, content = _before(version), instrument_of(version)
    context = {
        "version": version,
        "form": form,
        "before": before,
        "problems": _problems(version, content) if version.state == EditionState.DRAFT else [],
        "changes": changes(instrument_of(before), content) if before else [],
    }
    return render(request, "diagnostics/instruments/publish.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then throw a draft away."""
    user = staff(request)
    version = version_of(pk)
    if version.state != EditionState.DRAFT:
        raise Http404
    form = SeenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.discard_draft(by=user, draft=version, now=timezone.now(), **form.cleaned_data)
        except RefusedError as refusal:
            messages.error(request, str(refusal))
            return redirect("diagnostics:instrument_edit", pk)
        messages.success(request, _("The draft was thrown away."))
        return redirect("diagnostics:instruments")
    context = {"version": version, "form": SeenForm(initial={"seen": version.updated_at.isoformat()})}
    return render(request, "diagnostics/instruments/discard.html", context)


@never_cache
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """A version, a draft too, as its file."""
    staff(request)
    return yaml_file(version_of(pk))


def yaml_file(version: InstrumentVersion) -> HttpResponse:
    """The file of a version; its checksum goes in a header and stands on the page."""
    content = instrument_of(version)
    name = f"{content.key}-{content.version}.yaml"
    body = instrument_file.write(content)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Checksum-SHA256": version.checksum}
    return HttpResponse(body, content_type="application/yaml; charset=utf-8", headers=headers)
