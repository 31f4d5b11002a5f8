"""Forms of what is done with a whole version of an instrument: brought as a file, published, mapped, carried on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.forms.instruments import Text
from diagnostics.models import Round
from diagnostics.rules.instrument_file import LARGEST


class _YamlForm(forms.Form):
    """Something that may come as a file: `read` gives its text."""

    file = forms.FileField(label=gettext_lazy("YAML file"), max_length=200)

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload is None:
            return ""
        if upload.size > LARGEST:
            raise ValidationError(_("The file is larger than 2 MB."))
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not text in UTF-8.")) from None


class UploadForm(_YamlForm):
    """A version of an instrument as a file."""


class MappingForm(_YamlForm):
    """The mapping between two versions: written here, or as a file, which then counts."""

    file = forms.FileField(
        label=gettext_lazy("YAML file"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Instead of the text below."),
    )
    text = forms.CharField(
        label=gettext_lazy("Mapping"),
        required=False,
        strip=False,
        max_length=LARGEST,
        widget=forms.Textarea({"rows": 30, "spellcheck": "false", "class": "code"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def told(self) -> str:
        return str(self.cleaned_data["file"] or self.cleaned_data["text"])


class SeenForm(forms.Form):
    """A decision on a draft as the person saw it."""

    seen = forms.DateTimeField(widget=forms.HiddenInput)


class PublishForm(SeenForm):
    """The decision to publish."""

    note = Text(
        label=gettext_lazy("What changes"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For whoever asks later why there is a new version."),
    )


class RemoveForm(forms.Form):
    """The decision to take a part out as the person saw it."""

    seen = forms.CharField(widget=forms.HiddenInput)


class MigrationForm(forms.Form):
    """To which round the answers go."""

    target: forms.ModelChoiceField[Round] = forms.ModelChoiceField(queryset=None, label=gettext_lazy("To the round"))
    confirm_all = forms.BooleanField(
        label=gettext_lazy("The municipalities confirm every answer again"),
        initial=True,
        required=False,
        help_text=gettext_lazy(
            "Leave it marked for a new period. Otherwise answers to unchanged questions count as they are."
        ),
    )

    def __init__(self, *args: Any, targets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = targets  # type: ignore[attr-defined]
