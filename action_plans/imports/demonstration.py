"""Invented plans, plainly named so, in every stage: by the portal's own actions, in the order of their dates.

What the community said of those that listen no more is told here, of the others by `demonstration_cocreation`. It needs the
demonstrations of adhesion and of diagnostics, and sends nothing. The same country gives the same plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import typst
import yaml
from django.db import transaction
from django.utils import timezone, translation

from accounts.choices import Language
from accounts.models import User
from action_plans.actions import commitments, moderation, plans, progress, responses
from action_plans.actions.commitments import Draft, IndicatorSent, MilestoneSent
from action_plans.choices import MilestoneState, PlanStage
from action_plans.imports.demonstration_cocreation import ANSWERS, PROPOSALS, propose, send_nothing_after
from action_plans.models import Commitment, Milestone, Plan
from action_plans.rules.plan_states import LISTENING
from diagnostics.choices import DiagnosticState, EvidenceKind, LinkState
from diagnostics.models import Diagnostic, Evidence, EvidenceVersion
from diagnostics.reports.gaps import gaps_of
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind
from municipalities.imports import demonstration_people as people
from municipalities.imports.demonstration_people import HERE
from municipalities.models import Mail, Municipality
from municipalities.rules.demonstration import dice_of

SHIPPED: Final = Path(__file__).resolve().parents[1] / "data" / "demonstration_plans.yaml"
DAY: Final = timedelta(days=1)
S = PlanStage
# The stage in which each plan stands, and how many days ago it was begun; the first is that of the sign-ins.
FATES: Final = (
    (S.CONSULTATION, 70),
    (S.IMPLEMENTATION, 330),
    (S.IMPLEMENTATION, 300),
    (S.CO_CREATION, 40),
    (S.ANSWERING, 95),
    (S.IMPLEMENTATION, 260),
    (S.APPROVED, 110),
    (S.MIDTERM, 360),
    (S.PREPARATION, 12),
    (S.IMPLEMENTATION, 210),
    (S.CO_CREATION, 30),
)
# Days from the begin of a plan until it enters a stage.
_DAYS: Final = {
    S.CO_CREATION: 15,
    S.CONSULTATION: 50,
    S.ANSWERING: 75,
    S.APPROVED: 95,
    S.IMPLEMENTATION: 105,
    S.MIDTERM: 350,
}
_WAY: Final = tuple(_DAYS)
_TOLD: Final = (
    "Está publicado y lo anunciamos en la radio comunal.",
    "Se acordó con la contraparte y quedó en acta.",
    "Lo terminamos antes de lo previsto.",
    "Falta la revisión de la unidad jurídica; seguimos.",
)


@cache
def shipped() -> Sequence[dict[str, Any]]:
    """The invented commitments."""
    rows: list[dict[str, Any]] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return rows


def load(*, now: datetime) -> int:
    """Bring the plans about, unless there is any; returns how many were made.

    Raises `LookupError` when the demonstration of diagnostics or its people are missing.
    """
    if Plan.objects.exists():
        return 0
    validated = Diagnostic.objects.filter(state=DiagnosticState.VALIDATED)
    cuts = list(validated.order_by("municipality").values_list("municipality", flat=True).distinct())
    if HERE not in cuts:
        raise LookupError("No diagnostic is validated: run load_demo_diagnostics first.")
    order = [HERE, *sorted((cut for cut in cuts if cut != HERE), key=lambda cut: dice_of(f"plan {cut}").random())]
    places = Municipality.objects.in_bulk(order[: len(FATES)])
    with translation.override(Language.SPANISH), transaction.atomic():
        last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        for cut, (stage, ago) in zip(order, FATES, strict=False):
            Story(places[cut], stage, now=now, begun=timezone.localdate(now) - ago * DAY).tell()
        # Links would be asked for, too; nothing of this goes out.
        send_nothing_after(last)
    return len(places)


class Story:
    """What happened with one plan."""

    def __init__(self, place: Municipality, stage: PlanStage, *, now: datetime, begun: date) -> None:
        self.place, self.stage, self.now, self.begun = place, stage, now, begun
        self.dice = dice_of(f"plan of {place.pk}")
        self.by: User = people.coordinator(place, since=begun - 400 * DAY, now=now)
        # Nothing is promised for days on which the plan was still being written.
        written = begun + _DAYS[S.IMPLEMENTATION] * DAY
        soon = (timezone.localdate(now) + 40 * DAY).replace(day=1)
        self.starts = written if stage in (S.IMPLEMENTATION, S.MIDTERM) else soon
        self.ends = self.starts + 730 * DAY

    def tell(self) -> None:
        plan = plans.open_plan(
            by=self.by,
            municipality=self.place,
            title=f"Plan de acción de gobierno abierto {self.starts.year}-{self.ends.year} (demostración)",
            starts=self.starts,
            ends=self.ends,
            now=self._at(0),
        )
        if self.stage != S.PREPARATION:
            self._texts(plan)
        for number in range(self._count()):
            self._commitment(plan, number)
        for to in _WAY[: _WAY.index(self.stage) + 1] if self.stage in _WAY else ():
            self._move(plan, to)
        if self.stage in (S.IMPLEMENTATION, S.MIDTERM):
            self._progress(plan)

    def _count(self) -> int:
        return 1 if self.stage == S.PREPARATION else self.dice.randint(3, len(shipped()))

    def _texts(self, plan: Plan) -> None:
        texts = {
            "foreword": "Este plan es inventado: muestra cómo se ve un plan de acción en el portal.",
            "challenges": "La municipalidad publica lo que pide la ley, pero pocas personas lo encuentran o lo entienden.",
            "vision": "Que cualquier persona sepa qué decide su municipalidad, y pueda decir algo antes de que se decida.",
            "coordination": "Coordina la administración municipal, con un foro que se reúne cada tres meses.",
        }
        plans.edit(by=self.by, plan=plan, texts=texts, starts=plan.starts, ends=plan.ends, now=self._at(3))

    def _commitment(self, plan: Plan, number: int) -> None:
        row = shipped()[number]
        gaps = [gap.key for gap in gaps_of(plan.diagnostic)[:6]] if plan.diagnostic else []
        milestones = [
            MilestoneSent(
                title, None, self.starts + (days - 60) * DAY, self.starts + days * DAY, row["cargo"], proof, weight
            )
            for title, days, proof, weight in row["hitos"]
        ]
        name, unit, baseline, target = row["indicador"]
        fields = {
            "title": row["titulo"],
            "starts": self.starts,
            "ends": milestones[-1].ends,
            "problem": row["problema"],
            "baseline": row["base"],
            "action": row["accion"],
            "outcome": row["resultado"],
            "values": row["valores"],
            "unit": row["unidad"],
            "office": row["cargo"],
            "counterpart": row["contraparte"],
            "resources": row["recursos"],
            "goals": row["ods"],
            "gaps": gaps[number : number + 1],
        }
        draft = Draft(fields, milestones, [IndicatorSent(name, unit, baseline, target, "Registro municipal")])
        commitments.add(by=self.by, plan=plan, draft=draft, now=self._at(8), key=self._key(f"commitment {number}"))

    def _move(self, plan: Plan, to: PlanStage) -> None:
        if to == S.CONSULTATION and self.stage not in LISTENING:
            self._listen(plan)
        plan.refresh_from_db()
        at = self._at(_DAYS[to])
        more: dict[str, Any] = {}
        if to == S.APPROVED:
            act = keep(
                municipality=self.place, kind=DocumentKind.DECREE, content=_act(self.place), name="acuerdo.pdf", now=at
            )
            more = {"approval": act, "approved_by": "Concejo Municipal", "approved_on": timezone.localdate(at)}
        plans.move(by=self.by, plan=plan, to=to, now=at, seen=plan.stage, **more)

    def _listen(self, plan: Plan) -> None:
        """While the plan is co-created the community says something, and is answered; where answers are still written, the last
        waits for its own."""
        plan.refresh_from_db()
        given: dict[str, Any] = {"by": self.by, "plan": plan}
        made = [
            propose(plan, number, key=self._key(f"contribution {number}"), at=self._at(18 + number)).pk
            for number in range(self.dice.randint(4, len(PROPOSALS)))
        ]
        public = moderation.publish(**given, contributions=made, now=self._at(28))
        for number, each in enumerate(public[:-1] if self.stage == S.ANSWERING else public):
            verdict, reasons = ANSWERS[number % len(ANSWERS)]
            at = self._at(30 + self.dice.randint(1, 18))
            responses.respond(**given, contributions=[each.pk], verdict=verdict, reasons=reasons, now=at)

    def _progress(self, plan: Plan) -> None:
        """Most of what is due was done, some of it late; what comes next is under way."""
        today, told = timezone.localdate(self.now), self._at(_DAYS[S.IMPLEMENTATION] + 1)
        for commitment in plan.commitments.all():
            for milestone in commitment.milestones.order_by("number"):
                ends = milestone.ends or today
                at = max(told, min(self.now - DAY, timezone.make_aware(datetime.combine(ends, time(11)))))
                if ends <= today and self.dice.random() < 0.75:
                    self._report(commitment, milestone, at, MilestoneState.MET)
                elif self.dice.random() < 0.5:
                    self._report(commitment, milestone, self.now - 5 * DAY, MilestoneState.UNDER_WAY)

    def _report(self, commitment: Commitment, milestone: Milestone, at: datetime, state: MilestoneState) -> None:
        is_met = state == MilestoneState.MET
        progress.report(
            by=self.by,
            commitment=commitment,
            milestone=milestone,
            text=_TOLD[self.dice.randrange(3)] if is_met else _TOLD[3],
            state=state,
            advance=None if is_met else self.dice.choice((20, 40, 60)),
            met_on=timezone.localdate(at) if is_met else None,
            evidence=[self._evidence(milestone, at)] if is_met else [],
            client_id=self._key(f"progress {milestone.key}"),
            now=at,
        )

    def _evidence(self, milestone: Milestone, at: datetime) -> Evidence:
        piece = Evidence.objects.create(
            municipality=self.place,
            title=f"{milestone.deliverable[:120]} (demostración)",
            owner=self.by,
            created_at=at,
            is_public=True,
            search="demostracion",
        )
        EvidenceVersion.objects.create(
            evidence=piece,
            number=1,
            kind=EvidenceKind.LINK,
            url=f"https://www.{self.place.slug}.invalid/plan/{milestone.number}",
            link_state=LinkState.UNKNOWN,
            added_by=self.by,
            added_at=at,
        )
        return piece

    def _at(self, days: int) -> datetime:
        """A working hour so many days after the begin, never later than now."""
        there = timezone.make_aware(datetime.combine(self.begun + days * DAY, time(10, 30)))
        return min(there, self.now)

    def _key(self, what: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"demo {self.place.pk} {what}")


def _act(place: Municipality) -> bytes:
    """The agreement of an invented council, which says that it is invented."""
    source = (
        f'#set text(lang: "es")\n= Acuerdo del Concejo Municipal de {place.name}\n\n'
        "Aprueba el plan de acción de gobierno abierto.\n\nDocumento inventado para la demostración del portal."
    )
    made: bytes = typst.compile(source.encode(), ignore_system_fonts=True)
    return made
