"""The day that a form asks for."""

from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from municipalities.rules.terms import EARLIEST, LATEST

ISO: Final = "%Y-%m-%d"


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A date: the browser's own field where there is one, `31-12-2026` typed elsewhere. A year that nobody means is refused."""
    wrong = _("Check the year.")
    bounds = [MinValueValidator(EARLIEST, wrong), MaxValueValidator(LATEST, wrong)]
    return forms.DateField(
        label=label, validators=bounds, widget=forms.DateInput({"type": "date"}, format=ISO), **options
    )
