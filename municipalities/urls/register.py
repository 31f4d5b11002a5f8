from django.urls import path, re_path

from municipalities.views import people, register

# A municipality in an address: its code, which decides, and its name, which reads well.
MUNICIPALITY = r"^municipios/(?P<cut>[0-9]{5})-(?P<slug>[-a-z0-9]+)"

urlpatterns = [
    path("municipios/", register.directory, name="directory"),
    re_path(MUNICIPALITY + r"/personas/$", people.members, name="members"),
    re_path(MUNICIPALITY + r"/personas/(?P<pk>[0-9]+)/terminar/$", people.end, name="end_membership"),
    re_path(MUNICIPALITY + r"/personas/(?P<pk>[0-9]+)/rol/$", people.change, name="change_role"),
    re_path(
        MUNICIPALITY + r"/personas/invitaciones/(?P<pk>[0-9]+)/retirar/$", people.withdraw, name="withdraw_invitation"
    ),
    path("invitaciones/responder/", people.answer, name="answer_invitation"),
    path("invitaciones/<str:secret>/", people.invitation, name="invitation"),
    path("municipios/mapa/", register.whole_map, name="map"),
    path("municipios/parecidos/", register.peers, name="peers"),
    re_path(r"^regiones/(?P<code>[0-9]{2})-(?P<slug>[-a-z0-9]+)/$", register.region, name="region"),
]
