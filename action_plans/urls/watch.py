"""Where a plan is watched: OGP's minimums, assessments, advice, monitors and followers."""

from django.urls import URLPattern, path, re_path

from action_plans.urls.places import DESK, KEY, PLAN
from action_plans.views import (
    advice,
    assessments,
    following,
    minimums,
    monitoring,
    observations,
    public_assessments,
)

_MONITOR = r"^monitoreo/(?P<pk>[0-9]{1,9})/"
_ASSESSMENT = r"^evaluaciones/(?P<pk>[0-9]{1,9})/"
_PUBLIC = PLAN + r"evaluaciones/(?P<number>[0-9]{1,9})/"

urlpatterns: list[URLPattern] = [
    path("planes/minimos/", minimums.country, name="minimums_country"),
    re_path(PLAN + r"minimos/$", minimums.of_plan, name="plan_minimums"),
    re_path(PLAN + r"evaluaciones/$", public_assessments.assessments, name="plan_assessments"),
    re_path(_PUBLIC + r"$", public_assessments.assessment, name="plan_assessment"),
    re_path(_PUBLIC + rf"pruebas/(?P<key>{KEY})/$", public_assessments.piece, name="plan_assessment_piece"),
    re_path(_PUBLIC + r"observar/$", observations.observe, name="observe"),
    re_path(_PUBLIC + r"observaciones/$", observations.observations, name="observations"),
    path("planes/<int:pk>/seguir/", following.follow, name="follow"),
    path("participa/seguir/<uuid:token>/", following.confirm, name="follow_confirm"),
    path("participa/seguir/<uuid:token>/dejar/", following.leave, name="follow_leave"),
    path("participa/novedades/<str:token>/", following.leave_all, name="follow_leave_all"),
    re_path(DESK + r"evaluaciones/(?P<kind>[a-z]{1,10})/$", assessments.begin, name="assessment_begin"),
    re_path(DESK + r"asesoria/$", advice.advice, name="advice"),
    re_path(DESK + r"asesoria/recomendar/$", advice.recommend, name="advice_recommend"),
    re_path(DESK + r"asesoria/(?P<number>[0-9]{1,9})/$", advice.reply, name="advice_reply"),
    re_path(DESK + r"asesoria/(?P<number>[0-9]{1,9})/seguimiento/$", advice.follow_up, name="advice_follow_up"),
    re_path(DESK + r"asesoria/monitor/$", advice.monitor_appoint, name="monitor_appoint"),
    path("monitoreo/", monitoring.monitored, name="monitored"),
    re_path(_MONITOR + r"$", monitoring.monitor, name="monitor"),
    re_path(_MONITOR + r"evaluar/$", monitoring.begin, name="monitor_begin"),
    re_path(_MONITOR + rf"evaluar/(?P<key>{KEY})/$", monitoring.begin, name="monitor_begin_commitment"),
    re_path(_ASSESSMENT + r"$", assessments.assessment, name="assessment"),
    re_path(_ASSESSMENT + r"publicar/$", assessments.publish, name="assessment_publish"),
    re_path(_ASSESSMENT + rf"pruebas/(?P<key>{KEY})/$", assessments.piece, name="assessment_piece"),
    re_path(
        rf"^evaluaciones/pruebas/(?P<key>{KEY})/dejar-de-mostrar/$",
        assessments.hide_piece,
        name="assessment_piece_hide",
    ),
    re_path(_ASSESSMENT + rf"(?P<key>plan|{KEY})/$", assessments.part, name="assessment_part"),
]
