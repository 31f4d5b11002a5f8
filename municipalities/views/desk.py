"""The council's desk of adhesions: table, board, saved filters, workbook."""

from __future__ import annotations

from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions import filters as actions
from municipalities.choices import BulkKind
from municipalities.exports.adhesions import workbook
from municipalities.filters.adhesions import TABLE, AdhesionFilter
from municipalities.forms.desk import SavedFilterForm
from municipalities.models import SavedFilter
from municipalities.permissions import can, check_can
from municipalities.reports.desk import board, table_rows

ROWS: Final = 50
EXPORT: Final = "export"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def council(request: HttpRequest, permission: Permission = Permission.VIEW_DESK) -> User:
    """The person, once it is known that they hold a permission of the council."""
    check_can(request.user, permission)
    return cast(User, request.user)


@never_cache
@require_safe
def adhesions(request: HttpRequest) -> HttpResponse:
    """Every municipality within the person's scope with its adhesion: as a table, or as a board by state."""
    user = council(request)
    asked = AdhesionFilter(request.GET, user=user, now=timezone.now())
    saved = SavedFilter.objects.visible_to(user).filter(table=TABLE).select_related("user")
    context: dict[str, object] = {
        "asked": asked,
        "saved": [{"filter": one, "mine": actions.may_delete(user, one)} for one in saved],
        "save_form": SavedFilterForm(initial={"query": asked.query}),
        "works": works_of(user),
        "words": asked.in_words(),
    }
    if asked.is_board:
        columns = board(asked)
        context |= {"columns": columns, "count": sum(column.count for column in columns)}
        return render(request, "municipalities/desk/board.html", context)
    page = Paginator(asked.ordered(), ROWS).get_page(request.GET.get("pagina"))
    context |= {"page": page, "rows": table_rows(list(page), now=asked.now), "count": page.paginator.count}
    return render(request, "municipalities/desk/table.html", context)


def works_of(user: User) -> list[dict[str, Any]]:
    """What the person may do with the rows chosen, in the order of the buttons."""
    needed = {
        BulkKind.INVITE: Permission.PROMOTE_ADHESION,
        BulkKind.REMIND: Permission.PROMOTE_ADHESION,
        BulkKind.STEP: Permission.PROMOTE_ADHESION,
        BulkKind.ASSIGN: Permission.ASSIGN_ADVISER,
    }
    allowed: list[dict[str, Any]] = [
        {"value": kind.value, "label": kind.label} for kind, needs in needed.items() if can(user, needs)
    ]
    return [*allowed, {"value": EXPORT, "label": _("Keep as XLSX")}]


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the table shows under the same address, all of its pages, as a workbook."""
    user = council(request)
    return workbook_of(AdhesionFilter(request.GET, user=user, now=timezone.now()))


def workbook_of(asked: AdhesionFilter, only: list[str] | None = None) -> HttpResponse:
    """The rows of a filter, or `only` those of them, as a file to keep."""
    places = asked.ordered() if only is None else asked.ordered().filter(pk__in=only)
    rows = table_rows(list(places), now=asked.now)
    content = workbook(rows, asked.columns, asked=asked.in_words(), now=asked.now)
    name = f"adhesiones-{timezone.localdate(asked.now):%Y-%m-%d}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@never_cache
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Give the filter in use a name."""
    user = council(request)
    form = SavedFilterForm(request.POST)
    asked = AdhesionFilter(QueryDict(request.POST.get("query", "")[:2000]), user=user, now=timezone.now())
    if not form.is_valid():
        messages.error(request, _("Give the filter a name of up to 60 letters."))
    else:
        name, is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"]
        try:
            actions.save_filter(by=user, table=TABLE, name=name, query=asked.query, is_shared=is_shared)
        except RefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The filter “%(name)s” was saved.") % {"name": name})
    return redirect(table_address(asked.query))


@never_cache
@require_POST
def delete_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a saved filter."""
    user = council(request)
    saved = get_object_or_404(SavedFilter.objects.visible_to(user), pk=pk, table=TABLE)
    actions.delete_filter(by=user, saved=saved)
    messages.success(request, _("The filter “%(name)s” was deleted.") % {"name": saved.name})
    return redirect(table_address(""))


def table_address(query: str) -> str:
    """The table under a filter."""
    address = reverse("municipalities:adhesions")
    return f"{address}?{query}" if query else address
