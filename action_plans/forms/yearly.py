"""The form that publishes a yearly report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from action_plans.models import YearlyReport


class ReportForm(forms.Form):
    """`seen` is the newest edition that the person saw; a correction says what it corrects."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=30_000)
    reason = forms.CharField(
        label=_("What does this edition correct?"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everyone reads it beside the report. The edition before stays readable."),
    )

    def __init__(self, *args: Any, newest: YearlyReport | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = newest.number if newest else 0
        self.fields["reason"].required = newest is not None
        if newest is None:
            self.fields["reason"].widget = forms.HiddenInput()

    def sees(self, newest: YearlyReport | None) -> None:
        """From now on the person has seen this one: sending again is their decision."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["seen"] = str(newest.number if newest else 0)  # type: ignore[index]
