"""Plans that pages are shown with: one being drafted, one carried out with something late, met and told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from action_plans.actions import commitments, plans, progress
from action_plans.actions.commitments import Draft, IndicatorSent, MilestoneSent
from action_plans.choices import MilestoneState, PlanStage
from action_plans.models import Commitment, Plan
from diagnostics.models import Evidence, EvidenceVersion
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind
from tests.cast import Cast

WORDS = {
    "problem": "Las actas del concejo se publican con meses de atraso y nadie las encuentra.",
    "baseline": "En 2025 se publicaron 3 de 24 actas dentro del mes.",
    "action": "Publicar cada acta en la página dentro de diez días.",
    "outcome": "Cualquier persona lee lo que el concejo acordó el mismo mes.",
    "values": {"information": "Da a conocer los acuerdos."},
    "unit": "Secretaría Municipal",
    "counterpart": "Consejo de organizaciones de la sociedad civil",
}


def drafted(cast: Cast, *, diagnostic: bool = False) -> Plan:
    """A plan in preparation with one commitment of three milestones."""
    today = timezone.localdate()
    plan = plans.open_plan(
        by=cast.coordinator,
        municipality=cast.here,
        title="Plan de acción",
        starts=today - timedelta(days=60),
        ends=today + timedelta(days=600),
        now=timezone.now(),
    )
    sent = [
        MilestoneSent("Inventario de actas", None, today - timedelta(days=60), today - timedelta(days=20), weight=2),
        MilestoneSent(
            "Página nueva", None, today - timedelta(days=50), today - timedelta(days=2), deliverable="La página"
        ),
        MilestoneSent("Primer año publicado", None, today, today + timedelta(days=300)),
    ]
    indicators = [IndicatorSent("Actas en el mes", "actas", 3, 24)]
    draft = Draft({"title": "Actas a la vista", **WORDS}, sent, indicators)
    commitments.add(by=cast.officer, plan=plan, draft=draft, now=timezone.now())
    return plan


def go(plan: Plan, to: PlanStage, cast: Cast, **more: Any) -> Plan:
    plan.refresh_from_db()
    return plans.move(by=cast.coordinator, plan=plan, to=to, seen=plan.stage, now=timezone.now(), **more)


def carried_out(cast: Cast) -> Plan:
    """The same, approved and begun: its first milestone is met with a public link, its second is late."""
    plan = drafted(cast)
    for to in (PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING):
        go(plan, to, cast)
    now = timezone.now()
    act = keep(municipality=cast.here, kind=DocumentKind.DECREE, content=b"%PDF-1.7 act", name="decreto.pdf", now=now)
    more = {"approval": act, "approved_by": "Concejo Municipal", "approved_on": timezone.localdate()}
    go(plan, PlanStage.APPROVED, cast, **more)
    go(plan, PlanStage.IMPLEMENTATION, cast)
    plan.refresh_from_db()
    one = plan.commitments.get()
    progress.report(
        by=cast.officer,
        commitment=one,
        milestone=one.milestones.get(number=1),
        text="El inventario está en la página.",
        state=MilestoneState.MET,
        evidence=[link(cast)],
        client_id=uuid4(),
        now=timezone.now(),
    )
    return plan


def elsewhere(cast: Cast) -> Cast:
    """The same people, told of the other municipality: its coordinator does what there is to do."""
    them = cast.coordinator_elsewhere
    return replace(cast, here=cast.elsewhere, coordinator=them, officer=them)


def link(cast: Cast, *, public: bool = True) -> Evidence:
    now = timezone.now()
    piece = Evidence.objects.create(
        municipality=cast.here, title="Inventario", owner=cast.officer, created_at=now, is_public=public
    )
    EvidenceVersion.objects.create(
        evidence=piece, number=1, kind="link", url="https://ejemplo.cl/actas", added_by=cast.officer, added_at=now
    )
    return piece


def evidence_file(cast: Cast, plan: Plan) -> Evidence:
    """A public file, checked, that was told in the plan."""
    now = timezone.now()
    piece = Evidence.objects.create(
        municipality=cast.here, title="Informe", owner=cast.officer, created_at=now, is_public=True
    )
    held = keep(municipality=cast.here, kind=DocumentKind.EVIDENCE, content=b"%PDF-1.7", name="informe.pdf", now=now)
    EvidenceVersion.objects.create(
        evidence=piece, number=1, kind="file", document=held, added_by=cast.officer, added_at=now
    )
    progress.report(by=cast.officer, commitment=only(plan), text="Va", evidence=[piece], client_id=uuid4(), now=now)
    return piece


def to(name: str, cast: Cast, *more: object) -> str:
    return reverse(f"action_plans:{name}", args=[cast.here.cut, cast.here.slug, *more])


def only(plan: Plan) -> Commitment:
    return plan.commitments.get()


def sheet(commitment: Commitment, **more: Any) -> dict[str, Any]:
    """The form of a commitment as a browser would send it back untouched, but for `more`."""
    data: dict[str, Any] = {"version": commitment.version, "title": commitment.title}
    for name in ("problem", "baseline", "status_quo", "action", "outcome", "contribution", "unit", "office"):
        data[name] = getattr(commitment, name)
    for name in ("counterpart", "others", "resources", "pladeco", "gaps"):
        data[name] = getattr(commitment, name)
    data |= {f"value_{name}": why for name, why in commitment.values.items()}
    rows = list(commitment.milestones.order_by("number"))
    for place, row in enumerate(rows):
        data |= {
            f"hitos-{place}-key": str(row.key),
            f"hitos-{place}-title": row.title,
            f"hitos-{place}-starts": _day(row.starts),
            f"hitos-{place}-ends": _day(row.ends),
            f"hitos-{place}-office": row.office,
            f"hitos-{place}-deliverable": row.deliverable,
            f"hitos-{place}-weight": row.weight,
            f"hitos-{place}-ORDER": place + 1,
        }
    indicators = list(commitment.indicators.order_by("pk"))
    for place, each in enumerate(indicators):
        data |= {
            f"indicadores-{place}-name": each.name,
            f"indicadores-{place}-unit": each.unit,
            f"indicadores-{place}-baseline": "3",
            f"indicadores-{place}-target": "24",
        }
    for prefix, count in (("hitos", len(rows)), ("indicadores", len(indicators))):
        data |= {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": count}
    return data | more


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
