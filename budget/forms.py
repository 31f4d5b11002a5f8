"""Shapes of what people send about the budget."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ImportForm(forms.Form):
    """A file of SINIM. What it holds is checked by the action and, row by row, by the worker."""

    file = forms.FileField(
        label=_("File of SINIM"),
        help_text=_("As it was downloaded from SINIM, without opening or saving it in Excel. At most 60 MB."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        max_length=200,
    )
