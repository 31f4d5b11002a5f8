from django.urls import URLPattern, path, re_path

from budget.views import downloads, imports, public
from municipalities.urls import MUNICIPALITY

BUDGET = MUNICIPALITY + r"/presupuesto/"
YEAR = BUDGET + r"(?P<year>[0-9]{4})/"

app_name = "budget"
urlpatterns: list[URLPattern] = [
    re_path(BUDGET + "$", public.latest, name="latest"),
    re_path(YEAR + "$", public.year, name="year"),
    re_path(YEAR + r"ediciones/(?P<edition>[0-9]{1,4})/$", public.edition, name="edition"),
    re_path(YEAR + r"datos\.(?P<suffix>csv|xlsx|json)$", downloads.download, name="download"),
    re_path(r"^figuras/(?P<sha256>[0-9a-f]{64})\.json$", public.figure, name="figure"),
    path("glosario/", public.glossary, name="glossary"),
    path("consejo/importaciones/", imports.imports, name="imports"),
    path("consejo/importaciones/<int:pk>/", imports.import_detail, name="import"),
    path("consejo/importaciones/<int:pk>/errores.csv", imports.import_errors, name="import_errors"),
    path("consejo/importaciones/<int:pk>/<slug:step>/", imports.import_step, name="import_step"),
]
