"""What every list of the API has in common: reading only, stable pages, filters that refuse what they do not know, and openness.

Pages follow a cursor instead of counting: a page costs the same wherever it is, and rows that arrive meanwhile neither repeat
nor hide others. Browsers of any site may read the answers.
"""

from typing import Any, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from municipalities.api.problems import ProblemSerializer, UnknownParameter

M = TypeVar("M", bound=Model)


class Pages(pagination.CursorPagination):
    """`{"next": address or null, "previous": address or null, "results": [...]}`"""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "limit"
    page_size_query_description = cast(
        "str", gettext_lazy("How many to give at once: 1 to 1,000; 100 if nothing is said.")
    )
    cursor_query_description = cast("str", gettext_lazy("Where a page begins. It comes in next and previous."))
    ordering = "pk"

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get("limit", str(self.page_size))
        if not (asked.isascii() and asked.isdigit() and len(asked) < 5 and 1 <= int(asked) <= self.max_page_size):
            raise exceptions.ValidationError({"limit": [_("It must be a whole number from 1 to 1,000.")]})
        return int(asked)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        # ValueError: a place in a list of numbers that is none, or a zero byte. The filters have judged their values before.
        except (exceptions.NotFound, ValueError):
            message = _("It is not one that this list gave. Begin without cursor and follow next.")
            raise exceptions.ValidationError({"cursor": [message]}) from None


class OpenView(APIView):
    """Any site may read it from a browser, and a copy is asked about before it is used again."""

    http_method_names = ["get", "head", "options"]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answered = super().finalize_response(request, response, *args, **kwargs)
        answered["Access-Control-Allow-Origin"] = "*"
        answered["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        if answered.status_code == 200:
            patch_cache_control(answered, public=True, no_cache=True)
        return answered

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What a browser asks before it sends a header of its own, such as If-None-Match."""
        allowed = {"Access-Control-Allow-Methods": "GET, HEAD, OPTIONS", "Access-Control-Max-Age": "86400"}
        return Response(status=204, headers=allowed | {"Access-Control-Allow-Headers": "Accept, If-None-Match"})


class StrictFilters(filters.DjangoFilterBackend):
    """Refuses parameters that the list does not know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[M], view: Any) -> QuerySet[M]:
        known = self.known(view)
        unknown = sorted(set(request.query_params) - set(known))
        if unknown:
            raise UnknownParameter(unknown, known)
        if view.detail:  # a thing that a list would leave out is still found by its number
            return queryset
        return cast("QuerySet[M]", super().filter_queryset(request, queryset, view))

    @staticmethod
    def known(view: Any) -> list[str]:
        """The parameters a list accepts: its filters and those of paging. A single thing accepts none."""
        if view.detail:
            return []
        declared = view.filterset_class.base_filters if view.filterset_class else {}
        return [*sorted(declared), "limit", "cursor"]


class OpenList(OpenView, ReadOnlyModelViewSet[M]):
    """A list and its items. Each subclass names its queryset, serializer, filters and the order of its pages."""

    pagination_class = Pages
    filter_backends = [StrictFilters]
    filterset_class: type[filters.FilterSet] | None = None
    page_order = "pk"

    @property
    def paginator(self) -> Pages:
        if not hasattr(self, "_pages"):
            self._pages = Pages()
            self._pages.ordering = self.page_order
        return self._pages

    def get_serializer_class(self) -> type[serializers.BaseSerializer[M]]:
        if self.serializer_class is None:
            raise ImproperlyConfigured(f"{type(self).__name__} has no serializer")
        return self.serializer_class


def documented(serializer: type[serializers.BaseSerializer[M]], *, tag: str, many: Any, one: Any) -> Any:
    """Describe the list and the item of an `OpenList` in the schema, with the errors they may answer."""
    errors = {400: ProblemSerializer, 429: ProblemSerializer}
    found = {200: serializer, 404: ProblemSerializer, 429: ProblemSerializer}
    return extend_schema_view(
        list=extend_schema(summary=many, description="", tags=[tag], responses={200: serializer(many=True), **errors}),
        retrieve=extend_schema(summary=one, description="", tags=[tag], responses=found),
    )


@extend_schema(exclude=True)
class NotHere(OpenView):
    """Any other address below /api/: the same shape of error as everywhere."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise exceptions.NotFound
