"""The council brings many authorities and contacts at once: the file, what it would change row by row, the decision."""

from __future__ import annotations

from typing import Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import authority_imports as actions
from municipalities.exports.authorities import rows_csv, template_csv, template_xlsx
from municipalities.forms.authorities import ImportForm
from municipalities.models import AuthorityImport, Municipality
from municipalities.permissions import check_can
from municipalities.reports.authority_imports import OUTCOMES, shown
from municipalities.rules.authority_cells import COLUMNS

ROWS: Final = 100
LISTED: Final = 20
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _pending(request: HttpRequest, pk: int) -> tuple[User, AuthorityImport]:
    user = cast(User, request.user)
    check_can(user, Permission.RECORD_AUTHORITY)
    return user, get_object_or_404(AuthorityImport.objects.visible_to(user).select_related("by"), pk=pk)


@never_cache
@require_http_methods(["GET", "POST"])
def import_authorities(request: HttpRequest) -> HttpResponse:
    """The form that brings a file, its columns explained, and the files brought before."""
    user = cast(User, request.user)
    check_can(user, Permission.RECORD_AUTHORITY)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(actions.begin_import(by=user, file=file, name=file.name, now=timezone.now()))
        except RefusedError as refusal:
            form.add_error("file", str(refusal))
    before = AuthorityImport.objects.visible_to(user).select_related("by").defer("rows")[:LISTED]
    return render(
        request, "municipalities/authorities/import.html", {"form": form, "columns": COLUMNS, "before": before}
    )


@never_cache
@require_safe
def authority_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would change, or changed, row by row."""
    _user, pending = _pending(request, pk)
    return _render(request, pending)


@require_POST
def authority_import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it. When what is recorded changed since, the comparison is shown anew with status 409."""
    user, pending = _pending(request, pk)
    leave = request.POST.get("dejar_errores") == "1"
    try:
        actions.apply_import(by=user, pending=pending, leave_errors_out=leave, now=timezone.now())
    except OvertakenError as overtaken:
        pending.refresh_from_db()
        return _render(request, pending, refusal=str(overtaken), status=409)
    except RefusedError as refusal:
        return _render(request, pending, refusal=str(refusal))
    messages.success(request, _("The file was applied."))
    return redirect(pending)


@require_POST
def authority_import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the file."""
    user, pending = _pending(request, pk)
    try:
        actions.discard_import(by=user, pending=pending, now=timezone.now())
    except OvertakenError as overtaken:
        messages.warning(request, str(overtaken))
    else:
        messages.success(request, _("The file was discarded. Nothing of it was written."))
    return redirect("municipalities:import_authorities")


@never_cache
@require_safe
def authority_import_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows with their outcome as CSV, for whoever mends the file."""
    _user, pending = _pending(request, pk)
    return _download(rows_csv(pending).encode(), "text/csv; charset=utf-8", f"autoridades-revision-{pending.pk}.csv")


@require_safe
def authority_template(request: HttpRequest, suffix: str) -> HttpResponse:
    """An empty file with the columns, as CSV or as XLSX with a sheet that explains them."""
    check_can(request.user, Permission.RECORD_AUTHORITY)
    name = f"plantilla-autoridades.{suffix}"
    if suffix == "xlsx":
        return _download(template_xlsx(), XLSX, name)
    return _download(template_csv().encode(), "text/csv; charset=utf-8", name)


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _render(request: HttpRequest, pending: AuthorityImport, *, refusal: str = "", status: int = 200) -> HttpResponse:
    wanted = request.GET.get("ver", "")
    chosen = [row for row in pending.rows if wanted not in OUTCOMES or row["outcome"] == wanted]
    # What changed meanwhile comes first, then what must be mended.
    chosen.sort(key=lambda row: (not row.get("meanwhile"), row["outcome"] != "error", row["line"]))
    counts = pending.counts
    page = Paginator(chosen, ROWS).get_page(request.GET.get("pagina"))
    names = dict(Municipality.objects.filter(pk__in={row["cut"] for row in page}).values_list("pk", "name"))
    rows = zip(shown(page), [names.get(row["cut"], "") for row in page], strict=True)
    context = {
        "pending": pending,
        "counts": counts,
        "tabs": [(outcome, label, counts[outcome]) for outcome, label in OUTCOMES.items()],
        "wanted": wanted if wanted in OUTCOMES else "",
        "page": page,
        "rows": rows,
        "total": len(pending.rows),
        "does_something": counts["new"] or counts["changed"],
        "refusal": refusal,
    }
    return render(request, "municipalities/authorities/import_rows.html", context, status=status)
