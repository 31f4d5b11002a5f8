"""Forms that anyone may send, and what keeps machines from sending them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

SOONEST: Final = timedelta(seconds=3)
LATEST: Final = timedelta(days=1)
_SALT: Final = "open form"


class OpenForm(forms.Form):
    """A form that anyone may send, without an account and without a riddle; `components/open_form.html` shows what it adds.

    `website` is a field that people do not see, and `opened` says when the form was: machines fill the one and are too quick
    for the other.
    """

    website = forms.CharField(label=_("Leave this empty"), required=False)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("opened", now_signed())

    @property
    def is_a_machines(self) -> bool:
        """Whether the field that nobody sees was filled."""
        return bool(self.data.get("website"))

    @property
    def seen_fields(self) -> list[forms.BoundField]:
        """Those that people fill in."""
        return [field for field in self.visible_fields() if field.name != "website"]

    def clean(self) -> dict[str, Any]:
        """What is wrong with the moment is said of the whole form, for nobody sees the field; and only when nothing else is,
        for the form is sent again anyway."""
        found = super().clean() or self.cleaned_data
        signer, opened = signing.TimestampSigner(salt=_SALT), self.data.get("opened", "")
        try:
            signer.unsign(opened, max_age=LATEST)
        except signing.BadSignature:
            self._open_again()
            if not self.errors:
                raise forms.ValidationError(_("The page was open for too long. Please send it again.")) from None
            return found
        try:
            signer.unsign(opened, max_age=SOONEST)
        except signing.SignatureExpired:
            return found
        if not self.errors:
            raise forms.ValidationError(
                _(
                    "Read once more what you wrote, and send it again. That is how the portal knows that a person writes."
                )
            )
        return found

    def _open_again(self) -> None:
        if isinstance(self.data, QueryDict):
            renewed = self.data.copy()
            renewed["opened"] = now_signed()
            self.data = renewed


class AdhesionRequestForm(OpenForm):
    """A citizen asks that a municipality adhere and says why; name and e-mail are optional."""

    message = forms.CharField(
        label=_("Why does it matter to you?"),
        help_text=_("A sentence is enough. It is what the Consejo takes to the municipality."),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Write why it matters to you. A sentence is enough.")},
    )
    name = forms.CharField(
        label=_("Your name"), required=False, max_length=150, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail"),
        required=False,
        max_length=254,
        help_text=_("Only if you want an answer. It is deleted once the council has answered, or after 90 days."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )


def now_signed() -> str:
    """The moment at which a form was opened, which nobody else can write."""
    return signing.TimestampSigner(salt=_SALT).sign("opened")


class FileHash(UploadedFile):  # type: ignore[type-arg]
    """What is left of a file whose bytes were read and dropped: its size and its SHA-256."""

    def __init__(self, *, name: str | None, size: int, sha256: str) -> None:
        super().__init__(BytesIO(), name=name or "", size=size)
        self.sha256 = sha256


class HashingHandler(FileUploadHandler):
    """Hashes an upload while it arrives. Nothing of it is kept, in memory or on disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.digest.update(raw_data)

    def file_complete(self, file_size: int) -> FileHash:
        return FileHash(name=self.file_name, size=file_size, sha256=self.digest.hexdigest())
