"""Every error of the API in one shape: what happened, where, and how to mend it.

`{"status": 400, "code": "invalid", "message": "...", "how_to_mend": "...", "errors": [{"field": "year", "message": "..."}]}`
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler


class FieldProblemSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text=gettext_lazy("Parameter that cannot be used."))
    message = serializers.CharField(help_text=gettext_lazy("What is wrong with it."))


class ProblemSerializer(serializers.Serializer[Any]):
    """The shape above, for the schema."""

    status = serializers.IntegerField(help_text=gettext_lazy("Number of the answer, such as 400."))
    code = serializers.CharField(help_text=gettext_lazy("Kind of error, in one word that does not change."))
    message = serializers.CharField(help_text=gettext_lazy("What happened."))
    how_to_mend = serializers.CharField(help_text=gettext_lazy("What to do."))
    errors = FieldProblemSerializer(many=True, help_text=gettext_lazy("The parameters at fault, if any."))  # type: ignore[assignment]


class UnknownParameter(exceptions.ValidationError):
    """A parameter that the endpoint does not know: a misspelt filter must not look like one that matched everything."""

    default_code = "unknown_parameter"

    def __init__(self, names: list[str], known: list[str]) -> None:
        super().__init__({name: [_("This parameter does not exist here.")] for name in names}, self.default_code)
        self.known = known


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. Headers such as `Allow`, `Retry-After` and their status are kept."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    message, mend = _explain(response.status_code, error)
    response.data = {
        "status": response.status_code,
        "code": getattr(error, "default_code", "error"),
        "message": message,
        "how_to_mend": mend,
        "errors": _by_field(error),
    }
    return response


def _explain(code: int, error: Exception) -> tuple[str, str]:
    """The sentence that says what happened and the one that says what to do."""
    if isinstance(error, UnknownParameter):
        return _("The address holds a parameter that does not exist."), _("Use only these: %(names)s.") % {
            "names": ", ".join(error.known)
        }
    if isinstance(error, exceptions.Throttled):
        return _("Too many questions in a short time."), _("Wait %(seconds)d seconds and ask again.") % {
            "seconds": int(getattr(error, "wait", None) or 60) + 1
        }
    return {
        status.HTTP_400_BAD_REQUEST: (
            _("A parameter has a value that cannot be used."),
            _("Correct the fields in errors."),
        ),
        status.HTTP_404_NOT_FOUND: (
            _("There is nothing at this address."),
            _("Look at the list of addresses in /api/. Only published data are here."),
        ),
        status.HTTP_405_METHOD_NOT_ALLOWED: (
            _("This data can be read, not changed."),
            _("Use GET. The header Allow lists what is possible."),
        ),
        status.HTTP_406_NOT_ACCEPTABLE: (
            _("The answer is not available in the format asked for."),
            _("Ask for application/json in the header Accept."),
        ),
    }.get(code, (_("The question could not be answered."), _("Try again later.")))


def _by_field(error: Exception) -> list[dict[str, str]]:
    if not isinstance(error, exceptions.ValidationError):
        return []
    detail = error.detail if isinstance(error.detail, dict) else {"": error.detail}
    return [{"field": field, "message": str(message)} for field, messages in detail.items() for message in messages]
