"""The scores of a diagnostic, computed a second time by other means: from its published file and the instrument's YAML alone.

Nothing of the portal is imported, and nothing is done as it does it: weights and points become whole numbers over one common
denominator, scores are pairs of whole numbers, and the decimals are written out by long division. `docs/scores.md` says the
rules in words; this is what they come to.

    python -m tests.diagnostics.independent diagnostic.json instrument.yaml
"""

import json
import sys
from math import gcd
from typing import Any, NamedTuple

import yaml

DECIMALS = 20
NEVER_SCORED = ("date", "link", "text")


class Score(NamedTuple):
    """`top` over `bottom`; `low` is what was reached, `high` what could be."""

    low: int
    high: int
    bottom: int


def whole(text: str, places: int) -> int:
    """ "1.5" with 3 places is 1500."""
    before, _, after = str(text).partition(".")
    assert len(after) <= places
    return int(before + after.ljust(places, "0"))


def places_of(instrument: dict[str, Any]) -> int:
    """The most decimals of any weight or point, so that all become whole numbers."""
    texts: list[str] = []
    for dimension in instrument["dimensions"]:
        texts.append(dimension.get("weight", "1"))
        for descriptor in dimension["descriptors"]:
            texts.append(descriptor.get("weight", "1"))
            for question in descriptor["questions"]:
                texts.append(question.get("weight", "1"))
                texts += [each.get("points", "0") for each in question.get("options", [])]
                texts += [each["points"] for each in question.get("bands", [])]
    return max(len(str(text).partition(".")[2]) for text in texts)


def number(value: Any) -> tuple[int, int] | None:
    """A decimal as whole number and power of ten; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    before, _, after = digits.partition(".")
    if not (before + after).isdigit():
        return None
    return sign * int(before + after), len(after)


def below(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] * int("1" + "0" * other[1]) < other[0] * int("1" + "0" * one[1])


# --- What is asked, and what counts -----------------------------------------------------------------------------------


def counts(question: dict[str, Any], answer: dict[str, Any] | None) -> bool:
    """Whether the answer is one: confirmed, and justified where it does not apply."""
    if answer is None or answer["por_confirmar"]:
        return False
    if answer["no_aplica"]:
        return bool(question.get("allows_na")) and answer["explicacion"].strip() != ""
    if question["kind"] == "text":
        return str(answer["explicacion"]).strip() != ""
    return answer["valor"] is not None


def holds(test: dict[str, Any], question: dict[str, Any], answer: dict[str, Any] | None) -> bool:
    operator, wanted = test["operator"], test.get("value")
    if operator == "answered":
        return counts(question, answer)
    if answer is None or answer["no_aplica"] or answer["valor"] is None:
        return False
    value = answer["valor"]
    if operator == "includes":
        return isinstance(value, list) and wanted in value
    if operator in ("at_least", "at_most"):
        left, right = number(value), number(wanted)
        if left is None or right is None:
            return False
        return not below(left, right) if operator == "at_least" else not below(right, left)
    return (value == wanted) is (operator == "is")


def asked(instrument: dict[str, Any], answers: dict[str, Any]) -> set[str]:
    every = [q for d in instrument["dimensions"] for s in d["descriptors"] for q in s["questions"]]
    by_name = {question["id"]: question for question in every}
    found: set[str] = set()
    for question in every:
        condition = question.get("show_if")
        if condition:
            results = [
                holds(
                    test,
                    by_name[test["question"]],
                    answers.get(test["question"]) if test["question"] in found else None,
                )
                for test in condition["tests"]
            ]
            if not (any(results) if condition.get("any_of") else all(results)):
                continue
        found.add(question["id"])
    return found


# --- Scores -----------------------------------------------------------------------------------------------------------


def of_question(question: dict[str, Any], answer: dict[str, Any] | None, shown: set[str], places: int) -> Score | None:
    """None where the question is left out of the mean."""
    if (
        question["kind"] in NEVER_SCORED
        or whole(question.get("weight", "1"), places) == 0
        or question["id"] not in shown
    ):
        return None
    if answer is None or not counts(question, answer):
        return Score(0, 1, 1)
    if answer["no_aplica"]:
        return None
    one, value = 10**places, answer["valor"]
    if question["kind"] == "level":
        return Score(value - 1, value - 1, len(question["levels"]) - 1)
    if question["kind"] == "yes_no":
        earned = one if value is True else 0
    elif question["kind"] == "number":
        given = number(value)
        assert given is not None
        reached = [whole(band["points"], places) for band in question["bands"] if not below(given, number(band["low"]))]  # type: ignore[arg-type]
        earned = reached[-1] if reached else 0
    else:
        chosen = value if isinstance(value, list) else [value]
        earned = sum(whole(o.get("points", "0"), places) for o in question["options"] if o["id"] in chosen)
    earned = min(earned, one)
    return Score(earned, earned, one)


def mean(parts: list[tuple[int, Score | None]]) -> Score | None:
    """Of (weight, score): the sum of the products over the sum of the weights of what counts."""
    taken = [(weight, score) for weight, score in parts if score is not None and weight > 0]
    weights = sum(weight for weight, _score in taken)
    if weights == 0:
        return None
    low, high, bottom = 0, 0, 1
    for weight, score in taken:
        low = low * score.bottom + weight * score.low * bottom
        high = high * score.bottom + weight * score.high * bottom
        bottom *= score.bottom
    return Score(low, high, bottom * weights)


def compute(document: dict[str, Any], instrument: dict[str, Any]) -> dict[str, Score | None]:
    """Every score by its identifier; the index has none."""
    answers, places = document["respuestas"], places_of(instrument)
    shown = asked(instrument, answers)
    found: dict[str, Score | None] = {}

    def weighed(part: dict[str, Any]) -> int:
        return whole(part.get("weight", "1"), places)

    for dimension in instrument["dimensions"]:
        for descriptor in dimension["descriptors"]:
            for question in descriptor["questions"]:
                found[question["id"]] = of_question(question, answers.get(question["id"]), shown, places)
            found[descriptor["id"]] = mean([(weighed(q), found[q["id"]]) for q in descriptor["questions"]])
        found[dimension["id"]] = mean([(weighed(d), found[d["id"]]) for d in dimension["descriptors"]])
    found[""] = mean([(weighed(d), found[d["id"]]) for d in instrument["dimensions"]])
    return found


def written(top: int, bottom: int) -> str:
    """Twenty decimals by long division, half to even."""
    digits, left = divmod(top * 10**DECIMALS, bottom)
    if 2 * left > bottom or (2 * left == bottom and digits % 2):
        digits += 1
    text = str(digits).rjust(DECIMALS + 1, "0")
    return f"{text[:-DECIMALS]}.{text[-DECIMALS:]}"


def disagreements(document: dict[str, Any], instrument: dict[str, Any]) -> list[str]:
    """What the file says otherwise, one sentence each; empty when it agrees to the last digit."""
    found = compute(document, instrument)
    levels = len(instrument["scale"])
    wrong: list[str] = []

    def check(node: dict[str, Any]) -> None:
        score, name = found.pop(node["identificador"]), f"{node['de']} {node['identificador']}".strip()
        tops = (None, None) if score is None else (score.low, score.high)
        for label, top in zip(("alcanzado", "potencial"), tops, strict=True):
            mine = None if score is None or top is None else written(top, score.bottom)
            if node[label] != mine:
                wrong.append(f"{name}: {label} {node[label]}, not {mine}")
            exact = None
            if score is not None and top is not None:
                common = gcd(top, score.bottom)
                exact = [str(top // common), str(score.bottom // common)]
            if node[f"{label}_exacto"] != exact:
                wrong.append(f"{name}: {label}_exacto {node[f'{label}_exacto']}, not {exact}")
        if node["de"] != "pregunta":
            level = None if score is None else min(score.low * levels // score.bottom + 1, levels)
            if node["nivel"] != level:
                wrong.append(f"{name}: nivel {node['nivel']}, not {level}")
        for part in node.get("partes", []):
            check(part)

    check(document["puntajes"])
    return wrong + [f"{name}: missing from the file" for name in found]


def main(arguments: list[str]) -> int:
    with open(arguments[0], encoding="utf-8") as file:
        document = json.load(file)
    with open(arguments[1], encoding="utf-8") as file:
        instrument = yaml.safe_load(file)
    wrong = disagreements(document, instrument)
    print("\n".join(wrong) or "Every score agrees to the last digit.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
