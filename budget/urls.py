from django.urls import URLPattern, re_path

from budget.views import downloads

app_name = "budget"
urlpatterns: list[URLPattern] = [
    re_path(
        r"^municipios/(?P<cut>[0-9]{5})-(?P<slug>[-a-z0-9]+)/presupuesto/(?P<year>[0-9]{4})/datos\.(?P<suffix>csv|xlsx|json)$",
        downloads.download,
        name="download",
    ),
]
