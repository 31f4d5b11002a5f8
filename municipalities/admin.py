"""Administrators' view of the register, and of who accompanies which municipalities.

The register comes from files (`load_register`) and memberships from their own actions: here both are only read.
"""

from typing import TYPE_CHECKING

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from municipalities.models import AdviserScope, Alias, Invitation, Membership, Municipality, Population

if TYPE_CHECKING:
    ScopeBase = admin.ModelAdmin[AdviserScope]
else:
    ScopeBase = admin.ModelAdmin


@admin.register(Municipality)
class MunicipalityAdmin(ReadOnlyAdmin):
    list_display = ("cut", "name", "region", "rural_class", "inhabitants", "peer_group")
    list_filter = ("region", "rural_class")
    list_select_related = ("region",)
    search_fields = ("cut", "search")


@admin.register(Alias)
class AliasAdmin(ReadOnlyAdmin):
    list_display = ("name", "municipality", "source")
    list_select_related = ("municipality",)
    search_fields = ("name", "municipality__name")


@admin.register(Population)
class PopulationAdmin(ReadOnlyAdmin):
    list_display = ("municipality", "year", "source", "inhabitants")
    list_filter = ("year", "source")
    list_select_related = ("municipality",)
    search_fields = ("municipality__name",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("municipality", "user", "role", "starts", "ends", "basis")
    list_filter = ("role", "municipality__region")
    list_select_related = ("municipality", "user")
    search_fields = ("municipality__name", "user__name", "user__email")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("municipality", "email", "role", "invited_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("municipality",)
    search_fields = ("municipality__name", "email")
    exclude = ("secret_hash",)


@admin.register(AdviserScope)
class AdviserScopeAdmin(ScopeBase):
    """Which regions or municipalities an adviser accompanies: set here."""

    list_display = ("user", "region", "municipality")
    list_filter = ("region",)
    list_select_related = ("user", "region", "municipality")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user", "municipality")
