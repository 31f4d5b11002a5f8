from django.urls import path

from municipalities.views import bulk, campaigns, desk, indicators

urlpatterns = [
    path("consejo/campanas/", campaigns.campaigns, name="campaigns"),
    path("consejo/campanas/nueva/", campaigns.edit, name="campaign_new"),
    path("consejo/campanas/<int:pk>/", campaigns.campaign, name="campaign"),
    path("consejo/campanas/<int:pk>/editar/", campaigns.edit, name="campaign_edit"),
    path("consejo/campanas/<int:pk>/municipios/", campaigns.targets, name="campaign_targets"),
    path("consejo/adhesiones/", desk.adhesions, name="adhesions"),
    path("consejo/adhesiones/planilla.xlsx", desk.export, name="adhesions_export"),
    path("consejo/adhesiones/filtros/", desk.save_filter, name="filter_save"),
    path("consejo/adhesiones/filtros/<int:pk>/quitar/", desk.delete_filter, name="filter_delete"),
    path("consejo/adhesiones/accion/", bulk.preview, name="adhesions_bulk"),
    path("consejo/adhesiones/acciones/", bulk.changes, name="bulk_changes"),
    path("consejo/adhesiones/acciones/<uuid:token>/", bulk.change, name="bulk_change"),
    path("consejo/adhesiones/acciones/<uuid:token>/deshacer/", bulk.undo, name="bulk_undo"),
    path("consejo/adhesiones/indicadores/", indicators.indicators, name="indicators"),
    path(
        "consejo/adhesiones/indicadores/figuras/<slug:name>.json",
        indicators.indicators_figure,
        name="indicators_figure",
    ),
    path("consejo/adhesiones/indicadores.xlsx", indicators.indicators_export, name="indicators_export"),
]
