from django.urls import URLPattern, re_path

from diagnostics.urls.filling import ONE
from diagnostics.views import results

_RESULT = ONE + r"resultado/"

urlpatterns: list[URLPattern] = [
    re_path(_RESULT + r"$", results.result, name="result"),
    re_path(_RESULT + r"brechas/$", results.gaps, name="gaps"),
    re_path(_RESULT + r"radar\.json$", results.radar, name="result_radar"),
    re_path(_RESULT + r"barras/(?P<dimension>[-a-z0-9]+)\.json$", results.bars, name="result_bars"),
]
