"""Invented self-assessments and recommendations for the plans of the demonstration, by actions of the portal. Nothing is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db import transaction
from django.utils import timezone, translation

from accounts.choices import Language
from accounts.models import User
from action_plans.actions import advice, assessments
from action_plans.actions.assessments import Said
from action_plans.choices import AssessmentKind, PlanStage, RecommendationState
from action_plans.imports.demonstration_cocreation import send_nothing_after
from action_plans.models import Commitment, Plan
from action_plans.reports.assessments import questions_about
from action_plans.rules.assessments import STAGES
from action_plans.rules.plan_states import CARRYING_OUT
from diagnostics.rules.instrument import Question, QuestionKind
from municipalities.imports import demonstration_people as people
from municipalities.models import Mail
from municipalities.rules.demonstration import dice_of

DAY: Final = timedelta(days=1)
SAID: Final = (
    "Las actas y el registro de avances lo muestran. Son datos de demostración.",
    "Costó más de lo previsto: faltó una persona dedicada. Son datos de demostración.",
    "La comunidad lo pidió en el foro y lo revisó dos veces. Son datos de demostración.",
)
ADVICE: Final = (
    ("Publique los avances cada mes, no al final del trimestre.", RecommendationState.ACCEPTED, "Se hará desde abril."),
    ("Invite al foro a organizaciones de los sectores rurales.", RecommendationState.DONE, "Se sumaron dos."),
    ("Acompañe cada hito con una prueba que se pueda abrir.", RecommendationState.PROPOSED, ""),
)


def load(*, now: datetime) -> int:
    """Assess the plans that are in such a stage and advise on those that are carried out; returns how many got something.

    A plan that was advised on is left as it is. Raises `LookupError` without plans.
    """
    plans = Plan.objects.filter(stage__in=CARRYING_OUT).select_related("municipality__region").order_by("pk")
    if not plans:
        raise LookupError("No action plan is carried out: make those of the demonstration first.")
    count = 0
    with translation.override(Language.SPANISH), transaction.atomic():
        last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        adviser = people.sign_in("administradora@demo.cl")
        for plan in plans:
            if not plan.recommendations.exists():
                _tell(plan, adviser, now=now)
                count += 1
        send_nothing_after(last)
    return count


def _tell(plan: Plan, adviser: User, *, now: datetime) -> None:
    dice = dice_of(f"watch:{plan.pk}")
    by = people.coordinator(plan.municipality, since=timezone.localdate(now) - 400 * DAY, now=now)
    for place, (text, state, answer) in enumerate(ADVICE):
        at = now - (40 - 10 * place) * DAY
        row = advice.recommend(by=adviser, plan=plan, text=text, now=at)
        if state != RecommendationState.PROPOSED:
            seen = advice.stamp(row)
            advice.answer(by=by, recommendation=row, state=state, text=answer, seen=seen, now=at + 3 * DAY)
    kind = next((kind for kind, stage in STAGES.items() if stage == plan.stage), None)
    if kind:
        _assess(plan, kind, by, dice, now=now)


def _assess(plan: Plan, kind: AssessmentKind, by: User, dice: Random, *, now: datetime) -> None:
    """At midterm it is half written; at the end it is published, and the plan may close."""
    made = assessments.begin(by=by, plan=plan, kind=kind, now=now - 9 * DAY)
    about: list[Commitment | None] = [*plan.commitments.filter(withdrawn_at__isnull=True).order_by("number"), None]
    is_final = plan.stage == PlanStage.FINAL
    for each in about if is_final else about[: len(about) // 2]:
        said = [said_by_dice(question, dice) for question in questions_about(made, each)]
        assessments.save(by=by, assessment=made, about=each, said=said, now=now - 5 * DAY)
    if is_final:
        assessments.publish(by=by, assessment=made, now=now - 2 * DAY)


def said_by_dice(question: Question, dice: Random) -> Said:
    """An answer as somebody might give it."""
    words = dice.choice(SAID)
    if question.kind == QuestionKind.TEXT:
        return Said(question.id, None, words, 0)
    return Said(question.id, dice.randint(2, len(question.levels)), words, 0)
