"""Forms of the municipality's desk about the forum and its meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from action_plans.actions.forum import Seat
from action_plans.actions.meetings import Details, fingerprint
from action_plans.choices import MeetingKind, Sector
from action_plans.models import ForumMember, Meeting, Plan
from municipalities.forms.days import day_field
from municipalities.rules.uploads import LARGEST, TOO_LARGE

ACCEPT: Final = ".pdf,.jpg,.jpeg,.png"


class RulesForm(forms.Form):
    """The forum's name and its public rules."""

    name = forms.CharField(label=_("Name of the forum"), max_length=150)
    rules = forms.CharField(
        label=_("Its rules"),
        max_length=20_000,
        help_text=_("How it is made up, how it decides, how often it meets, how one joins. Everyone reads them."),
        widget=forms.Textarea({"rows": 12}),
    )


class SeatForm(forms.Form):
    """Who sits in the forum, for whom, from when until when."""

    sector = forms.ChoiceField(label=_("Side of the table"), choices=Sector.choices)
    organisation = forms.CharField(label=_("Organisation"), max_length=150, help_text=_("Or the office, or the group."))
    person = forms.CharField(label=_("Name of the person"), required=False, max_length=150)
    shows_person = forms.BooleanField(
        label=_("The person agrees that their name be public"),
        required=False,
        help_text=_("Without it, only the organisation is shown."),
    )
    starts = day_field(_("From"))
    ends = day_field(_("Last day"), required=False, help_text=_("Leave it empty while it goes on."))

    def seat(self) -> Seat:
        """What a valid form says."""
        return Seat(**{**self.cleaned_data, "sector": Sector(self.cleaned_data["sector"])})

    @staticmethod
    def said_of(member: ForumMember) -> dict[str, Any]:
        fields = ("sector", "organisation", "person", "shows_person", "starts", "ends")
        return {field: getattr(member, field) for field in fields}


class MeetingForm(forms.Form):
    """A meeting before it is held. `key` is made when the form is shown: sent twice, it is one; `seen` is how it was seen."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    kind = forms.ChoiceField(label=_("Kind"), choices=MeetingKind.choices)
    title = forms.CharField(label=_("Title"), max_length=150, help_text=_("As neighbours read it in the calendar."))
    agenda = forms.CharField(
        label=_("Agenda"),
        max_length=10_000,
        help_text=_("What is talked about, and what one should know before."),
        widget=forms.Textarea({"rows": 5}),
    )
    day = day_field(_("Day"), help_text=_("Announce it two weeks before, so that people can come: OGP asks for it."))
    starts = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Ends at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    place = forms.CharField(label=_("Place"), required=False, max_length=200, help_text=_("Street and number too."))
    link = forms.URLField(
        label=_("Link"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("For those who come online."),
    )
    capacity = forms.IntegerField(
        label=_("Places"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Empty: there is no limit. Past it, people wait in line."),
    )
    plan: forms.ModelChoiceField[Plan] = forms.ModelChoiceField(
        Plan.objects.none(), label=_("Plan"), required=False, empty_label=_("None: it is of the forum")
    )

    def __init__(self, *args: Any, plans: QuerySet[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and cleaned["ends"] <= cleaned["starts"]:
            self.add_error("ends", _("The meeting must end after it begins."))
        if not self.errors and not (cleaned["place"] or cleaned["link"]):
            self.add_error("place", _("Say where: a place, a link, or both."))
        return cleaned

    def details(self) -> Details:
        """What a valid form says."""
        words = self.cleaned_data
        begins, ends = (timezone.make_aware(datetime.combine(words["day"], words[name])) for name in ("starts", "ends"))
        said = {name: words[name] for name in ("title", "agenda", "place", "link", "capacity", "plan")}
        return Details(kind=MeetingKind(words["kind"]), starts_at=begins, ends_at=ends, **said)

    @staticmethod
    def said_of(meeting: Meeting) -> dict[str, Any]:
        starts, ends = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
        fields = ("key", "kind", "title", "agenda", "place", "link", "capacity", "plan")
        said = {field: getattr(meeting, field) for field in fields}
        return {
            **said,
            "day": starts.date(),
            "starts": starts.time(),
            "ends": ends.time(),
            "seen": fingerprint(meeting),
        }


class ReasonForm(forms.Form):
    """Why a meeting is called off."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        help_text=_("Everyone reads it, and those who signed up get it by mail."),
        widget=forms.Textarea({"rows": 3}),
    )


class MinutesForm(forms.Form):
    """What was talked about and agreed, how many came, and the signed minutes as a file."""

    minutes = forms.CharField(
        label=_("Minutes"),
        max_length=20_000,
        help_text=_("What was talked about, in plain words. Everyone reads it."),
        widget=forms.Textarea({"rows": 8}),
    )
    agreements = forms.CharField(
        label=_("Agreements"),
        required=False,
        max_length=5_000,
        help_text=_("One a line."),
        widget=forms.Textarea({"rows": 4}),
    )
    file = forms.FileField(
        label=_("The signed minutes"),
        required=False,
        max_length=200,
        help_text=_("PDF or picture (JPEG or PNG), at most 20 MB. Everyone may download it: no personal data in it."),
        widget=forms.FileInput({"accept": ACCEPT}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for sector in Sector:
            self.fields[f"came_{sector.value}"] = forms.IntegerField(
                label=_("People who came: %(sector)s") % {"sector": sector.label},
                required=False,
                min_value=0,
                max_value=100_000,
            )

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return file

    def attendance(self) -> dict[Sector, int]:
        """How many came of each sector, of a valid form."""
        return {sector: self.cleaned_data[f"came_{sector.value}"] or 0 for sector in Sector}

    @staticmethod
    def said_of(meeting: Meeting) -> dict[str, Any]:
        came = {f"came_{sector}": count for sector, count in meeting.attendance.items()}
        return {"minutes": meeting.minutes, "agreements": meeting.agreements, **came}
