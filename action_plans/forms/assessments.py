"""A part of an assessment: a field or two for each question of its instrument, each with the version that was read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from action_plans.actions.assessment_evidence import Brought
from action_plans.actions.assessments import Said
from action_plans.choices import PieceHideReason
from action_plans.forms.desk import HideForm
from action_plans.forms.plans import words_field
from action_plans.models import AssessmentAnswer
from action_plans.reports.assessments import Answered, Part
from action_plans.rules.assessments import LARGEST_PIECE, MOST_PIECES
from diagnostics.forms.evidence import SourceForm
from diagnostics.rules.instrument import Question, QuestionKind

NA: Final = "na"
_YES, _NO = "si", "no"
UUID_SHAPE: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
            # Left empty it is saved, but not published: templates/django/forms/field.html does not call it optional.
            asked = "text" if question.kind == QuestionKind.TEXT else "value"
            self.fields[f"{question.id}-{asked}"].due_later = True  # type: ignore[attr-defined]
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


class HidePieceForm(HideForm):
    """Why a monitor's evidence is shown no more."""

    reason = forms.ChoiceField(label=_("Why"), choices=PieceHideReason.choices, widget=forms.RadioSelect)


class PiecesForm(SourceForm):
    """The evidence of a part: what is ticked stands there, one file or address may be new. `attached` is what stood there when
    the form was shown: only that can be taken off."""

    prefix = "prueba"
    pieces = forms.MultipleChoiceField(
        label=_("Evidence"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    attached = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput, choices=[])
    is_public = forms.BooleanField(
        label=_("Everyone may read the new evidence"),
        required=False,
        initial=True,
        help_text=_("Do not mark it when the document names people who are not authorities."),
    )
    field_order = ("key", "attached", "pieces", "file", "url", "is_public")

    def __init__(self, *args: Any, offers: list[tuple[str, str]], standing: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, "pieces": standing, "attached": standing, "key": uuid4()}
        self.fields["pieces"].choices = offers  # type: ignore[attr-defined]
        # Whatever it holds, it takes off only what stands there.
        self.fields["attached"].choices = [(key, key) for key in self._said("attached")]  # type: ignore[attr-defined]
        self.fields["pieces"].help_text = _("At most %(most)d pieces. Tick those that show what you say.") % {
            "most": MOST_PIECES
        }
        self.fields["key"].required = False  # asked for only with something new
        self.fields["file"].label = _("A new file")
        self.fields["file"].help_text = _("PDF, picture, DOCX or XLSX without macros. At most %(most)d MB.") % {
            "most": LARGEST_PIECE // 2**20
        }

    def _said(self, name: str) -> list[str]:
        sent = self.data.getlist(self.add_prefix(name)) if isinstance(self.data, QueryDict) else []
        return [key for key in sent if UUID_SHAPE.fullmatch(key)]

    def clean_file(self) -> Any:
        file = super().clean_file()
        if file is not None and (file.size or 0) > LARGEST_PIECE:
            raise forms.ValidationError(_("The file is larger than %(most)d MB.") % {"most": LARGEST_PIECE // 2**20})
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = forms.Form.clean(self) or self.cleaned_data
        if cleaned.get("file") and cleaned.get("url"):
            self.add_error("url", _("Send either a file or an address. For both, add two pieces of evidence."))
        return cleaned

    @property
    def ticked(self) -> list[UUID]:
        """Those that were not there when the form was shown, of a valid form."""
        return [UUID(key) for key in self.cleaned_data["pieces"] if key not in self.cleaned_data["attached"]]

    @property
    def unticked(self) -> list[UUID]:
        return [UUID(key) for key in self.cleaned_data["attached"] if key not in self.cleaned_data["pieces"]]

    @property
    def has_news(self) -> bool:
        return bool(self.ticked or self.unticked or self.brought)

    @property
    def brought(self) -> Brought | None:
        """What is new, of a valid form."""
        sent = self.cleaned_data
        if not sent["file"] and not sent["url"]:
            return None
        return Brought(sent["key"] or uuid4(), self.own_title(), self.sent(), is_public=sent["is_public"])
