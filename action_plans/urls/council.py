"""The council's desk of the country's plans."""

from django.urls import URLPattern, path, re_path

from action_plans.views import council

_DESK = "consejo/planes/"

urlpatterns: list[URLPattern] = [
    path(_DESK, council.plans, name="council_plans"),
    path(_DESK + "planilla/", council.export, name="council_plans_export"),
    re_path(rf"^{_DESK}informe-(?P<year>[0-9]{{4}})/publicar/$", council.publish, name="report_publish"),
]
