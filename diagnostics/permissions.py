"""Who may judge a diagnostic. What each role may do is in `accounts.permissions`; here is who may not, whatever the role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.permissions import Permission
from diagnostics.models import Diagnostic
from municipalities.models import Membership
from municipalities.permissions import can

if TYPE_CHECKING:
    from accounts.models import User


def is_impartial(user: User, diagnostic: Diagnostic) -> bool:
    """Neither who submitted it nor anyone who belongs or ever belonged to the municipality: only they write its answers."""
    if user.pk == diagnostic.submitted_by_id:
        return False
    return not Membership.objects.filter(user=user, municipality=diagnostic.municipality_id).exists()


def may_review(user: User, diagnostic: Diagnostic) -> bool:
    return can(user, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality) and is_impartial(user, diagnostic)


def may_validate(user: User, diagnostic: Diagnostic) -> bool:
    return can(user, Permission.VALIDATE_DIAGNOSTIC, diagnostic.municipality) and is_impartial(user, diagnostic)
