"""A small instrument with every kind of question, and rounds and diagnostics on it."""

from datetime import UTC, date, datetime
from typing import Any

from diagnostics.choices import EditionState, RoundKind
from diagnostics.models import Diagnostic, InstrumentFamily, InstrumentVersion, Round
from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import Instrument
from municipalities.models import Municipality

NOW = datetime(2026, 6, 1, 15, tzinfo=UTC)
NAMES = ("inexistente", "inicial", "en desarrollo", "consolidado", "referente")

DATA: dict[str, Any] = {
    "key": "prueba",
    "version": "2026.1",
    "title": "Instrumento de prueba",
    "note": "Solo para pruebas.",
    "scale": [{"value": n, "name": name, "meaning": f"significa {name}"} for n, name in enumerate(NAMES, 1)],
    "dimensions": [
        {
            "id": "transparencia",
            "name": "Transparencia",
            "descriptors": [
                {
                    "id": "activa",
                    "name": "Transparencia activa",
                    "weight": "2",
                    "questions": [
                        {
                            "id": "t1",
                            "kind": "level",
                            "text": "¿Cómo publica la información obligatoria?",
                            "legal_basis": "Ley 20.285",
                            "needs_evidence": True,
                            "levels": [
                                {"value": n, "name": name, "meaning": f"nivel {n}: {name}"}
                                for n, name in enumerate(NAMES, 1)
                            ],
                            "recommendation": "Publique cada mes.",
                        },
                        {"id": "t2", "kind": "yes_no", "text": "¿Tiene portal propio?", "allows_na": True},
                        {
                            "id": "t3",
                            "kind": "several",
                            "text": "¿Qué publica además?",
                            "show_if": {"tests": [{"question": "t2", "operator": "is", "value": True}]},
                            "options": [
                                {"id": "actas", "text": "Actas", "points": "0.5"},
                                {"id": "datos", "text": "Datos abiertos", "points": "0.5"},
                                {"id": "otros", "text": "Otros", "points": "0.25"},
                            ],
                        },
                    ],
                },
                {
                    "id": "pasiva",
                    "name": "Solicitudes",
                    "questions": [
                        {
                            "id": "t4",
                            "kind": "number",
                            "text": "¿En cuántos días responde?",
                            "unit": "respuestas a tiempo de cada 100",
                            "bands": [{"low": "50", "points": "0.5"}, {"low": "90", "points": "1"}],
                        },
                        {"id": "t5", "kind": "link", "text": "¿Dónde se pide?", "weight": "0"},
                    ],
                },
            ],
        },
        {
            "id": "participacion",
            "name": "Participación ciudadana",
            "weight": "1.5",
            "descriptors": [
                {
                    "id": "cosoc",
                    "name": "COSOC",
                    "questions": [
                        {
                            "id": "p1",
                            "kind": "one",
                            "text": "¿Cada cuánto se reúne el COSOC?",
                            "allows_na": True,
                            "effort": 1,
                            "options": [
                                {"id": "nunca", "text": "Nunca"},
                                {"id": "anual", "text": "Una vez al año", "points": "0.5"},
                                {"id": "trimestral", "text": "Cada tres meses", "points": "1"},
                            ],
                        },
                        {"id": "p2", "kind": "date", "text": "¿Cuándo fue la última sesión?"},
                        {"id": "p3", "kind": "text", "text": "¿Qué acordó?"},
                    ],
                }
            ],
        },
    ],
}


def instrument() -> Instrument:
    return instrument_file.from_data(DATA)


def version(state: EditionState = EditionState.PUBLISHED) -> InstrumentVersion:
    small = instrument()
    family, _ = InstrumentFamily.objects.get_or_create(key=small.key, defaults={"name": small.title})
    found, _ = InstrumentVersion.objects.get_or_create(
        family=family,
        version=small.version,
        defaults={
            "title": small.title,
            "content": instrument_file.to_data(small),
            "checksum": instrument_file.checksum(small),
            "state": state,
            "created_at": NOW,
            "updated_at": NOW,
            "published_at": NOW if state == EditionState.PUBLISHED else None,
        },
    )
    return found


def published_after(before: InstrumentVersion, data: dict[str, Any]) -> InstrumentVersion:
    """The next version of an instrument, which retires the one before."""
    made = instrument_file.from_data(data)
    InstrumentVersion.objects.filter(pk=before.pk).update(state=EditionState.RETIRED)
    return InstrumentVersion.objects.create(
        family=before.family,
        version=made.version,
        title=made.title,
        content=instrument_file.to_data(made),
        checksum=instrument_file.checksum(made),
        state=EditionState.PUBLISHED,
        created_at=NOW,
        updated_at=NOW,
        published_at=NOW,
    )


def a_round(name: str = "Línea de base 2026", kind: RoundKind = RoundKind.BASELINE) -> Round:
    found, _ = Round.objects.get_or_create(
        name=name,
        defaults={
            "kind": kind,
            "version": version(),
            "opens": date(2026, 5, 1),
            "closes": date(2027, 12, 31),
            "created_at": NOW,
        },
    )
    return found


def diagnostic(municipality: Municipality, round_: Round | None = None) -> Diagnostic:
    opened = round_ or a_round()
    return Diagnostic.objects.create(
        round=opened, municipality=municipality, version=opened.version, state_since=NOW, created_at=NOW
    )
