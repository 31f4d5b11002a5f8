"""A plan that was made elsewhere comes in from a workbook: every row judged first, nothing written until it is confirmed."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from action_plans.exports.plan_workbook import template
from action_plans.models import Commitment, Plan
from action_plans.rules.plan_workbook import COMMITMENTS, MILESTONES, PLAN, as_plain, read
from diagnostics.imports.workbooks import sheets_of
from tests.action_plans.stories import carried_out, drafted, to
from tests.cast import Cast, sign_in

HEAD = [column.heading for column in COMMITMENTS]
STEPS = [column.heading for column in MILESTONES]
TEXTS = [["Título", "Plan 2027"], ["Desde", "01-01-2027"], ["Hasta", "31-12-2028"], ["Prólogo", "Hecho en el foro"]]


def row(**cells: object) -> list[object]:
    fields = [column.field for column in COMMITMENTS]
    return [cells.get(name, "") for name in fields]


def step(**cells: object) -> list[object]:
    return [cells.get(column.field, "") for column in MILESTONES]


def workbook(commitments: list[list[object]], milestones: list[list[object]], plan: list[list[str]] = TEXTS) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheets: dict[str, Any] = {"Plan": plan, "Compromisos": [HEAD, *commitments], "Hitos": [STEPS, *milestones]}
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(rows):
                sheet.write_row(line, 0, cells)
    return out.getvalue()


GOOD = (
    [row(number=1, title="Actas a la vista", starts="01-02-2027", ends="30-11-2027", goals="16, 11", information="Sí")],
    [step(commitment=1, title="Página", ends="30-06-2027", weight=2), step(commitment=1, title="Primer año")],
)


def send(client: Client, cast: Cast, content: bytes) -> str:
    answer = client.post(to("plan_import", cast), {"file": SimpleUploadedFile("plan.xlsx", content)})
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_row_is_seen_before_anything_is_written_and_comes_in_once(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    answer = client.post(to("plan_import", cast), {"file": SimpleUploadedFile("plan.xlsx", workbook(*GOOD))})
    assert "Entrarían 1 compromiso y 2 hitos" in answer.content.decode()
    assert not Plan.objects.exists()
    for _twice in range(2):
        assert client.post(to("plan_import", cast), {"contenido": answer.context["seal"]}).status_code == 302
    plan, one = Plan.objects.get(), Commitment.objects.get()
    assert (plan.title, plan.starts, plan.foreword) == ("Plan 2027", date(2027, 1, 1), "Hecho en el foro")
    assert (one.goals, one.values) == ([11, 16], {"information": "Sí"})
    assert [(each.title, each.weight) for each in one.milestones.order_by("number")] == [
        ("Página", 2),
        ("Primer año", 1),
    ]


def test_rows_with_faults_are_named_and_nothing_comes_in(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    wrong = workbook(
        [row(number=1, title="Uno", ends="31-02-2027"), row(number=1, title="Dos", goals="99"), row(unit="Sin título")],
        [
            step(commitment=7, title="De nadie"),
            step(commitment=1, title="Al revés", starts="02-02-2027", ends="01-02-2027"),
        ],
    )
    page = send(client, cast, wrong)
    for words in ("no es un día", "Otra fila también tiene el número 1", "números del 1 al 17", "No tiene título"):
        assert words in page
    assert "Su compromiso no está en la hoja" in page
    assert "Termina antes de comenzar." in page
    assert "Traer todo" not in page
    assert not Plan.objects.exists()


def test_what_is_no_workbook_of_a_plan_is_refused_in_words(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    assert "no se puede leer" in send(client, cast, b"PK\x03\x04 nada")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Otra")
    assert "no tiene la hoja" in send(client, cast, out.getvalue())
    forged = client.post(to("plan_import", cast), {"contenido": "inventado"})
    assert forged.status_code == 302
    assert not Plan.objects.exists()


def test_commitments_join_a_plan_that_is_drafted_and_none_that_is_approved(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    sign_in(client, cast.coordinator)
    answer = client.post(to("plan_import", cast), {"file": SimpleUploadedFile("plan.xlsx", workbook(*GOOD, plan=[]))})
    client.post(to("plan_import", cast), {"contenido": answer.context["seal"]})
    assert [each.number for each in plan.commitments.order_by("number")] == [1, 2]


def test_an_approved_plan_takes_no_workbook(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    sign_in(client, cast.coordinator)
    answer = client.post(to("plan_import", cast), {"file": SimpleUploadedFile("plan.xlsx", workbook(*GOOD))})
    client.post(to("plan_import", cast), {"contenido": answer.context["seal"]})
    assert plan.commitments.count() == 1
    assert sign_in(client, cast.officer).get(to("plan_import", cast)).status_code == 403


def test_the_template_is_read_as_an_empty_plan() -> None:
    found = read(sheets_of(template()))
    assert (found.problem, found.rows, found.may_apply) == ("", [], False)
    assert len(PLAN) == 7


CELLS = st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6)


@given(CELLS, CELLS, CELLS)
def test_no_workbook_breaks_the_reader(plan: list[list[str]], rows: list[list[str]], steps: list[list[str]]) -> None:
    found = read([("Plan", plan), ("Compromisos", [HEAD, *rows]), ("Hitos", [STEPS, *steps])])
    if found.may_apply:
        assert all(each["title"] for each in as_plain(found)["commitments"])
