from django.urls import path

from municipalities.views import documents

urlpatterns = [
    path("documentos/<uuid:key>/", documents.document, name="document"),
    path(
        "consejo/adhesiones/<int:pk>/firmas/<int:signature_pk>/juzgar/",
        documents.judge_again,
        name="judge_again",
    ),
]
