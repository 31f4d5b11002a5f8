"""A plan as anyone reads it: the last approved edition, how it goes, editions side by side, files, feeds, the country."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from action_plans import figures
from action_plans.actions import commitments, plans, progress
from action_plans.actions.commitments import Draft
from action_plans.choices import Completion, EditionKind, MilestoneState, OgpValue, Opening, PlanStage
from action_plans.exports.plan_data import columns, names
from action_plans.exports.plans import columns as country_columns
from action_plans.models import Milestone, Plan
from action_plans.reports.published import public_plan, public_plans
from action_plans.rules import open_words
from action_plans.rules.progress import Timeliness
from config.page_cache import forget_public_pages
from diagnostics.actions import evidence as evidence_actions
from diagnostics.models import Evidence
from tests.action_plans.citizens import published
from tests.action_plans.stories import carried_out, drafted, go, link, only, to
from tests.action_plans.test_plans import contribution
from tests.cast import Cast
from tests.signing_stage import pdf


def read(client: Client, address: str) -> str:
    forget_public_pages()  # each test has its own plans at the same addresses
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_a_plan_is_read_in_plain_words(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    page = read(client, to("plan_public", cast))
    assert "La Municipalidad de Cabo de Hornos prometió una cosa hasta el" in page
    assert "Lleva un 50 % de avance" in page
    assert "Qué está atrasado" in page
    assert "Página nueva" in page
    assert "1 de 3 hitos cumplidos: 50\u00a0%." in page
    assert to("plan_one", cast, plan.pk) != to("plan_public", cast)
    assert "Actas a la vista" in read(client, to("plan_one", cast, plan.pk) + "?valor=informacion")
    assert "Ningún compromiso sirve a este valor." in read(client, to("plan_one", cast, plan.pk) + "?valor=tecnologia")


def test_what_is_being_written_stays_inside(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    page = read(client, to("plan_public", cast))
    assert "prepara un plan" in page
    assert "Actas a la vista" not in page
    one = only(plan)
    assert client.get(to("commitment_public", cast, plan.pk, one.key)).status_code == 404
    assert client.get(to("plan_file", cast, plan.pk, "json")).status_code == 404
    go(plan, PlanStage.CO_CREATION, cast)
    go(plan, PlanStage.CONSULTATION, cast)
    commitments.add(by=cast.officer, plan=plan, draft=Draft({"title": "Secreto aún"}), now=timezone.now())
    page = read(client, to("plan_public", cast))
    assert "Esto es un borrador." in page
    assert "Actas a la vista" in page
    assert "Secreto aún" not in page


def test_a_draft_asks_for_contributions_at_once_and_is_neither_late_nor_at_risk(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    Milestone.objects.update(starts=None, ends=date(2020, 1, 1))
    go(plan, PlanStage.CO_CREATION, cast)
    go(plan, PlanStage.CONSULTATION, cast)
    page = read(client, to("plan_public", cast))
    assert page.index("/aportes/nuevo/") < page.index('id="commitments"')
    assert "evaluaciones" not in page  # nothing was carried out yet
    for page in (
        read(client, to("plan_schedule", cast, plan.pk)),
        read(client, to("commitment_public", cast, plan.pk, only(plan).key)),
    ):
        assert "01-01-2020" in page
        assert "Atrasado" not in page
        assert "schedule__mark--danger" not in page
        assert "Avance del compromiso" not in page


def test_a_commitment_shows_what_people_say_about_it(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    go(plan, PlanStage.CO_CREATION, cast)
    go(plan, PlanStage.CONSULTATION, cast)
    one = only(plan)
    here = to("commitment_public", cast, plan.pk, one.key)
    assert "Nadie ha dicho nada todavía de este compromiso." in read(client, here)
    said = published(plan, text="Que las actas se lean en voz alta.")
    assert "Que las actas se lean" not in read(client, here)
    said.commitment = one
    said.save()
    assert "Que las actas se lean en voz alta." in read(client, here)


def test_the_last_approved_edition_is_shown_while_the_next_plan_is_written(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    Plan.objects.filter(pk=plan.pk).update(stage=PlanStage.CLOSED)
    following = drafted(cast)
    go(following, PlanStage.CO_CREATION, cast)
    page = read(client, to("plan_public", cast))
    assert "La municipalidad prepara su próximo plan." in page
    assert to("plan_one", cast, following.pk) in page
    assert "Lleva un 50 %" in page
    assert "Planes anteriores" in read(client, to("plan_one", cast, following.pk))


def test_a_commitment_shows_both_sides_its_arithmetic_and_public_evidence(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    progress.report(
        by=cast.officer,
        commitment=one,
        text="También hay un informe.",
        evidence=[link(cast, public=False)],
        client_id=uuid4(),
        now=timezone.now(),
    )
    page = read(client, to("commitment_public", cast, plan.pk, one.key))
    assert "Secretaría Municipal" in page
    assert "Consejo de organizaciones de la sociedad civil" in page
    assert "50 % × 100 % + 25 % × 0 % + 25 % × 0 % = 50 %".replace(" %", "\u00a0%") in page
    assert 'href="https://ejemplo.cl/actas"' in page
    assert "1 que no es pública" in page
    assert "Funcionario" not in page  # offices answer, not persons
    assert "<svg" in page


def test_only_public_files_open_and_only_when_checked(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    added = evidence_actions.add(
        by=cast.officer,
        municipality=cast.here,
        key=uuid4(),
        details=evidence_actions.Details("Informe", is_public=True),
        sent=evidence_actions.Sent(SimpleUploadedFile("informe.pdf", pdf()), "informe.pdf"),
        now=timezone.now(),
    )
    progress.report(
        by=cast.officer, commitment=one, text="Va", evidence=[added.evidence], client_id=uuid4(), now=timezone.now()
    )
    here = to("plan_evidence", cast, plan.pk, added.evidence.key)
    assert client.get(here).status_code == 404  # nobody looked at it yet
    document = added.evidence.versions.get().document
    assert document is not None
    document.state = "clean"
    document.save()
    opened = client.get(here)
    assert opened.status_code == 200
    assert "default-src 'none'" in opened.headers["Content-Security-Policy"]
    assert opened.getvalue() == pdf()
    Evidence.objects.update(is_public=False)
    assert client.get(here).status_code == 404
    act = client.get(to("plan_act", cast, plan.pk))
    assert act.getvalue() == b"%PDF-1.7 act"


def test_editions_are_listed_read_and_compared(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    draft = Draft({"title": "Actas al día"}, [], [])
    with pytest.raises(Exception, match="avance"):
        commitments.save(by=cast.officer, commitment=one, draft=draft, version=1, now=timezone.now(), reason="x")
    plan.refresh_from_db()
    plans.edit(
        by=cast.officer,
        plan=plan,
        texts={"vision": "Escuchar"},
        now=timezone.now(),
        reason="Lo pidió el foro",
        starts=plan.starts,
        ends=plan.ends,
    )
    page = read(client, to("plan_editions", cast, plan.pk))
    assert "Lo pidió el foro" in page
    assert "Actas a la vista" in read(client, to("plan_edition", cast, plan.pk, 1))
    compared = read(client, to("plan_compare", cast, plan.pk))
    assert "Qué cambió de la edición 2 a la edición 3" in compared
    assert "Escuchar" in compared
    assert "Las dos dicen lo mismo" in read(client, to("plan_compare", cast, plan.pk) + "?de=3&a=3")
    assert client.get(to("plan_edition", cast, plan.pk, 99)).status_code == 404
    read(client, to("plan_compare", cast, plan.pk) + "?de=x&a=77")


def test_the_files_say_what_the_page_says(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    document = json.loads(client.get(to("plan_file", cast, plan.pk, "json")).content)
    assert document["edicion"]["contenido"]["commitments"][0]["title"] == "Actas a la vista"
    assert document["avance"]["plan"] == 50
    assert (document["etapa"], document["edicion"]["clase"]) == ("en_ejecucion", "aprobada")
    met = document["avance"]["compromisos"][0]["hitos"][0]
    assert (met["estado"], met["avance"], met["plazo"]) == ("cumplido", None, "cumplido")
    text = client.get(to("plan_file", cast, plan.pk, "csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["hito_estado"] for row in rows] == ["cumplido", "sin_comenzar", "sin_comenzar"]
    assert list(rows[0]) == names() == [column.name for column in columns()]
    assert client.get(to("plan_file", cast, plan.pk, "csv") + "?separador=x").status_code == 400
    first = client.get(to("plan_file", cast, plan.pk, "pdf")).content
    assert first.startswith(b"%PDF-")
    assert first == client.get(to("plan_file", cast, plan.pk, "pdf")).content
    calendar = Calendar.from_ical(client.get(to("plan_calendar", cast, plan.pk)).content)
    assert len(calendar.walk("VEVENT")) == 3
    met = str(calendar.walk("VEVENT")[0]["description"])
    assert met == f"1. Actas a la vista\nCumplido ({timezone.localdate():%d-%m-%Y})"
    assert calendar["x-published-ttl"].to_ical() == b"PT1H"
    of_one = Calendar.from_ical(client.get(to("commitment_calendar", cast, plan.pk, one.key)).content)
    assert {str(event["uid"]) for event in of_one.walk("VEVENT")} == {
        str(event["uid"]) for event in calendar.walk("VEVENT")
    }
    assert client.get(to("commitment_calendar", cast, plan.pk, uuid4())).status_code == 404
    feed = ElementTree.fromstring(client.get(to("plan_feed", cast, plan.pk)).content)
    titles = [
        entry.findtext("{http://www.w3.org/2005/Atom}title")
        for entry in feed.iter("{http://www.w3.org/2005/Atom}entry")
    ]
    assert titles[0] == "Actas a la vista: Inventario de actas"
    assert len(titles) == 3


def test_the_word_document_follows_the_form_of_ogp(client: Client, cast: Cast) -> None:
    docx = pytest.importorskip("docx")
    plan = carried_out(cast)
    content = client.get(to("plan_file", cast, plan.pk, "docx")).content
    opened = docx.Document(io.BytesIO(content))
    headings = [each.text for each in opened.paragraphs if each.style.name.startswith("Heading")]
    asked = ["Problema público", "Línea de base", "Lo que se hará", "Resultado esperado"]
    assert [words for words in headings if words in asked] == asked
    assert headings.index("1. Actas a la vista") < headings.index("Problema público") < headings.index("Hitos")
    assert opened.tables[-1].rows[1].cells[0].text == "Inventario de actas"
    assert opened.core_properties.language == "es-CL"


def test_the_schedule_is_drawn_and_written(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    page = read(client, to("plan_schedule", cast, plan.pk))
    assert "<svg" in page
    assert page.count("<tbody>") >= 2  # a month each
    assert "1 de 3 hitos cumplidos. 1 está atrasado." in page
    assert "La línea vertical es hoy" in page


def test_a_schedule_that_is_over_has_no_line_of_today_and_speaks_of_none(cast: Cast) -> None:
    plan, today = carried_out(cast), timezone.localdate()
    shown = public_plan(public_plans().get(pk=plan.pk), today=today)
    assert shown.now
    bars = figures.schedule(shown.now.commitments, today=today + timedelta(days=2000))
    drawn = render_to_string("action_plans/public/_schedule.html", {"bars": bars, "shown": shown})
    assert "schedule__bar" in drawn
    assert "schedule__today" not in drawn
    assert "La línea vertical" not in drawn


def test_the_country_is_narrowed_by_stage_and_region(client: Client, cast: Cast) -> None:
    carried_out(cast)
    here = reverse("action_plans:plans")
    page = read(client, here)
    assert "1 de 2 municipalidades tiene un plan de acción." in page
    assert "Cabo de Hornos" in page
    assert "Queilen" not in page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert 'data-label="Avance (%)"' in page
    assert "Queilen" in read(client, here + "?plan=sin-plan")
    assert "Ninguna municipalidad" in read(client, here + "?plan=cerrado")
    read(client, here + "?region=12&orden=-avance&buscar=hornos&pagina=9")
    rows = json.loads(client.get(reverse("action_plans:plans_data", args=["json"])).content)["planes"]
    assert [(row["cut"], row["avance"], row["hitos_atrasados"]) for row in rows] == [(cast.here.cut, 50, 1)]
    assert client.get(reverse("action_plans:plans_data", args=["csv"])).status_code == 200


def test_a_name_written_wrong_finds_those_written_alike_and_says_so(client: Client, cast: Cast) -> None:
    carried_out(cast)
    assert "se escriben parecido" not in read(client, reverse("action_plans:plans") + "?buscar=cabo de hornos")
    page = read(client, reverse("action_plans:plans") + "?buscar=cavo de hornos")
    assert "Ninguna municipalidad se llama “cavo de hornos”" in page
    assert "Cabo de Hornos" in page.partition("<tbody>")[2]


def test_the_api_gives_plans_with_their_commitments(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    answer = client.get("/api/v1/plans/?stage=implementation").json()
    (row,) = answer["results"]
    assert (row["id"], row["progress"], row["edition"]) == (plan.pk, 50, 2)
    assert row["commitments"][0]["late"] == 1
    assert client.get(f"/api/v1/plans/{plan.pk}/").json()["title"] == "Plan de acción"
    assert client.get("/api/v1/plans/?stage=cancelled").status_code == 400


def test_a_large_plan_asks_few_questions(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    plan = carried_out(cast)
    for _each in range(3):
        contribution(plan)
    with django_assert_max_num_queries(15):
        read(client, to("plan_public", cast))
    with django_assert_max_num_queries(15):
        read(client, to("commitment_public", cast, plan.pk, only(plan).key))
    with django_assert_max_num_queries(8):
        read(client, to("plan_schedule", cast, plan.pk))
    with django_assert_max_num_queries(8):
        read(client, reverse("action_plans:plans"))


def test_addresses_that_are_nearly_right_lead_to_the_right_one(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    wrong = reverse("action_plans:plan_one", args=[cast.here.cut, "otro-nombre", plan.pk])
    assert client.get(wrong).headers["Location"] == to("plan_one", cast, plan.pk)
    assert client.get(reverse("action_plans:plan_public", args=["10207", "queilen"])).status_code == 200
    assert client.get(reverse("action_plans:plan_public", args=["99999", "nada"])).status_code == 404
    assert client.get(reverse("action_plans:plan_one", args=["10207", "queilen", plan.pk])).status_code == 404


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (open_words.STAGES, PlanStage),
        (open_words.EDITIONS, EditionKind),
        (open_words.STATES, MilestoneState),
        (open_words.TIMES, Timeliness),
        (open_words.LEVELS, Completion),
        (open_words.OPENINGS, Opening),
        (open_words.VALUES, OgpValue),
    ],
)
def test_every_state_has_one_word_in_open_data_which_is_written_down(
    words: Mapping[str, str], known: Iterable[str]
) -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "open-data.md").read_text()
    assert list(words) == list(known)
    assert len(set(words.values())) == len(words)
    assert [each for each in words.values() if each not in document] == []


def test_every_column_is_written_down() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "open-data.md").read_text()
    for column in (*columns(), *country_columns()):
        assert f"| `{column.name}` | {column.type} | {column.unit} | {column.description} |" in document
