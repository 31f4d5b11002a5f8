from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from diagnostics.choices import RoundKind, ScoreLevel
from diagnostics.exports.published import of_hundred
from diagnostics.models import Diagnostic, Score
from municipalities.api.serializers import absolute


class ReachedSerializer(serializers.Serializer[Score]):
    """What a dimension reached."""

    dimension = serializers.CharField(source="key", help_text=_("Identifier of the dimension."))
    points = serializers.SerializerMethodField(
        help_text=_("Points of 100; null when nothing of it applies to the municipality.")
    )
    level = serializers.IntegerField(
        source="step", allow_null=True, help_text=_("Level, from 1; null when nothing applies.")
    )

    def get_points(self, score: Score) -> float | None:
        points = of_hundred(score.reached)
        return None if points is None else float(points)


class DiagnosticSerializer(serializers.ModelSerializer[Diagnostic]):
    folio = serializers.CharField(help_text=_("Folio of the validated diagnostic, such as DGAM-2026-0001."))
    cut = serializers.CharField(source="municipality_id", help_text=_("Code (CUT) of the municipality."))
    municipality = serializers.CharField(source="municipality.name", help_text=_("Name of the municipality."))
    region = serializers.CharField(source="municipality.region_id", help_text=_("Code of its region."))
    round = serializers.IntegerField(source="round_id", help_text=_("Number of the round."))
    round_name = serializers.CharField(source="round.name", help_text=_("Name of the round."))
    moment = serializers.ChoiceField(
        source="round.kind", choices=RoundKind.choices, help_text=_("baseline, midterm or final.")
    )
    instrument = serializers.CharField(source="version.family.key", help_text=_("Identifier of the instrument."))
    version = serializers.CharField(
        source="version.version",
        help_text=_("Version of the instrument. Points of two versions are not always the same measure."),
    )
    validated_at = serializers.DateTimeField(help_text=_("When the council validated it."))
    public_from = serializers.DateField(help_text=_("Day from which it is public."))
    points = serializers.SerializerMethodField(help_text=_("Points of the index, of 100; null when nothing applies."))
    level = serializers.SerializerMethodField(help_text=_("Level of the index, from 1; null when nothing applies."))
    dimensions = serializers.SerializerMethodField(help_text=_("Points and level of each dimension."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))
    answers = serializers.SerializerMethodField(
        help_text=_("Address of the file with its answers, public evidence and scores, in JSON.")
    )

    class Meta:
        model = Diagnostic
        fields = [
            "folio", "cut", "municipality", "region", "round", "round_name", "moment", "instrument", "version",
            "validated_at", "public_from", "points", "level", "dimensions", "page", "answers",
        ]  # fmt: skip

    def get_points(self, diagnostic: Diagnostic) -> float | None:
        index = _index(diagnostic)
        points = of_hundred(index.reached) if index else None
        return None if points is None else float(points)

    def get_level(self, diagnostic: Diagnostic) -> int | None:
        index = _index(diagnostic)
        return index.step if index else None

    @extend_schema_field(ReachedSerializer(many=True))
    def get_dimensions(self, diagnostic: Diagnostic) -> list[dict[str, Any]]:
        held = [score for score in _scores(diagnostic) if score.level == ScoreLevel.DIMENSION]
        return [dict(ReachedSerializer(score).data) for score in held]

    def get_page(self, diagnostic: Diagnostic) -> str:
        return absolute(self.context, _page(diagnostic))

    def get_answers(self, diagnostic: Diagnostic) -> str:
        return absolute(self.context, f"{_page(diagnostic)}diagnostico.json")


def _scores(diagnostic: Diagnostic) -> list[Score]:
    """Index and dimensions, prefetched by the view."""
    held: list[Score] = getattr(diagnostic, "main_scores", [])
    return held


def _index(diagnostic: Diagnostic) -> Score | None:
    return next((score for score in _scores(diagnostic) if score.level == ScoreLevel.INDEX), None)


def _page(diagnostic: Diagnostic) -> str:
    place = diagnostic.municipality
    return f"/municipios/{place.cut}-{place.slug}/diagnosticos/publicos/{diagnostic.folio}/"
