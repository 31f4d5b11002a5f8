from django.urls import URLPattern, path

from municipalities.views import indicators

urlpatterns: list[URLPattern] = [
    path("consejo/adhesiones/indicadores/", indicators.indicators, name="indicators"),
    path("consejo/adhesiones/indicadores.xlsx", indicators.indicators_export, name="indicators_export"),
]
