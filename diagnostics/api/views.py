from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from diagnostics.api.filters import DiagnosticFilter
from diagnostics.api.serializers import DiagnosticSerializer
from diagnostics.choices import ScoreLevel
from diagnostics.models import Diagnostic, Score
from municipalities.api.listing import OpenList, documented

# With one question more for a page, however long.
_SCORES = (
    Score.objects.filter(level__in=[ScoreLevel.INDEX, ScoreLevel.DIMENSION])
    .defer("derivation")
    .order_by("level", "key")
)


@documented(
    DiagnosticSerializer,
    tag="diagnosticos",
    many=_("Published diagnostics"),
    one=_("A published diagnostic by its folio"),
)
class Diagnostics(OpenList[Diagnostic]):
    queryset = Diagnostic.objects.all()
    serializer_class = DiagnosticSerializer
    filterset_class = DiagnosticFilter
    page_order = "pk"
    lookup_field = "folio"
    lookup_value_regex = "[A-Z]{2,8}-[0-9]{4}-[0-9]{4,7}"

    def get_queryset(self) -> QuerySet[Diagnostic]:
        """What is public changes with the day, so it is asked for with each request."""
        return (
            Diagnostic.objects.published(timezone.localdate())
            .select_related("municipality", "round", "version__family")
            .defer("version__content")
            .prefetch_related(Prefetch("scores", _SCORES, to_attr="main_scores"))
        )
