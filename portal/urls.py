from django.urls import path, re_path

from portal.views import desks, public, style

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("acerca/", public.about, name="about"),
    path("buscar/sugerencias/", public.suggest, name="suggest"),
    path("estilo/", style.style, name="style"),
    path("inicio/", desks.desk, name="desk"),
    path("consejo/", desks.council, name="council"),
    path("consejo/municipios/", desks.council_table, name="council_table"),
    re_path(r"^municipios/(?P<cut>[0-9]{5})-(?P<slug>[-a-z0-9]+)/$", public.municipality, name="municipality"),
]
