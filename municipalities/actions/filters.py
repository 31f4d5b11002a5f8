"""Saved filters of the council's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.models import SavedFilter
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_QUERY = 500


def save_filter(*, by: User, table: str, name: str, query: str, is_shared: bool) -> SavedFilter:
    """Give the filter in use a name; the same name again replaces what it stood for. Raises `RefusedError` for too long a one."""
    check_can(by, Permission.VIEW_DESK)
    if len(query) > LONGEST_QUERY:
        raise RefusedError(_("This filter asks for too many things to be saved. Take some of them away."))
    saved, _made = SavedFilter.objects.update_or_create(
        user=by, table=table, name=name.strip(), defaults={"query": query, "is_shared": is_shared}
    )
    return saved


def may_delete(user: User, saved: SavedFilter) -> bool:
    """One's own; and whoever manages campaigns clears away what others shared."""
    return saved.user_id == user.pk or (saved.is_shared and can(user, Permission.MANAGE_CAMPAIGNS))


def delete_filter(*, by: User, saved: SavedFilter) -> None:
    """Forget a saved filter. Raises `PermissionDenied` for somebody else's."""
    if not may_delete(by, saved):
        raise PermissionDenied
    saved.delete()
