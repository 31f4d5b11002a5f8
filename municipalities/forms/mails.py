"""Forms about mails: what of the log to show, and the words of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.choices import MailKind, MailState
from municipalities.models import Campaign, MailQuerySet, Municipality

if TYPE_CHECKING:
    from accounts.models import User

ANY = [("", _("Any"))]


class DecisionForm(forms.Form):
    """What staff decide about a mail. `seen` is the state in which the person saw it."""

    seen = forms.CharField(required=False, max_length=15)
    reason = forms.CharField(required=False, max_length=300)


class MailFilterForm(forms.Form):
    """What of the log to show. A value that means nothing asks for nothing. `user` sees the municipalities of their scope."""

    tipo = forms.ChoiceField(label=_("Kind of mail"), choices=[*ANY, *MailKind.choices], required=False)
    estado = forms.ChoiceField(label=_("State"), choices=[*ANY, *MailState.choices], required=False)
    municipio = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), required=False, empty_label=_("Any")
    )
    campana = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.all(), required=False, empty_label=_("Any")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["municipio"]
        place.queryset = Municipality.objects.visible_to(user).order_by("search")  # type: ignore[attr-defined]

    def chosen(self, mails: MailQuerySet) -> MailQuerySet:
        """Those of `mails` that fulfil what was asked."""
        self.is_valid()
        columns = {"tipo": "kind", "estado": "state", "municipio": "municipality", "campana": "campaign"}
        asked = {columns[name]: value for name, value in self.cleaned_data.items() if value}
        return mails.filter(**asked)


class TemplateForm(forms.Form):
    """The words of a kind of mail, and the municipality for which to show how they read."""

    subject = forms.CharField(label=_("Subject"), max_length=150)
    body = forms.CharField(
        label=_("Text"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 20}),
        help_text=_("Fields in braces are filled for each mail. A paragraph whose fields are all empty is left out."),
    )
    municipality = forms.ModelChoiceField(
        label=_("Show how it reads for"), queryset=Municipality.objects.none(), empty_label=None
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["municipality"]
        place.queryset = Municipality.objects.visible_to(user).order_by("search")  # type: ignore[attr-defined]

    def clean_body(self) -> str:
        """Browsers send the ends of lines as CR LF."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()
