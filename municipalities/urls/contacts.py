from django.urls import path, re_path

from municipalities.urls.register import MUNICIPALITY
from municipalities.views import authorities, authority_imports, contact_log, contacts

_AUTHORITY = MUNICIPALITY + r"/autoridades/(?P<pk>[0-9]+)"
_CONTACT = MUNICIPALITY + r"/contactos/(?P<pk>[0-9]+)"

urlpatterns = [
    re_path(MUNICIPALITY + r"/autoridades/$", authorities.authorities, name="authorities"),
    re_path(MUNICIPALITY + r"/autoridades/agregar/$", authorities.authority_add, name="authority_add"),
    re_path(_AUTHORITY + r"/reemplazar/$", authorities.authority_replace, name="authority_replace"),
    re_path(_AUTHORITY + r"/corregir/$", authorities.authority_edit, name="authority_edit"),
    re_path(_AUTHORITY + r"/terminar/$", authorities.authority_end, name="authority_end"),
    re_path(MUNICIPALITY + r"/contactos/$", contacts.contacts, name="contacts"),
    re_path(MUNICIPALITY + r"/contactos/agregar/$", contacts.contact_add, name="contact_add"),
    re_path(_CONTACT + r"/$", contacts.contact_edit, name="contact_edit"),
    re_path(_CONTACT + r"/principal/$", contacts.contact_main, name="contact_main"),
    re_path(_CONTACT + r"/quitar/$", contacts.contact_remove, name="contact_remove"),
    path("consejo/autoridades/importar/", authority_imports.import_authorities, name="import_authorities"),
    re_path(
        r"^consejo/autoridades/importar/plantilla\.(?P<suffix>csv|xlsx)$",
        authority_imports.authority_template,
        name="authority_template",
    ),
    path("consejo/autoridades/importar/<int:pk>/", authority_imports.authority_import, name="authority_import"),
    path(
        "consejo/autoridades/importar/<int:pk>/aplicar/",
        authority_imports.authority_import_apply,
        name="authority_import_apply",
    ),
    path(
        "consejo/autoridades/importar/<int:pk>/descartar/",
        authority_imports.authority_import_discard,
        name="authority_import_discard",
    ),
    path(
        "consejo/autoridades/importar/<int:pk>/filas.csv",
        authority_imports.authority_import_rows,
        name="authority_import_rows",
    ),
    re_path(r"^consejo/bitacora/(?P<cut>[0-9]{5})/$", contact_log.contact_log, name="contact_log"),
    re_path(r"^consejo/bitacora/(?P<cut>[0-9]{5})/anotar/$", contact_log.contact_note_add, name="contact_note_add"),
    path("consejo/bitacora/notas/<int:pk>/", contact_log.contact_note_edit, name="contact_note_edit"),
    path("consejo/bitacora/notas/<int:pk>/hecho/", contact_log.contact_note_done, name="contact_note_done"),
    path("consejo/tareas/", contact_log.tasks, name="tasks"),
    path("consejo/calendario/", contact_log.calendar, name="calendar"),
    re_path(r"^calendario/(?P<secret>[-\w]{1,80})\.ics$", contact_log.calendar_feed, name="calendar_feed"),
]
