"""Forms about authorities, and the file that brings many."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.rules import InvalidRunError
from municipalities.actions.authorities import Tenure
from municipalities.choices import Office
from municipalities.forms.days import day_field
from municipalities.rules.authorities import read_run


class TenureForm(forms.Form):
    """A person in an office, from a day until another."""

    office = forms.ChoiceField(label=_("Office"), choices=Office.choices)
    name = forms.CharField(label=_("Full name"), max_length=150)
    run = forms.CharField(
        label="RUN",
        max_length=15,
        help_text=_(
            "With its check digit, for example 12.345.678-5. It serves to check the signature and is never public."
        ),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    starts = day_field(_("First day in office"))
    last_day = day_field(_("Last day in office"), required=False, help_text=_("Leave it empty while it goes on."))
    decree = forms.CharField(
        label=_("Decree"), max_length=200, help_text=_("The decree or act that says so, with its number and date.")
    )
    decree_file = forms.FileField(
        label=_("The decree as PDF"), required=False, max_length=150, help_text=_("At most 20 MB.")
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def clean_run(self) -> str:
        try:
            return read_run(self.cleaned_data["run"])
        except InvalidRunError:
            raise forms.ValidationError(_("This is not a RUN: check the number and its check digit.")) from None

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> None:
        super().clean()
        starts, last = self.cleaned_data.get("starts"), self.cleaned_data.get("last_day")
        if starts and last and last < starts:
            self.add_error("last_day", _("The last day comes before the first one."))

    def tenure(self) -> Tenure:
        """What a valid form says."""
        data = {key: value for key, value in self.cleaned_data.items() if key != "seen"}
        return Tenure(**{**data, "decree_file": data["decree_file"] or None})


class SuccessorForm(TenureForm):
    """Who follows in the same office."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].widget = forms.HiddenInput()
        self.fields["starts"].help_text = _("Whoever is in office now leaves on the day before.")


class EndForm(forms.Form):
    last_day = day_field(_("Last day in office"))
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)


class ImportForm(forms.Form):
    """A file with authorities and contacts. What it holds is read by the action."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, at most 20 MB and 5.000 rows, with the columns of the template."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        max_length=200,
    )
