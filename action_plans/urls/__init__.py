"""Addresses of this app, a module a subject. The names live in one space: `action_plans:...`."""

from action_plans.urls import listening, participation

app_name = "action_plans"
urlpatterns = [
    *listening.urlpatterns,
    *participation.urlpatterns,
]
