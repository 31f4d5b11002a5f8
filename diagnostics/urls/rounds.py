from django.urls import URLPattern, path, re_path

from diagnostics.views import council_table, municipality, opening, rounds
from municipalities.urls import MUNICIPALITY

_DESK = "consejo/diagnosticos/"
_ROUND = _DESK + "rondas/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(_DESK, rounds.rounds, name="rounds"),
    path(_DESK + "rondas/nueva/", rounds.edit, name="round_new"),
    path(_ROUND, rounds.round_, name="round"),
    path(_ROUND + "editar/", rounds.edit, name="round_edit"),
    path(_ROUND + "borrar/", rounds.delete, name="round_delete"),
    path(_ROUND + "recordatorios/", rounds.reminders, name="round_reminders"),
    path(_ROUND + "municipios/", opening.targets, name="round_targets"),
    path(_ROUND + "programa/", opening.planned, name="round_planned"),
    path(_ROUND + "abrir/", opening.open_many, name="round_open"),
    path(_DESK + "tabla/", council_table.diagnostics, name="council_diagnostics"),
    path(_DESK + "tabla/planilla/", council_table.export, name="council_diagnostics_export"),
    path(_DESK + "plazo/", council_table.more_time, name="more_time"),
    path(_DESK + "<int:pk>/cancelar/", council_table.cancel, name="diagnostic_cancel"),
    re_path(MUNICIPALITY + r"/diagnosticos/$", municipality.diagnostics, name="diagnostics"),
]
