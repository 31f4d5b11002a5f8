from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from budget.choices import Area, DatasetState, Level, Sector, Side, Source, SourceUnit, Unit
from budget.models import Dataset, Indicator, IndicatorValue, Line
from municipalities.api.serializers import absolute


@extend_schema_field({"type": "number", "nullable": True})
class NumberField(serializers.Field[Decimal, Any, float | int, Any]):
    """A decimal as a JSON number, without the zeros of its column."""

    def to_representation(self, value: Decimal) -> float | int:
        return int(value) if value == value.to_integral_value() else float(value)


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    id = serializers.IntegerField(help_text=_("Number of the edition: with it its lines are asked for."))
    cut = serializers.CharField(source="municipality_id", help_text=_("Code (CUT) of the municipality."))
    municipality = serializers.CharField(source="municipality.name", help_text=_("Name of the municipality."))
    year = serializers.IntegerField(help_text=_("Year of the budget."))
    sector = serializers.ChoiceField(choices=Sector.choices, help_text=_("Which budget of the municipality."))
    cut_off = serializers.DateField(help_text=_("Date up to which the amounts hold."))
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.choices, help_text=_("Who published the data.")
    )
    demonstration = serializers.BooleanField(source="is_demonstration", help_text=_("true when the data are invented."))
    source_unit = serializers.ChoiceField(
        choices=SourceUnit.choices, help_text=_("Unit in the source. Amounts here are always whole pesos.")
    )
    edition = serializers.IntegerField(
        help_text=_("1 for the first. A newer edition takes the place of the one before.")
    )
    state = serializers.ChoiceField(
        choices=[DatasetState.PUBLISHED.value, DatasetState.SUPERSEDED.value],
        help_text=_("published is the one in force."),
    )
    published_at = serializers.DateTimeField(help_text=_("When it was published."))
    superseded_at = serializers.DateTimeField(help_text=_("When a newer one took its place."), allow_null=True)
    file_name = serializers.CharField(source="file.name", help_text=_("Name of the source's file."))
    file_sha256 = serializers.CharField(source="file.sha256", help_text=_("SHA-256 digest of the source's file."))
    totals = serializers.SerializerMethodField(help_text=_("Totals by side and measure, in pesos."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))

    class Meta:
        model = Dataset
        fields = [
            "id", "cut", "municipality", "year", "sector", "cut_off", "source", "demonstration", "source_unit", "edition",
            "state", "published_at", "superseded_at", "file_name", "file_sha256", "totals", "page",
        ]  # fmt: skip

    def get_totals(self, dataset: Dataset) -> dict[str, dict[str, int | None]]:
        totals: dict[str, dict[str, int | None]] = dataset.totals
        return totals

    def get_page(self, dataset: Dataset) -> str:
        path = f"/municipios/{dataset.municipality_id}-{dataset.municipality.slug}/presupuesto/{dataset.year}/"
        if dataset.state == DatasetState.SUPERSEDED:
            path += f"ediciones/{dataset.edition}/"
        return absolute(self.context, path)


class LineSerializer(serializers.ModelSerializer[Line]):
    id = serializers.IntegerField(help_text=_("Number of the line."))
    dataset = serializers.IntegerField(source="dataset_id", help_text=_("Number of the edition it belongs to."))
    cut = serializers.CharField(source="dataset.municipality_id", help_text=_("Code (CUT) of the municipality."))
    year = serializers.IntegerField(source="dataset.year", help_text=_("Year of the budget."))
    side = serializers.ChoiceField(source="account.side", choices=Side.choices, help_text=_("income or expense."))
    account = serializers.CharField(
        source="account.code",
        help_text=_("Code of the account. Accounts hold others: do not add a code and its parts."),
    )
    account_name = serializers.CharField(source="account.official_name", help_text=_("Official name."))
    plain_name = serializers.CharField(source="account.plain_name", help_text=_("Name in plain words, in Spanish."))
    level = serializers.ChoiceField(source="account.level", choices=Level.choices, help_text=_("Depth of the account."))
    area = serializers.ChoiceField(
        choices=Area.choices,
        allow_null=True,
        help_text=_("Management area, from 01 to 06; null for all areas together."),
    )
    initial = serializers.IntegerField(allow_null=True, help_text=_("Initial budget in pesos; null is no data."))
    current = serializers.IntegerField(allow_null=True, help_text=_("Current budget in pesos; null is no data."))
    accrued = serializers.IntegerField(allow_null=True, help_text=_("Accrued amount in pesos; null is no data."))
    settled = serializers.IntegerField(
        allow_null=True, help_text=_("Paid (expense) or received (income) in pesos; null is no data.")
    )

    class Meta:
        model = Line
        fields = [
            "id", "dataset", "cut", "year", "side", "account", "account_name", "plain_name", "level", "area", "initial",
            "current", "accrued", "settled",
        ]  # fmt: skip


class IndicatorSerializer(serializers.ModelSerializer[Indicator]):
    code = serializers.CharField(help_text=_("Code in the source."))
    name = serializers.CharField(help_text=_("Official name."))
    plain_name = serializers.CharField(help_text=_("Name in plain words, in Spanish."))
    sentence = serializers.CharField(help_text=_("What it is, in Spanish."))
    subject = serializers.CharField(help_text=_("Group to which it belongs."))
    unit = serializers.ChoiceField(choices=Unit.choices, help_text=_("Unit of its values; yes_no is 1 or 0."))
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.choices, help_text=_("Who publishes it.")
    )

    class Meta:
        model = Indicator
        fields = ["code", "name", "plain_name", "sentence", "subject", "unit", "source"]


class IndicatorValueSerializer(serializers.ModelSerializer[IndicatorValue]):
    id = serializers.IntegerField(help_text=_("Number of the value."))
    dataset = serializers.IntegerField(source="dataset_id", help_text=_("Number of the edition it belongs to."))
    cut = serializers.CharField(source="dataset.municipality_id", help_text=_("Code (CUT) of the municipality."))
    year = serializers.IntegerField(source="dataset.year", help_text=_("Year of the budget."))
    code = serializers.CharField(source="indicator.code", help_text=_("Code of the indicator."))
    unit = serializers.ChoiceField(source="indicator.unit", choices=Unit.choices, help_text=_("Unit of the value."))
    value = NumberField(allow_null=True, help_text=_("The value; null is no data. Money is in whole pesos."))
    missing = serializers.CharField(help_text=_("Why there is no value; empty when there is one."))

    class Meta:
        model = IndicatorValue
        fields = ["id", "dataset", "cut", "year", "code", "unit", "value", "missing"]
