"""The instrument that ships."""

from pathlib import Path

from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import QuestionKind

FILE = Path(instrument_file.SCHEMA_FILE).with_name("gobierno-abierto-municipal-2026.1.yaml")


def test_the_reference_instrument_is_whole_and_says_that_it_is_a_proposal() -> None:
    text = FILE.read_text(encoding="utf-8")
    instrument = instrument_file.read(text)
    assert instrument_file.problems(instrument) == []
    assert instrument_file.write(instrument) == text
    assert len(instrument.dimensions) == 4
    assert sum(len(dimension.descriptors) for dimension in instrument.dimensions) >= 20
    questions = list(instrument.questions())
    assert len(questions) >= 40
    assert {question.kind for question in questions} == set(QuestionKind)
    assert [level.name for level in instrument.scale] == [
        "inexistente",
        "inicial",
        "en desarrollo",
        "consolidado",
        "referente",
    ]
    assert "Propuesta" in instrument.note


def test_every_scale_explains_each_level_in_its_own_words() -> None:
    instrument = instrument_file.read(FILE.read_text(encoding="utf-8"))
    scales = [question.levels for question in instrument.questions() if question.levels]
    assert all(len({level.meaning for level in scale}) == 5 for scale in scales)
