from django.urls import path

from municipalities.views import trust

urlpatterns = [
    path("consejo/confianza/", trust.trust, name="trust"),
    path("consejo/confianza/agregar/", trust.add, name="trust_add"),
    path("consejo/confianza/<int:pk>/fechas/", trust.end, name="trust_end"),
    path("consejo/confianza/listas/agregar/", trust.add_list, name="trust_add_list"),
]
