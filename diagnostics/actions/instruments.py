"""Writing an instrument: a draft at a time, from a published version or from a file; then its publication, for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from config.page_cache import forget_public_pages
from diagnostics.choices import EditionState
from diagnostics.models import InstrumentFamily, InstrumentVersion, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import instrument_edit, instrument_file
from diagnostics.rules import mapping as mappings
from diagnostics.rules.file_faults import Problem
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.instrument_edit import Part
from diagnostics.rules.instrument_words import meaning_problems
from diagnostics.rules.versions import order_of
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


class FaultyFileError(RefusedError):
    """The file cannot be taken. `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(_("The file has faults. Nothing was changed."))


def begin_draft(*, by: User, source: InstrumentVersion, now: datetime) -> InstrumentVersion:
    """Begin a version with the words of another. Raises `RefusedError` while the instrument has a draft."""
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    with transaction.atomic():
        family = InstrumentFamily.objects.select_for_update().get(pk=source.family_id)
        instrument = replace(instrument_of(source), version=_next_version(family, timezone.localdate(now).year))
        return _begin(family, instrument, by=by, now=now)


def begin_from_file(*, by: User, text: str, now: datetime) -> InstrumentVersion:
    """Begin a version from a YAML file; a key that is not known yet begins an instrument.

    Raises `FaultyFileError`; `RefusedError` while the instrument has a draft.
    """
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    try:
        instrument = instrument_file.read(text)
    except instrument_file.InstrumentError as error:
        raise FaultyFileError(error.problems) from error
    if twice := instrument_file.repeated(instrument):
        raise FaultyFileError([Problem(name, _("This identifier is used twice.")) for name in twice])
    with transaction.atomic():
        InstrumentFamily.objects.get_or_create(key=instrument.key, defaults={"name": instrument.title[:150]})
        family = InstrumentFamily.objects.select_for_update().get(key=instrument.key)
        if family.versions.filter(version=instrument.version).exists():
            raise RefusedError(
                _("There is a version %(version)s already. Give the file another version.")
                % {"version": instrument.version}
            )
        return _begin(family, instrument, by=by, now=now)


def _begin(family: InstrumentFamily, instrument: Instrument, *, by: User, now: datetime) -> InstrumentVersion:
    if draft := family.versions.filter(state=EditionState.DRAFT).select_related("updated_by").first():
        raise RefusedError(
            _("%(who)s is already writing the version %(version)s. Go on with that draft, or throw it away first.")
            % {"who": draft.updated_by or _("The portal"), "version": draft.version}
        )
    draft = InstrumentVersion(family=family, created_at=now)
    _fill(draft, instrument, by=by, now=now)
    draft.save()
    record_event("instrument.begun", by=by, at=now, subject=draft, version=draft.version)
    return draft


def _next_version(family: InstrumentFamily, year: int) -> str:
    """The year and a number: the first one of the year after those that exist."""
    last = max((order_of(version) for version in family.versions.values_list("version", flat=True)), default=(0, 0))
    return f"{last[0]}.{last[1] + 1}" if last[0] >= year else f"{year}.1"


# --- Changing a draft -------------------------------------------------------------------------------------------------


def seen_of(instrument: Instrument, name: str, *, whole: bool = False) -> str:
    """A mark of a part as it is, for a form to send back; `whole` with what the part holds. "" when there is none."""
    part = instrument_edit.part_of(instrument, name) if name else instrument
    return instrument_file.digest(instrument_file.plain(part if whole else instrument_edit.bare(part))) if part else ""


def put_front(*, by: User, draft: InstrumentVersion, front: Instrument, seen: str, now: datetime) -> InstrumentVersion:
    """Write the instrument's own words: version, title, note, sources, scale. Its dimensions stay."""

    def change(instrument: Instrument) -> Instrument:
        return replace(front, key=instrument.key, dimensions=instrument.dimensions)

    return _change(by, draft, "", seen, change, now)


def put_part(
    *, by: User, draft: InstrumentVersion, name: str, new: Part, seen: str, now: datetime
) -> InstrumentVersion:
    """Write a part. Its identifier may change while no published version has it."""
    if new.id != name and name in released(draft.family):
        raise RefusedError(_("This identifier was published: it is permanent."))
    return _change(by, draft, name, seen, lambda instrument: instrument_edit.put(instrument, name, new), now)


def add_part(*, by: User, draft: InstrumentVersion, owner: str, new: Part, now: datetime) -> InstrumentVersion:
    """Put a part at the end of its owner ("" for a dimension)."""

    def change(instrument: Instrument) -> Instrument:
        if owner and instrument_edit.part_of(instrument, owner) is None:
            raise OvertakenError(_("In the meantime someone took out the part that you were adding to."))
        return instrument_edit.add(instrument, owner, new)

    return _change(by, draft, None, "", change, now)


def move_part(*, by: User, draft: InstrumentVersion, name: str, up: bool, now: datetime) -> InstrumentVersion:
    """Move a part one place among its neighbours."""
    step = -1 if up else 1
    return _change(by, draft, None, "", lambda instrument: instrument_edit.move(instrument, name, step), now)


def remove_part(*, by: User, draft: InstrumentVersion, name: str, seen: str, now: datetime) -> InstrumentVersion:
    """Take a part out with all that it holds, as the person saw it (`seen_of(..., whole=True)`)."""
    return _change(by, draft, name, seen, lambda instrument: instrument_edit.remove(instrument, name), now, whole=True)


def _change(
    by: User,
    draft: InstrumentVersion,
    name: str | None,
    seen: str,
    change: Callable[[Instrument], Instrument],
    now: datetime,
    *,
    whole: bool = False,
) -> InstrumentVersion:
    """Change a locked draft. `name` is the part that was seen, None when nothing need be compared.

    Two people work on one draft as long as they work on different parts. Raises `OvertakenError` when the part is another by
    now; `FaultyFileError` when the result is no instrument.
    """
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    with transaction.atomic():
        locked = _locked(draft)
        instrument = instrument_of(locked)
        if name is not None and seen_of(instrument, name, whole=whole) != seen:
            raise OvertakenError(
                _("In the meantime %(who)s changed this. Nothing of yours was saved yet, and nothing of it is lost.")
                % {"who": locked.updated_by or _("The portal")}
            )
        try:
            changed = instrument_file.from_data(instrument_file.to_data(change(instrument)))
        except instrument_file.InstrumentError as error:
            raise FaultyFileError(error.problems) from error
        if twice := instrument_file.repeated(changed):
            raise RefusedError(_("Another part already has the identifier “%(id)s”.") % {"id": twice[0]})
        others = locked.family.versions.exclude(pk=locked.pk)
        if others.filter(version=changed.version).exists():
            raise RefusedError(_("There is a version %(version)s already.") % {"version": changed.version})
        _fill(locked, changed, by=by, now=now)
        locked.save()
    return locked


def _fill(draft: InstrumentVersion, instrument: Instrument, *, by: User, now: datetime) -> None:
    draft.version, draft.title = instrument.version, instrument.title
    draft.content, draft.checksum = instrument_file.to_data(instrument), instrument_file.checksum(instrument)
    draft.updated_at, draft.updated_by = now, by


def _locked(draft: InstrumentVersion) -> InstrumentVersion:
    found = (
        InstrumentVersion.objects.select_for_update(of=("self",))
        .select_related("family", "updated_by")
        .filter(pk=draft.pk)
        .first()
    )
    if found is None:
        raise OvertakenError(_("In the meantime someone threw this draft away. Nothing of yours was saved."))
    if found.state != EditionState.DRAFT:
        raise OvertakenError(
            _("In the meantime %(who)s published this version: its words no longer change. Nothing of yours was saved.")
            % {"who": found.updated_by or _("The portal")}
        )
    return found


def discard_draft(*, by: User, draft: InstrumentVersion, seen: datetime, now: datetime) -> None:
    """Throw a draft away, as the person saw it, with the mappings to it. Its version is given again."""
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    with transaction.atomic():
        locked = _locked(draft)
        _check_seen(locked, seen)
        if locked.rounds.exists() or locked.diagnostics.exists():
            raise RefusedError(_("A round uses this draft."))
        record_event("instrument.discarded", by=by, at=now, subject=locked, version=locked.version)
        VersionMapping.objects.filter(target=locked).delete()
        locked.delete()


def publish(*, by: User, draft: InstrumentVersion, seen: datetime, note: str, now: datetime) -> InstrumentVersion:
    """Put a draft in force, for good. `note` says what changed.

    Raises `RefusedError` while it has problems, `OvertakenError` when it changed since the person saw it.
    """
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    with transaction.atomic():
        InstrumentFamily.objects.select_for_update().get(pk=draft.family_id)
        locked = _locked(draft)
        _check_seen(locked, seen)
        if found := problems(locked):
            raise RefusedError(" ".join(part for part in (found[0].where, found[0].what) if part))
        locked.family.versions.filter(state=EditionState.PUBLISHED).update(state=EditionState.RETIRED)
        locked.state, locked.published_at, locked.updated_by, locked.note = (
            EditionState.PUBLISHED,
            now,
            by,
            note.strip(),
        )
        locked.save(update_fields=["state", "published_at", "updated_by", "note"])
        InstrumentFamily.objects.filter(pk=locked.family_id).update(name=locked.title[:150])
        record_event("instrument.published", by=by, at=now, subject=locked, version=locked.version)
        transaction.on_commit(forget_public_pages)
    return locked


def _check_seen(draft: InstrumentVersion, seen: datetime) -> None:
    if draft.updated_at != seen:
        raise OvertakenError(
            _("In the meantime %(who)s changed this draft. Look at it again before you decide.")
            % {"who": draft.updated_by or _("The portal")}
        )


def problems(version: InstrumentVersion) -> list[Problem]:
    """Everything that keeps a draft from being published."""
    instrument = instrument_of(version)
    earlier = list(version.family.versions.exclude(state=EditionState.DRAFT).exclude(pk=version.pk).order_by("pk"))
    found = [*instrument_file.problems(instrument), *meaning_problems(map(instrument_of, earlier), instrument)]
    if any(order_of(one.version) >= order_of(version.version) for one in earlier):
        found.append(Problem("", _("A version that is as late or later was published. Give this one a later version.")))
    return found


def released(family: InstrumentFamily) -> frozenset[str]:
    """Every identifier that a published version has or had: they are permanent."""
    versions = family.versions.exclude(state=EditionState.DRAFT)
    return frozenset(part.id for version in versions for part in instrument_edit.parts(instrument_of(version)))


# --- Mappings ---------------------------------------------------------------------------------------------------------


def keep_mapping(
    *, by: User, source: InstrumentVersion, target: InstrumentVersion, text: str, seen: str, now: datetime
) -> VersionMapping:
    """Keep the mapping between two versions, once it has no faults. `seen` is the checksum of the one that the person saw.

    Raises `FaultyFileError`; `OvertakenError` when someone kept another meanwhile.
    """
    check_can(by, Permission.MANAGE_INSTRUMENTS)
    try:
        mapping = mappings.read(text)
    except instrument_file.InstrumentError as error:
        raise FaultyFileError(error.problems) from error
    if found := mappings.problems(mapping, instrument_of(source), instrument_of(target)):
        raise FaultyFileError(found)
    with transaction.atomic():
        InstrumentFamily.objects.select_for_update().get(pk=source.family_id)
        held = VersionMapping.objects.filter(source=source, target=target).first()
        if (held.checksum if held else "") != seen:
            raise OvertakenError(
                _(
                    "In the meantime %(who)s kept another mapping. Nothing of yours was saved yet, and nothing of it is lost."
                )
                % {"who": (held.added_by if held else None) or _("The portal")}
            )
        kept = held or VersionMapping(source=source, target=target)
        kept.content = mappings.to_data(mapping)
        kept.checksum = instrument_file.digest(kept.content)
        kept.added_at, kept.added_by = now, by
        kept.save()
        record_event("instrument.mapped", by=by, at=now, subject=target, version=target.version, former=source.version)
    return kept
