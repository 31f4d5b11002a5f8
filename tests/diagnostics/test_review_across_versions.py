"""A review beside the round before, when that round was answered with another version of the instrument."""

import copy
from typing import Any

import pytest
from django.test import Client

from diagnostics.actions.reviewers import begin
from diagnostics.choices import DiagnosticState
from diagnostics.models import Answer, Diagnostic, InstrumentVersion, Round, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.review_page import answers_before, diagnostic_before
from diagnostics.rules import mapping as rules
from tests.cast import Cast, sign_in
from tests.diagnostics.factories import DATA, NOW, a_round, diagnostic, published_after, version
from tests.diagnostics.test_review_pages import address, body

pytestmark = pytest.mark.django_db

LINES: list[dict[str, Any]] = [
    # Four levels instead of five, in other words.
    {
        "kind": "reworded",
        "from": ["t1"],
        "to": ["nivel"],
        "scale": [{"old": old, "new": new} for old, new in ((1, 1), (2, 2), (3, 2), (4, 3), (5, 4))],
    },
    {"kind": "same", "from": ["t2"], "to": ["t2"]},
    {"kind": "same", "from": ["t3"], "to": ["t3"]},
    {"kind": "split", "from": ["t4"], "to": ["t4a", "t4b"]},
    {"kind": "retired", "from": ["t5"]},
    {"kind": "same", "from": ["p1"], "to": ["p1"]},
    {"kind": "merged", "from": ["p2", "p3"], "to": ["sesion"]},
    {"kind": "new", "to": ["nueva"]},
]


def later_version() -> InstrumentVersion:
    data: dict[str, Any] = copy.deepcopy(DATA)
    data["version"] = "2027.1"
    active, passive = (part["questions"] for part in data["dimensions"][0]["descriptors"])
    council = data["dimensions"][1]["descriptors"][0]["questions"]
    active[0] |= {"id": "nivel", "text": "¿Cómo publica cada mes?", "levels": active[0]["levels"][:4]}
    passive[:] = [
        {"id": "t4a", "kind": "number", "text": "¿Cuántas solicitudes recibe?", "unit": "solicitudes"},
        {"id": "t4b", "kind": "number", "text": "¿Cuántas responde?", "unit": "solicitudes"},
    ]
    council[1:] = [
        {"id": "sesion", "kind": "text", "text": "¿Qué pasó en la última sesión?"},
        {"id": "nueva", "kind": "yes_no", "text": "¿Publica las actas?"},
    ]
    return published_after(version(), data)


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    """Submitted with the later version, after one of the earlier version that was validated."""
    earlier = diagnostic(cast.here, a_round("Ronda anterior"))
    answers = (
        ("t1", 4, "Publica en el portal."),
        ("t2", True, ""),
        ("t4", "95", "Casi todas."),
        ("p2", "2026-04-01", ""),
        ("p3", None, "Un plan de trabajo."),
    )
    for question, value, text in answers:
        Answer.objects.create(diagnostic=earlier, question=question, value=value, text=text, version=1, updated_at=NOW)
    Diagnostic.objects.filter(pk=earlier.pk).update(
        state=DiagnosticState.VALIDATED, validated_at=NOW, folio="DGAM-2026-0900"
    )
    target = later_version()
    after = Round.objects.create(
        name="Medio término", kind="midterm", version=target, opens=NOW.date(), closes=NOW.date(), created_at=NOW
    )
    now = diagnostic(cast.here, after)
    Answer.objects.create(diagnostic=now, question="nivel", value=3, version=1, updated_at=NOW)
    Diagnostic.objects.filter(pk=now.pk).update(state=DiagnosticState.SUBMITTED, submitted_at=NOW)
    return Diagnostic.objects.select_related("version", "round").get(pk=now.pk)


def tell_the_mapping(held: Diagnostic) -> None:
    data = {"key": "prueba", "from": "2026.1", "to": "2027.1", "lines": LINES}
    mapping = rules.from_data(data)
    assert rules.problems(mapping, instrument_of(version()), instrument_of(held.version)) == []
    VersionMapping.objects.create(source=version(), target=held.version, content=rules.to_data(mapping), added_at=NOW)


def said(held: Diagnostic, question: str) -> list[tuple[str, str, str, str]]:
    return [(was.asked, was.said, was.text, was.why) for was in answers_before(held).get(question, [])]


def test_each_question_stands_beside_what_it_was(held: Diagnostic) -> None:
    tell_the_mapping(held)
    earlier = diagnostic_before(held)
    assert earlier is not None
    assert earlier.round.name == "Ronda anterior"
    # What was answered then is said on the scale of then.
    assert said(held, "nivel") == [
        ("¿Cómo publica la información obligatoria?", "nivel 4 de 5: consolidado", "Publica en el portal.", "")
    ]
    assert said(held, "t2") == [("", "Sí", "", "")]
    assert said(held, "p1") == [("", "", "", "Entonces no se respondió.")]
    assert said(held, "nueva") == []


def test_what_was_split_or_merged_is_read_and_said_not_to_compare(held: Diagnostic) -> None:
    tell_the_mapping(held)
    apart = ("", "", "", "La pregunta se dividió o se unió con otra: las respuestas no se comparan.")
    for half in ("t4a", "t4b"):
        first, was = said(held, half)
        assert first == apart
        assert (was[0], was[2]) == ("¿En cuántos días responde?", "Casi todas.")
    first, *both = said(held, "sesion")
    assert first == apart
    assert [was[0] for was in both] == ["¿Cuándo fue la última sesión?", "¿Qué acordó?"]
    assert both[1][2] == "Un plan de trabajo."


def test_the_page_of_the_review_shows_it_side_by_side(client: Client, cast: Cast, held: Diagnostic) -> None:
    tell_the_mapping(held)
    begin(by=cast.adviser, diagnostic=held, now=NOW)
    sign_in(client, cast.adviser)
    page = body(client, address("review_section", held, "transparencia"))
    assert "Ronda anterior" in page
    assert "Se preguntó así: ¿Cómo publica la información obligatoria?" in " ".join(page.split())
    assert "nivel 4 de 5: consolidado" in page
    assert "nivel 3 de 4: en desarrollo" in page
    page = body(client, address("review_section", held, "participacion"))
    assert "Entonces no se hacía esta pregunta." in page
    assert "Un plan de trabajo." in page


def test_without_a_mapping_the_page_says_that_nothing_compares(client: Client, cast: Cast, held: Diagnostic) -> None:
    begin(by=cast.adviser, diagnostic=held, now=NOW)
    sign_in(client, cast.adviser)
    page = body(client, address("review_section", held, "transparencia"))
    assert "otra versión del instrumento" in page
    assert "Publica en el portal." not in page
