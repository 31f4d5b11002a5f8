"""The published diagnostics as open data: a row a diagnostic, a row an answer, JSON, and an Atom feed.

The columns and what they mean are in `data/`; `docs/open-data.md` prints the same. There is no column for a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from diagnostics.choices import RoundKind, SnapshotKind
from diagnostics.exports.diagnostic import STANDINGS, of_snapshot
from diagnostics.models import Diagnostic, Round, Snapshot
from diagnostics.reports.public_evidence import keys_by_question, public_evidence
from diagnostics.reports.published import Published, Reached, instruments, published
from diagnostics.reports.results import Result
from diagnostics.rules.answer_words import said
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.scores import Standing
from municipalities.exports.adhesion_register import CLASSES
from municipalities.exports.tables import Column, Row, columns_of, json_value
from municipalities.models import Municipality, Region
from municipalities.rules.xml_text import xml_text

DATA: Final = Path(__file__).resolve().parent.parent / "data"
NEWS: Final = 100
MOMENTS: Final = {
    RoundKind.BASELINE: "linea_de_base",
    RoundKind.MIDTERM: "medio_termino",
    RoundKind.FINAL: "final",
}
_PLACES: Final = Decimal("0.0001")


def columns() -> tuple[Column, ...]:
    """Of the table of diagnostics; `*` stands for a dimension."""
    return columns_of(DATA / "diagnostic_columns.csv")


def answer_columns() -> tuple[Column, ...]:
    """Of the table of answers."""
    return columns_of(DATA / "diagnostic_answer_columns.csv")


def rows(today: date) -> list[Row]:
    """A row for each published diagnostic, by municipality and then the newest first. Seven queries."""
    shown = published(today)
    known = instruments({one.version_id for one in shown})
    places = Municipality.objects.in_bulk({one.cut for one in shown})
    regions = dict(Region.objects.values_list("code", "short_name"))
    rounds = Round.objects.in_bulk({one.round_id for one in shown})
    frozen = {
        row[0]: row[1:]
        for row in Snapshot.objects.filter(kind=SnapshotKind.VALIDATED, diagnostic__in=[one.pk for one in shown])
        .order_by("at", "pk")
        .values_list("diagnostic_id", "sha256", TruncDate("diagnostic__submitted_at"))
    }
    dimensions = list(dict.fromkeys(part.id for one in known.values() for part in one.dimensions))
    return [
        _row(one, places[one.cut], regions, rounds[one.round_id], known[one.version_id], dimensions, frozen.get(one.pk))
        for one in sorted(shown, key=lambda one: one.cut)
    ]


def _row(
    one: Published,
    place: Municipality,
    regions: dict[str, str],
    round_: Round,
    instrument: Instrument,
    dimensions: Sequence[str],
    frozen: tuple[str, date] | None,
) -> Row:
    step = one.index.step
    held: Row = {
        "cut": one.cut,
        "municipio": place.name,
        "region": place.region_id,
        "region_nombre": regions[place.region_id],
        "clase": CLASSES[place.rural_class],  # type: ignore[index]
        "distancia_km": place.distance_km,
        "habitantes": place.inhabitants,
        "grupo": place.peer_group,
        "ronda": round_.name,
        "momento": MOMENTS[RoundKind(round_.kind)],
        "folio": one.folio,
        "instrumento": instrument.key,
        "version": instrument.version,
        "enviado_el": frozen[1] if frozen else None,
        "validado_el": one.validated_on,
        "publico_desde": one.public_from,
        "indice": of_hundred(one.index.value),
        "indice_nivel": step,
        "indice_nivel_nombre": instrument.scale[step - 1].name if step else None,
    }
    for key in dimensions:
        reached = one.dimensions.get(key, Reached(None, None))
        held |= {f"dimension_{key}": of_hundred(reached.value), f"dimension_{key}_nivel": reached.step}
    address = reverse("diagnostics:public_diagnostic", args=[place.cut, place.slug, one.folio])
    return held | {
        "sha256": frozen[0] if frozen else None,
        "pagina": settings.SITE_URL + address,
        "demostracion": _demonstration(),
    }


def of_hundred(value: Decimal | str | None) -> Decimal | None:
    """A score in [0, 1] as points of 100, with four decimals."""
    return None if value is None else (Decimal(value) * 100).quantize(_PLACES)


def _demonstration() -> str:
    return "si" if settings.DEMONSTRATION else "no"


def names(found: Sequence[Row]) -> list[str]:
    """The columns of the rows; without any, those that every row has."""
    return list(found[0]) if found else [column.name for column in columns() if "*" not in column.name]


def answer_rows(round_: Round, today: date) -> Iterator[Row]:
    """A row for each question of each published diagnostic of a round, in the order of the instrument. Three queries."""
    shown = Diagnostic.objects.published(today).filter(round=round_)
    known = instruments(set(shown.order_by().values_list("version_id", flat=True)))
    frozen = (
        Snapshot.objects.filter(kind=SnapshotKind.VALIDATED, diagnostic__in=shown)
        .select_related("diagnostic__municipality")
        .order_by("diagnostic__municipality_id", "pk")
    )
    for snapshot in frozen.iterator(chunk_size=50):
        yield from answers_of(snapshot, known[snapshot.diagnostic.version_id], round_)


def answers_of(snapshot: Snapshot, instrument: Instrument, round_: Round) -> Iterator[Row]:
    """A row for each question of a diagnostic."""
    place = snapshot.diagnostic.municipality
    shared: Row = {
        "cut": place.cut,
        "municipio": place.name,
        "region": place.region_id,
        "ronda": round_.name,
        "folio": snapshot.diagnostic.folio,
        "version": instrument.version,
    }
    scores = _leaves(snapshot.content["scores"])
    for dimension in instrument.dimensions:
        for descriptor in dimension.descriptors:
            for question in descriptor.questions:
                given = snapshot.content["answers"].get(question.id, {})
                score = scores[question.id]
                evidence = given.get("evidence", [])
                yield shared | {
                    "dimension": dimension.id,
                    "descriptor": descriptor.id,
                    "pregunta": question.id,
                    "pregunta_texto": question.text,
                    "tipo": question.kind.value,
                    "estado": STANDINGS[Standing(score["standing"])],
                    "valor": _plain(given.get("value")),
                    "respuesta": said(question, given.get("value")) or None,
                    "explicacion": given.get("text") or None,
                    "puntaje": of_hundred(score["reached"]),
                    "peso": question.weight,
                    "evidencias": len(evidence),
                    "evidencias_publicas": sum(bool(piece["public"]) for piece in evidence),
                    "demostracion": _demonstration(),
                }


def _leaves(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The scores of the questions below a node."""
    if "children" not in node:
        return {node["key"]: node}
    return {key: leaf for child in node["children"] for key, leaf in _leaves(child).items()}


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(value)
    return None if value is None else str(value)


def whole(snapshot: Snapshot, result: Result) -> bytes:
    """A published diagnostic as one file (`exports.diagnostic`) with where it stands, and with the evidence that anyone may open
    now: what its owner took back since is counted without its title."""
    diagnostic, place = snapshot.diagnostic, snapshot.diagnostic.municipality
    page = settings.SITE_URL + reverse("diagnostics:public_diagnostic", args=[place.cut, place.slug, diagnostic.folio])
    data = of_snapshot(snapshot, result)
    shown, keys = public_evidence(snapshot), keys_by_question(snapshot)
    for question, given in data["respuestas"].items():
        pieces = [shown[key] for key in keys.get(question, ()) if key in shown]
        given["evidencias"] = [
            {
                "titulo": piece.title,
                "sha256": piece.sha256 or None,
                "direccion": piece.url or f"{page}evidencia/{piece.key}/",
            }
            for piece in pieces
        ]
        given["evidencias_reservadas"] = len(keys.get(question, ())) - len(pieces)
    data["acerca"] = {"fuente": "Consejo para la Transparencia, diagnósticos validados", "pagina": page}
    data["publico_desde"] = diagnostic.public_from
    data["demostracion"] = settings.DEMONSTRATION
    return json.dumps(data, ensure_ascii=False, default=json_value, indent=1).encode()


def as_json(found: Sequence[Row]) -> bytes:
    """The diagnostics with their dictionary; what is not given is null."""
    document: dict[str, Any] = {
        "acerca": {"fuente": "Consejo para la Transparencia, diagnósticos validados", "pagina": settings.SITE_URL},
        "diccionario": {column.name: column.description for column in columns()},
        "diagnosticos": list(found),
    }
    return json.dumps(document, ensure_ascii=False, default=json_value, separators=(",", ":")).encode()


def as_atom(today: date) -> str:
    """The latest diagnostics published, the newest first. Three queries."""
    site = settings.SITE_URL
    host = urlsplit(site).hostname
    feed = Atom1Feed(
        title=_("Validated diagnostics of municipal open government"),
        link=site + reverse("diagnostics:public_diagnostics"),
        description=_("Each diagnostic that the Consejo validates and publishes."),
        language="es-CL",
        author_name="Consejo para la Transparencia",
        feed_url=site + reverse("diagnostics:diagnostics_feed"),
        feed_guid=f"tag:{host},2026:diagnosticos",
    )
    shown = Diagnostic.objects.published(today).select_related("municipality", "round").order_by("-public_from", "-pk")
    for one in shown.defer("municipality__search")[:NEWS]:
        place = one.municipality
        address = reverse("diagnostics:public_diagnostic", args=[place.cut, place.slug, one.folio])
        feed.add_item(
            title=_("%(municipality)s: diagnostic of the round “%(round)s”")
            % {"municipality": place.name, "round": xml_text(one.round.name)},
            link=site + address,
            description=_("The Consejo validated it on %(day)s. Folio %(folio)s.")
            % {"day": one.validated_at.strftime("%d-%m-%Y") if one.validated_at else "", "folio": one.folio},
            unique_id=f"tag:{host},2026:diagnosticos/{one.folio}",
            pubdate=one.validated_at,
            updateddate=one.validated_at,
        )
    return feed.writeString("utf-8")
