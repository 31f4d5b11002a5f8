from django.urls import URLPattern, path, re_path

from budget.views import downloads, public

app_name = "budget"
MUNICIPALITY = r"^municipios/(?P<cut>[0-9]{5})-(?P<slug>[-a-z0-9]+)/presupuesto/"
YEAR = MUNICIPALITY + r"(?P<year>[0-9]{4})/"
urlpatterns: list[URLPattern] = [
    re_path(MUNICIPALITY + "$", public.latest, name="latest"),
    re_path(YEAR + "$", public.year, name="year"),
    re_path(YEAR + r"ediciones/(?P<edition>[0-9]{1,4})/$", public.edition, name="edition"),
    re_path(YEAR + r"datos\.(?P<suffix>csv|xlsx|json)$", downloads.download, name="download"),
    re_path(r"^figuras/(?P<sha256>[0-9a-f]{64})\.json$", public.figure, name="figure"),
    path("glosario/", public.glossary, name="glossary"),
]
