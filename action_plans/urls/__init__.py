"""Addresses of this app, a module a subject. The names live in one space: `action_plans:...`."""

from action_plans.urls import desk, listening, participation, public

app_name = "action_plans"
urlpatterns = [
    *desk.urlpatterns,
    *listening.urlpatterns,
    *participation.urlpatterns,
    *public.urlpatterns,
]
