from django.urls import URLPattern, path, re_path

from budget.views import downloads, imports

app_name = "budget"
urlpatterns: list[URLPattern] = [
    re_path(
        r"^municipios/(?P<cut>[0-9]{5})-(?P<slug>[-a-z0-9]+)/presupuesto/(?P<year>[0-9]{4})/datos\.(?P<suffix>csv|xlsx|json)$",
        downloads.download,
        name="download",
    ),
    path("consejo/importaciones/", imports.imports, name="imports"),
    path("consejo/importaciones/<int:pk>/", imports.import_detail, name="import"),
    path("consejo/importaciones/<int:pk>/errores.csv", imports.import_errors, name="import_errors"),
    path("consejo/importaciones/<int:pk>/<slug:step>/", imports.import_step, name="import_step"),
]
