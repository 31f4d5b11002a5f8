"""Forms of the editor of instruments: one part of the instrument a page, its levels, options and conditions as rows.

What a form shows and gets back unchanged makes the same part: file, editor, file is the same file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.rules.file_faults import clean
from diagnostics.rules.instrument import (
    Band,
    Condition,
    Descriptor,
    Dimension,
    Instrument,
    Level,
    Operator,
    Option,
    Question,
    QuestionKind,
    Test,
)
from diagnostics.rules.instrument_edit import Part
from diagnostics.rules.instrument_words import EFFORTS, KINDS, OPERATORS, number, value_words


class Text(forms.CharField):
    """Text as the file keeps it: no blanks round it, no tabs, line feeds alone between lines."""

    def __init__(self, *, rows: int = 0, **kwargs: Any) -> None:
        if rows:
            kwargs["widget"] = forms.Textarea({"rows": rows, "spellcheck": "true"})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return str(clean(super().to_python(value)))


class _Number(forms.CharField):
    """A decimal with a comma or a point, six places at most; empty gives None."""

    widget = forms.TextInput({"inputmode": "decimal", "size": "8"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace(",", ".")
        if not text:
            return None
        with suppress(InvalidOperation):
            found = Decimal(text)
            if found.is_finite() and 0 <= found < 10**9 and found == round(found, 6):
                return found
        raise ValidationError(_("Write a number from 0 on, such as 1,5."))


_ID: Final[dict[str, Any]] = {
    "label": gettext_lazy("Identifier"),
    "max_length": 60,
    "help_text": gettext_lazy(
        "Lower-case letters without accents, digits and hyphens. Once published it is permanent."
    ),
}


def _identifier(**kwargs: Any) -> forms.RegexField:
    field = {**_ID, **kwargs}
    return forms.RegexField(r"^[a-z0-9]+(-[a-z0-9]+)*$", error_messages={"invalid": _ID["help_text"]}, **field)


_WEIGHT: Final[dict[str, Any]] = {
    "label": gettext_lazy("Weight"),
    "help_text": gettext_lazy("Among its neighbours: 2 counts twice as much as 1."),
}


class FrontForm(forms.Form):
    """The instrument's own words. `seen` marks what the person started from, here as in the other parts."""

    version = forms.RegexField(
        r"^[0-9]{4}\.[0-9]{1,3}$",
        label=gettext_lazy("Version"),
        help_text=gettext_lazy("The year, a point and a number, such as 2026.1."),
    )
    title = Text(label=gettext_lazy("Title"), max_length=200)
    note = Text(
        label=gettext_lazy("Note"),
        rows=4,
        max_length=5_000,
        required=False,
        help_text=gettext_lazy("Shown on the face of the instrument."),
    )
    sources = Text(
        label=gettext_lazy("Sources"), rows=6, max_length=30_000, required=False, help_text=gettext_lazy("One a line.")
    )
    seen = forms.CharField(widget=forms.HiddenInput)


class DimensionForm(forms.Form):
    """A section of the form."""

    id = _identifier()
    name = Text(label=gettext_lazy("Name"), max_length=200)
    weight = _Number(**_WEIGHT)
    description = Text(label=gettext_lazy("Description"), rows=3, max_length=5_000, required=False)
    seen = forms.CharField(widget=forms.HiddenInput)


class DescriptorForm(forms.Form):
    """A subject within a dimension."""

    id = _identifier()
    name = Text(label=gettext_lazy("Name"), max_length=200)
    weight = _Number(**_WEIGHT)
    guidance = Text(label=gettext_lazy("Guidance"), rows=3, max_length=5_000, required=False)
    seen = forms.CharField(widget=forms.HiddenInput)


class QuestionForm(forms.Form):
    """A question, without its rows."""

    id = _identifier()
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[(kind.value, name) for kind, name in KINDS.items()])
    text = Text(label=gettext_lazy("Question"), rows=3, max_length=5_000)
    weight = _Number(
        label=gettext_lazy("Weight"),
        help_text=gettext_lazy(
            "Among its neighbours: 2 counts twice as much as 1. With 0 it informs and is not scored."
        ),
    )
    guidance = Text(label=gettext_lazy("Guidance"), rows=3, max_length=5_000, required=False)
    legal_basis = Text(label=gettext_lazy("Legal basis"), rows=2, max_length=5_000, required=False)
    evidence = Text(label=gettext_lazy("What counts as evidence"), rows=2, max_length=5_000, required=False)
    needs_evidence = forms.BooleanField(label=gettext_lazy("Evidence required"), required=False)
    allows_na = forms.BooleanField(
        label=gettext_lazy("“Not applicable” allowed"),
        required=False,
        help_text=gettext_lazy("Always with a justification."),
    )
    unit = Text(
        label=gettext_lazy("Unit"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Of a number, written for many: “people”, “of every 100”."),
    )
    recommendation = Text(label=gettext_lazy("Recommendation"), rows=2, max_length=5_000, required=False)
    effort = forms.TypedChoiceField(
        label=gettext_lazy("Effort"),
        coerce=int,
        choices=list(EFFORTS.items()),
        help_text=gettext_lazy("What the next level costs a municipality."),
    )
    known_as = Text(
        label=gettext_lazy("Known to the portal as"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("The name of a fact that the portal offers as an answer; empty when there is none."),
    )
    any_of = forms.TypedChoiceField(
        label=gettext_lazy("The question is shown if"),
        coerce=lambda text: text == "any",
        choices=[("all", gettext_lazy("all conditions hold")), ("any", gettext_lazy("any condition holds"))],
    )
    seen = forms.CharField(widget=forms.HiddenInput)


# --- Rows -------------------------------------------------------------------------------------------------------------


class _Row(forms.Form):
    """A row; left blank it is taken out. `wanted` names what a row that is not blank must have."""

    wanted: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if any(value not in {None, ""} for value in cleaned.values()):
            for name in self.wanted:
                if name not in self.errors and cleaned.get(name) in {None, ""}:
                    self.add_error(name, _("Fill this in, or leave the whole row blank."))
        return cleaned

    def told(self) -> dict[str, Any] | None:
        """What the row says; None for a blank one."""
        found = {name: value for name, value in self.cleaned_data.items() if value not in {None, ""}}
        return self.cleaned_data if found else None


class LevelRow(_Row):
    wanted = ("name", "meaning")
    name = Text(label=gettext_lazy("Level"), max_length=200, required=False)
    meaning = Text(label=gettext_lazy("What it means"), rows=2, max_length=5_000, required=False)


class OptionRow(_Row):
    wanted = ("id", "text")
    id = _identifier(required=False, help_text="")
    text = Text(label=gettext_lazy("Option"), max_length=200, required=False)
    points = _Number(label=gettext_lazy("Points from 0 to 1"), required=False)


class BandRow(_Row):
    wanted = ("low", "points")
    low = _Number(label=gettext_lazy("From this number on"), required=False)
    points = _Number(label=gettext_lazy("Points from 0 to 1"), required=False)


class TestRow(_Row):
    wanted = ("question", "operator")
    question = Text(label=gettext_lazy("Earlier question"), max_length=60, required=False)
    operator = forms.ChoiceField(
        label=gettext_lazy("Comparison"),
        choices=[("", "—"), *((key.value, name) for key, name in OPERATORS.items())],
        required=False,
    )
    value = Text(
        label=gettext_lazy("Value"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("A level, “sí” or “no”, or the identifier of an option."),
    )


# --- A part's page ----------------------------------------------------------------------------------------------------

_FORMS: Final[dict[type, type[forms.Form]]] = {
    Instrument: FrontForm,
    Dimension: DimensionForm,
    Descriptor: DescriptorForm,
    Question: QuestionForm,
}
_ROWS: Final[dict[str, tuple[type[_Row], Any]]] = {
    "scale": (LevelRow, gettext_lazy("Levels of the index")),
    "levels": (LevelRow, gettext_lazy("Levels")),
    "options": (OptionRow, gettext_lazy("Options")),
    "bands": (BandRow, gettext_lazy("Points by number")),
    "tests": (TestRow, gettext_lazy("Conditions")),
}
_KIND_ROWS: Final = {
    QuestionKind.LEVEL: "levels",
    QuestionKind.ONE: "options",
    QuestionKind.SEVERAL: "options",
    QuestionKind.NUMBER: "bands",
}
_BLANK_ROWS: Final = 3
_USUAL_LEVELS: Final = 5


class Editor:
    """The form of a part and its rows. `asked` are the earlier questions, by identifier, that conditions may ask."""

    def __init__(
        self,
        part: Instrument | Part,
        *,
        seen: str,
        asked: Mapping[str, Question],
        frozen: bool = False,
        data: Any = None,
    ) -> None:
        self.before, self.asked = part, asked
        self.form = _FORMS[type(part)](data, initial={**_initial(part), "seen": seen})
        if frozen and "id" in self.form.fields:
            self.form.fields["id"].disabled = True
        # Rows that the sent page did not show stay as they are.
        names = [name for name in _rows_of(part) if data is None or f"{name}-TOTAL_FORMS" in data]
        self.rows = {name: _formset(name, part, data) for name in names}
        for row in self.rows.get("tests", ()):
            row.fields["question"].widget = forms.Select(choices=[("", "—"), *_choices(asked, row)])

    @property
    def tables(self) -> list[tuple[Any, BaseFormSet[_Row]]]:
        """The rows with their headings, for the page."""
        return [(_ROWS[name][1], rows) for name, rows in self.rows.items()]

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    @property
    def seen(self) -> str:
        return str(self.form.cleaned_data["seen"])

    def see(self, seen: str) -> None:
        """Let the page, sent again, start from what stands now."""
        self.form.data = self.form.data.copy()  # type: ignore[attr-defined]
        self.form.data["seen"] = seen  # type: ignore[index]

    def part(self) -> Any:
        """The part that the forms tell, of the same type as the one they began with. They are valid."""
        told = {name: value for name, value in self.form.cleaned_data.items() if name not in {"seen", "any_of"}}
        before = self.before
        if isinstance(before, Instrument):
            told["sources"] = tuple(line.strip() for line in told["sources"].split("\n") if line.strip())
        if isinstance(before, Question):
            told["kind"] = QuestionKind(told["kind"])
            if "tests" in self.rows:
                tests = self._tests()
                told["show_if"] = Condition(tests, any_of=self.form.cleaned_data["any_of"]) if tests else None
        made = {"scale": _level, "levels": _level, "options": _option, "bands": _band}
        for name, rows in self.rows.items():
            if name in made:
                told[name] = tuple(made[name](place, row) for place, row in enumerate(_told(rows), 1))
        return replace(before, **told)

    def _tests(self) -> tuple[Test, ...]:
        before = self.before.show_if.tests if isinstance(self.before, Question) and self.before.show_if else ()
        found = []
        for place, row in enumerate(self.rows["tests"]):
            if told := row.told():
                old = before[place] if place < len(before) else None
                found.append(_test(told, old, self.asked.get(told["question"])))
        return tuple(found)


def _formset(name: str, part: Instrument | Part, data: Any) -> BaseFormSet[_Row]:
    initial = _initial_rows(part, name)
    usual = _USUAL_LEVELS - len(initial) if name in {"levels", "scale"} else _BLANK_ROWS
    made = formset_factory(_ROWS[name][0], extra=max(usual, 1), max_num=40, absolute_max=60)
    return made(data, initial=initial, prefix=name)


def _rows_of(part: Instrument | Part) -> list[str]:
    if isinstance(part, Instrument):
        return ["scale"]
    if not isinstance(part, Question):
        return []
    usual = _KIND_ROWS.get(part.kind)
    return [*(name for name in ("levels", "options", "bands") if name == usual or getattr(part, name)), "tests"]


def _choices(asked: Mapping[str, Question], row: _Row) -> list[tuple[str, str]]:
    """The earlier questions, and the one asked now even when it is no earlier one: a page never changes it silently."""
    now = row.initial.get("question", "") if row.initial else ""
    rest = [(now, now)] if now and now not in asked else []
    return [*((name, f"{name}: {question.text[:70]}") for name, question in asked.items()), *rest]


def _initial(part: Instrument | Part) -> dict[str, Any]:
    if isinstance(part, Instrument):
        sources = "\n".join(part.sources)
        return {"version": part.version, "title": part.title, "note": part.note, "sources": sources}
    found = {name: getattr(part, name) for name in _FORMS[type(part)].base_fields if hasattr(part, name)}
    found["weight"] = number(part.weight)
    if isinstance(part, Question):
        found["kind"] = part.kind.value
        found["any_of"] = "any" if part.show_if and part.show_if.any_of else "all"
    return found


def _initial_rows(part: Instrument | Part, name: str) -> list[dict[str, Any]]:
    if name == "tests":
        tests: Sequence[Test] = part.show_if.tests if isinstance(part, Question) and part.show_if else ()
        return [
            {"question": test.question, "operator": test.operator.value, "value": value_words(test.value)}
            for test in tests
        ]
    fields = _ROWS[name][0].base_fields
    return [{field: _shown(getattr(entry, field)) for field in fields} for entry in getattr(part, name)]


def _shown(value: Any) -> Any:
    return number(value) if isinstance(value, Decimal) else value


def _told(rows: BaseFormSet[_Row]) -> list[dict[str, Any]]:
    return [told for row in rows if (told := row.told())]


def _level(place: int, told: dict[str, Any]) -> Level:
    return Level(place, told["name"], told["meaning"])


def _option(_place: int, told: dict[str, Any]) -> Option:
    return Option(told["id"], told["text"], told["points"] or Decimal(0))


def _band(_place: int, told: dict[str, Any]) -> Band:
    return Band(told["low"], told["points"])


_YES: Final = frozenset({"sí", "si", "yes"})


def _test(told: dict[str, Any], before: Test | None, target: Question | None) -> Test:
    """The comparison; a value is of the type that the question asked for takes, where it can be read so."""
    operator, text = Operator(told["operator"]), told["value"]
    value: bool | int | str | None = text or None
    if before is not None and before.question == told["question"] and value_words(before.value) == text:
        value = before.value
    elif target is not None and target.kind == QuestionKind.YES_NO and text.lower() in {*_YES, "no"}:
        value = text.lower() in _YES
    elif target is not None and target.kind == QuestionKind.LEVEL and text.isdecimal():
        value = int(text)
    elif target is not None and target.kind == QuestionKind.NUMBER and text:
        value = text.replace(",", ".")
    return Test(told["question"], operator, value)


# --- The rest ---------------------------------------------------------------------------------------------------------


class NewPartForm(forms.Form):
    """A dimension or descriptor that begins; the rest is written on its own page."""

    id = _identifier()
    name = Text(label=gettext_lazy("Name"), max_length=200)


class NewQuestionForm(forms.Form):
    """A question that begins; the rest is written on its own page."""

    id = _identifier()
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[(kind.value, name) for kind, name in KINDS.items()])
    text = Text(label=gettext_lazy("Question"), rows=3, max_length=5_000)
