"""What a mayor gives to sign an act."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


class ConfirmForm(forms.Form):
    """The last word before signing. `seen` is the state of the adhesion that the person saw."""

    seen = forms.CharField(widget=forms.HiddenInput)
    read = forms.BooleanField(
        label=_("I read the act and I sign it on behalf of the municipality"),
        error_messages={"required": _("Tick the box to sign.")},
    )


class CodeField(forms.CharField):
    """A code in digits; blanks are forgiven, because applications show it in two groups."""

    def to_python(self, value: object) -> str:
        return "".join(str(super().to_python(value) or "").split())


class CodeForm(forms.Form):
    """The one-time code that the application of FirmaGob shows."""

    seen = forms.CharField(widget=forms.HiddenInput)
    code = CodeField(
        label=_("Code of six digits"),
        help_text=_("The one that your FirmaGob application shows now. It changes every few seconds."),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
        validators=[RegexValidator(r"^[0-9]{6,8}$", _("The code has six digits."))],
    )
