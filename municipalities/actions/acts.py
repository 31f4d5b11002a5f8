"""The text of the act, edition by edition, and the acts issued with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError, documents
from municipalities.actions import adhesions as adhesion_actions
from municipalities.choices import AdhesionState, DocumentKind, EditionState, Office
from municipalities.models import Act, ActTemplate, Adhesion, Authority, Document, Municipality, Signature
from municipalities.permissions import check_can
from municipalities.reports import acts as reports
from municipalities.reports.seal import seal
from municipalities.rules import acts as rules
from municipalities.rules.adhesion_states import step

if TYPE_CHECKING:
    from accounts.models import User

# Names of locks: whoever takes the next number holds one until the transaction ends.
_FOLIOS: Final = "municipalities.act.folio"
_EDITIONS: Final = "municipalities.act_template.number"


def new_draft(*, by: User, source: ActTemplate, now: datetime) -> ActTemplate:
    """Begin an edition with the words of another. Raises `RefusedError` while a draft exists: there is one at a time."""
    check_can(by, Permission.MANAGE_ACT_TEMPLATES)
    with transaction.atomic():
        _lock(_EDITIONS)
        if draft := ActTemplate.objects.filter(state=EditionState.DRAFT).select_related("updated_by").first():
            raise RefusedError(
                _("%(who)s is already writing the edition %(number)s. Go on with that draft, or throw it away first.")
                % {"who": draft.updated_by or _("The portal"), "number": draft.number}
            )
        last: int = ActTemplate.objects.aggregate(last=Max("number"))["last"] or 0
        draft = ActTemplate.objects.create(
            number=last + 1,
            title=source.title,
            body=source.body,
            commitments=source.commitments,
            closing=source.closing,
            created_at=now,
            updated_at=now,
            updated_by=by,
        )
        record_event("act_template.begun", by=by, at=now, subject=draft, number=draft.number)
    return draft


def save_draft(*, by: User, draft: ActTemplate, parts: rules.Parts, seen: datetime, now: datetime) -> ActTemplate:
    """Keep the words of a draft, whatever is still wrong with them. `seen`: the `updated_at` of what the person started from.

    Raises `OvertakenError` when someone else saved since, or it is no draft any more.
    """
    check_can(by, Permission.MANAGE_ACT_TEMPLATES)
    with transaction.atomic():
        locked = _locked_draft(draft, seen)
        for name, value in parts._asdict().items():
            setattr(locked, name, value)
        locked.updated_at, locked.updated_by = now, by
        locked.save(update_fields=[*rules.Parts._fields, "updated_at", "updated_by"])
    return locked


def discard_draft(*, by: User, draft: ActTemplate, seen: datetime, now: datetime) -> None:
    """Throw a draft away; its words stay in the history. Its number is given again."""
    check_can(by, Permission.MANAGE_ACT_TEMPLATES)
    with transaction.atomic():
        locked = _locked_draft(draft, seen)
        record_event("act_template.discarded", by=by, at=now, subject=locked, number=locked.number)
        locked.delete()


def publish_template(*, by: User, draft: ActTemplate, seen: datetime, now: datetime) -> ActTemplate:
    """Put a draft in force: from now on acts are issued with it, and its words never change.

    Raises `RefusedError` for a text with problems or with a character that cannot be printed, `OvertakenError` when it
    changed since the person read it.
    """
    check_can(by, Permission.MANAGE_ACT_TEMPLATES)
    with transaction.atomic():
        locked = _locked_draft(draft, seen)
        if found := rules.problems(locked):
            raise RefusedError(str(found[0].sentence))
        try:
            reports.act_pdf(reports.fields_of(locked, reports.SAMPLE, issued_at=now, preview=True))
        except reports.UnprintableError as error:
            raise RefusedError(unprintable(error)) from error
        ActTemplate.objects.filter(state=EditionState.PUBLISHED).update(state=EditionState.RETIRED)
        locked.state, locked.published_at, locked.updated_by = EditionState.PUBLISHED, now, by
        locked.save(update_fields=["state", "published_at", "updated_by"])
        record_event("act_template.published", by=by, at=now, subject=locked, number=locked.number)
    return locked


def _locked_draft(draft: ActTemplate, seen: datetime) -> ActTemplate:
    # The person may be NULL, so the row alone is locked.
    found = ActTemplate.objects.select_for_update(of=("self",)).select_related("updated_by").filter(pk=draft.pk).first()
    if found is None:
        raise OvertakenError(_("In the meantime someone threw this draft away. Nothing of yours was saved."))
    who = found.updated_by or _("The portal")
    if found.state != EditionState.DRAFT:
        raise OvertakenError(
            _("In the meantime %(who)s published this edition: its words no longer change. Nothing of yours was saved.")
            % {"who": who}
        )
    if found.updated_at != seen:
        raise OvertakenError(
            _("In the meantime %(who)s changed this draft. Nothing of yours was saved yet, and nothing of it is lost.")
            % {"who": who}
        )
    return found


def unprintable(error: reports.UnprintableError) -> str:
    return _("The document cannot show the character “%(character)s”. Take it out or write it in another way.") % {
        "character": error
    }


def signatories(municipality: Municipality, now: datetime) -> list[Authority]:
    """Who may sign an act today, the first one unless told otherwise: the mayor; acting mayors, the latest first."""
    found = Authority.objects.on(timezone.localdate(now)).filter(
        Q(office=Office.MAYOR) | Q(office=Office.ACTING_MAYOR), municipality=municipality
    )
    return sorted(found, key=lambda one: (one.office != Office.MAYOR, -one.starts.toordinal(), one.pk))


def published_template() -> ActTemplate | None:
    """The edition with which acts are issued now."""
    return ActTemplate.objects.filter(state=EditionState.PUBLISHED).first()


def fields_for(
    adhesion: Adhesion, *, template: ActTemplate, authority: Authority, folio: str, now: datetime, preview: bool = False
) -> dict[str, Any]:
    """What the act of an adhesion says if it is issued now to be signed by `authority`."""
    values = reports.values_of(
        adhesion.municipality,
        authority=authority.name,
        is_acting=authority.office == Office.ACTING_MAYOR,
        term=str(adhesion.term),
        day=timezone.localdate(now),
        folio=folio,
    )
    return reports.fields_of(template, values, issued_at=now, preview=preview)


def obstacle(adhesion: Adhesion, now: datetime) -> str:
    """What has to be done before an act can be issued; empty when nothing has. Of the state of the adhesion it says nothing."""
    today = timezone.localdate(now)
    if not adhesion.term.starts <= today < adhesion.term.ends:
        return _("This adhesion belongs to the term %(term)s. Open one for the term in course and issue its act.") % {
            "term": adhesion.term
        }
    if not signatories(adhesion.municipality, now):
        return _(
            "Nobody is recorded as mayor or acting mayor of %(municipality)s today. "
            "Record who holds the office, with its decree, and come back."
        ) % {"municipality": adhesion.municipality}
    if published_template() is None:
        return _("No text of the act is published. Publish an edition first.")
    return ""


def issue_act(
    *,
    by: User,
    adhesion: Adhesion,
    now: datetime,
    seen: str,
    reason: str = "",
    authority: Authority | None = None,
    edition: int | None = None,
) -> Act:
    """Issue the act of an adhesion with the next folio and take the step to `act_issued`; an earlier act is replaced.

    `authority` is to sign: one of `signatories`, the first of them unless told. `edition` is the number of the text that the
    person read. Raises `OvertakenError` when the adhesion is no longer in `seen` or another edition is in force,
    `RefusedError` with what to do when something is missing, `PermissionDenied`.
    """
    check_can(by, Permission.ISSUE_ACT, adhesion.municipality)
    with transaction.atomic():
        locked = _locked_for_act(adhesion, seen)
        if missing := obstacle(locked, now):
            raise RefusedError(missing)
        _replace_current(locked, now)
        act = _next_act(locked, authority=_who_signs(locked, authority, now), by=by, now=now)
        if edition is not None and act.template.number != edition:
            raise OvertakenError(
                _(
                    "In the meantime the edition %(number)s of the text was published. Read the act again: it was not issued."
                )
                % {"number": act.template.number}
            )
        try:
            content = reports.act_pdf(act.fields)
        except reports.UnprintableError as error:
            raise RefusedError(unprintable(error)) from error
        # The step before the file: what the step refuses leaves no file behind.
        adhesion_actions.move(
            by=by,
            adhesion=locked,
            to=AdhesionState.ACT_ISSUED,
            now=now,
            reason=reason,
            seen=seen,
            words={"folio": act.folio, "autoridad": act.fields["authority"]},
        )
        place = locked.municipality
        act.document = documents.keep(
            municipality=place, kind=DocumentKind.ACT, content=content, name=f"{act.folio}.pdf", now=now
        )
        act.sha256 = act.document.sha256
        act.save()
        record_event("adhesion.act_issued", by=by, at=now, subject=locked, municipality_cut=place.cut, folio=act.folio)
    return act


def _locked_for_act(adhesion: Adhesion, seen: str) -> Adhesion:
    locked = Adhesion.objects.select_for_update(of=("self",)).select_related("municipality__region").get(pk=adhesion.pk)
    try:
        step(locked.state, AdhesionState.ACT_ISSUED)
    except ValueError:
        raise OvertakenError(adhesion_actions.overtaken(locked)) from None
    if locked.state != seen:
        raise OvertakenError(adhesion_actions.overtaken(locked))
    return locked


def _who_signs(adhesion: Adhesion, authority: Authority | None, now: datetime) -> Authority:
    able = signatories(adhesion.municipality, now)
    if authority is None:
        return able[0]
    if authority not in able:
        raise RefusedError(_("%(who)s does not hold the office today. Choose who does.") % {"who": authority.name})
    return authority


def _replace_current(adhesion: Adhesion, now: datetime) -> None:
    for act in Act.objects.current().filter(adhesion=adhesion):
        act.replaced_at = now
        act.save(update_fields=["replaced_at"])


def _next_act(adhesion: Adhesion, *, authority: Authority, by: User, now: datetime) -> Act:
    """The act with the next folio of the year, not saved yet. A lock is held until the transaction ends: no gaps, no doubles."""
    template = ActTemplate.objects.get(state=EditionState.PUBLISHED)
    year = timezone.localdate(now).year
    _lock(_FOLIOS)
    last: int = Act.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    folio = rules.folio(year, last + 1)
    return Act(
        adhesion=adhesion,
        year=year,
        number=last + 1,
        folio=folio,
        template=template,
        authority=authority,
        fields=fields_for(adhesion, template=template, authority=authority, folio=folio, now=now),
        issued_at=now,
        issued_by=by,
    )


def make_public_copy(*, signature: Signature, now: datetime) -> Document:
    """The copy without RUN of a signed act, for everyone; made once and remembered by the signature.

    Raises `RefusedError` for a name that cannot be printed.
    """
    with transaction.atomic():
        locked = (
            Signature.objects.select_for_update(of=("self",))
            .select_related("act__adhesion__municipality", "document", "public_document")
            .get(pk=signature.pk)
        )
        if locked.public_document is None:
            try:
                copy = reports.public_copy_pdf(locked.act, locked)
            except reports.UnprintableError as error:
                raise RefusedError(unprintable(error)) from error
            locked.public_document = documents.keep(
                municipality=locked.act.adhesion.municipality,
                kind=DocumentKind.PUBLIC_ACT,
                content=_sealed(copy, now),
                name=f"{locked.act.folio}.pdf",
                now=now,
            )
            locked.save(update_fields=["public_document"])
        signature.public_document = locked.public_document
    return locked.public_document


def _sealed(pdf: bytes, now: datetime) -> bytes:
    """The PDF with the portal's seal, where the portal has one: whoever holds the copy can prove where it came from."""
    return seal(pdf, reason=str(_("Public copy of the register")), now=now) if settings.SEAL_FILE else pdf


def _lock(name: str) -> None:
    """Wait for a lock of this name and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
