from django.urls import URLPattern, re_path

from action_plans.urls.places import DESK, DESK_COMMITMENT
from action_plans.views import begin, commitments, desk, imports, progress, steps

_IMPORT = DESK + r"importar/"

urlpatterns: list[URLPattern] = [
    re_path(DESK + r"$", desk.plan_desk, name="plan_desk"),
    re_path(DESK + r"comenzar/$", begin.begin, name="plan_begin"),
    re_path(DESK + r"brechas/$", begin.gaps, name="plan_gaps"),
    re_path(DESK + r"textos/$", begin.texts, name="plan_texts"),
    re_path(DESK + r"paso/(?P<stage>[_a-z]{1,15})/$", steps.step, name="plan_step"),
    re_path(DESK + r"plazo-especial/$", steps.ask_waiver, name="plan_waiver"),
    re_path(DESK + r"plazo-especial/(?P<waiver>[0-9]{1,9})/$", steps.grant_waiver, name="plan_waiver_grant"),
    re_path(DESK + r"compromisos/agregar/$", commitments.add, name="commitment_add"),
    re_path(DESK_COMMITMENT + r"$", commitments.edit, name="commitment_edit"),
    re_path(DESK_COMMITMENT + r"mover/$", commitments.move, name="commitment_move"),
    re_path(DESK_COMMITMENT + r"retirar/$", commitments.withdraw, name="commitment_withdraw"),
    re_path(DESK_COMMITMENT + r"devolver/$", commitments.restore, name="commitment_restore"),
    re_path(DESK_COMMITMENT + r"avance/$", progress.progress, name="commitment_progress"),
    re_path(_IMPORT + r"$", imports.bring, name="plan_import"),
    re_path(_IMPORT + r"planilla\.xlsx$", imports.template, name="plan_import_template"),
]
