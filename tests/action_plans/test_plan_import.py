"""A plan that was made elsewhere comes in from a workbook: every row judged first, nothing written until it is confirmed."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Event
from action_plans.actions import imports
from action_plans.choices import EditionKind, MilestoneState, PlanStage
from action_plans.exports.plan_workbook import template
from action_plans.exports.plan_workbook import workbook as filled
from action_plans.models import Commitment, Plan, ProgressUpdate
from action_plans.reports.budget_accounts import accounts
from action_plans.reports.editions import content_of, plain_value
from action_plans.reports.standing import told_of
from action_plans.rules.plan_cells import STAGES, STATES, Column
from action_plans.rules.plan_workbook import COMMITMENTS, INDICATORS, MILESTONES, PLAN, as_plain, read
from config.page_cache import forget_public_pages
from diagnostics.imports.workbooks import sheets_of
from municipalities.actions import RefusedError
from tests.action_plans.stories import carried_out, drafted, to
from tests.cast import Cast, sign_in
from tests.signing_stage import pdf

HEAD = [column.heading for column in COMMITMENTS]
STEPS = [column.heading for column in MILESTONES]
TEXTS = [
    ["Título", "Plan 2027"],
    ["Desde", "01-01-2027"],
    ["Hasta", "31-12-2028"],
    ["Presentación", "Hecho en el foro"],
]


def row(**cells: object) -> list[object]:
    fields = [column.field for column in COMMITMENTS]
    return [cells.get(name, "") for name in fields]


def step(**cells: object) -> list[object]:
    return [cells.get(column.field, "") for column in MILESTONES]


def workbook(
    commitments: list[list[object]],
    milestones: list[list[object]],
    plan: list[list[str]] = TEXTS,
    indicators: list[list[object]] | None = None,
) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheets: dict[str, Any] = {"Plan": plan, "Compromisos": [HEAD, *commitments], "Hitos": [STEPS, *milestones]}
        if indicators is not None:
            sheets["Indicadores"] = [MEASURES, *indicators]
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(rows):
                sheet.write_row(line, 0, cells)
    return out.getvalue()


MEASURES = [column.heading for column in INDICATORS]
APPROVED = [*TEXTS[:1], ["Desde", "01-01-2021"], ["Hasta", "31-12-2024"], ["Etapa", "En ejecución"],
    ["Aprobado por", "Concejo Municipal"], ["Fecha de aprobación", "12-05-2021"]]  # fmt: skip


def measure(**cells: object) -> list[object]:
    return [cells.get(column.field, "") for column in INDICATORS]


def sealed_in(answer: Any) -> str:
    return str(answer.context["sure"]["contenido"].value())


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
    assert "La planilla trae 1 compromiso y 2 hitos" in answer.content.decode()
    assert not Plan.objects.exists()
    for _twice in range(2):
        assert client.post(to("plan_import", cast), {"contenido": sealed_in(answer)}).status_code == 302
    plan, one = Plan.objects.get(), Commitment.objects.get()
    assert (plan.title, plan.starts, plan.foreword) == ("Plan 2027", date(2027, 1, 1), "Hecho en el foro")
    assert (one.goals, one.values) == ([11, 16], {"information": "Sí"})
    assert [(each.title, each.weight) for each in one.milestones.order_by("number")] == [
        ("Página", 2),
        ("Primer año", 1),
    ]


def test_one_milestone_is_one(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    page = send(client, cast, workbook(GOOD[0], GOOD[1][:1]))
    assert "La planilla trae 1 compromiso y 1 hito." in page
    assert "Escribe de nuevo" not in page


def test_texts_of_a_plan_that_would_be_written_anew_are_named_first(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    sign_in(client, cast.coordinator)
    page = send(client, cast, workbook(*GOOD))
    assert f"Escribe de nuevo estos textos de “{plan.title}”: Título, Presentación." in page
    same = send(client, cast, workbook(*GOOD, plan=[["Título", plan.title], ["Visión de largo plazo", ""]]))
    assert "Escribe de nuevo" not in same


@pytest.mark.parametrize("plan", [[], TEXTS])
def test_a_workbook_without_commitments_is_told_what_it_lacks(
    client: Client, cast: Cast, plan: list[list[str]]
) -> None:
    sign_in(client, cast.coordinator)
    page = send(client, cast, workbook([], [], plan=plan))
    assert "La planilla no tiene compromisos" in page
    assert "Escriba cada compromiso en una fila de la hoja “Compromisos”" in page
    assert "<table" not in page


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
    client.post(to("plan_import", cast), {"contenido": sealed_in(answer)})
    assert [each.number for each in plan.commitments.order_by("number")] == [1, 2]


def test_an_approved_plan_takes_no_workbook(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    sign_in(client, cast.coordinator)
    answer = client.post(to("plan_import", cast), {"file": SimpleUploadedFile("plan.xlsx", workbook(*GOOD))})
    client.post(to("plan_import", cast), {"contenido": sealed_in(answer)})
    assert plan.commitments.count() == 1
    assert sign_in(client, cast.officer).get(to("plan_import", cast)).status_code == 403


OLD = (
    [
        row(number=2, title="Actas a la vista", accounts="22.01 22.02", pladeco="Eje 3"),
        row(number=5, title="Presupuesto participativo", goals="16"),
    ],
    [
        step(commitment=2, title="Página", ends="30-06-2021", state="Cumplido", met_on="28-06-2021"),
        step(commitment=2, title="Archivo", state="en curso", advance="40"),
        step(commitment=2, title="Difusión"),
        step(commitment=5, title="Votación", state="No cumplido"),
    ],
    APPROVED,
    [measure(commitment=2, title="Actas", unit="actas", baseline="1.234,5", target=24, source="Portal")],
)


@pytest.fixture
def old(whole_classifier: list[str]) -> bytes:
    commitments = [[*cells] for cells in OLD[0]]
    commitments[0][[column.field for column in COMMITMENTS].index("accounts")] = ", ".join(whole_classifier)
    return workbook(commitments, *OLD[1:])


@pytest.fixture
def whole_classifier(db: None) -> list[str]:
    """Two accounts of the classifier."""
    call_command("load_classifier", verbosity=0)
    return sorted(accounts())[:2]


def decide(client: Client, cast: Cast, seal: str, act: bytes | None = None) -> Any:
    sent: dict[str, Any] = {"contenido": seal}
    if act is not None:
        sent["acto"] = SimpleUploadedFile("acuerdo.pdf", act)
    return client.post(to("plan_import", cast), sent)


def test_a_plan_that_was_approved_before_the_portal_comes_in_with_its_act_and_says_so(
    client: Client, cast: Cast, old: bytes, whole_classifier: list[str]
) -> None:
    sign_in(client, cast.coordinator)
    answer = client.post(to("plan_import", cast), {"file": SimpleUploadedFile("plan.xlsx", old)})
    page = answer.content.decode()
    assert "Etapa del plan: en ejecución" in page
    assert "Acto que aprobó el plan" in page
    seal = sealed_in(answer)
    refused = decide(client, cast, seal)
    assert refused.status_code == 422
    assert seal in refused.content.decode()  # what was seen is kept: only the act is asked for again
    assert "no es un PDF" in decide(client, cast, seal, b"nada").content.decode()
    assert not Plan.objects.exists()
    for _twice in range(2):
        assert decide(client, cast, seal, pdf()).status_code == 302
    plan = Plan.objects.get()
    assert (plan.stage, plan.approved_by, plan.approved_on) == (
        PlanStage.IMPLEMENTATION,
        "Concejo Municipal",
        date(2021, 5, 12),
    )
    assert plan.approval is not None
    (edition,) = plan.editions.all()
    said = "Aprobado el 12-05-2021 por Concejo Municipal, antes de que el plan llegara al portal."
    assert (edition.kind, edition.reason) == (EditionKind.APPROVED, said)
    assert Event.objects.filter(kind="plan.moved", reason=said).count() == 1
    assert Event.objects.filter(kind="plan.brought").count() == 1
    first, second = plan.commitments.order_by("number")
    assert (first.number, first.accounts, first.pladeco, second.number) == (2, whole_classifier, "Eje 3", 5)
    assert [(each.state, each.met_on, each.advance) for each in first.milestones.order_by("number")] == [
        (MilestoneState.MET, date(2021, 6, 28), 0),
        (MilestoneState.UNDER_WAY, None, 40),
        (MilestoneState.SCHEDULED, None, 0),
    ]
    measured = first.indicators.get()
    assert (measured.baseline, measured.target, measured.unit) == (Decimal("1234.5"), Decimal(24), "actas")
    told = ProgressUpdate.objects.all()
    assert len(told) == 3
    assert all("cuando el plan se trajo al portal" in each.text and not each.evidence.exists() for each in told)
    for address in (f"/municipios/12201-cabo-de-hornos/plan/{plan.pk}/", to("plan_desk", cast)):
        stages = client.get(address).content.decode().partition('<ol class="stages"')[2].partition("</ol>")[0]
        assert "Aprobado" in stages
        assert "Cocreación" not in stages  # nothing of it was lived here


def test_only_who_may_approve_brings_an_approved_plan(cast: Cast, old: bytes) -> None:
    content = as_plain(read(sheets_of(old)))
    act = imports.File(io.BytesIO(pdf()), "acuerdo.pdf")
    for person in (cast.officer, cast.reader, cast.adviser, cast.coordinator_elsewhere):
        with pytest.raises(PermissionDenied):
            imports.bring(by=person, municipality=cast.here, plan=None, content=content, act=act, now=timezone.now())
    assert not Plan.objects.exists()


def test_an_approved_plan_does_not_come_in_beside_one_that_is_prepared_here(cast: Cast, old: bytes) -> None:
    plan = drafted(cast)
    content = as_plain(read(sheets_of(old)))
    act = imports.File(io.BytesIO(pdf()), "acuerdo.pdf")
    with pytest.raises(RefusedError, match="prepara aquí"):
        imports.bring(
            by=cast.coordinator, municipality=cast.here, plan=plan, content=content, act=act, now=timezone.now()
        )
    assert plan.commitments.count() == 1


def test_no_address_approves_a_plan_without_its_stages(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    sign_in(client, cast.coordinator)
    sent = {"seen": "preparation", "approved_by": "Concejo", "approved_on": "2026-01-01", "reason": "x"}
    assert client.post(to("plan_step", cast, "approved"), sent).status_code == 404
    plan.refresh_from_db()
    assert plan.stage == PlanStage.PREPARATION


def test_what_is_missing_of_an_approval_is_named_by_sheet_row_and_column(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    page = send(
        client,
        cast,
        workbook(
            [row(number=1, title="Uno", accounts="99.99.99")],
            [
                step(commitment=1, title="Cumplida sin día", state="Cumplido"),
                step(commitment=1, title="Con día", met_on="01-01-2021"),
                step(commitment=1, title="Avance", advance="40"),
                step(commitment=1, title="Mucho", state="En curso", advance="100"),
                step(commitment=1, title="Raro", state="Casi"),
            ],
            [*TEXTS, ["Etapa", "Aprobado"], ["Fecha de aprobación", "ayer"]],
            [measure(commitment=1, title="Actas", target="muchas"), measure(commitment=3, title="De nadie")],
        ),
    )
    for words in (
        "Plan, 6",
        "Fecha de aprobación: “ayer” no es un día",
        "necesita también “Aprobado por”, “Fecha de aprobación”",
        "Cuentas del presupuesto: “99.99.99” no es una cuenta",
        "Cumplido el: se escribe en los hitos cumplidos, y en todos ellos.",
        "Avance: se escribe solo en los hitos en curso.",
        "Avance (%): “100” no es un número entero de 0 a 95.",
        "Estado: “Casi” no es ninguna de estas palabras: Sin comenzar, En curso, Cumplido, No cumplido.",
        "Meta: “muchas” no es un número. Escríbalo como 1234,5.",
        "Indicadores, 3",
    ):
        assert words in page
    assert not Plan.objects.exists()


def test_a_plan_goes_into_a_workbook_and_into_another_municipality_without_losing_anything(
    client: Client, cast: Cast
) -> None:
    plan = carried_out(cast)
    forget_public_pages()
    answer = client.get(to("plan_file", cast, plan.pk, "xlsx"))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    found = read(sheets_of(answer.content))
    assert (found.problem, found.faults) == ("", 0)
    there = imports.bring(
        by=cast.coordinator_elsewhere,
        municipality=cast.elsewhere,
        plan=None,
        content=as_plain(found),
        act=imports.File(io.BytesIO(pdf()), "acuerdo.pdf"),
        now=timezone.now(),
    )
    assert without_keys(there) == without_keys(plan)
    assert there.stage == plan.stage
    assert sorted(told_of(there).values()) == sorted(told_of(plan).values())


def without_keys(plan: Plan) -> Any:
    """What an edition holds, but for what names the plan and the municipality."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(each) for name, each in value.items() if name not in ("key", "municipality", "gaps")}
        return [bare(each) for each in value] if isinstance(value, list) else value

    plan.refresh_from_db()
    return bare(content_of(plan))


def test_the_template_is_read_as_an_empty_plan() -> None:
    found = read(sheets_of(template()))
    assert (found.problem, found.rows, found.may_apply) == ("", [], False)
    headings = [cells[0] for cells in sheets_of(template())[0][1]]
    assert headings == [column.heading for column in PLAN]


WORDS_OF = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp"), include_characters="\n"), min_size=1, max_size=40
).map(str.strip).filter(lambda text: text and "_x" not in text)  # fmt: skip
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS_OF,
    "value": WORDS_OF,
    "day": st.dates(date(1990, 1, 1), date(2099, 12, 31)).map(date.isoformat),
    "number": st.integers(1, 9_999),
    "weight": st.integers(1, 100),
    "advance": st.integers(0, 95),
    "goals": st.sets(st.integers(1, 17), min_size=1).map(sorted),
    "accounts": st.lists(st.from_regex(r"[0-9]{2}(\.[0-9]{2}){0,2}", fullmatch=True), min_size=1, unique=True),
    "amount": st.decimals(-(10**14) + 1, 10**14 - 1, places=4).map(plain_value),
    "stage": st.sampled_from(sorted(STAGES.values())),
    "state": st.sampled_from(sorted(STATES.values())),
}


@st.composite
def rows_of(draw: st.DrawFn, /, columns: tuple[Column, ...], **fixed: Any) -> dict[str, Any]:
    """A row with any of its columns, always with its title."""
    fields: dict[str, Any] = {}
    for column in columns:
        if column.field in fixed or not (column.field == "title" or draw(st.booleans())):
            continue
        value = draw(KINDS[column.kind])
        if column.kind == "value":
            fields.setdefault("values", {})[column.field] = value
        else:
            fields[column.field] = value
    return in_order(fields | fixed)


def in_order(fields: dict[str, Any]) -> dict[str, Any]:
    """Nothing ends before it begins."""
    if "starts" in fields and "ends" in fields:
        fields["starts"], fields["ends"] = sorted([fields["starts"], fields["ends"]])
    return fields


@st.composite
def plans_written(draw: st.DrawFn) -> dict[str, Any]:
    """What a workbook without faults says, with any of its cells."""
    stage = draw(KINDS["stage"])
    approval = {} if stage == "preparation" else {name: draw(KINDS[kind]) for name, kind in APPROVAL.items()}
    plan = {name: value for name, value in draw(rows_of(PLAN, stage=stage)).items() if name not in APPROVAL}
    numbers = draw(st.lists(st.integers(1, 9_999), min_size=1, max_size=3, unique=True))
    states = ["scheduled"] if stage == "preparation" else sorted(STATES.values())
    steps = []
    for _each in range(draw(st.integers(0, 4))):
        state = draw(st.sampled_from(states))
        more = {"met_on": draw(KINDS["day"])} if state == "met" else {}
        more |= {"advance": draw(KINDS["advance"])} if state == "under_way" else {}
        told = {"commitment": draw(st.sampled_from(numbers)), "state": state}
        step = draw(rows_of(MILESTONES, **told))
        steps.append({**{name: value for name, value in step.items() if name not in ("met_on", "advance")}, **more})
    return {
        "plan": plan | approval,
        "commitments": [draw(rows_of(COMMITMENTS, number=number)) for number in numbers],
        "milestones": steps,
        "indicators": [
            draw(rows_of(INDICATORS, commitment=draw(st.sampled_from(numbers))))
            for _each in range(draw(st.integers(0, 3)))
        ],
    }


APPROVAL = {"approved_by": "text", "approved_on": "day"}


@settings(max_examples=60)
@given(plans_written())
def test_what_a_workbook_holds_comes_back_whole(data: dict[str, Any]) -> None:
    found = read(sheets_of(filled(data)))
    assert [row.problems for row in found.rows if row.problems] == []
    assert as_plain(found) == data


CELLS = st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6)


@given(CELLS, CELLS, CELLS)
def test_no_workbook_breaks_the_reader(plan: list[list[str]], rows: list[list[str]], steps: list[list[str]]) -> None:
    found = read([("Plan", plan), ("Compromisos", [HEAD, *rows]), ("Hitos", [STEPS, *steps])])
    if found.may_apply:
        assert all(each["title"] for each in as_plain(found)["commitments"])
