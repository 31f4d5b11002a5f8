from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("inicio/", views.desk, name="desk"),
    path("acerca/", views.about, name="about"),
    path("buscar/sugerencias/", views.suggest, name="suggest"),
]
