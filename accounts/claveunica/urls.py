"""Addresses under /cuenta/claveunica/. The callback is the one to register at ClaveÚnica."""

from django.urls import path

from accounts.claveunica import views

urlpatterns = [
    path("ingresar/", views.login, name="claveunica_login"),
    path("volver/", views.callback, name="claveunica_callback"),
    path("vincular/", views.link, name="claveunica_link"),
    path("vinculada/", views.linked, name="claveunica_linked"),
    path("desconocida/", views.unknown, name="claveunica_unknown"),
    path("antigua/", views.stale, name="claveunica_stale"),
]
