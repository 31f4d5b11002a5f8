"""The yearly report of the country's plans: what it holds, and its document, made by a worker from that alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from accounts.actions import record_event
from accounts.choices import Language
from action_plans.choices import PlanStage, ReportState
from action_plans.exports.national import as_json, document
from action_plans.models import YearlyReport
from action_plans.reports.national import national, years
from action_plans.reports.national_tables import tables, written
from action_plans.reports.pdf import mapped
from action_plans.rules.open_words import STAGES
from config.numbers import day, number
from config.page_cache import forget_public_pages
from municipalities.models import Region
from municipalities.reports.acts import qr, typeset

# The stage that a word of open data means; reports before those words hold the stage itself.
_STAGES: Final = {word: stage for stage, word in STAGES.items()}
ROOT: Final = Path(__file__).resolve().parents[2]
# A layout in use never changes: a new one is a new file.
LAYOUT: Final = ROOT / "action_plans" / "data" / "yearly_report.typ"
# A task takes care of a report for this long; then the clock asks again.
_CARED_FOR: Final = timedelta(minutes=3)
# The tables of each chapter, in the order of the document.
_COUNTRY: Final = ("anos", "etapas")
_CHAPTERS: Final = (
    "regiones",
    "temas",
    "valores",
    "cumplimiento",
    "diferencias",
    "apertura",
    "participacion",
    "minimos",
)


class YearRow(NamedTuple):
    """A year that is over, with its newest edition (None: nobody asked for one)."""

    year: int
    newest: YearlyReport | None


def overview(*, today: date) -> list[YearRow]:
    """The years of which a report can be made, the latest first. Two queries."""
    newest: dict[int, YearlyReport] = {}
    for report in YearlyReport.objects.order_by("number").defer("content"):
        newest[report.year] = report
    over = [year for year in years(today=today) if year < today.year]
    return [YearRow(year, newest.get(year)) for year in over]


def published() -> QuerySet[YearlyReport]:
    """What anyone may read, the newest first, without its content."""
    return YearlyReport.objects.published().defer("content")


def content_of(year: int, *, now: datetime) -> dict[str, Any]:
    """What a report of the year says, in Spanish and as plain data: the page of the year without filters."""
    with translation.override(Language.SPANISH):
        found = national(year, now=now)
        content = document(found, tables(found, found.promises), found.promises, [])
        content["regiones"] = {region.pk: region.short_name for region in Region.objects.all()}
    plain: dict[str, Any] = json.loads(as_json(content))
    return plain


def left_behind(*, now: datetime) -> QuerySet[YearlyReport, int]:
    """Those of which no task takes care any more."""
    waiting = YearlyReport.objects.filter(state=ReportState.MAKING, asked_at__lt=now - _CARED_FOR)
    return waiting.values_list("pk", flat=True)


def finish(report_id: int, *, now: datetime) -> None:
    """Make the document and publish the edition. Done twice, or by two workers, it is published once."""
    report = YearlyReport.objects.get(pk=report_id)
    if report.state != ReportState.MAKING:
        return
    body = report_pdf(report)
    with transaction.atomic():
        held = YearlyReport.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=report_id)
        if held.state != ReportState.MAKING:
            return
        held.pdf.save(f"{held.name}.pdf", ContentFile(body), save=False)
        held.pdf_sha256 = hashlib.sha256(body).hexdigest()
        held.state, held.published_at = ReportState.PUBLISHED, now
        held.save()
        words: dict[str, Any] = {"year": held.year, "number": held.number, "reason": held.reason}
        record_event("report.published", by=held.asked_by, at=now, subject=held, **words)
        transaction.on_commit(forget_public_pages)


# --- The document -----------------------------------------------------------------------------------------------------


def report_pdf(report: YearlyReport) -> bytes:
    """The document of an edition. The same edition gives the same bytes, on any machine and at any time."""
    with translation.override(Language.SPANISH):
        fields = fields_of(report)
    printed = mapped(fields)
    words = {**printed, "replaced": printed != fields, "qr": qr(printed["verify_url"])}
    return typeset(LAYOUT, root=ROOT, at=fields["issued_at"], report=words)


def fields_of(report: YearlyReport) -> dict[str, Any]:
    """Everything that the document says."""
    content = report.content
    about, by_key = content["acerca"], {table["clave"]: table for table in content["tablas"]}
    taken = day(timezone.localdate(report.asked_at))
    facts = [
        ("Año", str(report.year)),
        ("Edición", str(report.number)),
        ("Cuenta hasta", day(date.fromisoformat(about["al"]))),
        ("Datos tomados el", taken),
    ]
    if report.reason:
        facts.append(("Reemplaza a la edición anterior", report.reason))
    return {
        "title": f"Los planes de acción del país en {report.year}",
        "folio": f"Informe {report.year}-{report.number}",
        "facts": facts,
        "demonstration": about["demostracion"],
        "answer": about["respuesta"],
        "sentences": [by_key[key]["dice"] for key in _CHAPTERS],
        "country": [_table(by_key[key]) for key in _COUNTRY],
        "chapters": [_table(by_key[key]) for key in _CHAPTERS],
        "plans": _annex(content["planes"], content["regiones"]),
        "commitments": number(len(content["compromisos"])),
        "sha256": report.sha256,
        "verify_url": f"{settings.SITE_URL.rstrip('/')}/planes/informes/",
        "issued_at": int(report.asked_at.timestamp()),
    }


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    rows = [*table["filas"], *([table["total"]] if table["total"] else [])]
    return {
        "title": table["titulo"],
        "says": table["dice"],
        "counted": table["como_se_cuenta"],
        "columns": [" ".join(filter(None, (each["nombre"], each["unidad"]))) for each in table["columnas"]],
        "rows": [[written(cell) or "—" for cell in row] for row in rows],
    }


def _annex(plans: Sequence[Mapping[str, Any]], regions: Mapping[str, str]) -> list[list[str]]:
    """Every plan of the year: municipality, region, title, stage, last day."""
    return [
        [
            each["municipio"],
            regions.get(each["region"], ""),
            each["titulo"],
            str(PlanStage(_STAGES.get(each["etapa"], each["etapa"])).label),
            day(date.fromisoformat(each["hasta"])),
        ]
        for each in plans
    ]
