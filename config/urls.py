"""Addresses of the whole site. Public ones are Spanish."""

from django.contrib import admin
from django.urls import include, path

from config.health import health

urlpatterns = [
    path("salud/", health, name="health"),
    path("cuenta/", include("accounts.urls")),
    path("administracion/", admin.site.urls),
    path("", include("municipalities.urls")),
    path("", include("budget.urls")),
    path("", include("diagnostics.urls")),
    path("", include("action_plans.urls")),
    path("api/v1/", include("municipalities.api.urls")),
    path("api/v1/", include("budget.api.urls")),
    path("api/v1/", include("diagnostics.api.urls")),
    path("api/v1/", include("action_plans.api.urls")),
    path("api/", include("portal.api.urls")),
    path("", include("portal.urls")),
]

handler404 = "portal.views.failures.not_found"
