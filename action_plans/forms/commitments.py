"""The sheet of a commitment: OGP's fields, its milestones and its indicators, as one thing that is saved or stays as typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from action_plans.actions.commitments import Draft, IndicatorSent, MilestoneSent
from action_plans.choices import OgpValue
from action_plans.forms.plans import reason_field, words_field
from action_plans.models import Commitment
from action_plans.reports.editions import plain_value
from action_plans.rules.goals import GOALS
from config.numbers import number
from municipalities.forms.days import day_field

ACCOUNTS: Final = 5
MILESTONES, INDICATORS = "hitos", "indicadores"
MORE: Final = 2
_THOUSANDS: Final = re.compile(r"-?\d{1,3}(\.\d{3})+")
_WORDS: Final = ("problem", "baseline", "status_quo", "action", "outcome", "contribution", "others", "resources")
_LINES: Final = ("title", "unit", "office", "counterpart", "pladeco")
GROUPS: Final = (
    ("what", _("The promise"), ("title", "starts", "ends")),
    ("why", _("The problem"), ("problem", "baseline", "status_quo")),
    ("how", _("What will be done"), ("action", "outcome", "contribution")),
    ("values", _("Values of open government"), tuple(f"value_{value.value}" for value in OgpValue)),
    ("who", _("Who answers for it"), ("unit", "office", "counterpart", "others", "resources")),
    (
        "links",
        _("What it belongs to"),
        ("gaps", "goals", "pladeco", *(f"account_{place}" for place in range(1, ACCOUNTS + 1))),
    ),
)
"""The fields in the order of OGP's form, a group a heading."""


class NewForm(forms.Form):
    """The first word of a commitment; the rest is written on its own page. `key` is made when the form is shown."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("What will be done, in one sentence that a neighbour understands."),
    )


class CommitmentForm(forms.Form):
    """The fields of OGP's form. None but the title is required: what is missing is advised, not refused."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    title = NewForm.base_fields["title"]
    starts = day_field(_("From"), required=False)
    ends = day_field(_("Until"), required=False, help_text=_("The last day."))
    problem = words_field(_("Public problem"), _("What is wrong for people today."))
    baseline = words_field(_("Baseline"), _("How things are today, with a number where possible."), rows=3)
    status_quo = words_field(_("What has been done until now"), rows=3)
    action = words_field(_("What will be done"))
    outcome = words_field(_("Expected outcome"), _("What will be different for people when it is done."), rows=3)
    contribution = words_field(_("How it helps to solve the problem"), rows=3)
    unit = forms.CharField(label=_("Responsible unit"), max_length=150, required=False)
    office = forms.CharField(
        label=_("Office of the person responsible"),
        max_length=150,
        required=False,
        help_text=_("The office, not the name: people change, the commitment stays."),
    )
    counterpart = forms.CharField(
        label=_("Counterpart in civil society"),
        max_length=200,
        required=False,
        help_text=_("The organisation that answers for it side by side with the municipality."),
    )
    others = words_field(_("Other actors"), rows=2)
    resources = words_field(_("Resources"), _("Money, people, agreements."), rows=2)
    gaps = forms.MultipleChoiceField(
        label=_("Gaps of the diagnostic that it closes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    goals = forms.MultipleChoiceField(
        label=_("Sustainable development goals"),
        required=False,
        choices=[(str(goal), f"{goal}. {name}") for goal, name in GOALS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    pladeco = forms.CharField(
        label=_("Link to the PLADECO"),
        max_length=200,
        required=False,
        help_text=_("The goal or project of the communal development plan."),
    )

    def __init__(
        self,
        *args: Any,
        gaps: Sequence[tuple[str, str]],
        accounts: Mapping[str, str],
        needs_reason: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        self.fields["gaps"].choices = gaps  # type: ignore[attr-defined]
        for value in OgpValue:
            self.fields[f"value_{value.value}"] = words_field(
                value.label, _("Why it is relevant to this value. Leave it empty when it is not."), rows=2
            )
        for place in range(1, ACCOUNTS + 1):
            self.fields[f"account_{place}"] = forms.CharField(
                label=format_lazy("{} {}", _("Account of the budget"), place),
                required=False,
                max_length=150,
                widget=forms.TextInput({"list": "accounts", "autocomplete": "off"}),
                help_text=_("Write part of its name or its code, and choose.") if place == 1 else "",
            )
        if needs_reason:
            self.fields["reason"] = reason_field()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", _("The commitment must end after it begins."))
        for place in range(1, ACCOUNTS + 1):
            name = f"account_{place}"
            code = cleaned.get(name, "").partition(" ")[0]
            if code and code not in self.accounts:
                self.add_error(name, _("The budget has no account with this code. Choose one of the list."))
            cleaned[name] = code
        return cleaned

    def fields_sent(self) -> dict[str, Any]:
        """What a valid form says, by the names of the commitment's fields."""
        cleaned = self.cleaned_data
        values = {value.value: cleaned[f"value_{value.value}"] for value in OgpValue}
        accounts = [cleaned[f"account_{place}"] for place in range(1, ACCOUNTS + 1)]
        return {
            **{name: cleaned[name] for name in (*_LINES, *_WORDS, "starts", "ends")},
            "values": {name: why for name, why in values.items() if why},
            "goals": sorted(int(goal) for goal in cleaned["goals"]),
            "accounts": list(dict.fromkeys(code for code in accounts if code)),
            "gaps": cleaned["gaps"],
        }


class MilestoneForm(forms.Form):
    """A milestone, one row."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Milestone"), max_length=200)
    starts = day_field(_("From"), required=False)
    ends = day_field(_("Until"), required=False)
    office = forms.CharField(label=_("Office responsible"), max_length=150, required=False)
    deliverable = forms.CharField(
        label=_("What can be checked"), max_length=2_000, required=False, widget=forms.Textarea({"rows": 2})
    )
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=100, initial=1, help_text=_("How much it counts beside the others.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", _("A milestone ends after it begins."))
        return cleaned


class AmountField(forms.DecimalField):
    """A number as Chileans write it: `1.234,5`. A point before three digits parts thousands."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            text = value.replace(" ", "")
            if "," in text or _THOUSANDS.fullmatch(text):
                text = text.replace(".", "").replace(",", ".")
            value = text
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        return number(value, max(0, -int(value.normalize().as_tuple().exponent)))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "autocomplete": "off"}


class IndicatorForm(forms.Form):
    """An indicator, one row."""

    name = forms.CharField(label=_("Indicator"), max_length=200)
    unit = forms.CharField(label=_("Unit"), max_length=60, required=False)
    baseline = AmountField(label=_("Baseline"), max_digits=18, decimal_places=4, required=False)
    target = AmountField(label=_("Target"), max_digits=18, decimal_places=4, required=False)
    source = forms.CharField(label=_("Where the number comes from"), max_length=200, required=False)


if TYPE_CHECKING:
    _Rows = BaseFormSet[Any]
else:
    _Rows = BaseFormSet


class RowsFormSet(_Rows):
    """Rows with their place; one that is ticked goes away."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if "ORDER" in form.fields:
            form.fields["ORDER"].label = _("Place")
        form.fields["DELETE"].label = _("Take away")

    def rows(self) -> list[dict[str, Any]]:
        """What valid rows say, in their order, without those taken away and those left empty."""
        kept = self.ordered_forms if self.can_order else self.forms
        gone = self.deleted_forms
        return [form.cleaned_data for form in kept if form.cleaned_data and form not in gone]


MilestoneRows = formset_factory(
    MilestoneForm, RowsFormSet, extra=MORE, can_delete=True, can_order=True, max_num=80, absolute_max=90
)
IndicatorRows = formset_factory(IndicatorForm, RowsFormSet, extra=MORE, can_delete=True, max_num=30, absolute_max=40)


class Sheet:
    """The form of a commitment with its rows: shown, or sent. `data` is what was sent, None when it is shown."""

    def __init__(
        self,
        commitment: Commitment,
        data: QueryDict | None,
        *,
        gaps: Sequence[tuple[str, str]],
        accounts: Mapping[str, str],
        needs_reason: bool,
    ) -> None:
        self.commitment = commitment
        self._kept = {"gaps": gaps, "accounts": accounts, "needs_reason": needs_reason}
        self.data = data
        self._bind()

    def _bind(self) -> None:
        one, data = self.commitment, self.data
        # Sent rows are judged by themselves: beside what stands now, one that another person added would look untouched.
        is_new = data is None
        self.form = CommitmentForm(data, initial=_initial(one, self._kept["accounts"]), **self._kept)  # type: ignore[arg-type]
        self.milestones = MilestoneRows(data, initial=_milestones(one) if is_new else None, prefix=MILESTONES)
        self.indicators = IndicatorRows(data, initial=_indicators(one) if is_new else None, prefix=INDICATORS)

    @property
    def groups(self) -> list[tuple[str, Any, list[Any]]]:
        """The bound fields by heading."""
        return [(key, label, [self.form[name] for name in names]) for key, label, names in GROUPS]

    @property
    def wrong_rows(self) -> list[dict[str, Any]]:
        """The rows with errors, each called as the page calls it."""
        called = ((self.indicators, _("Indicator")), (self.milestones, _("Milestone")))
        return [
            {"form": row, "heading": heading, "number": number}
            for formset, heading in called
            for number, row in enumerate(formset, 1)
            if row.errors
        ]

    @property
    def has_errors(self) -> bool:
        return bool(self.data) and not self.is_valid()

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.milestones.is_valid(), self.indicators.is_valid()])

    @property
    def version(self) -> int:
        return int(self.form.cleaned_data["version"])

    def draft(self) -> Draft:
        """What a valid sheet says."""
        return Draft(self.form.fields_sent(), self._milestones_sent(), self._indicators_sent())

    def _milestones_sent(self) -> list[MilestoneSent]:
        names = ("title", "key", "starts", "ends", "office", "deliverable", "weight")
        return [MilestoneSent(**{name: row[name] for name in names}) for row in self._rows(self.milestones)]

    def _indicators_sent(self) -> list[IndicatorSent]:
        names = ("name", "unit", "baseline", "target", "source")
        return [IndicatorSent(**{name: row[name] for name in names}) for row in self._rows(self.indicators)]

    @staticmethod
    def _rows(formset: BaseFormSet[Any]) -> list[dict[str, Any]]:
        return cast("RowsFormSet", formset).rows()

    def as_data(self) -> dict[str, Any]:
        """What a valid sheet says in the shape of an edition, to be compared with what is there."""
        draft = self.draft()
        return {
            "key": str(self.commitment.key),
            "number": self.commitment.number,
            **{name: plain_value(value) for name, value in draft.fields.items()},
            "milestones": [
                {
                    "key": str(each.key or each.title),
                    "number": place,
                    **{
                        name: plain_value(getattr(each, name))
                        for name in ("title", "starts", "ends", "office", "deliverable", "weight")
                    },
                }
                for place, each in enumerate(draft.milestones, 1)
            ],
            "indicators": [
                {name: plain_value(getattr(each, name)) for name in ("name", "unit", "baseline", "target", "source")}
                for each in draft.indicators
            ],
        }

    def with_more_rows(self) -> None:
        """The same, as typed, with a few empty rows more: for who has no script."""
        data = self._copy()
        _lengthen(data, MILESTONES, [{"weight": 1} for _row in range(MORE)])
        _lengthen(data, INDICATORS, [{} for _row in range(MORE)])
        self.data = data
        self._bind()

    def after_conflict(self, standing: Commitment) -> None:
        """The same, as typed, to be saved over what stands now; milestones that another person added since join the rows."""
        data = self._copy()
        data["version"] = str(standing.version)
        known = {str(row["key"]) for row in self.milestones.cleaned_data if row.get("key")}
        added = [row for row in _milestones(standing) if str(row["key"]) not in known]
        _lengthen(data, MILESTONES, added)
        self.data = data
        self._bind()

    def _copy(self) -> QueryDict:
        data = (self.data or QueryDict()).copy()
        data._mutable = True
        return data


def _lengthen(data: QueryDict, prefix: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows at the end of what was sent."""
    sent = data.get(f"{prefix}-TOTAL_FORMS", "0")
    total = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 4 else 0
    for row in rows:
        for name, value in row.items():
            data[f"{prefix}-{total}-{name}"] = "" if value is None else str(value)
        total += 1
    data[f"{prefix}-TOTAL_FORMS"] = str(total)


def _initial(one: Commitment, accounts: Any) -> dict[str, Any]:
    return {
        "version": one.version,
        **{name: getattr(one, name) for name in (*_LINES, *_WORDS, "starts", "ends", "gaps")},
        "goals": [str(goal) for goal in one.goals],
        **{f"value_{value.value}": one.values.get(value.value, "") for value in OgpValue},
        **{
            f"account_{place}": f"{code} {accounts.get(code, '')}".strip()
            for place, code in enumerate(one.accounts[:ACCOUNTS], 1)
        },
    }


def _milestones(one: Commitment) -> list[dict[str, Any]]:
    names = ("key", "title", "starts", "ends", "office", "deliverable", "weight")
    return [{name: getattr(each, name) for name in names} for each in one.milestones.order_by("number")]


def _indicators(one: Commitment) -> list[dict[str, Any]]:
    names = ("name", "unit", "baseline", "target", "source")
    return [{name: _short(getattr(each, name)) for name in names} for each in one.indicators.order_by("pk")]


def _short(value: Any) -> Any:
    """A number without the zeros that the database adds."""
    return Decimal(plain_value(value)) if isinstance(value, Decimal) else value
