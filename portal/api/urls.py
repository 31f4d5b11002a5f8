from django.urls import path, re_path
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularAPIView

from municipalities.api.listing import NotHere
from portal.api.guide import guide

app_name = "api"
urlpatterns = [
    path("", guide, name="guide"),
    path("v1/esquema/", cache_control(max_age=3600)(SpectacularAPIView.as_view()), name="schema"),
    # With its final slash, so that an address without one is still led to the one with it.
    re_path(r"^.*/$", NotHere.as_view(), name="nothing"),
]
