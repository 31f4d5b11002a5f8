"""What invented municipalities answer in the demonstration: plausible by size, and the same every time. Pure.

Chance comes from a dice that the caller seeds (`municipalities.rules.demonstration.dice_of`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from diagnostics.rules.answers import Given, shown
from diagnostics.rules.instrument import Dimension, Instrument, Question, QuestionKind

# Who keeps what a dimension asks about, and how much easier it is than the others.
OFFICES: Final = {
    "transparencia": ("la Unidad de Transparencia", 0.14),
    "rendicion": ("la Secretaría Comunal de Planificación", 0.06),
    "participacion": ("la Dirección de Desarrollo Comunitario", -0.04),
    "colaboracion": ("la Oficina de Organizaciones Comunitarias", -0.12),
}
_OTHER_OFFICE: Final = ("la Administración Municipal", 0.0)
_LOW: Final = (
    "Falta una persona que se dedique a esto.",
    "Lo conversamos en el comité y quedó para el próximo año.",
    "Hoy depende de la buena voluntad de cada oficina.",
    "No tenemos presupuesto asignado.",
)
_HIGH: Final = (
    "Lo revisa cada mes el comité de transparencia.",
    "Está en el plan anual y tiene una persona responsable.",
    "El concejo recibe el informe cada trimestre.",
    "Se puede ver en la evidencia que adjuntamos.",
)
_YES: Final = ("Sí, y está en la evidencia.", "Sí, desde hace dos años.", "Sí. Lo confirma el decreto adjunto.")
_NO: Final = ("Todavía no.", "No. Está propuesto para el próximo presupuesto.", "No; lo pidió el COSOC este año.")
_STORIES: Final = (
    "Con las juntas de vecinos diseñamos el recorrido del camión de reciclaje. Cambiamos dos días y un sector.",
    "El club de personas mayores y la biblioteca armaron juntos el taller de trámites por internet.",
    "Con la agrupación de pescadores ordenamos los permisos de la caleta y dejamos el trámite en una sola hoja.",
    "Los centros de padres eligieron con nosotros tres cruces peligrosos, y ya tienen lomo de toro.",
)
_NOT_APPLICABLE: Final = (
    "La comuna tiene muy pocos habitantes: el concejo decide las obras en asambleas abiertas con los vecinos."
)


def aim_of(inhabitants: int, dice: Random) -> float:
    """How open a municipality is, from 0 to 1: somewhat more where it is larger, and mostly chance."""
    size = (math.log10(max(inhabitants, 500)) - 2.7) / 3
    return min(0.95, max(0.05, 0.14 + 0.4 * size + dice.gauss(0.12, 0.13)))


def first_answers(instrument: Instrument, *, aim: float, on: date, slug: str, dice: Random) -> dict[str, Given]:
    """An answer to each question that is asked."""
    found = {
        question.id: _answer(question, dimension, aim=aim, on=on, slug=slug, dice=dice)
        for dimension in instrument.dimensions
        for question in dimension.questions()
    }
    return _asked(instrument, found)


def later_answers(
    instrument: Instrument, before: Mapping[str, Given], *, on: date, slug: str, dice: Random
) -> dict[str, Given]:
    """What the same municipality answers some time later: most is as it was, some is better, a little is worse."""
    found: dict[str, Given] = {}
    for dimension in instrument.dimensions:
        for question in dimension.questions():
            given = before.get(question.id)
            if given is None or dice.random() < 0.15:
                found[question.id] = _answer(question, dimension, aim=0.5, on=on, slug=slug, dice=dice)
            elif question.kind == QuestionKind.LEVEL and not given.is_na and (step := _step(dice)):
                level = min(len(question.levels), max(1, given.value + step))
                found[question.id] = Given(level, text=_words(question, dimension, level, dice))
            elif question.kind == QuestionKind.DATE:
                found[question.id] = _answer(question, dimension, aim=0.5, on=on, slug=slug, dice=dice)
            else:
                found[question.id] = replace(given, to_confirm=False)
    return _asked(instrument, found)


def _step(dice: Random) -> int:
    return dice.choices((-1, 0, 1, 2), (3, 45, 42, 10))[0]


def begun(answers: Mapping[str, Given], *, share: float) -> dict[str, Given]:
    """The first `share` of the answers, in the order of the form, with a gap here and there."""
    kept = list(answers.items())[: round(share * len(answers))]
    return {question: given for place, (question, given) in enumerate(kept) if share >= 1 or place % 9 != 7}


def _asked(instrument: Instrument, found: Mapping[str, Given]) -> dict[str, Given]:
    visible = shown(instrument, found)
    return {question: given for question, given in found.items() if question in visible}


def _answer(question: Question, dimension: Dimension, *, aim: float, on: date, slug: str, dice: Random) -> Given:
    if question.allows_na and dice.random() < 0.08:
        return Given(is_na=True, text=_NOT_APPLICABLE)
    tuned = min(1.0, max(0.0, aim + OFFICES.get(dimension.id, _OTHER_OFFICE)[1] + dice.gauss(0, 0.17)))
    value = _value(question, tuned, on=on, slug=slug, dice=dice)
    return Given(value, text=_words(question, dimension, value, dice))


def _value(question: Question, aim: float, *, on: date, slug: str, dice: Random) -> Any:
    match question.kind:
        case QuestionKind.LEVEL:
            return 1 + round(aim * (len(question.levels) - 1))
        case QuestionKind.YES_NO:
            return dice.random() < aim + 0.25
        case QuestionKind.ONE:
            options = sorted(question.options, key=lambda option: option.points)
            return options[round(aim * (len(options) - 1))].id
        case QuestionKind.SEVERAL:
            chosen = {option.id for option in question.options if option.points and dice.random() < aim + 0.15}
            return sorted(chosen or {question.options[-1].id})
        case QuestionKind.NUMBER:
            return str(_number(question, aim, dice))
        case QuestionKind.DATE:
            return (on - timedelta(days=dice.randint(25, 420))).isoformat()
        case QuestionKind.LINK:
            return f"https://www.{slug}.invalid/{question.id}"
    return None  # a text: its words are the answer


def _number(question: Question, aim: float, dice: Random) -> int:
    """A number in the band that `aim` leads to."""
    lows = [0, *(int(band.low) for band in question.bands)]
    place = min(len(lows) - 1, int(aim * len(lows)))
    most = 100 if question.unit.startswith("de cada 100") and question.bands else lows[-1] + 4
    return dice.randint(lows[place], lows[place + 1] - 1 if place + 1 < len(lows) else most)


def _words(question: Question, dimension: Dimension, value: Any, dice: Random) -> str:
    office = OFFICES.get(dimension.id, _OTHER_OFFICE)[0]
    match question.kind:
        case QuestionKind.LEVEL:
            more = dice.choice(_HIGH if value > len(question.levels) // 2 + 1 else _LOW)
            return f"{question.levels[value - 1].meaning} Lo lleva {office}. {more}"
        case QuestionKind.YES_NO:
            return dice.choice(_YES if value else _NO)
        case QuestionKind.TEXT:
            return dice.choice(_STORIES)
        case QuestionKind.NUMBER:
            return f"Según el registro de {office}."
    return ""
