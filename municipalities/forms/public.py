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
_SALT: Final = "adhesion request"


class AdhesionRequestForm(forms.Form):
    """A citizen asks that a municipality adhere: name, e-mail and message are all optional.

    `website` is a field that people do not see, and `opened` says when the form was: machines fill the one and are too quick
    for the other.
    """

    message = forms.CharField(
        label=_("Why does it matter to you?"), required=False, max_length=2000, widget=forms.Textarea({"rows": 5})
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
    website = forms.CharField(label=_("Leave this empty"), required=False)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("opened", now_signed())

    @property
    def is_a_machines(self) -> bool:
        """Whether the field that nobody sees was filled."""
        return bool(self.data.get("website"))

    def clean_opened(self) -> str:
        try:
            signing.TimestampSigner(salt=_SALT).unsign(self.cleaned_data["opened"], max_age=LATEST)
        except signing.BadSignature as fault:
            self._open_again()
            raise forms.ValidationError(_("The page was open for too long. Please send it again.")) from fault
        try:
            signing.TimestampSigner(salt=_SALT).unsign(self.cleaned_data["opened"], max_age=SOONEST)
        except signing.SignatureExpired:
            return ""
        raise forms.ValidationError(_("That was very quick. Please read what you wrote and send it again."))

    def _open_again(self) -> None:
        if isinstance(self.data, QueryDict):
            renewed = self.data.copy()
            renewed["opened"] = now_signed()
            self.data = renewed


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
