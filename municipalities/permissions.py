"""Who may do what, and where. The tables of roles are in `accounts.permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from accounts.choices import CouncilRole, MunicipalRole
from accounts.permissions import COUNCIL, COUNCIL_GRANTS, MUNICIPAL, MUNICIPAL_GRANTS, Permission
from municipalities.choices import DocumentKind
from municipalities.models import Document, Membership, Municipality

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from accounts.models import User


def can(user: User | AnonymousUser, permission: Permission, municipality: Municipality | None = None) -> bool:
    """Whether the person holds the permission; with a municipality, whether they hold it there.

    An adviser's permissions reach the assigned municipalities only. Memberships are read at each call, so that ending one
    takes effect on the next request.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if user.council_role and permission in COUNCIL[CouncilRole(user.council_role)]:
        return municipality is None or Municipality.objects.visible_to(user).filter(pk=municipality.pk).exists()
    if municipality is None:
        return False
    return any(permission in MUNICIPAL[MunicipalRole(role)] for role in _roles(user, municipality))


def held_in(user: User, municipality: Municipality) -> frozenset[Permission]:
    """Every permission that the person holds there, for a page that asks about several. One query, two for the council."""
    if not user.is_active:
        return frozenset()
    held = frozenset[Permission]().union(*(MUNICIPAL[MunicipalRole(role)] for role in _roles(user, municipality)))
    if user.council_role and Municipality.objects.visible_to(user).filter(pk=municipality.pk).exists():
        held |= COUNCIL[CouncilRole(user.council_role)]
    return held


def check_can(user: User | AnonymousUser, permission: Permission, municipality: Municipality | None = None) -> None:
    """Raise `PermissionDenied` unless `can`."""
    if not can(user, permission, municipality):
        raise PermissionDenied(permission.value)


_OF_DIAGNOSTICS = frozenset({DocumentKind.EVIDENCE, DocumentKind.WORKBOOK, DocumentKind.DIAGNOSTIC})


def to_open(document: Document) -> Permission:
    """What a person must hold, in its municipality, to open a file."""
    if document.kind == DocumentKind.MINUTES:
        return Permission.VIEW_PLAN
    return Permission.VIEW_DIAGNOSTIC if document.kind in _OF_DIAGNOSTICS else Permission.VIEW_ADHESION


def grantable_roles(user: User | AnonymousUser, municipality: Municipality) -> frozenset[MunicipalRole]:
    """The municipal roles that the person may grant, change and end there."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if user.council_role:
        council_role = CouncilRole(user.council_role)
        in_scope = Municipality.objects.visible_to(user).filter(pk=municipality.pk).exists()
        return COUNCIL_GRANTS[council_role] if in_scope else frozenset()
    return frozenset().union(*(MUNICIPAL_GRANTS[MunicipalRole(role)] for role in _roles(user, municipality)))


def _roles(user: User, municipality: Municipality) -> QuerySet[Membership, str]:
    """Unordered: their order joins the municipality, and this is asked at every request."""
    held = Membership.objects.current().filter(user=user, municipality=municipality)
    return held.order_by().values_list("role", flat=True)
