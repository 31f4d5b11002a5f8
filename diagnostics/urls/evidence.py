from django.urls import URLPattern, re_path

from diagnostics.urls.filling import ONE, QUESTION
from diagnostics.views import evidence, question_evidence
from municipalities.urls import MUNICIPALITY

LIBRARY = MUNICIPALITY + r"/evidencia/"
PIECE = LIBRARY + r"(?P<key>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/"

urlpatterns: list[URLPattern] = [
    re_path(LIBRARY + r"$", evidence.library, name="evidence_library"),
    re_path(LIBRARY + r"agregar/$", evidence.evidence_add, name="evidence_add"),
    re_path(PIECE + r"$", evidence.evidence, name="evidence"),
    re_path(PIECE + r"editar/$", evidence.evidence_edit, name="evidence_edit"),
    re_path(PIECE + r"version/$", evidence.evidence_renew, name="evidence_renew"),
    re_path(PIECE + r"enlazar/$", evidence.evidence_link, name="evidence_link"),
    re_path(PIECE + r"quitar/$", evidence.evidence_remove, name="evidence_remove"),
    re_path(QUESTION + r"evidencia/$", question_evidence.question_evidence, name="question_evidence"),
    re_path(ONE + r"evidencia\.zip$", evidence.evidence_archive, name="evidence_archive"),
]
