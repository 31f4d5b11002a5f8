"""Forms of a person's own data."""

from typing import TYPE_CHECKING, Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import has_confirmed_run
from accounts.models import User
from accounts.rules import InvalidRunError, normalise_run

# Django's own classes take their model as a parameter in the types only.
if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm


class SignUpForm(forms.Form):
    """What the portal asks at sign-up beside e-mail and password (allauth's `ACCOUNT_SIGNUP_FORM_CLASS`)."""

    name = forms.CharField(
        label=_("Name and surname"), max_length=150, widget=forms.TextInput({"autocomplete": "name"})
    )

    field_order = ("email", "name", "password1", "password2")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account exists."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class KeyNameForm(EditWebAuthnForm):
    """The name of a passkey or security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")


class AddKeyForm(AddWebAuthnForm):
    """A new passkey or security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")
        self.fields["passwordless"].label = _("Sign in with this key alone, without a password")
        self.fields["passwordless"].help_text = _("The key must ask for your fingerprint, your face or its PIN.")


class ProfileForm(UserForm):
    """A person's own name, RUN, language and mails."""

    run = forms.CharField(
        label=_("RUN"),
        required=False,
        max_length=20,
        help_text=_("With its check digit, for example 12.345.678-5. In the portal, only you see it."),
    )

    class Meta:
        model = User
        fields = ("name", "run", "language", "wants_digest")
        labels = {
            "name": _("Name and surname"),
            "language": _("Language of the pages"),
            "wants_digest": _("Send me a mail a day with what waits for me"),
        }
        help_texts = {"wants_digest": _("One at most, on working days, and none when nothing waits for you.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["run"] = self.instance.formatted_run
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if has_confirmed_run(self.instance):
            self.fields["run"].disabled = True
            self.fields["run"].help_text = _("Confirmed with ClaveÚnica. In the portal, only you see it.")

    def clean_run(self) -> str | None:
        """Give the RUN as stored, or None when it was left empty."""
        text = self.cleaned_data["run"]
        if not text:
            return None
        try:
            run = normalise_run(text)
        except InvalidRunError as error:
            raise forms.ValidationError(
                _(
                    "“%(run)s” is not a valid RUN: the number and its check digit do not match. "
                    "Copy it from your identity card, with the digit after the hyphen."
                ),
                params={"run": text},
                code="invalid",
            ) from error
        # Not "someone has it": that would tell whose RUN holds an account.
        if User.objects.filter(run=run).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                _("This RUN could not be saved. If it is yours, write to the council so that it can be checked."),
                code="taken",
            )
        return run
