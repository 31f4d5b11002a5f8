"""What arrives when a plan is brought from a workbook: the file, then the decision about what it says."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from municipalities.rules.uploads import LARGEST, TOO_LARGE

SALT: Final = "action_plans.imports"
ONE_DAY: Final = 24 * 60 * 60


class WorkbookForm(forms.Form):
    """A filled-in workbook."""

    file = forms.FileField(
        label=_("Workbook"),
        help_text=_("The workbook to download here, filled in and saved as XLSX. At most 20 MB."),
        max_length=200,
        widget=forms.FileInput({"accept": ".xlsx"}),
        error_messages={"empty": _("The file is empty. Check that it opens on your computer and choose it again.")},
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return file


class BringForm(forms.Form):
    """The decision: what was seen, sealed, and the act of a plan that was approved elsewhere."""

    contenido = forms.CharField(widget=forms.HiddenInput)
    acto = forms.FileField(
        label=_("Act that approved the plan"),
        help_text=_("The decree or the agreement of the council, as PDF. Everyone can open it."),
        max_length=200,
        widget=forms.FileInput({"accept": ".pdf"}),
        error_messages={"empty": _("The file is empty. Check that it opens on your computer and choose it again.")},
    )

    def __init__(self, *args: Any, needs_act: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_act:
            del self.fields["acto"]


def sealed(content: dict[str, Any], municipality: str) -> str:
    """What a workbook says, to travel through the page of the preview: nobody can change it on the way."""
    return signing.dumps(content, salt=f"{SALT}.{municipality}", compress=True)


def opened(sent: str, municipality: str) -> dict[str, Any] | None:
    """The same, for a day; None when it is not what the portal sealed for this municipality."""
    try:
        content: dict[str, Any] = signing.loads(sent, salt=f"{SALT}.{municipality}", max_age=ONE_DAY)
    except signing.BadSignature:
        return None
    return content
