"""The text of the act: marks, fields, what keeps it from being published; and the comparison of two texts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.rules import acts as rules
from municipalities.rules.acts import Block, Parts
from municipalities.rules.differences import compare, is_changed

WHOLE = Parts(
    title="Acta",
    body="La Municipalidad de {municipio}, representada por {autoridad}, {cargo}, para el período {periodo}.",
    commitments="Hacer un diagnóstico",
    closing="",
)
VALUES = {"municipio": "Queilen", "autoridad": "Una alcaldesa", "cargo": "titular", "periodo": "2024-2028"}
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)


def said(words: Parts) -> list[tuple[str, str]]:
    return [(found.part, str(found.sentence)) for found in rules.problems(words)]


def test_a_plain_text_becomes_headings_paragraphs_and_lists() -> None:
    text = "# Uno\n\nUn párrafo\nde dos líneas.\n- a\n- b\n  sigue b\n\n- c\n\nFin."
    assert rules.parse(text) == (
        Block("heading", ("Uno",)),
        Block("paragraph", ("Un párrafo de dos líneas.",)),
        Block("list", ("a", "b sigue b", "c")),
        Block("paragraph", ("Fin.",)),
    )


def test_a_value_is_filled_once_and_adds_neither_fields_nor_marks() -> None:
    text = rules.compose(
        WHOLE._replace(body="{municipio}\n\n{autoridad}"), {"municipio": "# {autoridad}", "autoridad": "- x\n# y"}
    )
    assert text.body == (Block("paragraph", ("# {autoridad}",)), Block("paragraph", ("- x\n# y",)))


def test_a_field_without_a_value_stays_as_it_was_written() -> None:
    assert (
        rules.fill("{municipio} y { fecha } y {nada}", {"municipio": "Ñuñoa", "fecha": "hoy"}) == "Ñuñoa y hoy y {nada}"
    )


def test_commitments_are_the_lines_that_say_something() -> None:
    assert rules.lines_of("\n uno \n\n- dos\n   \n") == ("uno", "dos")


def test_a_whole_text_has_no_problem() -> None:
    assert said(WHOLE) == []


def test_an_unknown_field_is_named_with_the_one_that_was_meant() -> None:
    assert ("body", "No existe el campo {municipo}. ¿Es {municipio}?") in said(
        WHOLE._replace(body=WHOLE.body + " {municipo}")
    )


def test_the_run_of_the_signer_is_no_field() -> None:
    assert any("{run}" in sentence for _, sentence in said(WHOLE._replace(closing="RUN {run}")))


@pytest.mark.parametrize("name", [field.name for field in rules.FIELDS if field.required])
def test_an_obligatory_field_that_is_missing_is_named(name: str) -> None:
    found = said(WHOLE._replace(body=WHOLE.body.replace(f"{{{name}}}", "")))
    assert [sentence for _, sentence in found] == [f"Falta el campo {{{name}}}: sin él un acta no vale."]


@pytest.mark.parametrize("closing", ["llave { suelta", "llave } suelta", "{{municipio}}", "{de\notra}"])
def test_a_brace_alone_is_a_problem(closing: str) -> None:
    assert ("closing", "Hay una llave suelta. Los campos van entre dos, como en {municipio}.") in said(
        WHOLE._replace(closing=closing)
    )


def test_a_text_without_commitments_cannot_be_published() -> None:
    assert [part for part, _ in said(WHOLE._replace(commitments=" \n\n"))] == ["commitments"]


def test_more_commitments_than_anyone_reads_are_a_problem() -> None:
    assert [part for part, _ in said(WHOLE._replace(commitments="uno\n" * 21))] == ["commitments"]


@given(ANY_TEXT)
def test_no_word_of_a_text_is_lost_in_its_blocks(text: str) -> None:
    blocks = [line for block in rules.parse(text) for line in block.texts]
    marks = {"#", "-"}
    assert [w for w in " ".join(blocks).split() if w not in marks] == [w for w in text.split() if w not in marks]


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_can_be_judged_and_composed(body: str, commitments: str) -> None:
    words = WHOLE._replace(body=body, commitments=commitments)
    rules.problems(words)
    assert rules.compose(words, VALUES).title == "Acta"


@given(ANY_TEXT, ANY_TEXT)
def test_a_comparison_holds_both_texts_whole(before: str, after: str) -> None:
    lines = compare(before, after)

    def side(left_out: str) -> list[str]:
        texts = ("".join(piece.text for piece in line.pieces if piece.kind != left_out) for line in lines)
        return [text for text in texts if text]

    assert side("added") == [line.strip() for line in before.splitlines() if line.strip()]
    assert side("removed") == [line.strip() for line in after.splitlines() if line.strip()]
    assert is_changed(lines) == (side("added") != side("removed"))


def test_a_word_that_changed_is_marked_alone() -> None:
    (line,) = compare("Se entregará en marzo", "Se entregará en abril")
    assert [(piece.kind, piece.text) for piece in line.pieces] == [
        ("same", "Se entregará en "),
        ("removed", "marzo"),
        ("added", "abril"),
    ]


def test_dates_regions_and_folios_are_written_as_acts_write_them() -> None:
    assert rules.date_in_words(date(2026, 11, 1)) == "1 de noviembre de 2026"
    assert rules.region_in_words("13", "Metropolitana de Santiago") == "Región Metropolitana de Santiago"
    assert rules.region_in_words("07", "Maule") == "Región del Maule"
    assert rules.region_in_words("10", "Los Lagos") == "Región de Los Lagos"
    assert [rules.folio(2026, 1), rules.folio(2026, 12345)] == ["MGAM-2026-0001", "MGAM-2026-12345"]


def test_a_changed_line_stands_beside_the_one_most_like_it() -> None:
    lines = compare("El Consejo acompaña.\nActa {folio}, emitida el {fecha}.", "Acta {folio}, del {fecha}.")
    assert [line.kind for line in lines] == ["removed", "changed"]


def test_texts_without_a_word_in_common_are_taken_away_and_put_in_whole() -> None:
    before, after = ("\n".join(f"{word}{number} " * 40 for number in range(100)) for word in ("a", "b"))
    assert len(compare(before, after)) == 200
