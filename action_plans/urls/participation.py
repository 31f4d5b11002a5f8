"""What citizens open: the calendar, the forum and its meetings, contributions to a plan, the links of their mails."""

from django.urls import URLPattern, path, re_path

from action_plans.views import participation, public_contributions, public_forum
from municipalities.urls import MUNICIPALITY

_KEY = r"(?P<key>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/"
_FORUM = MUNICIPALITY + r"/foro/"
_MEETING = _FORUM + r"reuniones/" + _KEY
_OF_PLAN = "planes/<int:pk>/aportes/"

urlpatterns: list[URLPattern] = [
    path("participa/", participation.opportunities, name="opportunities"),
    path("participa/reuniones.ics", participation.opportunities_ics, name="opportunities_ics"),
    path("participa/confirmar/<uuid:key>/", participation.confirm, name="confirm"),
    path("participa/inscripcion/<uuid:token>/", participation.sign_up, name="sign_up"),
    path("participa/mis-datos/<uuid:key>/", participation.my_data, name="my_data"),
    re_path(_FORUM + r"$", public_forum.forum, name="forum"),
    re_path(_FORUM + r"reuniones\.ics$", public_forum.forum_ics, name="forum_ics"),
    re_path(_MEETING + r"$", public_forum.meeting, name="meeting"),
    re_path(_MEETING + r"acta/$", public_forum.meeting_minutes, name="meeting_minutes"),
    path(_OF_PLAN, public_contributions.contributions, name="contributions"),
    path(_OF_PLAN + "nuevo/", public_contributions.contribution_new, name="contribution_new"),
    path(_OF_PLAN + "<uuid:key>/", public_contributions.contribution, name="contribution"),
    path(_OF_PLAN + "<uuid:key>/apoyar/", public_contributions.contribution_support, name="contribution_support"),
    path(_OF_PLAN + "<uuid:key>/reclamar/<uuid:author>/", public_contributions.appeal, name="appeal"),
]
