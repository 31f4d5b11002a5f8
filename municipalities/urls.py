from django.urls import path

from municipalities.views import register

app_name = "municipalities"
urlpatterns = [
    path("municipios/", register.directory, name="directory"),
]
