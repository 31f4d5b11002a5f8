"""What the council decides about an adhesion. `seen` is the state in which the person saw it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.choices import ReturnReason

REASON = forms.Textarea({"rows": 4})


class SeenForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, max_length=15)


class StepForm(SeenForm):
    """A step of the table, with its reason where the table asks for one."""

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_reason:
            self.fields["reason"] = forms.CharField(
                label=_("Reason"), max_length=2000, widget=REASON, help_text=_("The municipality will read it.")
            )


class CheckScanForm(forms.Form):
    note = forms.CharField(
        label=_("What you saw"),
        max_length=1000,
        widget=REASON,
        help_text=_(
            "For example: all pages are there, the signature and the stamp can be read, the text is the act's."
        ),
    )


class AcceptForm(SeenForm):
    """Acceptance; `exception` is the reason to accept although a fact is not known."""

    exception = forms.CharField(label=_("Why it is accepted all the same"), max_length=2000, widget=REASON)

    def __init__(self, *args: Any, needs_exception: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_exception:
            del self.fields["exception"]


class ReturnForm(SeenForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *ReturnReason.choices])
    note = forms.CharField(
        label=_("Explanation"),
        required=False,
        max_length=2000,
        widget=REASON,
        help_text=_("The municipality reads it below the words of the reason. Say what you saw, and where."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == ReturnReason.OTHER and not cleaned.get("note", "").strip():
            self.add_error("note", _("Explain the reason: the municipality will read it."))
        return cleaned
