from django.urls import path

from municipalities.views import review, signature_review

urlpatterns = [
    path("consejo/adhesiones/<int:pk>/", review.adhesion_file, name="adhesion_file"),
    path("consejo/adhesiones/<int:pk>/deshacer/", review.adhesion_undo, name="adhesion_undo"),
    path("consejo/adhesiones/<int:pk>/paso/<str:state>/", review.adhesion_step, name="adhesion_step"),
    path("consejo/adhesiones/<int:pk>/firmas/<int:signature_id>/", signature_review.signature, name="signature"),
    path(
        "consejo/adhesiones/<int:pk>/firmas/<int:signature_id>/<str:decision>/",
        signature_review.signature_decision,
        name="signature_decision",
    ),
]
