"""The yearly report: published by the council, made by a worker, never changed, corrected by another edition."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pyhanko.pdf_utils.reader import PdfFileReader
from python_calamine import CalamineWorkbook

from accounts.models import Event
from action_plans import periodic
from action_plans.actions import yearly as actions
from action_plans.choices import ReportState
from action_plans.models import Plan, YearlyReport
from action_plans.reports import yearly as reports
from config.page_cache import forget_public_pages
from municipalities.actions import OvertakenError, RefusedError
from tests.action_plans.countries import DAY, MET, UNDER_WAY, carried_out, country, noon, promise, told
from tests.at_once import at_once
from tests.cast import Cast, assemble, sign_in

LAST = timezone.localdate().year - 1
PUBLISH = reverse("action_plans:report_publish", args=[LAST])


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return _plan(cast)


def _plan(cast: Cast) -> Plan:
    """A plan carried out last year, half done at its end."""
    plan = carried_out(cast.here, cast.officer, now=noon(LAST, 12, 31), days=300)
    one = promise(plan, cast.officer, "information", [16], [(UNDER_WAY, 50)], now=noon(LAST, 11, 1))
    told(one, 1, MET, 0, cast.officer, at=timezone.now() - timedelta(minutes=1))
    return plan


def made(cast: Cast, *, seen: int = 0, reason: str = "") -> YearlyReport:
    """An edition as a worker leaves it."""
    report = actions.ask(by=cast.administrator, year=LAST, seen=seen, reason=reason, now=timezone.now())
    reports.finish(report.pk, now=timezone.now())
    report.refresh_from_db()
    return report


def edition(report: YearlyReport, suffix: str) -> str:
    return reverse("action_plans:yearly_report_edition", args=[report.year, report.number, suffix])


def body_of(client: Client, address: str) -> bytes:
    forget_public_pages()
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.getvalue()


def words_of(report: YearlyReport) -> str:
    """Everything that its document says; the layout adds its own chapters."""
    with translation.override("es"):
        return json.dumps(reports.fields_of(report), ensure_ascii=False)


def test_a_report_says_what_was_true_of_its_year_and_is_pdf_ua(client: Client, cast: Cast, plan: Plan) -> None:
    report = made(cast)
    pdf = body_of(client, reverse("action_plans:yearly_report", args=[LAST]))
    assert hashlib.sha256(pdf).hexdigest() == report.pdf_sha256
    root: Any = PdfFileReader(io.BytesIO(pdf)).root
    assert root["/Lang"] == "es-CL"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].data
    words = words_of(report)
    assert f"Los planes de acción del país en {LAST}" in words
    for chapter in (
        *("Por región", "Por tema", "Por valor de gobierno abierto"),
        *("Cumplimiento: lo que dice cada uno", "La municipalidad al lado del monitor", "¿Abrió el gobierno?"),
        *("Participación", "Requisitos mínimos de OGP"),
    ):
        assert chapter in words
    assert "Cabo de Hornos" in words
    assert report.sha256 in words
    layout = reports.LAYOUT.read_text(encoding="utf-8")
    for chapter in ("Cómo leer este informe", "El país en una página", "Anexo: los planes del año", "Método y fuentes"):
        assert chapter in layout
    assert report.content["compromisos"][0]["avance"] == 50
    assert report.content["acerca"]["al"] == f"{LAST}-12-31"


def test_the_same_edition_gives_the_same_bytes(cast: Cast, plan: Plan) -> None:
    report = made(cast)
    assert hashlib.sha256(reports.report_pdf(YearlyReport.objects.get())).hexdigest() == report.pdf_sha256


def test_words_that_cannot_be_printed_stop_no_report(cast: Cast, plan: Plan) -> None:
    Plan.objects.update(title="#set page(fill: red) 🎉 *plan* $x$ " + "a" * 100)
    assert made(cast).state == ReportState.PUBLISHED
    assert "#set page(fill: red)" in words_of(YearlyReport.objects.get())


def test_what_is_published_does_not_follow_what_happens_later(client: Client, cast: Cast, plan: Plan) -> None:
    report = made(cast)
    before = [body_of(client, edition(report, suffix)) for suffix in ("pdf", "json")]
    Plan.objects.update(title="Otro nombre")
    assert [body_of(client, edition(report, suffix)) for suffix in ("pdf", "json")] == before
    assert json.loads(before[1]) == report.content


@pytest.mark.parametrize("change", ["save", "delete", "update"])
def test_a_published_edition_never_changes(cast: Cast, plan: Plan, change: str) -> None:
    report = made(cast)
    report.reason = "x"
    ways: dict[str, Callable[[], object]] = {
        "save": report.save,
        "delete": report.delete,
        "update": lambda: YearlyReport.objects.update(state=ReportState.MAKING),
    }
    with pytest.raises(InternalError), transaction.atomic():
        ways[change]()


def test_a_correction_supersedes_with_its_reason_and_the_old_edition_stays(
    client: Client, cast: Cast, plan: Plan
) -> None:
    first = made(cast)
    with pytest.raises(RefusedError, match="Diga qué corrige"):
        actions.ask(by=cast.administrator, year=LAST, seen=1, now=timezone.now())
    Plan.objects.update(title="Plan corregido")
    second = made(cast, seen=1, reason="Faltaba el nombre de un plan")
    assert (first.number, second.number) == (1, 2)
    assert "Faltaba el nombre de un plan" in words_of(second)
    assert "Plan corregido" in words_of(second)
    assert "Plan corregido" not in words_of(first)
    assert hashlib.sha256(body_of(client, edition(first, "pdf"))).hexdigest() == first.pdf_sha256
    newest = body_of(client, reverse("action_plans:yearly_report", args=[LAST]))
    assert hashlib.sha256(newest).hexdigest() == second.pdf_sha256
    page = body_of(client, reverse("action_plans:yearly_reports")).decode()
    assert page.index("Vigente") < page.index("edición 1") < page.index("Reemplaz")
    assert "Qué corrige: Faltaba el nombre de un plan" in page
    assert first.pdf_sha256 in page


def test_its_data_open_as_a_workbook(client: Client, cast: Cast, plan: Plan) -> None:
    report = made(cast)
    book = CalamineWorkbook.from_filelike(io.BytesIO(body_of(client, edition(report, "xlsx"))))
    assert book.get_sheet_by_name("compromisos").to_python()[1][1] == "Cabo de Hornos"


def test_only_whoever_may_publishes_and_only_a_year_that_is_over(cast: Cast, plan: Plan) -> None:
    now = timezone.now()
    for person in (cast.analyst, cast.adviser, cast.coordinator, cast.citizen):
        with pytest.raises(PermissionDenied):
            actions.ask(by=person, year=LAST, seen=0, now=now)
    for year in (LAST + 1, LAST + 2, 1999):
        with pytest.raises(RefusedError, match="un año que terminó"):
            actions.ask(by=cast.administrator, year=year, seen=0, now=now)
    assert not YearlyReport.objects.exists()


def test_sent_twice_it_is_one_edition(cast: Cast, plan: Plan) -> None:
    one = actions.ask(by=cast.administrator, year=LAST, seen=0, now=timezone.now())
    two = actions.ask(by=cast.administrator, year=LAST, seen=0, now=timezone.now() + timedelta(seconds=1))
    assert one.pk == two.pk
    assert Event.objects.filter(kind="report.asked").count() == 1


def test_somebody_else_who_was_slower_is_told(cast: Cast, plan: Plan) -> None:
    made(cast)
    cast.adviser.council_role = "administrator"
    cast.adviser.save()
    with pytest.raises(OvertakenError, match="pidió la edición 1"):
        actions.ask(by=cast.adviser, year=LAST, seen=0, now=timezone.now())
    assert YearlyReport.objects.count() == 1


def test_while_an_edition_is_made_no_other_is_begun(cast: Cast, plan: Plan) -> None:
    actions.ask(by=cast.administrator, year=LAST, seen=0, now=timezone.now())
    with pytest.raises(RefusedError, match="todavía se está preparando"):
        actions.ask(by=cast.administrator, year=LAST, seen=1, reason="x", now=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyReport.objects.create(
            year=LAST, number=2, reason="x", content={}, sha256="", asked_at=timezone.now(), asked_by=cast.administrator
        )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_edition_and_two_workers_publish_it_once() -> None:
    cast = assemble()
    _plan(cast)

    def work() -> None:
        actions.ask(by=cast.administrator, year=LAST, seen=0, now=timezone.now())

    assert at_once(work, work, work) == []
    report = YearlyReport.objects.get()
    assert at_once(*[lambda: reports.finish(report.pk, now=timezone.now())] * 2) == []
    report.refresh_from_db()
    assert report.state == ReportState.PUBLISHED
    assert Event.objects.filter(kind="report.published").count() == 1


def test_what_a_killed_worker_left_is_taken_up_again(cast: Cast, plan: Plan) -> None:
    now = timezone.now()
    report = actions.ask(by=cast.administrator, year=LAST, seen=0, now=now)
    assert list(reports.left_behind(now=now)) == []
    later: datetime = now + 10 * timedelta(minutes=1)
    assert list(reports.left_behind(now=later)) == [report.pk]
    YearlyReport.objects.update(asked_at=now - DAY)
    periodic.catch_up_reports()  # sends the task; the work itself:
    reports.finish(report.pk, now=now)
    assert list(reports.left_behind(now=later)) == []


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_council_publishes_from_its_desk(client: Client, cast: Cast, plan: Plan) -> None:
    sign_in(client, cast.administrator)
    desk = reverse("action_plans:council_plans")
    assert PUBLISH in client.get(desk).content.decode()
    answer = client.get(PUBLISH).content.decode()
    assert 'name="seen" value="0"' in answer
    assert client.post(PUBLISH, {"seen": 0}).status_code == 302
    page = client.get(desk).content.decode()
    assert "En preparación" in page
    assert PUBLISH not in page
    reports.finish(YearlyReport.objects.get().pk, now=timezone.now())
    assert f"Publicar una corrección de {LAST}" in client.get(desk).content.decode()
    refused = client.post(PUBLISH, {"seen": 1, "reason": " "})
    assert refused.status_code == 200
    assert "error-summary" in refused.content.decode()
    assert client.post(PUBLISH, {"seen": 1, "reason": "Faltaba un plan"}).status_code == 302
    assert YearlyReport.objects.count() == 2


def test_an_old_form_is_answered_with_what_happened(client: Client, cast: Cast, plan: Plan) -> None:
    made(cast)
    sign_in(client, cast.administrator)
    answer = client.post(PUBLISH, {"seen": 0, "reason": "Otra"})
    assert answer.status_code == 409
    assert 'name="seen" value="1"' in answer.content.decode()
    assert client.post(PUBLISH, {"seen": "x"}).status_code == 200


@pytest.mark.parametrize("year", [LAST + 1, 1999, 9999])
def test_a_year_that_has_no_report_has_no_form(client: Client, cast: Cast, plan: Plan, year: int) -> None:
    sign_in(client, cast.administrator)
    assert client.get(reverse("action_plans:report_publish", args=[year])).status_code == 404


def test_nobody_reads_an_edition_that_is_being_made(client: Client, cast: Cast, plan: Plan) -> None:
    report = actions.ask(by=cast.administrator, year=LAST, seen=0, now=timezone.now())
    forget_public_pages()
    assert client.get(edition(report, "pdf")).status_code == 404
    assert client.get(edition(report, "json")).status_code == 404
    assert client.get(reverse("action_plans:yearly_report", args=[LAST])).status_code == 404
    assert "Todavía no se publica ningún informe." in body_of(client, reverse("action_plans:yearly_reports")).decode()


def test_a_report_of_an_empty_chapter_is_made_too(cast: Cast) -> None:
    """A plan in preparation is all that there was."""
    Plan.objects.create(
        municipality=cast.here,
        title="Plan",
        starts=noon(LAST, 1, 1).date(),
        ends=noon(LAST + 1, 1, 1).date(),
        stage_since=noon(LAST, 6, 1),
        created_at=noon(LAST, 6, 1),
    )
    assert made(cast).state == ReportState.PUBLISHED


def test_the_whole_country_of_a_test_fits(cast: Cast) -> None:
    country(cast, many=9, now=noon(LAST, 10, 10))
    report = made(cast)
    assert len(report.content["compromisos"]) == 13
    assert str(report.pdf.name).endswith(".pdf")
