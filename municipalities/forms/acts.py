"""Forms about the text of the act, and about issuing one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.models import ActTemplate, Municipality
from municipalities.rules.acts import Parts


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "spellcheck": "true"})


class _TextField(forms.CharField):
    """A text of several lines. Browsers send CRLF; the texts are kept and compared with LF."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class TemplateForm(forms.Form):
    """The words of a draft; `seen` is the state of the draft that the person started from."""

    title = forms.CharField(label=_("Title"), max_length=150)
    body = _TextField(
        label=_("Text"),
        max_length=20_000,
        widget=_area(18),
        help_text=_("A blank line begins a paragraph, “# ” a heading, “- ” an item of a list."),
    )
    commitments = _TextField(label=_("Commitments"), max_length=8_000, widget=_area(8), help_text=_("One a line."))
    closing = _TextField(
        label=_("Closing"), max_length=4_000, widget=_area(4), required=False, help_text=_("After the commitments.")
    )
    note = forms.CharField(
        label=_("What changes"),
        max_length=300,
        required=False,
        help_text=_("For whoever asks later why there is a new edition."),
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, draft: ActTemplate) -> TemplateForm:
        words = {name: getattr(draft, name) for name in Parts._fields}
        return cls(initial={**words, "seen": draft.updated_at.isoformat()})

    def parts(self) -> Parts:
        """What was written, wrong or not: nothing that somebody typed is lost."""
        return Parts(*(str(self.cleaned_data.get(name, self.data.get(name) or "")) for name in Parts._fields))


class SeenForm(forms.Form):
    """A decision on a draft as the person saw it."""

    seen = forms.DateTimeField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, draft: ActTemplate) -> SeenForm:
        return cls(initial={"seen": draft.updated_at.isoformat()})


class PlaceForm(forms.Form):
    """With whose data a text is shown. The options are grouped by region, so that typing a name finds it."""

    municipio = forms.ChoiceField(label=_("Municipality of the preview"))

    def __init__(self, *args: Any, places: Iterable[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: list[tuple[str, Sequence[tuple[str, str]]]] = [
            (str(region), [(place.cut, place.name) for place in found])
            for region, found in groupby(places, key=lambda place: place.region)
        ]
        self.fields["municipio"].choices = groups  # type: ignore[attr-defined]


class IssueForm(forms.Form):
    """The decision to issue an act as the person saw it: state of the adhesion, edition of the text, who is to sign."""

    seen = forms.CharField(widget=forms.HiddenInput)
    edition = forms.IntegerField(widget=forms.HiddenInput)
    authority = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason for a new act"),
        max_length=300,
        widget=_area(3),
        help_text=_("The municipality will read it. The act of before no longer counts."),
    )

    def __init__(self, *args: Any, asks_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["reason"]
