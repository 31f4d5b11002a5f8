"""A validated diagnostic as PDF/UA, from its snapshot. The same input gives the same bytes, on any machine and at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation

from config.numbers import number
from diagnostics.models import Diagnostic, Snapshot
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.review import Review
from diagnostics.rules.answer_words import said
from diagnostics.rules.instrument import Dimension, Instrument, Level, Question
from diagnostics.rules.print import printable
from diagnostics.rules.review import Standing
from diagnostics.rules.submission import Remark
from municipalities.reports.acts import qr, typeset
from municipalities.rules.acts import date_in_words, region_in_words

ROOT: Final = Path(__file__).resolve().parents[2]
# A layout in use never changes: a new one is a new file.
LAYOUT: Final = ROOT / "diagnostics" / "data" / "diagnostic.typ"
TITLE: Final = "Diagnóstico de gobierno abierto municipal"


def public_address(diagnostic: Diagnostic) -> str:
    """Where everyone reads it; it is printed on paper, so it is written here and not looked up."""
    place = diagnostic.municipality
    path = f"/municipios/{place.cut}-{place.slug}/diagnosticos/publicos/{diagnostic.folio}/"
    return settings.SITE_URL.rstrip("/") + path


def diagnostic_pdf(
    diagnostic: Diagnostic, snapshot: Snapshot, *, review: Review, remarks: Sequence[Remark] = ()
) -> bytes:
    """The document of a validated diagnostic. `review` tells what was said of the answers, `remarks` what the checks found."""
    with translation.override("es"):
        fields = fields_of(diagnostic, snapshot, review=review, remarks=remarks)
    printed = _mapped(fields)
    words = {**printed, "replaced": printed != fields, "qr": qr(printed["verify_url"])}
    return typeset(LAYOUT, root=ROOT, at=printed["issued_at"], diagnostic=words)


def fields_of(
    diagnostic: Diagnostic, snapshot: Snapshot, *, review: Review, remarks: Sequence[Remark] = ()
) -> dict[str, Any]:
    """Everything that the document says. Of evidence that is not public, only that it is there and its hash."""
    content, instrument = snapshot.content, instrument_of(diagnostic.version)
    names, validated = instrument.by_id, diagnostic.validated_at or snapshot.at
    place = diagnostic.municipality
    return {
        "title": TITLE,
        "folio": diagnostic.folio,
        "corrects": f"{diagnostic.corrects.folio}: {diagnostic.correction_reason}" if diagnostic.corrects else "",
        "municipality": place.name,
        "region": region_in_words(place.region.code, place.region.name),
        "round": content["round"],
        "validated_on": date_in_words(timezone.localdate(validated)),
        "public_from": date_in_words(diagnostic.public_from) if diagnostic.public_from else "",
        "index": _node(content["scores"], instrument.scale),
        "dimensions": [
            _dimension(part, node, instrument, content, review)
            for part, node in zip(instrument.dimensions, content["scores"].get("children", []), strict=False)
        ],
        "reviewed": len(review.questions),
        "returns": len(review.returns),
        "checks": [{"question": names[remark.question].text, "text": remark.text} for remark in remarks],
        "instrument": instrument.title,
        "version": instrument.version,
        "checksum": content["instrument"]["checksum"],
        "sha256": snapshot.sha256,
        "verify_url": public_address(diagnostic),
        "issued_at": int(validated.timestamp()),
    }


def _dimension(
    part: Dimension, node: Mapping[str, Any], instrument: Instrument, content: Mapping[str, Any], review: Review
) -> dict[str, Any]:
    asked = {question.id for question in review.questions}
    nodes = {child["key"]: child for child in node.get("children", [])}
    return {
        "title": part.name,
        **_node(node, instrument.scale),
        "descriptors": [
            {
                "title": descriptor.name,
                **_node(nodes.get(descriptor.id, {}), instrument.scale),
                "questions": [
                    _question(question, content["answers"].get(question.id, {}), review)
                    for question in descriptor.questions
                    if question.id in asked
                ],
            }
            for descriptor in part.descriptors
        ],
    }


def _node(node: Mapping[str, Any], scale: Sequence[Level]) -> dict[str, Any]:
    """A score with its level in words, and where the next level begins."""
    level = node.get("level")
    if level is None:
        return {"level": None, "name": "", "meaning": "", "reached": "—", "next": None}
    here, above = scale[level - 1], scale[level] if level < len(scale) else None
    start = number(Decimal(100 * level) / len(scale), 1) if above else ""
    return {
        "level": level,
        "name": here.name,
        "meaning": here.meaning,
        "reached": number(Decimal(node["reached"]) * 100, 1),
        "next": {"level": above.value, "name": above.name, "from": start} if above else None,
    }


def _question(question: Question, answer: Mapping[str, Any], review: Review) -> dict[str, Any]:
    entry, standing = review.entry(question.id), review.standings[question.id]
    return {
        "text": question.text,
        "said": said(question, answer.get("value")),
        "is_na": answer.get("not_applicable", False),
        "words": answer.get("text", ""),
        "agreed": standing == Standing.AGREED,
        "comment": entry.note if entry and standing == Standing.COMMENTED else "",
        "evidence": [
            {
                "title": piece["title"] if piece["public"] else "evidencia reservada",
                "version": piece["version"],
                "sha256": piece["sha256"] or "",
                "url": piece["url"] if piece["public"] else "",
            }
            for piece in answer.get("evidence", [])
        ],
    }


def _mapped(value: Any) -> Any:
    """The same data with every text as it can be printed."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _mapped(each) for key, each in value.items()}
    return [_mapped(each) for each in value] if isinstance(value, list) else value
