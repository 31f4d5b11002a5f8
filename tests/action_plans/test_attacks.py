"""What somebody who means harm, or clicks twice, tries with plans, contributions, meetings and assessments."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from action_plans.actions import (
    commitments,
    contributions,
    moderation,
    plans,
    responses,
)
from action_plans.actions.commitments import Draft, IndicatorSent, MilestoneSent
from action_plans.choices import HideReason, OgpValue, PlanStage
from action_plans.models import (
    Assessment,
    AssessmentAnswer,
    AssessmentPiece,
    Author,
    Commitment,
    Contribution,
    Follower,
    Meeting,
    Plan,
    PlanEdition,
    SignUp,
    YearlyReport,
)
from config.page_cache import forget_public_pages
from tests.action_plans import citizens, stories
from tests.action_plans.factories import NOW
from tests.architecture.test_permissions_sweep import Sweep, addresses
from tests.cast import Cast, sign_in

SCRIPT = "</textarea>'\"><script>alert(1)</script>"
SIGNS = 'El «plan» #panic() ]#eval("1") \\u{41} $x$ *a* _b_ `c` @d <e> // f /* g */ ~ \x01\x0b\x0c\x1f\ufffe🌊 \u202e'
JUNK = ("9" * 400, "-1", "🌊² \u0663", SCRIPT, "x\r\nSet-Cookie: a=b", "\x00", "x" * 150_000)
FORMULA = '=HYPERLINK("https://otro.example","x")'
CSP = "Content-Security-Policy"
FILES = ("csv", "json", "pdf", "docx")


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    cache.clear()
    forget_public_pages()
    yield
    cache.clear()


@pytest.fixture
def sweep(cast: Cast) -> Iterator[Sweep]:
    with override_settings(ACCOUNT_RATE_LIMITS=False, MFA_RATE_LIMITS=False):
        yield Sweep(cast)


def own_addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((name, names) for name, names in addresses(get_resolver()) if name.startswith("action_plans:"))


# Nothing of what is sent is a fault of the portal


def sent_by_forms(page: str) -> set[str]:
    """The names of all fields of the forms of a page."""
    return set(re.findall(r'<(?:input|select|textarea|button)[^>]* name="([^"]+)"', page))


READERS = ("anonymous", "coordinator", "adviser", "citizen")
"""The citizen of the sweep monitors its plan."""


def be(sweep: Sweep, who: str) -> None:
    sweep.client.cookies.clear()
    if who in sweep.sessions:
        sweep.client.cookies[settings.SESSION_COOKIE_NAME] = sweep.sessions[who]


def opened(sweep: Sweep) -> Iterator[tuple[str, str]]:
    """Each address with its page, for the first reader whom it answers; the page is empty for what is only sent to."""
    for name, names in own_addresses():
        address = sweep.address(name, names)
        for who in READERS:
            be(sweep, who)
            seen = sweep.client.get(address)
            body = seen.getvalue()
            if seen.status_code in {200, 405}:
                is_page = seen.status_code == 200 and "html" in seen.headers["Content-Type"]
                yield address, body.decode() if is_page else ""
                break


def test_no_junk_in_any_field_of_any_page_is_a_fault_of_the_portal(sweep: Sweep) -> None:
    faults, tried = [], 0
    for address, page in opened(sweep):
        asked = sent_by_forms(page) - {"csrfmiddlewaretoken", "website"} | {"m", "que", "filtro", "donde"}
        narrowed = asked | {"pagina", "orden", "estado", "valor", "a", "b", "deshacer"}
        for junk in JUNK:
            point = transaction.savepoint()
            answer = sweep.client.post(address, dict.fromkeys(asked, junk))
            transaction.savepoint_rollback(point)
            tried += 1
            if answer.status_code >= 500:
                faults.append(f"{address} POST {junk[:20]!r}: {answer.status_code}")
        faults += [
            f"{address} GET {junk[:20]!r}"
            for junk in (JUNK if page else ())[:-1:2]
            if sweep.client.get(address, dict.fromkeys(narrowed, junk)).status_code >= 500
        ]
    assert not faults, "\n".join(faults)
    assert tried > 300


def test_bytes_that_are_no_text_and_bodies_that_are_no_form_are_no_fault_of_the_portal(sweep: Sweep) -> None:
    faults = []
    bodies = (
        (b"text=%FF%FE&title=%ED%A0%80&name=%C0", "application/x-www-form-urlencoded"),
        (b"text=%FF", "application/x-www-form-urlencoded; charset=utf-7"),
        (b'{"text": "x"}', "application/json"),
        (b"--x\r\nContent-Disposition: form-data; name=text", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
    )
    for address, _page in opened(sweep):
        for body, kind in bodies:
            point = transaction.savepoint()
            answer = sweep.client.generic("POST", address, body, content_type=kind)
            transaction.savepoint_rollback(point)
            if answer.status_code >= 500:
                faults.append(f"{address} {kind}: {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("number", ["0", "999999999", "9999999999999999999", "-1", "1e3", "٣"])
def test_a_number_that_is_none_of_a_plan_finds_nothing(client: Client, cast: Cast, number: str) -> None:
    stories.carried_out(cast)
    sign_in(client, cast.coordinator)
    place = f"/municipios/{cast.here.cut}-{cast.here.slug}/plan/"
    for address in (
        *(f"/planes/{number}/aportes/", f"/planes/{number}/aportes/nuevo/", f"/planes/{number}/seguir/"),
        *(
            f"{place}{number}/",
            f"{place}{number}/plan.pdf",
            f"{place}{number}/ediciones/{number}/",
            f"{place}{number}/acto/",
        ),
        *(f"{place}gestion/plazo-especial/{number}/", f"{place}gestion/asesoria/{number}/", f"/monitoreo/{number}/"),
        *(f"/evaluaciones/{number}/", f"/evaluaciones/{number}/plan/", f"{place}gestion/foro/integrantes/{number}/"),
    ):
        assert client.get(address).status_code in {403, 404}, address
        assert client.post(address).status_code in {403, 404, 405}, address


# What is typed is shown as it was typed, and does nothing


def poison(plan: Plan, words: str, by: User) -> None:
    """Let every text that anybody can type be `words`, and publish them."""
    for model in apps.get_app_config("action_plans").get_models():
        if "pgh" in model._meta.db_table or model is PlanEdition or "event" in model.__name__.lower():
            continue
        texts = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not field.choices
            and not isinstance(field, models.EmailField | models.URLField)
            and field.name not in {"rule", "question"}
        ]
        if texts and model not in {AssessmentAnswer, AssessmentPiece, YearlyReport}:
            model._default_manager.update(**{each.name: words[: each.max_length or None] for each in texts})
    Commitment.objects.update(values=dict.fromkeys(OgpValue, words))
    Contribution.objects.update(passage={"label": words, "quote": words})
    for each in Assessment.objects.all():
        AssessmentAnswer.objects.create(
            assessment=each, question="lecciones", text=words, updated_at=timezone.now(), updated_by=by
        )
    plan.refresh_from_db()
    period: dict[str, Any] = {"starts": plan.starts, "ends": plan.ends}
    plans.edit(by=by, plan=plan, texts={"vision": words + "."}, reason=words, now=timezone.now(), **period)


def every_answer(sweep: Sweep) -> Iterator[tuple[str, str, int, bytes]]:
    """What each address answers to whoever sees most of it."""
    for name, names in own_addresses():
        address = sweep.address(name, names)
        for suffix in FILES if name == "action_plans:plan_file" else ("",):
            asked = re.sub(r"plan\.[a-z]+$", f"plan.{suffix}", address) if suffix else address
            for who in READERS:
                be(sweep, who)
                answer = sweep.client.get(asked)
                if answer.streaming:
                    answer.getvalue()  # read to its end, a file closes
                elif answer.status_code != 405:
                    yield f"{asked} {who}", answer.headers.get("Content-Type", ""), answer.status_code, answer.content


@pytest.fixture
def plan_of_sweep(sweep: Sweep) -> Plan:
    return Plan.objects.get(pk=sweep.known["action_plans:plan_one"]["pk"])


@pytest.mark.parametrize("words", [SCRIPT, SIGNS, FORMULA])
def test_what_people_typed_does_nothing_in_any_page_or_file(
    sweep: Sweep, plan_of_sweep: Plan, cast: Cast, words: str
) -> None:
    poison(plan_of_sweep, words, cast.coordinator)
    faults, escaped = [], 0
    for name, kind, status, body in every_answer(sweep):
        if status >= 500:
            faults.append(f"{name}: {status}")
        elif "html" in kind:
            faults += [name] if b"<script>alert" in body else []
            escaped += body.count(b"&lt;script&gt;alert")
        elif "json" in kind:
            json.loads(body)
        elif "xml" in kind and "openxml" not in kind:
            ElementTree.fromstring(body)
        elif "calendar" in kind:
            assert list(Calendar.from_ical(body).walk("VEVENT")) or "forum" in name, name
            assert b"\r\nSet-Cookie" not in body, name
        elif "csv" in kind:
            cells = [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";") for cell in row]
            faults += [f"{name} {cell}" for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert not faults, "\n".join(faults)
    assert escaped > 100 or words != SCRIPT


# What is not public stays inside


def test_no_address_of_a_person_stands_in_anything_that_anyone_reads(sweep: Sweep, plan_of_sweep: Plan) -> None:
    assert Author.objects.exclude(email="").exists()
    reads = [
        *(name for name, names in own_addresses() if not {"token", "author"} & set(names)),
        *("action-plans-api:plan-list", "action-plans-api:plan-detail"),
    ]
    told = dict(addresses(get_resolver()))
    sweep.client.cookies.clear()
    seen = 0
    for name in reads:
        if name in {"action_plans:confirm", "action_plans:my_data"}:
            continue  # these are opened by the link of a mail alone
        answer = sweep.client.get(sweep.address(name, told[name]))
        body = answer.getvalue()
        seen += answer.status_code == 200
        assert b"@ejemplo" not in body, name
        for author in Author.objects.all():
            assert str(author.key).encode() not in body, name
        for row in SignUp.objects.all():
            assert str(row.token).encode() not in body, name
        for follower in Follower.objects.all():
            assert str(follower.token).encode() not in body, name
    assert seen > 25


def anonymous_reads(client: Client, plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Everything that anyone reads of a plan."""
    place = plan.municipality
    one, of = f"/municipios/{place.cut}-{place.slug}/", f"/municipios/{place.cut}-{place.slug}/plan/{plan.pk}/"
    commitment = plan.commitments.first()
    promise = f"{of}compromisos/{commitment.key if commitment else uuid4()}/"
    for address in (
        *("/planes/", "/planes/datos.csv", "/planes/datos.json", "/participa/", "/participa/reuniones.ics"),
        *(one, f"{one}plan/", of, f"{of}cronograma/", f"{of}ediciones/", f"{of}ediciones/comparar/", f"{of}minimos/"),
        *(f"{of}evaluaciones/", f"{of}novedades.atom", f"{of}calendario.ics", *(f"{of}plan.{each}" for each in FILES)),
        *(promise, f"{promise}calendario.ics", f"{one}foro/", f"{one}foro/reuniones.ics"),
        *(f"/planes/{plan.pk}/aportes/", f"/planes/{plan.pk}/aportes/nuevo/", f"/planes/{plan.pk}/seguir/"),
        *("/api/v1/plans/", f"/api/v1/plans/{plan.pk}/", "/planes/minimos/"),
        *(f"/planes/{plan.pk}/aportes/{each.key}/" for each in Contribution.objects.filter(plan=plan)),
        *(f"{one}foro/reuniones/{each.key}/" for each in Meeting.objects.filter(municipality=place)),
    ):
        answer = client.get(address)
        assert answer.status_code < 500, address
        body = answer.getvalue()
        if address.endswith(".docx") and answer.status_code == 200:
            body = zipfile.ZipFile(io.BytesIO(body)).read("word/document.xml")
        yield address, body


def leaks(client: Client, plan: Plan, words: str) -> list[str]:
    forget_public_pages()
    return [address for address, body in anonymous_reads(client, plan) if words.encode() in body]


def test_what_is_being_written_leaks_nowhere(client: Client, cast: Cast) -> None:
    plan = stories.drafted(cast)
    assert leaks(client, plan, "Actas a la vista") == []
    stories.go(plan, PlanStage.CO_CREATION, cast)
    assert leaks(client, plan, "Actas a la vista") == []
    stories.go(plan, PlanStage.CONSULTATION, cast)
    assert len(leaks(client, plan, "Actas a la vista")) > 5
    promise = stories.only(plan)
    promise.refresh_from_db()
    fields = {"title": "Secreto 1", "problem": "Secreto 2", "unit": "Secreto 3"}
    draft = Draft(fields, [MilestoneSent("Secreto 4")], [IndicatorSent("Secreto 5")])
    commitments.save(by=cast.officer, commitment=promise, draft=draft, version=promise.version, now=timezone.now())
    plan.refresh_from_db()
    texts = {"vision": "Secreto 6"}
    plans.edit(by=cast.officer, plan=plan, texts=texts, starts=plan.starts, ends=plan.ends, now=timezone.now())
    citizens.meeting(cast.here, announced=None, days=4000, title="Secreto 7", agenda="Secreto 8", plan=plan)
    assert leaks(client, plan, "Secreto") == []


def test_what_nobody_confirmed_or_read_leaks_nowhere(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    contributions.contribute(plan=plan, sent=citizens.sent("Secreto: sin confirmar"), now=NOW)
    citizens.confirmed(plan, text="Secreto: sin leer", email="w@ejemplo.cl")
    assert leaks(client, plan, "Secreto") == []


def hidden(plan: Plan, by: User, *made: Contribution) -> None:
    keys = [each.pk for each in made]
    moderation.hide(
        by=by, plan=plan, contributions=keys, reason=HideReason.PERSONAL_DATA, note="Nombra a alguien", now=NOW
    )


def test_hidden_words_leak_nowhere(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    made = citizens.published(plan, text="Secreto: el vecino de la casa 12", title="Secreto")
    row = contributions.support(contribution=made, email="apoya@ejemplo.cl", now=NOW)
    hidden(plan, cast.coordinator, made)
    assert leaks(client, plan, "Secreto") == []
    page = client.get(reverse("action_plans:confirm", args=[row.author.key])).content.decode()
    assert "Secreto" not in page
    contributions.confirm(key=row.author.key, now=NOW)
    assert "Secreto" not in client.get(reverse("action_plans:confirm", args=[row.author.key])).content.decode()


def test_a_part_that_is_hidden_does_not_stay_readable_in_what_was_divided(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    whole = citizens.published(plan, text="Actas en la semana. Secreto: el vecino de la casa 12.")
    texts = ["Actas en la semana.", "Secreto: el vecino de la casa 12."]
    _first, second = responses.split(by=cast.coordinator, contribution=whole, texts=texts, now=NOW)
    assert len(leaks(client, plan, "Secreto")) > 0
    hidden(plan, cast.coordinator, second)
    assert leaks(client, plan, "Secreto") == []


def test_what_was_joined_is_hidden_with_what_it_was_joined_to(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    target = citizens.published(plan, text="Secreto: uno del vecino")
    other = citizens.published(plan, text="Secreto: otro del vecino", email="w@ejemplo.cl")
    responses.merge(by=cast.coordinator, contributions=[other.pk], into=target, now=NOW)
    hidden(plan, cast.coordinator, target)
    assert leaks(client, plan, "Secreto") == []


# What belongs to others


def elsewhere_of(cast: Cast) -> Cast:
    """The same cast, as the people of the other municipality see it."""
    other = cast.coordinator_elsewhere
    return replace(cast, here=cast.elsewhere, elsewhere=cast.here, coordinator=other, officer=other, mayor=other)


def test_an_own_address_with_the_key_of_another_municipality_opens_nothing(sweep: Sweep, cast: Cast) -> None:
    mine = elsewhere_of(cast)  # there is a plan already
    found = []
    be(sweep, "coordinator_elsewhere")
    for name, names in own_addresses():
        given = {key: sweep.known.get(name, {}).get(key, sweep.known["*"].get(key)) for key in names}
        if "cut" not in names or not {"pk", "key", "number", "waiver"} & set(names):
            continue
        address = reverse(name, kwargs={**given, "cut": mine.here.cut, "slug": mine.here.slug})
        for ask in (sweep.client.get, sweep.client.post):
            answer = ask(address)
            if answer.status_code not in {403, 404, 405}:
                found.append(f"{address}: {answer.status_code}")
    assert found == []


def test_what_a_form_names_is_of_the_own_municipality(client: Client, cast: Cast) -> None:
    theirs = stories.carried_out(cast)
    promise, evidence = stories.only(theirs), stories.evidence_file(cast, theirs)
    mine = elsewhere_of(cast)
    plan = stories.carried_out(mine)
    own = stories.only(plan)
    Plan.objects.filter(pk=theirs.pk).update(stage=PlanStage.CO_CREATION)
    said = citizens.published(theirs)
    here = citizens.meeting(cast.here, days=3000)
    sign_in(client, mine.coordinator)
    desk = f"/municipios/{mine.here.cut}-{mine.here.slug}/plan/gestion/"
    work = {"m": said.pk, "confirmar": "1", "reason": "offence", "verdict": "accepted", "reasons": "Porque sí, así"}
    for what in ("publicar", "responder", "ocultar", "mostrar", "unir"):
        client.post(f"{desk}aportes/hacer/", {**work, "que": what, "into": said.pk, "led_to": promise.pk})
    update = {"text": "x", "client_id": uuid4(), "key": uuid4(), "milestone": promise.milestones.all()[0].key}
    client.post(f"{desk}compromisos/{own.key}/avance/", {**update, "state": "met", "evidence": evidence.key})
    client.post(f"{desk}compromisos/{own.key}/avance/", {**update, "milestone": "", "evidence": evidence.key})
    day = (timezone.localdate() + timedelta(days=40)).isoformat()
    held = {"kind": "forum", "title": "x", "agenda": "x", "day": day, "starts": "10:00", "ends": "11:00", "place": "x"}
    client.post(f"{desk}foro/reuniones/nueva/", {**held, "key": uuid4(), "plan": theirs.pk})
    client.post(f"{desk}foro/reuniones/nueva/", {**held, "key": here.key})
    said.refresh_from_db()
    here.refresh_from_db()
    assert (said.state, hasattr(said, "response"), here.title) == ("published", False, "Taller en la plaza")
    assert not Meeting.objects.filter(municipality=mine.here).exists()
    assert not evidence.progress_updates.filter(commitment=own).exists()
    assert own.milestones.filter(state="met").count() == 1


def test_no_page_is_kept_with_what_is_of_one_reader(sweep: Sweep, cast: Cast) -> None:
    """Each public page is asked by somebody signed in, and by somebody with a message, before anyone reads it."""
    faults = []
    for name, names in own_addresses():
        address = sweep.address(name, names)
        be(sweep, "coordinator")
        signed = sweep.client.get(address)
        signed.getvalue()
        kept = signed.headers.get("Cache-Control", "")
        if "public" in kept or (signed.status_code == 200 and "no-store" not in kept and "no-cache" not in kept):
            faults.append(f"{name}: {kept}")
        sweep.client.cookies.clear()
        answer = sweep.client.get(address)
        body = answer.getvalue()
        if answer.status_code == 200 and (b"Coordinadora" in body or b"Cerrar sesi" in body):
            faults.append(f"{name}: of somebody signed in")
        if b"csrfmiddlewaretoken" in body and "public" in answer.headers.get("Cache-Control", ""):
            faults.append(f"{name}: a form is kept for everyone")
        if (
            "html" in answer.headers.get("Content-Type", "")
            and "unsafe-inline" in answer.headers[CSP].split("style-src")[0]
        ):
            faults.append(f"{name}: {answer.headers[CSP]}")
    assert not faults, "\n".join(faults)
