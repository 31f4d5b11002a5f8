"""The instruments that the app ships, from their files into the database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from config.page_cache import forget_public_pages
from diagnostics.choices import EditionState, InstrumentPurpose
from diagnostics.models import InstrumentFamily, InstrumentVersion
from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.versions import order_of
from municipalities.imports.register import TableReport

DATA: Final = Path(__file__).parent.parent / "data"
SELF_ASSESSMENTS: Final = DATA / "self_assessment"
"""Those with which plans of action are assessed."""


@transaction.atomic
def load_instruments(folder: Path = DATA, purpose: InstrumentPurpose = InstrumentPurpose.DIAGNOSTIC) -> TableReport:
    """Publish the versions of the folder's YAML files that the database does not have. A second run changes nothing.

    What the council published stays in force, and a published version is never replaced: a file that differs from it is
    kept out and reported. Raises OSError, or ValueError for a file with faults.
    """
    found = sorted((_read(path) for path in folder.glob("*.yaml")), key=lambda one: (one.key, order_of(one.version)))
    now = timezone.now()
    added, kept = 0, 0
    notes: list[str] = []
    for instrument in found:
        family, _made = InstrumentFamily.objects.get_or_create(
            key=instrument.key, defaults={"name": instrument.title[:150], "purpose": purpose}
        )
        held = family.versions.filter(version=instrument.version).first()
        if held is None:
            _add(family, instrument, now)
            added += 1
        elif held.checksum != instrument_file.checksum(instrument):
            kept += 1
            notes.append(f"{instrument.key} {instrument.version}: the file differs from what is published, which stays")
    if added:
        transaction.on_commit(forget_public_pages)
    return TableReport(
        table="instrumentversion",
        added=added,
        changed=tuple(notes),
        unchanged=len(found) - added - kept,
        kept=kept,
    )


def _read(path: Path) -> Instrument:
    try:
        instrument = instrument_file.read(path.read_text(encoding="utf-8"))
    except instrument_file.InstrumentError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if faults := instrument_file.problems(instrument):
        raise ValueError(f"{path.name}: {instrument_file.InstrumentError(faults)}")
    return instrument


def _add(family: InstrumentFamily, instrument: Instrument, now: datetime) -> None:
    """In force, unless the council published a version of its own or a later one is."""
    current = family.versions.select_for_update().filter(state=EditionState.PUBLISHED).first()
    takes_over = current is None or (
        current.updated_by_id is None and order_of(current.version) < order_of(instrument.version)
    )
    if current is not None and takes_over:
        InstrumentVersion.objects.filter(pk=current.pk).update(state=EditionState.RETIRED)
    InstrumentVersion.objects.create(
        family=family,
        version=instrument.version,
        title=instrument.title,
        content=instrument_file.to_data(instrument),
        checksum=instrument_file.checksum(instrument),
        state=EditionState.PUBLISHED if takes_over else EditionState.RETIRED,
        created_at=now,
        updated_at=now,
        published_at=now,
    )
