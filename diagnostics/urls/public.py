from django.urls import URLPattern, path, re_path

from diagnostics.views import public, public_country
from municipalities.urls import MUNICIPALITY

OF_ONE = MUNICIPALITY + r"/diagnosticos/publicos/"
DIAGNOSTIC = OF_ONE + r"(?P<folio>[A-Z]{2,8}-[0-9]{4}-[0-9]{4,7})/"

urlpatterns: list[URLPattern] = [
    path("diagnosticos/", public_country.diagnostics, name="public_diagnostics"),
    path("diagnosticos/mapa/", public_country.whole_map, name="diagnostics_map"),
    re_path(r"^diagnosticos/datos\.(?P<suffix>csv|json)$", public_country.data, name="diagnostics_data"),
    path("diagnosticos/rondas/<int:pk>/respuestas.csv", public_country.answers, name="diagnostics_answers"),
    path("diagnosticos/novedades.atom", public_country.feed, name="diagnostics_feed"),
    re_path(OF_ONE + r"$", public.of_municipality, name="public_of_municipality"),
    re_path(DIAGNOSTIC + r"$", public.diagnostic, name="public_diagnostic"),
    re_path(DIAGNOSTIC + r"radar\.json$", public.radar, name="public_radar"),
    re_path(DIAGNOSTIC + r"respuestas\.csv$", public.answers, name="public_answers"),
    re_path(DIAGNOSTIC + r"diagnostico\.json$", public.as_json, name="public_json"),
    re_path(DIAGNOSTIC + r"informe\.pdf$", public.document, name="public_document"),
    re_path(DIAGNOSTIC + r"evidencia/(?P<key>[0-9a-f-]{36})/$", public.evidence, name="public_evidence"),
]
