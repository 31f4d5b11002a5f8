from django.urls import URLPattern, re_path

from diagnostics.views import filling, questions, saving
from municipalities.urls import MUNICIPALITY

ONE = MUNICIPALITY + r"/diagnosticos/(?P<pk>[0-9]{1,9})/"
SECTION = ONE + r"seccion/(?P<dimension>[-a-z0-9]+)/"
QUESTION = ONE + r"respuestas/(?P<question>[-a-z0-9]+)/"

urlpatterns: list[URLPattern] = [
    re_path(ONE + r"$", filling.overview, name="diagnostic"),
    re_path(ONE + r"enviar/$", filling.send, name="submit"),
    re_path(ONE + r"retirar/$", filling.unsend, name="take_back"),
    re_path(SECTION + r"$", filling.section, name="section"),
    re_path(SECTION + r"encargo/$", questions.assign, name="assign"),
    re_path(SECTION + r"presencia/$", saving.presence, name="presence"),
    re_path(QUESTION + r"$", saving.save, name="save"),
    re_path(QUESTION + r"historial/$", questions.history, name="history"),
    re_path(QUESTION + r"comentarios/$", questions.comments, name="comments"),
    re_path(ONE + r"comentarios/(?P<comment>[0-9]{1,9})/resolver/$", questions.resolve, name="comment_resolve"),
]
