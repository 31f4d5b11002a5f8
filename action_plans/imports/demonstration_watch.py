"""Invented assessments, observations on them and recommendations for the plans of the demonstration, by actions of the portal.
Nothing is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from accounts.models import User
from action_plans.actions import (
    advice,
    assessment_evidence,
    assessments,
    contributions,
    moderation,
    plans,
    responses,
)
from action_plans.actions.assessments import Said
from action_plans.actions.contributions import Sent
from action_plans.choices import AssessmentKind, ContributionKind, PlanStage, RecommendationState, Verdict
from action_plans.imports.demonstration_cocreation import send_nothing_after
from action_plans.models import Assessment, Commitment, Contribution, Plan
from action_plans.reports.assessments import parts_of
from action_plans.rules.assessments import OWN, STAGES
from action_plans.rules.plan_states import CARRYING_OUT
from diagnostics.models import Evidence
from diagnostics.rules.instrument import Question, QuestionKind
from municipalities.imports import demonstration_people as people
from municipalities.models import Mail
from municipalities.rules.demonstration import dice_of

DAY: Final = timedelta(days=1)
AT_MIDTERM: Final = 300 * DAY
"""A plan begun so long ago was assessed at midterm, and goes on."""
MONITOR: Final = "vecina@demo.cl"
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

OBSERVED: Final = (
    ("La página se publicó, pero las actas de marzo y abril no se abren.", Verdict.ACCEPTED),
    ("En mi junta de vecinos nadie supo de la reunión: se avisó dos días antes.", Verdict.PARTLY),
    ("El plazo de los informes debiera ser de un mes, como en otras comunas.", Verdict.REJECTED),
    ("Se nota el cambio: por primera vez pude ver en qué se gasta el presupuesto de mi sector.", None),
)
"""What citizens observe, and what the municipality answers; the last one waits."""
ANSWERS: Final = {
    Verdict.ACCEPTED: "Tiene razón: el archivo estaba dañado. Se volvió a subir. Son datos de demostración.",
    Verdict.PARTLY: "Se avisó por radio con dos semanas; el aviso escrito llegó tarde. Desde ahora irá antes. Demostración.",
    Verdict.REJECTED: "La ley da ese plazo, y con el personal que hay no se puede acortar. Son datos de demostración.",
}


def load(*, now: datetime) -> int:
    """Assess the plans that are in such a stage and advise on those that are carried out; returns how many got something.

    A plan that was advised on or assessed is left as it is. Raises `LookupError` without plans.
    """
    found = Plan.objects.filter(stage__in=CARRYING_OUT).select_related("municipality__region").order_by("pk")
    if not found:
        raise LookupError("No action plan is carried out: make those of the demonstration first.")
    count = 0
    with translation.override(Language.SPANISH), transaction.atomic():
        last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        advisers, monitor = people.advisers(now=now), people.sign_in(MONITOR)
        for plan in found:
            if not plan.recommendations.exists() and not plan.assessments.exists():
                adviser = advisers[plan.municipality.region_id]
                _tell(plan, adviser, now=now)
                _monitor(plan, monitor, adviser, now=now)
                count += 1
        send_nothing_after(last)
    return count


def _tell(plan: Plan, adviser: User, *, now: datetime) -> None:
    dice = dice_of(f"watch of {plan.municipality_id}")
    by = people.coordinator(plan.municipality, since=timezone.localdate(now) - 400 * DAY, now=now)
    for place, (text, state, answer) in enumerate(ADVICE):
        at = now - (40 - 10 * place) * DAY
        again = timezone.localdate(now) if state == RecommendationState.ACCEPTED else None
        row = advice.recommend(by=adviser, plan=plan, text=text, now=at, ask_again=again)
        if state != RecommendationState.PROPOSED:
            seen = advice.stamp(row)
            advice.answer(by=by, recommendation=row, state=state, text=answer, seen=seen, now=at + 3 * DAY)
    kind = next((kind for kind, stage in STAGES.items() if stage == plan.stage), None)
    if kind:
        _assess(plan, kind, by, dice, is_whole=kind == AssessmentKind.FINAL, now=now - 2 * DAY)
    elif plan.stage == PlanStage.IMPLEMENTATION and now - plan.created_at >= AT_MIDTERM:
        _step(plan, PlanStage.MIDTERM, by, now - 60 * DAY)
        made = _assess(plan, AssessmentKind.MIDTERM, by, dice, is_whole=True, now=now - 40 * DAY)
        _step(plan, PlanStage.IMPLEMENTATION, by, now - 39 * DAY)
        _observe(made, by, now=now)


def _step(plan: Plan, to: PlanStage, by: User, at: datetime) -> None:
    plans.move(by=by, plan=plan, to=to, seen=plan.stage, now=at)
    plan.refresh_from_db()


def _assess(
    plan: Plan,
    kind: AssessmentKind,
    by: User,
    dice: Random,
    *,
    is_whole: bool,
    now: datetime,
    of: Commitment | None = None,
) -> Assessment:
    """Written in a week, with what was told of each commitment as its evidence; whole, it is published, else half is left."""
    made = assessments.begin(by=by, plan=plan, kind=kind, commitment=of, now=now - 7 * DAY)
    parts = parts_of(made)
    for part in parts if is_whole else parts[: (len(parts) + 1) // 2]:
        answers = part.answers if is_whole else part.answers[::2]
        said = [said_by_dice(each.question, dice) for each in answers]
        assessments.save(by=by, assessment=made, about=part.about, said=said, now=now - 3 * DAY)
        if kind in OWN and part.about:
            told = list(Evidence.objects.kept().filter(progress_updates__commitment=part.about).distinct()[:2])
            assessment_evidence.change(by=by, assessment=made, about=part.about, add=told, now=now - 3 * DAY)
    return assessments.publish(by=by, assessment=made, now=now) if is_whole else made


def _monitor(plan: Plan, monitor: User, adviser: User, *, now: datetime) -> None:
    """The citizen's sign-in monitors it: the inception assessment is published, that of the first commitment half written."""
    place, dice = plan.municipality, dice_of(f"monitor of {plan.municipality_id}")
    since = timezone.localdate(now) - 60 * DAY
    given: dict[str, Any] = {"organisation": "Universidad de demostración", "basis": people.DECREE, "ends": None}
    assessments.appoint(by=adviser, plan=plan, user=monitor, starts=since, now=now - 60 * DAY, **given)
    made = _assess(plan, AssessmentKind.INCEPTION, monitor, dice, is_whole=True, now=now - 30 * DAY)
    by = people.coordinator(place, since=timezone.localdate(now) - 400 * DAY, now=now)
    _observe(made, by, now=now, most=2)
    first = plan.commitments.filter(withdrawn_at__isnull=True).order_by("number").first()
    if plan.stage != PlanStage.APPROVED and first:
        _assess(plan, AssessmentKind.END, monitor, dice, is_whole=False, of=first, now=now - 2 * DAY)


def _observe(one: Assessment, by: User, *, now: datetime, most: int = len(OBSERVED)) -> None:
    """Citizens observe its commitments and its whole; all but the last are answered."""
    about = [*one.plan.commitments.filter(withdrawn_at__isnull=True).order_by("number")[: most - 1], None]
    asked = {part.about.pk for part in parts_of(one) if part.about}
    for number, (text, verdict) in enumerate(OBSERVED[-most:]):
        commitment = about[number % len(about)]
        at = now - (20 - number) * DAY
        made = _say(one, commitment if commitment and commitment.pk in asked else None, number, text, at)
        given: dict[str, Any] = {"by": by, "plan": one.plan, "contributions": [made.pk]}
        moderation.publish(**given, now=at + DAY)
        if verdict:
            responses.respond(**given, verdict=verdict, reasons=ANSWERS[verdict], now=at + (3 + number) * DAY)


def _say(one: Assessment, about: Commitment | None, number: int, text: str, at: datetime) -> Contribution:
    label = _("Commitment %(number)s: %(title)s")
    sent = Sent(
        kind=ContributionKind.OBSERVATION,
        text=f"{text} Son datos de demostración.",
        client_id=uuid5(NAMESPACE_URL, f"observation:{one.pk}:{number}"),
        shown_as=f"Vecino de demostración {number + 1}",
        email=f"vecino{number}.{one.plan.municipality_id}@{people.DOMAIN}",
        assessment=one,
        commitment=about,
        passage={
            "part": str(about.key),
            "label": label % {"number": about.number, "title": about.title},
            "quote": "",
        }
        if about
        else None,
    )
    made = contributions.contribute(plan=one.plan, sent=sent, now=at)
    contributions.confirm(key=made.authors.get().key, now=at + timedelta(hours=1))
    return made


def said_by_dice(question: Question, dice: Random) -> Said:
    """An answer as somebody might give it."""
    words = dice.choice(SAID)
    if question.kind == QuestionKind.TEXT:
        return Said(question.id, None, words, 0)
    if question.kind == QuestionKind.YES_NO:
        return Said(question.id, dice.random() < 0.75, words, 0)
    return Said(question.id, dice.randint(2, len(question.levels)), words, 0)
