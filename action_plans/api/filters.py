from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from action_plans.choices import PlanStage
from action_plans.models import Plan
from municipalities.api.filters import of_municipality

STAGES = [(value, label) for value, label in PlanStage.choices if value != PlanStage.CANCELLED]


class PlanFilter(filters.FilterSet):
    """Filters of the action plans."""

    locals().update(of_municipality(""))
    stage = filters.ChoiceFilter(choices=STAGES, help_text=_("Stage of the plan, such as implementation."))

    class Meta:
        model = Plan
        fields: list[str] = []
