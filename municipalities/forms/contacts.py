"""Forms about contacts, and about what was spoken with them."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from municipalities.actions.contact_log import Noted
from municipalities.choices import ContactKind
from municipalities.forms.days import day_field


class ContactForm(forms.Form):
    """Someone to whom the council writes."""

    name = forms.CharField(label=_("Full name"), max_length=150)
    position = forms.CharField(label=_("Position"), max_length=150, required=False)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput({"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Telephone"), max_length=30, required=False, help_text=_("An e-mail or a telephone, at least one.")
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        required=False,
        help_text=_("Who gave these data, or where they are published."),
    )
    is_main = forms.BooleanField(
        label=_("Main contact"), required=False, help_text=_("Invitations go to this person; there is exactly one.")
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> None:
        super().clean()
        if not self.errors and not self.cleaned_data["email"] and not self.cleaned_data["phone"]:
            self.add_error("email", _("Give an e-mail or a telephone."))


class ContactNoteForm(forms.Form):
    """A contact made, and what comes next. `people` are those who may be asked to do it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactKind.choices)
    on = day_field(_("Date"))
    with_whom = forms.CharField(label=_("With whom"), max_length=200, required=False)
    notes = forms.CharField(label=_("Notes"), max_length=5000, required=False, widget=forms.Textarea({"rows": 4}))
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_on = day_field(_("By when"), required=False)
    responsible = forms.ModelChoiceField(User.objects.none(), label=_("Responsible"), required=False)
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("next_step"):
            for name in ("next_on", "responsible"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("The next step needs it."))
        elif data.get("next_on") and "next_step" not in self.errors:
            self.add_error("next_step", _("Say what is to be done on that day."))

    def noted(self) -> Noted:
        """What a valid form says."""
        return Noted(**{key: value for key, value in self.cleaned_data.items() if key != "seen"})
