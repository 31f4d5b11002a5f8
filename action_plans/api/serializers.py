from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from action_plans.api.filters import STAGES
from action_plans.models import Plan
from action_plans.reports.published import PublicPlan, public_plan
from action_plans.reports.standing import CommitmentNow, State
from municipalities.api.serializers import absolute


class CommitmentSerializer(serializers.Serializer[CommitmentNow]):
    """A commitment of the public edition, with how it goes."""

    key = serializers.CharField(help_text=_("Permanent identifier of the commitment."))
    number = serializers.IntegerField(help_text=_("Its number within the plan."))
    title = serializers.CharField(help_text=_("Title of the commitment."))
    progress = serializers.IntegerField(
        source="percent", allow_null=True, help_text=_("Progress in hundredths; null while it has no milestone.")
    )
    milestones = serializers.SerializerMethodField(help_text=_("How many milestones it has."))
    met = serializers.IntegerField(help_text=_("How many of them are met."))
    late = serializers.SerializerMethodField(help_text=_("How many of them should be met by now and are not."))

    def get_milestones(self, commitment: CommitmentNow) -> int:
        return len(commitment.milestones)

    def get_late(self, commitment: CommitmentNow) -> int:
        return len(commitment.late)


class PlanSerializer(serializers.ModelSerializer[Plan]):
    id = serializers.IntegerField(source="pk", help_text=_("Number of the plan."))
    cut = serializers.CharField(source="municipality_id", help_text=_("Code (CUT) of the municipality."))
    municipality = serializers.CharField(source="municipality.name", help_text=_("Name of the municipality."))
    region = serializers.CharField(source="municipality.region_id", help_text=_("Code of its region."))
    title = serializers.SerializerMethodField(help_text=_("Title of the plan."))
    starts = serializers.DateField(help_text=_("First day of the plan."))
    ends = serializers.DateField(help_text=_("Last day of the plan."))
    stage = serializers.ChoiceField(choices=STAGES, help_text=_("Where the plan stands."))
    approved_on = serializers.DateField(allow_null=True, help_text=_("Day on which it was approved."))
    approved_by = serializers.CharField(help_text=_("Who approved it: an office. Empty before the approval."))
    edition = serializers.SerializerMethodField(
        help_text=_("Number of the edition that the public reads; null while nothing is published.")
    )
    progress = serializers.SerializerMethodField(
        help_text=_("Plain mean of the progress of its commitments, in hundredths; null while it is not known.")
    )
    commitments = serializers.SerializerMethodField(help_text=_("Commitments of that edition, with how they go."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))
    whole = serializers.SerializerMethodField(help_text=_("Address of the whole edition in JSON."))

    class Meta:
        model = Plan
        fields = [
            "id", "cut", "municipality", "region", "title", "starts", "ends", "stage", "approved_on", "approved_by",
            "edition", "progress", "commitments", "page", "whole",
        ]  # fmt: skip

    def get_title(self, plan: Plan) -> str:
        return _shown(plan).title

    def get_edition(self, plan: Plan) -> int | None:
        edition = _shown(plan).edition
        return edition.number if edition else None

    def get_progress(self, plan: Plan) -> int | None:
        now = _shown(plan).now
        return now.percent if now else None

    @extend_schema_field(CommitmentSerializer(many=True))
    def get_commitments(self, plan: Plan) -> list[dict[str, Any]]:
        now = _shown(plan).now
        return [dict(CommitmentSerializer(each).data) for each in (now.commitments if now else ())]

    def get_page(self, plan: Plan) -> str:
        return absolute(self.context, _page(plan))

    def get_whole(self, plan: Plan) -> str | None:
        return absolute(self.context, f"{_page(plan)}plan.json") if _shown(plan).edition else None


def _shown(plan: Plan) -> PublicPlan:
    """How the plan stands, computed once a row from what the view prefetched."""
    if not hasattr(plan, "now_shown"):
        told = {
            str(each.key): State(each.state, each.advance, each.met_on)
            for commitment in getattr(plan, "told", ())
            for each in commitment.milestones.all()
        }
        plan.now_shown = public_plan(plan, today=timezone.localdate(), told=told)  # type: ignore[attr-defined]
    shown: PublicPlan = plan.now_shown  # type: ignore[attr-defined]
    return shown


def _page(plan: Plan) -> str:
    place = plan.municipality
    return f"/municipios/{place.cut}-{place.slug}/plan/{plan.pk}/"
