"""What citizens send: contributions, supports, appeals, sign-ups."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from action_plans.choices import ContributionKind, Sector
from action_plans.reports.passages import Passage
from municipalities.forms.public import OpenForm

SECTORS = [
    (Sector.OTHER, _("A neighbour")),
    (Sector.CIVIL_SOCIETY, _("An organisation of civil society")),
    (Sector.ACADEMIA, _("A university or school")),
    (Sector.PRIVATE, _("A business")),
    (Sector.MUNICIPALITY, _("The municipality")),
]


def email_field(help_text: Any) -> forms.EmailField:
    """An address that is asked for to answer there and is never shown."""
    return forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        help_text=help_text,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"required": _("Write your e-mail.")},
    )


class _SaidForm(OpenForm):
    """What somebody says, and who says it. `client_id` is made when the form is shown: sent twice, it is one."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    shown_as = forms.CharField(
        label=_("The name to show"),
        required=False,
        max_length=80,
        help_text=_("Your name, that of your organisation, or another one. Without one: “A neighbour”."),
    )
    sector = forms.ChoiceField(label=_("You speak as"), choices=SECTORS, initial=Sector.OTHER)
    email = email_field(_("To confirm that it is yours, and for the answer. It is never published."))

    def __init__(self, *args: Any, has_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("client_id", uuid4())
        if has_account:
            del self.fields["email"]


class ContributionForm(_SaidForm):
    """A proposal, or a comment on a part of the draft."""

    kind = forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect, initial=ContributionKind.PROPOSAL)
    about = forms.ChoiceField(label=_("What is it about?"), required=False)
    quote = forms.CharField(
        label=_("The words of the draft that you comment on"),
        required=False,
        max_length=600,
        help_text=_("Copy them here, if it is about a sentence."),
        widget=forms.Textarea({"rows": 2}),
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=150, help_text=_("In a few words, so that it is found.")
    )
    text = forms.CharField(
        label=_("What do you propose, and why?"),
        max_length=10_000,
        help_text=_("It is published. Do not write personal data of anybody: neither yours nor of others."),
        widget=forms.Textarea({"rows": 7}),
        error_messages={"required": _("Write what you propose, and why.")},
    )
    field_order = ("kind", "about", "quote", "title", "text", "shown_as", "sector", "email")

    def __init__(self, *args: Any, passages: list[Passage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passages = {passage.code: passage for passage in passages}
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            each for each in ContributionKind.choices if each[0] != ContributionKind.OBSERVATION
        ]
        if passages:
            options = [("", _("The whole plan")), *((passage.code, passage.label) for passage in passages)]
            self.fields["about"].choices = options  # type: ignore[attr-defined]
        else:
            # Before there is a draft there is nothing to quote.
            for name in ("about", "quote"):
                del self.fields[name]
            self.fields["kind"].widget = forms.HiddenInput()

    @property
    def passage(self) -> Passage | None:
        """The part of the draft of a valid form."""
        return self.passages.get(self.cleaned_data.get("about", ""))


class ObservationForm(_SaidForm):
    """What somebody observes on a published assessment, as a whole or on one of its commitments."""

    about = forms.ChoiceField(label=_("What is it about?"), required=False)
    text = forms.CharField(
        label=_("What do you observe?"),
        max_length=10_000,
        help_text=_(
            "What you saw that the assessment says well, says badly or does not say. It is published. Do not write personal data "
            "of anybody: neither yours nor of others."
        ),
        widget=forms.Textarea({"rows": 7}),
        error_messages={"required": _("Write what you observe.")},
    )
    field_order = ("about", "text", "shown_as", "sector", "email")

    def __init__(self, *args: Any, parts: list[tuple[str, str]], of_one: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = dict(parts)
        if of_one:
            # The assessment is of one commitment: there is nothing to choose.
            del self.fields["about"]
        else:
            self.fields["about"].choices = [("", _("The assessment as a whole")), *parts]  # type: ignore[attr-defined]
        self.of_one = of_one

    @property
    def key(self) -> str:
        """The commitment of a valid form, by its permanent identifier; empty for the whole."""
        return next(iter(self.parts), "") if self.of_one else str(self.cleaned_data["about"])


class SupportForm(OpenForm):
    """Someone without an account stands behind a contribution."""

    email = email_field(_("A mail asks you to confirm it. It is never published."))


class AppealForm(OpenForm):
    """Why a hidden contribution should be shown."""

    text = forms.CharField(label=_("Why should it be shown?"), max_length=3_000, widget=forms.Textarea({"rows": 5}))


class SignUpForm(OpenForm):
    """Somebody will come to a meeting."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("For the list at the door. It is never published."),
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    email = email_field(_("A mail asks you to confirm it, and reminds you of the meeting."))
    sector = forms.ChoiceField(label=_("You come as"), choices=SECTORS, initial=Sector.OTHER)


class FollowForm(OpenForm):
    """Somebody wants news of a plan or of one of its commitments."""

    about = forms.ChoiceField(label=_("What do you want to follow?"), required=False)
    email = email_field(_("A mail asks you to confirm it. At most one mail a day; each one says how to end them."))

    def __init__(self, *args: Any, commitments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [("", _("The whole plan")), *commitments]  # type: ignore[attr-defined]
