"""Who holds which office. Every action locks the municipality's row first, so two people who record at once do so in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind, Office, SignatureState
from municipalities.models import Adhesion, Authority, Document, Municipality, Signature
from municipalities.permissions import check_can
from municipalities.rules.authorities import HELD_BY_ONE, after, overlap

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Tenure:
    """What is said of a person in an office. `run` as stored; `last_day` None while it goes on; `decree_file` a PDF or None."""

    office: str
    name: str
    run: str
    starts: date
    last_day: date | None
    decree: str
    decree_file: IO[bytes] | None = None


class DecreeRefusedError(RefusedError):
    """The file of the decree is of a kind that is never kept."""

    field = "decree_file"


def record_authority(
    *,
    by: User,
    municipality: Municipality,
    tenure: Tenure,
    now: datetime,
    replaces: Authority | None = None,
    seen: str | None = None,
) -> Authority:
    """Record a person in an office; with `replaces`, that one leaves on the day before, in the same transaction.

    `seen` is the fingerprint of `replaces` as the person saw it. Raises `RefusedError` naming who holds the office in those
    days, `OvertakenError` when someone changed `replaces` since.
    """
    with transaction.atomic():
        _lock(by, municipality)
        former = _end_former(replaces, tenure, seen) if replaces else None
        _refuse_overlap(municipality, tenure)
        authority = Authority(municipality=municipality, recorded_by=by, recorded_at=now)
        _write(authority, tenure, by=by, now=now)
        kind = "authority.replaced" if former else "authority.recorded"
        _record(kind, authority, by=by, at=now, former=former.name if former else "", starts=_said(tenure.starts))
    return authority


def end_authority(
    *, by: User, authority: Authority, last_day: date, now: datetime, seen: str | None = None
) -> Authority:
    """Say on which day someone is in the office for the last time. Changed by another since `seen`: `OvertakenError`."""
    with transaction.atomic():
        _lock(by, authority.municipality)
        locked = Authority.objects.select_for_update().get(pk=authority.pk)
        ends = last_day + timedelta(days=1)
        if locked.ends == ends:
            return locked
        _refuse_overtaken(locked, seen)
        if last_day < locked.starts:
            raise RefusedError(_("The last day comes before the first one."))
        locked.ends = ends
        _refuse_overlap(locked.municipality, _tenure_of(locked), but=locked)
        with constraints(locked.municipality, _tenure_of(locked), but=locked):
            locked.save(update_fields=["ends"])
        _record("authority.ended", locked, by=by, at=now, last_day=_said(last_day))
    return locked


def correct_authority(*, by: User, authority: Authority, tenure: Tenure, seen: str, now: datetime) -> Authority:
    """Mend a mistake in what was recorded. `seen` is `authority.fingerprint` as the person saw it.

    A municipality does not rewrite who signed what it sent: once a signed act names the person, the council corrects. Raises
    `OvertakenError` when someone changed it since, `RefusedError` for days in which another holds the office.
    """
    with transaction.atomic():
        _lock(by, authority.municipality)
        locked = Authority.objects.select_for_update().get(pk=authority.pk)
        _refuse_overtaken(locked, seen)
        _refuse_rewriting(locked, by)
        _refuse_overlap(locked.municipality, tenure, but=locked)
        before = locked.fingerprint
        _write(locked, tenure, by=by, now=now)
        if locked.fingerprint != before or tenure.decree_file:
            _record("authority.corrected", locked, by=by, at=now)
    return locked


def held_by_another(municipality: Municipality, tenure: Tenure, *, but: Authority | None = None) -> Authority | None:
    """Who holds an office of one person on a day of `tenure`, other than `but`."""
    if tenure.office not in HELD_BY_ONE:
        return None
    ends = after(tenure.last_day)
    others = Authority.objects.filter(municipality=municipality, office=tenure.office).order_by("starts")
    return next(
        (
            other
            for other in others.exclude(pk=but.pk if but else 0)
            if overlap(tenure.starts, ends, other.starts, other.ends)
        ),
        None,
    )


def _lock(by: User, municipality: Municipality) -> None:
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    check_can(by, Permission.RECORD_AUTHORITY, municipality)


def _refuse_overtaken(authority: Authority, seen: str | None) -> None:
    if seen is not None and authority.fingerprint != seen:
        raise OvertakenError(_told_of_change(authority))


def _refuse_rewriting(authority: Authority, by: User) -> None:
    signed = Signature.objects.filter(act__authority=authority).exclude(state=SignatureState.RETURNED)
    if not by.is_council and signed.exists():
        raise RefusedError(
            _("A signed act names %(name)s: only the council corrects this record now. Write to it.")
            % {"name": authority.name}
        )


def _end_former(replaces: Authority, tenure: Tenure, seen: str | None) -> Authority:
    former = Authority.objects.select_for_update().get(pk=replaces.pk)
    _refuse_overtaken(former, seen)
    if former.starts >= tenure.starts:
        raise RefusedError(
            _("%(name)s began on %(day)s: whoever follows must begin later.")
            % {"name": former.name, "day": _said(former.starts)}
        )
    if former.ends is None or former.ends > tenure.starts:
        former.ends = tenure.starts
        former.save(update_fields=["ends"])
    return former


def _write(authority: Authority, tenure: Tenure, *, by: User, now: datetime) -> None:
    """Set the fields and save; the constraints of the table have the last word."""
    authority.office, authority.name, authority.run = tenure.office, tenure.name, tenure.run
    authority.starts, authority.ends, authority.decree = tenure.starts, after(tenure.last_day), tenure.decree
    if tenure.decree_file:
        authority.decree_document = _decree(authority.municipality, tenure.decree_file, by=by, now=now)
    with constraints(authority.municipality, tenure, but=authority if authority.pk else None):
        authority.save()


def _decree(municipality: Municipality, file: IO[bytes], *, by: User, now: datetime) -> Document:
    name = str(getattr(file, "name", "") or "decreto.pdf")[-150:]
    try:
        return receive(by=by, municipality=municipality, kind=DocumentKind.DECREE, upload=file, name=name, now=now)
    except RefusedError as refusal:
        raise DecreeRefusedError(str(refusal)) from refusal


def _refuse_overlap(municipality: Municipality, tenure: Tenure, *, but: Authority | None = None) -> None:
    other = held_by_another(municipality, tenure, but=but)
    if other:
        raise RefusedError(_told_of_overlap(other))


@contextmanager
def constraints(municipality: Municipality, tenure: Tenure, *, but: Authority | None) -> Iterator[None]:
    """Turn a refusal of the table into words: rows written past the lock (a command, the admin) end here."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        other = held_by_another(municipality, tenure, but=but)
        refusal = _told_of_overlap(other) if other else _("These dates or this RUN cannot be recorded. Check them.")
        raise RefusedError(refusal) from error


def _told_of_overlap(other: Authority) -> str:
    words = {"name": other.name, "office": other.get_office_display(), "start": _said(other.starts)}
    if other.last_day is None:
        return (
            _("%(name)s is in this office (%(office)s) since %(start)s. End that first, or record who follows.") % words
        )
    words["end"] = _said(other.last_day)
    return _("%(name)s was in this office (%(office)s) from %(start)s to %(end)s: the days overlap.") % words


def _told_of_change(authority: Authority) -> str:
    if not authority.last_day:
        return _("In the meantime someone changed the record of %(name)s. Nothing of yours was done.") % {
            "name": authority.name
        }
    return _(
        "In the meantime someone recorded that %(name)s is in office until %(day)s. Nothing of yours was done."
    ) % {"name": authority.name, "day": _said(authority.last_day)}


def _said(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _tenure_of(authority: Authority) -> Tenure:
    return Tenure(
        office=authority.office,
        name=authority.name,
        run=authority.run,
        starts=authority.starts,
        last_day=authority.last_day,
        decree=authority.decree,
    )


def _record(kind: str, authority: Authority, *, by: User, at: datetime, **data: Any) -> None:
    """The event belongs to the file of the adhesion where there is one: there people read it. Never with the RUN."""
    adhesion = Adhesion.objects.filter(municipality=authority.municipality_id).order_by("-term_year", "-pk").first()
    record_event(
        kind,
        by=by,
        at=at,
        subject=adhesion or authority,
        municipality_cut=authority.municipality_id,
        person=authority.name,
        office=Office(authority.office).value,
        **data,
    )
