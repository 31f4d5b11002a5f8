from django.urls import URLPattern, path, re_path

from diagnostics.views import instruments, mappings, public_instruments

_EDIT = "consejo/instrumentos/<int:pk>/"
_MAPPING = _EDIT + "correspondencia/<int:source>/"
_PUBLIC = r"^instrumentos/(?P<key>[-a-z0-9]+)/(?P<version>[0-9]{4}\.[0-9]{1,3})/"

urlpatterns: list[URLPattern] = [
    path("consejo/instrumentos/", instruments.instruments, name="instruments"),
    path("consejo/instrumentos/subir/", instruments.upload, name="instrument_upload"),
    path(_EDIT, instruments.instrument, name="instrument_edit"),
    path(_EDIT + "portada/", instruments.front, name="instrument_front"),
    path(_EDIT + "parte/<slug:name>/", instruments.part, name="instrument_part"),
    path(_EDIT + "agregar/", instruments.add, name="instrument_add"),
    path(_EDIT + "agregar/<slug:owner>/", instruments.add, name="instrument_add_to"),
    path(_EDIT + "mover/<slug:name>/", instruments.move, name="instrument_move"),
    path(_EDIT + "quitar/<slug:name>/", instruments.remove, name="instrument_remove"),
    path(_EDIT + "vista/", instruments.preview, name="instrument_preview"),
    path(_EDIT + "comparar/", instruments.compare, name="instrument_compare"),
    path(_EDIT + "publicar/", instruments.publish, name="instrument_publish"),
    path(_EDIT + "descartar/", instruments.discard, name="instrument_discard"),
    path(_EDIT + "descargar/", instruments.download, name="instrument_download"),
    path(_MAPPING, mappings.mapping, name="instrument_mapping"),
    path(_MAPPING + "descargar/", mappings.download, name="mapping_download"),
    path(_MAPPING + "ensayo/<int:round_pk>/", mappings.dry_run, name="mapping_dry_run"),
    path(_MAPPING + "ensayo/<int:round_pk>/descargar/", mappings.dry_run_file, name="mapping_dry_run_file"),
    path("consejo/instrumentos/migraciones/<int:pk>/", mappings.migration, name="answer_migration"),
    path("instrumentos/", public_instruments.instruments, name="instrument_list"),
    path("instrumentos/esquema.json", public_instruments.schema, name="instrument_schema"),
    re_path(_PUBLIC + "$", public_instruments.instrument, name="instrument_public"),
    re_path(_PUBLIC + r"instrumento\.yaml$", public_instruments.file, name="instrument_file"),
]
