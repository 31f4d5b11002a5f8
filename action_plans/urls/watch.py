"""Where a plan is watched: OGP's minimums, assessments, advice, monitors and followers."""

from django.urls import URLPattern, path, re_path

from action_plans.urls.places import PLAN
from action_plans.views import minimums

urlpatterns: list[URLPattern] = [
    path("planes/minimos/", minimums.country, name="minimums_country"),
    re_path(PLAN + r"minimos/$", minimums.of_plan, name="plan_minimums"),
]
