"""What arrives about workbooks: the file, and what was decided of its conflicts."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from diagnostics.actions.workbooks import Decision, Keep
from municipalities.rules.uploads import LARGEST, TOO_LARGE

_KEEPS: Final = {each.value: each for each in Keep}


class WorkbookForm(forms.Form):
    """A workbook that was filled in. What it holds is judged when it is read."""

    file = forms.FileField(
        label=_("Workbook that you filled in"),
        help_text=_("The file that you downloaded here, saved as an Excel workbook (XLSX). At most 20 MB."),
        max_length=200,
        widget=forms.FileInput({"accept": ".xlsx"}),
        error_messages={
            "required": _("Choose the workbook."),
            "empty": _("The file is empty. Check that it opens on your computer and choose it again."),
        },
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return file


def decisions_of(sent: QueryDict) -> dict[str, Decision]:
    """What was decided, by question: the controls `QUESTION-keep` and `QUESTION-text`."""
    found = {}
    for name in sent:
        question, _dash, field = name.rpartition("-")
        keep = _KEEPS.get(sent.get(name, "")) if field == "keep" else None
        if keep is not None:
            text = sent.get(f"{question}-text", "").replace("\r\n", "\n").replace("\x00", "")
            found[question] = Decision(keep, text)
    return found
