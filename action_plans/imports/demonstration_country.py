"""Invented plans of the last two years, in which municipalities and a monitor said what became of them, and last year's report.

By the portal's own actions, in the order of their dates, of municipalities that adhered and have no other plan. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone, translation

from accounts.choices import Language
from accounts.models import User
from action_plans.actions import advice, assessments, forum, meetings, plans
from action_plans.actions import yearly as report_actions
from action_plans.actions.meetings import Details
from action_plans.choices import AssessmentKind, MeetingKind, PlanStage, Sector
from action_plans.imports.demonstration import DAY, Story
from action_plans.imports.demonstration_cocreation import RULES, send_nothing_after
from action_plans.imports.demonstration_watch import ADVICE, said_by_dice
from action_plans.models import Assessment, Commitment, Plan, YearlyReport
from action_plans.reports import yearly as reports
from action_plans.reports.assessments import questions_about
from municipalities.choices import AdhesionState
from municipalities.imports import demonstration_people as people
from municipalities.models import Mail, Municipality
from municipalities.rules.demonstration import dice_of

S = PlanStage
# How many plans begin in the spring of which earlier year, and in which month.
BEGUN: Final = ((2, 3, 6), (1, 1, 5))
# Days from the begin of a plan: steps after the first ones, and the meetings of its forum.
_LATER: Final = ((350, S.MIDTERM), (380, S.IMPLEMENTATION), (640, S.FINAL), (690, S.CLOSED))
_MEETINGS: Final = (
    (20, MeetingKind.FORUM, "Primera reunión del foro"),
    (45, MeetingKind.WORKSHOP, "Taller de prioridades"),
    (190, MeetingKind.FORUM, "Reunión del foro"),
    (300, MeetingKind.FOLLOW_UP, "Presentación de resultados"),
    (370, MeetingKind.FORUM, "Reunión del foro"),
    (560, MeetingKind.FOLLOW_UP, "Presentación de resultados"),
)
# When the monitor assesses the first commitments of a plan.
_MONITORED: Final = (430, 3)


def load(*, now: datetime) -> int:
    """Bring the older plans about, unless there is a report already; returns how many were made.

    Raises `LookupError` without the demonstration's people or plans.
    """
    if YearlyReport.objects.exists():
        return 0
    if not Plan.objects.exists():
        raise LookupError("There is no action plan: make those of the demonstration first.")
    administrator, year = people.sign_in("administradora@demo.cl"), timezone.localdate(now).year
    adhered = Municipality.objects.filter(adhesions__state=AdhesionState.IN_FORCE, plans=None).distinct()
    order = sorted(adhered, key=lambda place: dice_of(f"country {place.pk}").random())
    begun = [date(year - ago, month, 1 + 4 * number) for ago, month, many in BEGUN for number in range(many)]
    told = list(zip(order, begun, strict=False))
    with translation.override(Language.SPANISH), transaction.atomic():
        last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        for place, day in told:
            _OldStory(place, now=now, begun=day, adviser=administrator).tell()
        send_nothing_after(last)
    if told:
        _report(administrator, year - 1, now=now)
    return len(told)


def _report(by: User, year: int, *, now: datetime) -> None:
    """Publish the report of last year as its worker would."""
    with transaction.atomic():
        report = report_actions.ask(by=by, year=year, seen=0, now=now)
        transaction.get_connection().run_on_commit.clear()
    reports.finish(report.pk, now=now)


class _OldStory(Story):
    """A plan that was co-created, carried out and assessed, as far as its time went."""

    def __init__(self, place: Municipality, *, now: datetime, begun: date, adviser: User) -> None:
        super().__init__(place, S.IMPLEMENTATION, now=now, begun=begun)
        self.adviser = adviser

    def tell(self) -> None:
        super().tell()
        plan = Plan.objects.select_related("municipality__region").get(municipality=self.place)
        self._meet(plan)
        self._monitor(plan)
        # With it `demonstration_watch` leaves the plan as it is.
        advice.recommend(by=self.adviser, plan=plan, text=ADVICE[0][0], now=self._at(300))
        for days, to in _LATER:
            if self._is_past(days):
                self._move_on(plan, to, self._at(days))

    def _is_past(self, days: int) -> bool:
        return self.begun + days * DAY < timezone.localdate(self.now) - 20 * DAY

    def _move_on(self, plan: Plan, to: PlanStage, at: datetime) -> None:
        plan.refresh_from_db()
        kind = {S.MIDTERM: AssessmentKind.MIDTERM, S.FINAL: AssessmentKind.FINAL}.get(to)
        plans.move(by=self.by, plan=plan, to=to, now=at, seen=plan.stage)
        plan.refresh_from_db()
        if kind:
            standing = plan.commitments.filter(withdrawn_at__isnull=True).order_by("number")
            made = assessments.begin(by=self.by, plan=plan, kind=kind, now=at)
            self._write(made, self.by, [*standing, None], at + 12 * DAY)

    def _write(self, made: Assessment, by: User, about: Sequence[Commitment | None], at: datetime) -> None:
        for each in about:
            said = [said_by_dice(question, self.dice) for question in questions_about(made, each)]
            assessments.save(by=by, assessment=made, about=each, said=said, now=at)
        assessments.publish(by=by, assessment=made, now=at)

    def _meet(self, plan: Plan) -> None:
        name = f"Foro de Gobierno Abierto de {self.place.name}"
        forum.publish_rules(by=self.by, municipality=self.place, name=name, rules=RULES, now=self._at(10))
        for days, kind, title in _MEETINGS:
            if not self._is_past(days):
                continue
            starts = timezone.make_aware(datetime.combine(self.begun + days * DAY, time(18, 30)))
            ends, agenda = starts + timedelta(hours=2), "Qué se hizo y qué falta."
            details = Details(kind, title, agenda, starts, ends, "Salón municipal", "", None, plan)
            held = meetings.plan_meeting(
                by=self.by,
                municipality=self.place,
                key=self._key(f"meeting {days}"),
                details=details,
                announce=True,
                now=starts - self.dice.choice((9, 16, 20, 25)) * DAY,
            )
            meetings.publish_minutes(
                by=self.by,
                meeting=held,
                minutes="Se contó el avance y se respondieron las preguntas. Son datos de demostración.",
                agreements="Publicar el acta en el sitio",
                attendance={Sector.MUNICIPALITY: 3, Sector.CIVIL_SOCIETY: self.dice.randint(5, 18)},
                now=ends + 4 * DAY,
            )

    def _monitor(self, plan: Plan) -> None:
        days, many = _MONITORED
        if not self._is_past(days) or self.dice.random() < 0.2:
            return
        at, monitor = self._at(days), people.monitor(now=self.now)
        assessments.appoint(
            by=self.adviser,
            plan=plan,
            user=monitor,
            organisation="Observatorio de demostración",
            basis=people.DECREE,
            starts=timezone.localdate(self._at(120)),
            ends=None,
            now=self._at(120),
        )
        for commitment in plan.commitments.order_by("number")[:many]:
            kind = AssessmentKind.END
            made = assessments.begin(by=monitor, plan=plan, kind=kind, commitment=commitment, now=at - 9 * DAY)
            self._write(made, monitor, [commitment], at)
