"""The form that the style page shows in all its states. Nothing is done with what it holds."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class StyleForm(forms.Form):
    """One field of each kind."""

    email = forms.EmailField(label=_("E-mail"), help_text=_("We only write to you about your account."))
    year = forms.ChoiceField(label=_("Year"), choices=[("2024", "2024"), ("2023", "2023")])
    basis = forms.CharField(label=_("Basis"), widget=forms.Textarea, required=False)
    role = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, choices=[("officer", _("Officer")), ("reader", _("Reader"))]
    )
    informed = forms.BooleanField(label=_("I have read the terms"), required=False)
    file = forms.FileField(label=_("File"), help_text=_("SINIM's export, as it came."), required=False)
