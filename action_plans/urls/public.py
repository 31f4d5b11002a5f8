from django.urls import URLPattern, path, re_path

from action_plans.urls.places import COMMITMENT, KEY, OF_PLACE, PLAN
from action_plans.views import editions, files, public, public_country, public_national, public_reports

urlpatterns: list[URLPattern] = [
    path("planes/", public_country.plans, name="plans"),
    re_path(r"^planes/datos\.(?P<suffix>csv|json)$", public_country.data, name="plans_data"),
    path("planes/pais/", public_national.summary, name="national"),
    re_path(r"^planes/pais/figuras/(?P<name>[a-z]{1,20})\.json$", public_national.figure, name="national_figure"),
    re_path(r"^planes/pais/datos\.(?P<suffix>csv|json|xlsx)$", public_national.data, name="national_data"),
    path("planes/informes/", public_reports.reports, name="yearly_reports"),
    re_path(r"^planes/informe-(?P<year>[0-9]{4})\.pdf$", public_reports.newest, name="yearly_report"),
    re_path(
        r"^planes/informe-(?P<year>[0-9]{4})-edicion-(?P<number>[0-9]{1,4})\.(?P<suffix>pdf|json|xlsx)$",
        public_reports.edition,
        name="yearly_report_edition",
    ),
    re_path(OF_PLACE + r"$", public.plan, name="plan_public"),
    re_path(PLAN + r"$", public.plan, name="plan_one"),
    re_path(PLAN + r"cronograma/$", public.schedule, name="plan_schedule"),
    re_path(PLAN + r"acto/$", public.act, name="plan_act"),
    re_path(PLAN + rf"evidencia/(?P<key>{KEY})/$", public.evidence, name="plan_evidence"),
    re_path(COMMITMENT + r"$", public.commitment, name="commitment_public"),
    re_path(COMMITMENT + r"calendario\.ics$", files.commitment_calendar, name="commitment_calendar"),
    re_path(PLAN + r"ediciones/$", editions.editions, name="plan_editions"),
    re_path(PLAN + r"ediciones/comparar/$", editions.compare, name="plan_compare"),
    re_path(PLAN + r"ediciones/(?P<number>[0-9]{1,4})/$", editions.edition, name="plan_edition"),
    re_path(PLAN + r"calendario\.ics$", files.plan_calendar, name="plan_calendar"),
    re_path(PLAN + r"novedades\.atom$", files.feed, name="plan_feed"),
    re_path(PLAN + r"plan\.(?P<suffix>csv|json|pdf|docx)$", files.document, name="plan_file"),
]
