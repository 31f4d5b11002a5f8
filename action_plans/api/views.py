from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from action_plans.api.filters import PlanFilter
from action_plans.api.serializers import PlanSerializer
from action_plans.models import Commitment, Plan
from action_plans.reports.published import public_plans
from municipalities.api.listing import OpenList, documented


@documented(PlanSerializer, tag="planes", many=_("Action plans"), one=_("An action plan by its number"))
class Plans(OpenList[Plan]):
    queryset = Plan.objects.all()
    serializer_class = PlanSerializer
    filterset_class = PlanFilter
    page_order = "pk"
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> QuerySet[Plan]:
        """With four questions more for a page, however long."""
        rows = Commitment.objects.only("plan").prefetch_related("milestones")
        return public_plans().prefetch_related(Prefetch("commitments", rows, to_attr="told"))
