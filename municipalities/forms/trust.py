"""Forms about the certificates that the council trusts."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.choices import CertificateKind
from municipalities.forms.days import day_field
from municipalities.imports.certificates import LARGEST


class CertificateForm(forms.Form):
    """A certificate to trust. The second time, on the page that confirms it, it comes in `encoded` in place of the file."""

    file = forms.FileField(
        label=_("Certificate"),
        required=False,
        help_text=_("Of the authority that issues certificates, in PEM or DER. One at a time."),
        error_messages={"empty": _("The file is empty.")},
    )
    encoded = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40_000)
    kind = forms.ChoiceField(label=_("Kind"), choices=CertificateKind.choices)
    trusted_from = day_field(
        label=_("Trusted from"), help_text=_("Signatures of earlier days are not accepted by this certificate.")
    )
    note = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("Where it was obtained and how its fingerprint was checked. Whoever manages trust reads it."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file:
            cleaned["content"] = file.read(LARGEST + 1)
        elif cleaned.get("encoded"):
            try:
                cleaned["content"] = base64.b64decode(cleaned["encoded"], validate=True)
            except binascii.Error:
                self.add_error("file", _("Choose the file again."))
        elif not self.errors.get("file"):
            self.add_error("file", _("Choose a file."))
        return cleaned


class TrustForm(forms.Form):
    """Until when a certificate is trusted; empty means without end."""

    until = day_field(
        label=_("First day without trust"),
        required=False,
        help_text=_("Empty: trusted without end. Signatures of earlier days keep their verdict."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


class RevocationListForm(forms.Form):
    file = forms.FileField(
        label=_("Revocation list"),
        help_text=_("The complete list (CRL) of an authority of this page, in PEM or DER."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
