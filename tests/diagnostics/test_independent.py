"""A second, independent computation reads the published file of a diagnostic and agrees to the last digit."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from diagnostics.choices import SnapshotKind
from diagnostics.exports.diagnostic import as_json
from diagnostics.models import Diagnostic, InstrumentVersion, Round, Snapshot
from diagnostics.reports.snapshots import frozen, take
from diagnostics.rules import instrument_file
from diagnostics.rules.answers import Given, value_problem
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.scores import compute
from municipalities.models import Municipality
from tests.cast import Cast
from tests.diagnostics import generated, independent
from tests.diagnostics.factories import NOW
from tests.diagnostics.test_results import scored

REFERENCE = Path(instrument_file.__file__).parent.parent / "data" / "gobierno-abierto-municipal-2026.1.yaml"
YAML = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
WHOLE = instrument_file.from_data(YAML)


def exported(whole: Instrument, answers: dict[str, Given]) -> dict[str, Any]:
    """The published file of answers to an instrument, without a database."""
    version = InstrumentVersion(content=instrument_file.to_data(whole), version=whole.version)
    diagnostic = Diagnostic(version=version, municipality=Municipality(cut="12201", name="x"), round=Round(name="x"))
    content = {
        "instrument": {"key": whole.key, "version": whole.version, "checksum": ""},
        "answers": {
            name: {
                "value": answer.value,
                "not_applicable": answer.is_na,
                "text": answer.text,
                "to_confirm": answer.to_confirm,
                "evidence": [],
            }
            for name, answer in answers.items()
        },
        "scores": frozen(compute(whole, answers), len(whole.scale)),
    }
    snapshot = Snapshot(diagnostic=diagnostic, at=NOW, content=content)
    document: dict[str, Any] = json.loads(as_json(snapshot))
    return document


def disagreements(whole: Instrument, answers: dict[str, Given]) -> list[str]:
    return independent.disagreements(exported(whole, answers), yaml.safe_load(instrument_file.write(whole)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@examples(st.data())
def test_they_agree_on_any_instrument_and_answers(data: st.DataObject) -> None:
    whole = data.draw(generated.instruments())
    answers = data.draw(generated.answers(whole))
    assert disagreements(whole, answers) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@examples(st.data())
def test_they_agree_on_the_reference_instrument(data: st.DataObject) -> None:
    answers = data.draw(generated.answers(WHOLE))
    assert all(not value_problem(WHOLE.by_id[name], answer.value) for name, answer in answers.items())
    assert independent.disagreements(exported(WHOLE, answers), YAML) == []


def test_a_score_that_was_tampered_with_is_found() -> None:
    document = exported(WHOLE, {"ta-publicacion": Given(3)})
    held = document["puntajes"]["alcanzado"]
    document["puntajes"]["alcanzado"] = held[:-1] + str((int(held[-1]) + 1) % 10)
    assert len(independent.disagreements(document, YAML)) == 1


@pytest.mark.django_db
def test_they_agree_on_a_diagnostic_of_the_database(cast: Cast, tmp_path: Path) -> None:
    snapshot = take(scored(cast), kind=SnapshotKind.VALIDATED, name="uno", by=None, now=NOW)
    (tmp_path / "diagnostic.json").write_bytes(as_json(snapshot))
    version = snapshot.diagnostic.version
    text = instrument_file.write(instrument_file.from_data(version.content))
    (tmp_path / "instrument.yaml").write_text(text, encoding="utf-8")
    assert independent.main([str(tmp_path / "diagnostic.json"), str(tmp_path / "instrument.yaml")]) == 0


@pytest.mark.django_db
def test_the_file_names_no_person_and_no_evidence_that_is_not_public(cast: Cast) -> None:
    held = scored(cast)
    snapshot = take(held, kind=SnapshotKind.VALIDATED, name="uno", by=cast.officer, now=NOW)
    snapshot.content["answers"]["t1"]["evidence"].append(
        {"title": "Acta reservada", "public": False, "sha256": "x", "url": "", "key": "k", "version": 1}
    )
    text = as_json(snapshot).decode()
    answer = json.loads(text)["respuestas"]["t1"]
    assert (len(answer["evidencias"]), answer["evidencias_reservadas"]) == (1, 1)
    assert "Acta reservada" not in text
    assert cast.officer.name not in text
    assert cast.officer.email not in text
