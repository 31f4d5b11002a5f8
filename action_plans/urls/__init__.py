"""Addresses of this app, a module a subject. The names live in one space: `action_plans:...`."""

from action_plans.urls import council, desk, listening, participation, public, watch

app_name = "action_plans"
urlpatterns = [
    *council.urlpatterns,
    *desk.urlpatterns,
    *listening.urlpatterns,
    *participation.urlpatterns,
    *public.urlpatterns,
    *watch.urlpatterns,
]
