"""Where a municipality reads, answers and prepares: contributions, its forum, its meetings."""

from django.urls import URLPattern, path, re_path

from action_plans.views import forum_desk, listening, listening_works, meetings_desk, owed
from municipalities.urls import MUNICIPALITY

_KEY = r"(?P<key>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/"
_QUEUE = MUNICIPALITY + r"/plan/gestion/aportes/"
_FORUM = MUNICIPALITY + r"/plan/gestion/foro/"
_MEETING = _FORUM + r"reuniones/" + _KEY

urlpatterns: list[URLPattern] = [
    path("consejo/aportes/", owed.owed, name="contributions_owed"),
    re_path(_QUEUE + r"$", listening.queue, name="contributions_desk"),
    re_path(_QUEUE + r"hacer/$", listening_works.work, name="contributions_work"),
    re_path(_QUEUE + _KEY + r"$", listening.one, name="contribution_desk"),
    re_path(_QUEUE + _KEY + r"dividir/$", listening_works.split, name="contribution_split"),
    re_path(_QUEUE + _KEY + r"separar/$", listening_works.separate, name="contribution_separate"),
    re_path(_QUEUE + _KEY + r"reclamo/$", listening_works.decide, name="appeal_decide"),
    re_path(_FORUM + r"$", forum_desk.desk, name="forum_desk"),
    re_path(_FORUM + r"reglas/$", forum_desk.rules, name="forum_rules"),
    re_path(_FORUM + r"integrantes/agregar/$", forum_desk.member_add, name="member_add"),
    re_path(_FORUM + r"integrantes/(?P<pk>[0-9]{1,9})/$", forum_desk.member_edit, name="member_edit"),
    re_path(_FORUM + r"reuniones/nueva/$", meetings_desk.new, name="meeting_new"),
    re_path(_MEETING + r"$", meetings_desk.one, name="meeting_desk"),
    re_path(_MEETING + r"editar/$", meetings_desk.edit, name="meeting_edit"),
    re_path(_MEETING + r"anunciar/$", meetings_desk.announce, name="meeting_announce"),
    re_path(_MEETING + r"suspender/$", meetings_desk.call_off, name="meeting_call_off"),
    re_path(_MEETING + r"asistencia/$", meetings_desk.attendance, name="meeting_attendance"),
    re_path(_MEETING + r"acta/$", meetings_desk.minutes, name="meeting_minutes_edit"),
]
