"""Forms about the people of a municipality."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import MunicipalRole

BASIS_HELP = _("The decree, letter or agreement that names them, with its number and date.")


def role_choices(roles: Iterable[MunicipalRole]) -> list[tuple[str, str]]:
    """The roles as options, in the order of the table of roles."""
    allowed = set(roles)
    return [(role.value, str(role.label)) for role in MunicipalRole if role in allowed]


class InvitationForm(forms.Form):
    """Whom to invite, as what and on what basis. `roles` are those the person who invites may grant."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"))
    basis = forms.CharField(label=_("Basis"), max_length=300, help_text=BASIS_HELP)

    def __init__(self, *args: Any, roles: Iterable[MunicipalRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]


class EndMembershipForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("It stays in the history that the municipality and the council see."),
    )


class ChangeRoleForm(forms.Form):
    """Which role from now on. `roles` are those the person who asks may grant."""

    role = forms.ChoiceField(label=_("New role"))
    basis = forms.CharField(label=_("Basis"), max_length=300, help_text=BASIS_HELP)

    def __init__(self, *args: Any, roles: Iterable[MunicipalRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]
