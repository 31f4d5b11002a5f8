"""The public page of a large plan: 30 commitments, 200 milestones, 2,000 contributions."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any, Final

from portal.bench.databases import create, drop, inside
from portal.bench.rows import Row
from portal.bench.serving import Reader, server

NAME: Final = "plan_page"
COMMITMENTS: Final = 30
MILESTONES: Final = 200
CONTRIBUTIONS: Final = 2_000
PAGE_BAR: Final = 25
QUERIES_BAR: Final = 15
VISITS: Final = 80


def plan_page(folder: Path) -> list[Row]:
    """Computed, one client, no page cache, on a copy of the reference data."""
    create(NAME, template="reference")
    try:
        made = inside(NAME, folder, "large_plan")
        with server(NAME, folder, page_cache=False) as port:
            reader = Reader(port)
            times = {
                name: median([1000 * reader.seconds(path) for _visit in range(VISITS)][VISITS // 4 :])
                for name, path in made.items()
            }
        asked = {name: inside(NAME, folder, "queries", paths=[path]) for name, path in made.items()}
    finally:
        drop(NAME)
    size = f"{COMMITMENTS} commitments, {MILESTONES} milestones, {CONTRIBUTIONS:,} contributions"
    return [
        Row(f"page of a plan with {size}, computed, p50", _milliseconds(times["plan"]), *_bar(times["plan"])),
        Row("the same, queries", str(asked["plan"]), f"<= {QUERIES_BAR}", asked["plan"] <= QUERIES_BAR),
        Row("its schedule, computed, p50", _milliseconds(times["schedule"]), *_bar(times["schedule"])),
    ]


def _milliseconds(took: float) -> str:
    return f"{took:.1f} ms"


def _bar(took: float) -> tuple[str, bool]:
    return f"<= {PAGE_BAR} ms", took <= PAGE_BAR


# --- Inside the database of the bench ---------------------------------------------------------------------------------


def large_plan() -> dict[str, str]:
    """The plan, carried out, and everything that was said to it answered; the addresses of its pages."""
    from datetime import timedelta
    from uuid import uuid4

    from django.db import connection
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import User
    from action_plans.choices import ContributionKind, ContributionState, EditionKind, PlanStage, Verdict
    from action_plans.models import Commitment, Contribution, Milestone, Plan, PlanEdition, Response
    from action_plans.reports.editions import content_of, sha256
    from municipalities.actions.documents import keep
    from municipalities.choices import DocumentKind
    from municipalities.models import Municipality

    now = timezone.now()
    today = timezone.localdate(now)
    place = Municipality.objects.order_by("pk")[0]
    person = User.objects.create(email="banco@ejemplo.cl", name="Banco")
    act = keep(municipality=place, kind=DocumentKind.DECREE, content=b"%PDF-1.7", name="acto", now=now)
    plan = Plan.objects.create(
        municipality=place, title="Plan de prueba", starts=today, ends=today + timedelta(days=700),
        stage=PlanStage.IMPLEMENTATION, stage_since=now, created_at=now, approval=act, approved_by="Concejo",
        approved_on=today,
    )  # fmt: skip
    texts: dict[str, Any] = dict.fromkeys(
        ("problem", "baseline", "action", "outcome", "contribution"), "palabras " * 60
    )
    held = Commitment.objects.bulk_create(
        Commitment(
            plan=plan, number=number, title=f"Compromiso {number}", starts=today, ends=today + timedelta(days=600),
            values={"information": "x" * 200}, unit="Unidad", counterpart="COSOC", created_at=now, **texts,
        )
        for number in range(1, COMMITMENTS + 1)
    )  # fmt: skip
    Milestone.objects.bulk_create(
        Milestone(
            commitment=held[number % COMMITMENTS], number=number // COMMITMENTS + 1, title=f"Hito {number}",
            starts=today - timedelta(days=90), ends=today + timedelta(days=3 * number - 90), deliverable="Documento " * 4,
            state=("met", "under_way", "scheduled")[number % 3], advance=40 if number % 3 == 1 else 0,
            met_on=today if number % 3 == 0 else None,
        )
        for number in range(MILESTONES)
    )  # fmt: skip
    said = Contribution.objects.bulk_create(
        Contribution(
            plan=plan, client_id=uuid4(), kind=ContributionKind.PROPOSAL, text="x" * 400, sent_at=now, published_at=now,
            state=ContributionState.PUBLISHED,
        )
        for _number in range(CONTRIBUTIONS)
    )  # fmt: skip
    Response.objects.bulk_create(
        Response(
            contribution=one,
            verdict=Verdict.ACCEPTED,
            reasons="y" * 200,
            at=now + timedelta(days=number % 30),
            by=person,
        )
        for number, one in enumerate(said)
    )
    content = content_of(plan)
    PlanEdition.objects.create(
        plan=plan, number=1, kind=EditionKind.APPROVED, content=content, sha256=sha256(content), published_at=now,
        published_by=person,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    where = [place.cut, place.slug]
    return {
        "plan": reverse("action_plans:plan_public", args=where),
        "schedule": reverse("action_plans:plan_schedule", args=[*where, plan.pk]),
    }
