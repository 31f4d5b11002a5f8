"""What a municipality sends: its signed act."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.choices import SignatureMethod
from municipalities.forms.days import day_field
from municipalities.rules.uploads import LARGEST

ROADS = [
    (SignatureMethod.ADVANCED.value, gettext_lazy("A PDF with advanced electronic signature")),
    (SignatureMethod.SCAN.value, gettext_lazy("The act signed on paper and scanned")),
]
_LIMIT = LARGEST // 2**20


class SignedActForm(forms.Form):
    """The file, by which road it was signed, and for paper the day. `seen` is the state in which the person saw the adhesion."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=15)
    road = forms.ChoiceField(label=gettext_lazy("How it was signed"), choices=ROADS, widget=forms.RadioSelect)
    signed_on = day_field(
        gettext_lazy("Day of the signature"),
        required=False,
        help_text=gettext_lazy("Only for an act signed on paper: the portal reads the day of an electronic signature."),
    )
    file = forms.FileField(
        label=gettext_lazy("The signed act"),
        max_length=200,
        help_text=gettext_lazy("A PDF of at most 20 MB. For paper also a photo or scan in JPEG or PNG."),
        widget=forms.ClearableFileInput({"accept": "application/pdf,image/jpeg,image/png"}),
        error_messages={
            "required": gettext_lazy("Choose the file of the signed act."),
            "empty": gettext_lazy("The file is empty. Check that it opens on your computer and choose it again."),
        },
    )

    def __init__(self, *args: Any, issued_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issued_on = issued_on

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB. Scan it with less resolution, or in black and white."),
                params={"limit": _LIMIT},
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        road, file, day = cleaned.get("road"), cleaned.get("file"), cleaned.get("signed_on")
        if road == SignatureMethod.ADVANCED and file:
            begins = file.read(1024)
            file.seek(0)
            if b"%PDF-" not in begins:
                self.add_error(
                    "file", _("This is not a PDF. If it is a photo or a scan, choose the act signed on paper.")
                )
        if road == SignatureMethod.SCAN and "signed_on" in cleaned:
            if day is None:
                self.add_error("signed_on", _("Say on which day the act was signed."))
            elif not self.issued_on <= day <= timezone.localdate():
                self.add_error("signed_on", _("The day of signing lies between the day the act was issued and today."))
        return cleaned
