"""What arrives from the form of a diagnostic: answers, comments, sections given to people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from diagnostics.actions.answers import Content
from diagnostics.choices import Audience, Confidence
from diagnostics.rules import controls
from diagnostics.rules.instrument import Question
from municipalities.forms.days import day_field
from municipalities.forms.review import SeenForm


class SaveForm(forms.Form):
    """What a save says of itself: the version it started from, its own identifier, its page and the order in it."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = forms.UUIDField()
    tab = forms.UUIDField(required=False)
    sequence = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class TextForm(forms.Form):
    """Which text of the history is meant."""

    revision = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class RestoreForm(SaveForm, TextForm):
    """Which text of the history becomes the answer again."""


class CommentForm(forms.Form):
    """A remark on a question. The council's people write only what both sides read."""

    text = forms.CharField(label=_("Comment"), max_length=5_000, widget=forms.Textarea({"rows": 4}))
    audience = forms.ChoiceField(label=_("Who reads it"), choices=Audience.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, is_council: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].initial = Audience.MUNICIPALITY
        if is_council:
            del self.fields["audience"]


class AssignForm(forms.Form):
    """Who answers a section, and by when."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Person"))
    due = day_field(_("By when"), required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]


class TakeSectionBackForm(forms.Form):
    """Which of those to whom the section was given no longer answers it."""

    take_back = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class TakeBackForm(SeenForm):
    """Why a submission is taken back, as the person saw it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The Consejo reads it in the mail that tells it."),
    )


def content_of(question: Question, data: QueryDict, prefix: str = "") -> Content:
    """The answer in the controls `value`, `is_na`, `text` and `confidence`. What cannot be the value stays as it was typed, so
    that it is kept too."""
    confidence = data.get(f"{prefix}confidence", "")
    return Content(
        value=controls.value_of(question, [_clean(each) for each in data.getlist(f"{prefix}value")]),
        is_na=f"{prefix}is_na" in data,
        text=_clean(data.get(f"{prefix}text", "")),
        confidence=confidence if confidence in Confidence.values else "",
    )


def _clean(text: str) -> str:
    """Forms send CRLF where scripts send LF; PostgreSQL keeps no NUL."""
    return text.replace("\r\n", "\n").replace("\x00", "")
