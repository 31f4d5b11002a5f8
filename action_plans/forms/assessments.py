"""A part of an assessment: a field or two for each question of its instrument, each with the version that was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from action_plans.actions.assessments import Said
from action_plans.forms.plans import words_field
from action_plans.models import AssessmentAnswer
from action_plans.reports.assessments import Answered, Part
from diagnostics.rules.instrument import Question, QuestionKind

NA: Final = "na"
_YES, _NO = "si", "no"


@dataclass(frozen=True)
class Group:
    """A question with its fields. `theirs`: what somebody else saved in between, with `said` in words."""

    question: Question
    fields: list[forms.BoundField]
    hidden: forms.BoundField
    theirs: AssessmentAnswer | None
    said: str


class PartForm(forms.Form):
    """The answers about the plan or one commitment, as they stand; nothing is required until it is published."""

    def __init__(self, data: Any, *, part: Part) -> None:
        super().__init__(data, initial={key: value for each in part.answers for key, value in _initial(each).items()})
        self.part = part
        self.theirs: dict[str, AssessmentAnswer] = {}
        for each in part.answers:
            question = each.question
            if question.kind != QuestionKind.TEXT:
                self.fields[f"{question.id}-value"] = _choice(question)
            self.fields[f"{question.id}-text"] = _words(question)
            self.fields[f"{question.id}-version"] = forms.IntegerField(
                widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000, required=False
            )

    def said(self) -> list[Said]:
        """The answers of a valid form."""
        return [self._said(each.question) for each in self.part.answers]

    def _said(self, question: Question) -> Said:
        sent = self.cleaned_data
        chosen = sent.get(f"{question.id}-value", "")
        return Said(
            question.id,
            _value(question, chosen),
            sent[f"{question.id}-text"],
            sent[f"{question.id}-version"] or 0,
            is_na=chosen == NA,
        )

    def after_conflict(self, standing: dict[str, AssessmentAnswer]) -> None:
        """What was typed stays. The person has seen the others' answers from now on, so that saving again is their decision."""
        self.theirs = standing
        self.data = self.data.copy()  # type: ignore[attr-defined]
        for question, row in standing.items():
            self.data[f"{question}-version"] = str(row.version)  # type: ignore[index]

    @property
    def groups(self) -> list[Group]:
        found = []
        for each in self.part.answers:
            names = [f"{each.question.id}-{name}" for name in ("value", "text")]
            fields = [self[name] for name in names if name in self.fields]
            theirs = self.theirs.get(each.question.id)
            said = Answered(each.question, theirs).said
            found.append(Group(each.question, fields, self[f"{each.question.id}-version"], theirs, said))
        return found


def _initial(each: Answered) -> dict[str, Any]:
    row = each.row
    if row is None:
        return {f"{each.question.id}-version": 0}
    chosen = NA if row.is_na else _YES if row.value is True else _NO if row.value is False else row.value
    return {
        f"{each.question.id}-value": chosen,
        f"{each.question.id}-text": row.text,
        f"{each.question.id}-version": row.version,
    }


def _choice(question: Question) -> forms.ChoiceField:
    if question.kind == QuestionKind.YES_NO:
        options: list[tuple[str, Any]] = [(_YES, _("Yes")), (_NO, _("No"))]
    else:
        options = [
            (str(level.value), f"{level.name.capitalize()}. {level.meaning}".strip()) for level in question.levels
        ]
    if question.allows_na:
        options.append((NA, _("Does not apply (say why below)")))
    return forms.ChoiceField(
        label=question.text, help_text=question.guidance, required=False, choices=options, widget=forms.RadioSelect
    )


def _words(question: Question) -> forms.CharField:
    if question.kind == QuestionKind.TEXT:
        return words_field(question.text, question.guidance, rows=5)
    return words_field(_("Explanation"), rows=2)


def _value(question: Question, chosen: str) -> Any:
    if not chosen or chosen == NA:
        return None
    return chosen == _YES if question.kind == QuestionKind.YES_NO else int(chosen)
