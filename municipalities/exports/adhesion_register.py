"""The public register of adhesions as open data: CSV, JSON, and an Atom feed of what changed.

The columns and what they mean are in `data/adhesion_columns.csv`; `docs/open-data.md` prints the same. An empty cell is "not
given", never zero. There is no column for a RUN, an e-mail or the name of a person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from municipalities.choices import Fact, Office, RuralClass, SignatureMethod, Standing
from municipalities.exports import tables
from municipalities.exports.tables import Column, Row, columns_of
from municipalities.models import Municipality, Region
from municipalities.reports.adhesion_register import (
    Entry,
    Published,
    SignedAct,
    entries,
    happenings,
    published,
    signed_acts,
)

COLUMNS_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "adhesion_columns.csv"
NEWS: Final = 100

CLASSES: Final = {RuralClass.URBAN: "urbana", RuralClass.MIXED: "mixta", RuralClass.RURAL: "rural"}
OFFICES: Final = {
    Office.MAYOR: "alcaldia",
    Office.ACTING_MAYOR: "alcaldia_subrogante",
    Office.SECRETARY: "secretaria",
}
METHODS: Final = {
    SignatureMethod.ADVANCED: "avanzada",
    SignatureMethod.FIRMAGOB: "firmagob",
    SignatureMethod.PORTAL: "portal",
    SignatureMethod.SCAN: "papel",
}
ANSWERS: Final = {Fact.YES: "si", Fact.NO: "no", Fact.UNKNOWN: "no_se_sabe"}
_FACTS: Final = ("intacta", "certificado_confiable", "firmo_la_autoridad", "cubre_el_acta")


def columns() -> tuple[Column, ...]:
    """The columns in their order, with their words."""
    return columns_of(COLUMNS_FILE)


def rows() -> list[Row]:
    """A row for each adhesion that the register shows, and one for each municipality without any. Five queries."""
    shown, acts = published(), signed_acts()
    regions = dict(Region.objects.values_list("code", "short_name"))
    by_cut: dict[str, list[Published | None]] = {}
    for one in shown:
        by_cut.setdefault(one.cut, []).append(one)
    return [
        _row(entry, one, acts.get(one.pk) if one else None, regions)
        for entry in sorted(entries(shown), key=lambda entry: entry.pk)
        for one in by_cut.get(entry.pk) or [None]
    ]


def _row(entry: Entry, one: Published | None, act: SignedAct | None, regions: dict[str, str]) -> Row:
    place: Row = {
        "cut": entry.pk,
        "municipio": entry.name,
        "region": entry.region,
        "region_nombre": regions[entry.region],
        "clase": CLASSES[RuralClass(entry.rural_class)],
        "distancia_km": entry.distance_km,
        "pagina": settings.SITE_URL + entry.href,
        "estado": Standing.NONE.value,
        "demostracion": "si" if settings.DEMONSTRATION else "no",
    }
    if one is not None:
        place |= {
            "estado": one.standing.value,
            "periodo": str(one.term),
            "vigente_desde": one.starts,
            "vigente_hasta": one.ends,
        }
    if act is not None:
        place |= {
            "folio": act.folio,
            "firmada_el": act.signed_on,
            "cargo": OFFICES[Office(act.office)],
            "forma_firma": METHODS[SignatureMethod(act.method)],
            **{name: ANSWERS[Fact(value)] for name, value in zip(_FACTS, act.facts, strict=True)},
        }
        if act.has_copy:
            place["acta"] = settings.SITE_URL + reverse("municipalities:act_public", args=[act.folio])
    return {column.name: place.get(column.name) for column in columns()}


def as_csv(found: Sequence[Row], *, comma: bool = False) -> bytes:
    """As `tables.as_csv`."""
    return tables.as_csv([column.name for column in columns()], found, comma=comma)


def as_json(found: Sequence[Row]) -> bytes:
    """The rows with their dictionary; what is not given is null."""
    document: dict[str, Any] = {
        "acerca": {"fuente": "Consejo para la Transparencia, registro de adhesiones", "pagina": settings.SITE_URL},
        "diccionario": {column.name: column.description for column in columns()},
        "adhesiones": list(found),
    }
    return json.dumps(document, ensure_ascii=False, default=str, separators=(",", ":")).encode()


def as_atom() -> str:
    """The latest public steps, newest first. An entry keeps its id, and its address leads to the municipality.

    Readers show an entry by itself: where the adhesions are invented each says so.
    """
    site, invented = settings.SITE_URL, _("Demonstration data") + ". " if settings.DEMONSTRATION else ""
    host = urlsplit(site).hostname
    feed = Atom1Feed(
        title=invented + _("Adhesions to the municipal open government model"),
        link=site + reverse("municipalities:adhesions_public"),
        description=_("What changes in the register of adhesions."),
        language="es-CL",
        author_name="Consejo para la Transparencia",
        feed_url=site + reverse("municipalities:adhesions_feed"),
        feed_guid=f"tag:{host},2026:adhesiones",
    )
    found = happenings(limit=NEWS)
    places = Municipality.objects.in_bulk({one.cut for one in found})
    for one in found:
        if one.cut in places:
            place = places[one.cut]
            feed.add_item(
                title=f"{invented}{place.name}: {one.sentence}",
                link=site + reverse("municipalities:adhesion_public", args=[place.cut, place.slug]),
                description=one.sentence,
                unique_id=f"tag:{host},2026:adhesiones/{one.pk}",
                pubdate=one.at,
                updateddate=one.at,
            )
    return feed.writeString("utf-8")
