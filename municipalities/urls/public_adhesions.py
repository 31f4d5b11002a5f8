from django.urls import path, re_path

from municipalities.urls.register import MUNICIPALITY
from municipalities.views import digest, public_adhesions, requests, verify

urlpatterns = [
    path("adhesiones/", public_adhesions.adhesions_public, name="adhesions_public"),
    path("adhesiones/mapa/", public_adhesions.adhesions_map, name="adhesions_map"),
    re_path(r"^adhesiones/datos\.(?P<suffix>csv|json)$", public_adhesions.adhesions_data, name="adhesions_data"),
    path("adhesiones/novedades.atom", public_adhesions.adhesions_feed, name="adhesions_feed"),
    re_path(
        r"^adhesiones/actas/(?P<folio>MGAM-[0-9]{4}-[0-9]{4,7})\.pdf$", public_adhesions.act_public, name="act_public"
    ),
    re_path(MUNICIPALITY + r"/adhesion/$", public_adhesions.adhesion_public, name="adhesion_public"),
    re_path(MUNICIPALITY + r"/adhesion/pedir/$", public_adhesions.adhesion_request, name="adhesion_request"),
    path("resumen-del-dia/<str:token>/", digest.leave_digest, name="leave_digest"),
    path("verificar/", verify.verify, name="verify"),
    path("verificar/<str:folio>/", verify.verify_folio, name="verify_folio"),
    path("consejo/solicitudes/", requests.adhesion_requests, name="adhesion_requests"),
    path("consejo/solicitudes/<int:pk>/respondida/", requests.answer_adhesion_request, name="answer_adhesion_request"),
]
