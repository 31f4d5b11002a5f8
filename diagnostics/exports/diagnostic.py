"""A diagnostic as one file that anyone can check: what was answered, the public evidence, and the scores with their reasons.

With the file of the instrument's version it is enough to compute every score again (`docs/scores.md`), and it names no person.
"""

from __future__ import annotations

import json
from typing import Any, Final

from diagnostics.choices import ScoreLevel
from diagnostics.models import Snapshot
from diagnostics.reports.results import Part, Result, result_of_snapshot
from diagnostics.rules.scores import Standing

FORMAT: Final = 1
LEVELS: Final = {
    ScoreLevel.INDEX: "indice",
    ScoreLevel.DIMENSION: "dimension",
    ScoreLevel.DESCRIPTOR: "descriptor",
    ScoreLevel.QUESTION: "pregunta",
}
STANDINGS: Final = {
    Standing.ANSWERED: "respondida",
    Standing.UNANSWERED: "sin_respuesta",
    Standing.NOT_APPLICABLE: "no_aplica",
    Standing.HIDDEN: "no_se_pregunta",
    Standing.UNSCORED: "informa",
}


def as_json(snapshot: Snapshot) -> bytes:
    """The file of a snapshot, the same bytes each time. `snapshot.diagnostic` with municipality, round and version at hand."""
    data = json.dumps(of_snapshot(snapshot, result_of_snapshot(snapshot)), ensure_ascii=False, indent=1)
    return data.encode()


def of_snapshot(snapshot: Snapshot, result: Result) -> dict[str, Any]:
    """As plain data. Scores are text, of 0 to 1 with twenty decimals, beside their exact numerator and denominator."""
    diagnostic, content = snapshot.diagnostic, snapshot.content
    place = diagnostic.municipality
    return {
        "formato": FORMAT,
        "municipio": {"cut": place.cut, "nombre": place.name},
        "ronda": diagnostic.round.name,
        "folio": diagnostic.folio,
        "instrumento": {
            "identificador": content["instrument"]["key"],
            "version": content["instrument"]["version"],
            "sha256": content["instrument"]["checksum"],
        },
        "copia": {"fecha": snapshot.at.isoformat(), "sha256": snapshot.sha256},
        "respuestas": {question: _answer(given) for question, given in content["answers"].items()},
        "puntajes": _part(result.index, content["scores"]),
    }


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    pieces = given["evidence"]
    return {
        "valor": given["value"],
        "no_aplica": given["not_applicable"],
        "explicacion": given["text"],
        "por_confirmar": given["to_confirm"],
        "evidencias": [
            {"titulo": piece["title"], "sha256": piece["sha256"], "direccion": piece["url"] or None}
            for piece in pieces
            if piece["public"]
        ],
        "evidencias_reservadas": sum(not piece["public"] for piece in pieces),
    }


def _part(part: Part, frozen: dict[str, Any]) -> dict[str, Any]:
    """A node with everything below it; `frozen` is the same node of the snapshot."""
    data: dict[str, Any] = {
        "de": LEVELS[part.of],
        "identificador": part.key,
        "nombre": part.name,
        "estado": STANDINGS[part.standing],
        "peso": frozen["weight"],
        "parte": format(part.share, "f"),
        "alcanzado": frozen["reached"],
        "potencial": frozen["potential"],
        "alcanzado_exacto": frozen["exact"]["reached"],
        "potencial_exacto": frozen["exact"]["potential"],
        "nivel": part.level.value if part.level else None,
        "nivel_nombre": part.level.name if part.level else None,
        "por_que": part.why,
        "falta": part.missing,
    }
    if part.children:
        data["partes"] = [_part(child, below) for child, below in zip(part.children, frozen["children"], strict=True)]
    return data
