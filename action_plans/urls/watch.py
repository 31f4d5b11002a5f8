"""Where a plan is watched: OGP's minimums, assessments, advice, monitors and followers."""

from django.urls import URLPattern, path, re_path

from action_plans.urls.places import DESK, KEY, PLAN
from action_plans.views import assessments, minimums, public_assessments

_ASSESSMENT = r"^evaluaciones/(?P<pk>[0-9]{1,9})/"

urlpatterns: list[URLPattern] = [
    path("planes/minimos/", minimums.country, name="minimums_country"),
    re_path(PLAN + r"minimos/$", minimums.of_plan, name="plan_minimums"),
    re_path(PLAN + r"evaluaciones/$", public_assessments.assessments, name="plan_assessments"),
    re_path(PLAN + r"evaluaciones/(?P<number>[0-9]{1,9})/$", public_assessments.assessment, name="plan_assessment"),
    re_path(DESK + r"evaluaciones/(?P<kind>[a-z]{1,10})/$", assessments.begin, name="assessment_begin"),
    re_path(_ASSESSMENT + r"$", assessments.assessment, name="assessment"),
    re_path(_ASSESSMENT + r"publicar/$", assessments.publish, name="assessment_publish"),
    re_path(_ASSESSMENT + rf"(?P<key>plan|{KEY})/$", assessments.part, name="assessment_part"),
]
