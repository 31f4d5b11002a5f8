"""Django's admin behind the portal's own door: the same sign-in, the same second factor."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Tables of the portal")

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_administrator", False))


class PortalAdminConfig(AdminConfig):
    default_site = "config.admin.PortalAdminSite"
