"""Diagnostics on their closing day: officers of every municipality save at once, a section is opened, all is scored again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any, Final

from django.conf import settings

from portal.bench.databases import create, drop, inside
from portal.bench.rows import Row
from portal.bench.serving import Reader, server, worker

NAME: Final = "diagnostics"
OFFICERS: Final = 5
SECONDS: Final = 60
# Each officer saves once in so many seconds: choosing levels and writing explanations, each pause of the keys a save.
PACE: Final = 30
SAVE_BAR: Final = 150
SECTION_BAR: Final = 40
QUERIES_BAR: Final = 15
SCORES_BAR: Final = 30
VISITS: Final = 60
PATIENCE: Final = 60


def diagnostics(folder: Path) -> list[Row]:
    """On a copy of the reference data with a round for the whole country, on as many processes as `make run` takes."""
    create(NAME, template="reference")
    try:
        opened = inside(NAME, folder, "open_round")
        rows = closing_day(folder, opened["people"])
        rows += rescored(folder)
        rows += section(folder, inside(NAME, folder, "fill_whole"))
    finally:
        drop(NAME)
    return rows


def closing_day(folder: Path, people: list[dict[str, Any]]) -> list[Row]:
    """The minute itself, its driver in a process of its own; then every save that was sent is looked for."""
    order = folder / "officers.json"
    order.write_text(json.dumps({"people": people, "seconds": SECONDS, "pace": PACE}))
    cores = min(os.cpu_count() or 1, 4)
    with server(NAME, folder, page_cache=True, processes=cores) as port, worker(NAME, folder, processes=cores):
        command = [sys.executable, "-m", "portal.bench.officers", str(port), str(order)]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=True, timeout=180
        )
        minute = json.loads(done.stdout.splitlines()[-1])
        scored = inside(NAME, folder, "wait_for_scores")
    kept = inside(NAME, folder, "saves_kept", path=str(order))
    statuses = {int(status): count for status, count in minute["statuses"].items()}
    faults = sum(count for status, count in statuses.items() if status >= 500 or status == 0)
    said = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    municipalities = len(people) // OFFICERS
    return [
        Row(
            f"closing day, {municipalities} municipalities x {OFFICERS} officers, {SECONDS} s, one save each in {PACE} s",
            f"{kept['sent']} sent ({minute['rate']:.0f}/s), {kept['lost']} lost, {kept['won']} became the answer",
            "0 lost",
            kept["lost"] == 0 and kept["astray"] == 0,
        ),
        Row("the same, answers by status", said, "no 5xx, none without answer", faults == 0),
        Row(
            "the same, time of a save, p95",
            f"{minute['p95']:.0f} ms (p50 {minute['p50']:.0f} ms, most {minute['most']:.0f} ms)",
            f"<= {SAVE_BAR} ms",
            minute["p95"] <= SAVE_BAR,
        ),
        Row(
            "the same, until every score is up to date",
            f"{scored['seconds']:.0f} s later, {scored['behind']} behind",
            "all",
            scored["behind"] == 0,
        ),
    ]


def rescored(folder: Path) -> list[Row]:
    done = inside(NAME, folder, "rescore")
    return [
        Row(
            f"{done['diagnostics']} diagnostics scored again, one after the other",
            f"{done['seconds']:.1f} s",
            f"<= {SCORES_BAR} s",
            done["seconds"] <= SCORES_BAR,
        )
    ]


def section(folder: Path, whole: dict[str, Any]) -> list[Row]:
    """The section with most questions, all answered, commented and with evidence; one client."""
    with server(NAME, folder, page_cache=True) as port:
        reader = Reader(port)
        cookie = {"Cookie": f"sesion={whole['session']}"}
        times = [reader.get(whole["path"], **cookie) for _visit in range(VISITS)]
    if any(answer.status != 200 for answer in times):
        raise RuntimeError(f"{whole['path']} answered {times[-1].status}")
    took = 1000 * median(answer.seconds for answer in times[VISITS // 4 :])
    asked = inside(NAME, folder, "section_queries", path=whole["path"], session=whole["session"])
    work = f"a section of {whole['questions']} questions, all answered, 1 client, p50"
    return [
        Row(work, f"{took:.1f} ms", f"<= {SECTION_BAR} ms", took <= SECTION_BAR),
        Row("the same, queries", str(asked), f"<= {QUERIES_BAR}", asked <= QUERIES_BAR),
    ]


# --- Inside the database of the bench ---------------------------------------------------------------------------------


def open_round() -> dict[str, Any]:
    """A round with a diagnostic for every municipality, and its officers, signed in."""
    from datetime import timedelta

    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.choices import MunicipalRole
    from accounts.middleware import SessionActivity
    from accounts.models import User
    from accounts.rules import hash_of_secret
    from diagnostics.choices import RoundKind
    from diagnostics.models import Diagnostic, InstrumentVersion, Round
    from municipalities.models import Membership, Municipality

    call_command("load_instruments", verbosity=0, stdout=StringIO())
    now = timezone.now()
    today = timezone.localdate(now)
    version = InstrumentVersion.objects.published().latest("pk")
    opened = Round.objects.create(
        name="Bench", kind=RoundKind.BASELINE, version=version, opens=today, closes=today, created_at=now
    )
    places = list(Municipality.objects.order_by("pk"))
    made = Diagnostic.objects.bulk_create(
        Diagnostic(round=opened, municipality=place, version=version, state_since=now, created_at=now)
        for place in places
    )
    officers = User.objects.bulk_create(
        User(email=f"{place.cut}-{number}@ejemplo.cl", name=f"Funcionario {number}")
        for place in places
        for number in range(OFFICERS)
    )
    Membership.objects.bulk_create(
        Membership(
            user=user,
            municipality=places[number // OFFICERS],
            role=MunicipalRole.OFFICER,
            starts=today - timedelta(days=1),
            basis="x",
        )
        for number, user in enumerate(officers)
    )
    people = [_officer(user, made[number // OFFICERS], number % OFFICERS) for number, user in enumerate(officers)]
    # Their forms are open: of each session it is noted once in five minutes that it is alive, so in this minute of one in five.
    for each in (one for place, one in enumerate(people) if place % OFFICERS):
        cache.add(f"seen:{hash_of_secret(each['session'])}", 1, SessionActivity.EVERY_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"people": people}


def _officer(user: Any, diagnostic: Any, number: int) -> dict[str, Any]:
    """A section for each; who comes after the last has them all, and meets the others there."""
    from django.urls import reverse

    from diagnostics.reports.answers import instrument_of
    from diagnostics.rules.controls import controls_of

    dimensions = instrument_of(diagnostic.version).dimensions
    own = dimensions[number : number + 1] or dimensions
    place = diagnostic.municipality
    questions = [
        (
            reverse("diagnostics:save", args=[place.cut, place.slug, diagnostic.pk, question.id]),
            "".join(controls_of(question, _value(question))[:1]),
        )
        for dimension in own
        for question in dimension.questions()
    ]
    return {"person": user.pk, "session": _session(user), "questions": questions}


def _session(user: Any) -> str:
    """A session as signing in leaves it, seen a moment ago."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _value(question: Any) -> Any:
    """Some value that answers the question."""
    from diagnostics.rules.instrument import QuestionKind as Kind

    first = question.options[0].id if question.options else None
    return {
        Kind.LEVEL: 3,
        Kind.YES_NO: True,
        Kind.ONE: first,
        Kind.SEVERAL: [first],
        Kind.NUMBER: "12",
        Kind.DATE: "2026-01-15",
        Kind.LINK: "https://ejemplo.cl/",
        Kind.TEXT: None,
    }[question.kind]


def wait_for_scores() -> dict[str, float]:
    """How long until no diagnostic has answers newer than its scores; how many have after `PATIENCE`."""
    from django.db.models import F, Q

    from diagnostics.models import Diagnostic

    late = Q(scored_at__isnull=True) | Q(scored_at__lt=F("answers_changed_at"))
    changed = Diagnostic.objects.filter(late, answers_changed_at__isnull=False)
    began = time.monotonic()
    while (behind := changed.count()) and time.monotonic() - began < PATIENCE:
        time.sleep(0.2)
    return {"seconds": time.monotonic() - began, "behind": behind}


def saves_kept(path: str) -> dict[str, int]:
    """Of the saves sent: lost ones (no revision with that text), and answers that are not what their last revision says."""
    from diagnostics.models import Answer, AnswerRevision

    sent: dict[str, str] = json.loads(Path(path).read_text())
    kept = {str(client): (text, version) for client, text, version in
            AnswerRevision.objects.values_list("client_id", "text", "version")}  # fmt: skip
    last = dict(
        AnswerRevision.objects.filter(version__isnull=False).order_by("version").values_list("answer_id", "text")
    )
    return {
        "sent": len(sent),
        "lost": sum(kept.get(client, (None,))[0] != text for client, text in sent.items()),
        "won": sum(version is not None for _text, version in kept.values()),
        "astray": sum(last[pk] != text for pk, text in Answer.objects.values_list("pk", "text")),
    }


def rescore() -> dict[str, float]:
    from django.utils import timezone

    from diagnostics.models import Diagnostic
    from diagnostics.reports.scores import store_scores

    pks = list(Diagnostic.objects.values_list("pk", flat=True))
    began = time.perf_counter()
    for pk in pks:
        store_scores(pk, now=timezone.now())
    return {"seconds": time.perf_counter() - began, "diagnostics": len(pks)}


def fill_whole() -> dict[str, Any]:
    """A diagnostic with an answer, two revisions, a comment and two pieces of evidence a question; its largest section."""
    from uuid import uuid4

    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import User
    from diagnostics.models import Answer, AnswerRevision, Comment, Diagnostic, Evidence, EvidenceUse, EvidenceVersion
    from diagnostics.reports.answers import instrument_of

    now = timezone.now()
    held = Diagnostic.objects.select_related("municipality", "version").order_by("pk")[0]
    officer = User.objects.get(memberships__municipality=held.municipality, email__contains="-0@")
    instrument = instrument_of(held.version)
    Answer.objects.filter(diagnostic=held).delete()
    for question in instrument.questions():
        answer = Answer.objects.create(
            diagnostic=held, question=question.id, value=_value(question), text="x" * 900, version=2, updated_at=now,
            updated_by=officer,
        )  # fmt: skip
        for version in (1, 2):
            AnswerRevision.objects.create(
                answer=answer, client_id=uuid4(), base_version=version - 1, version=version, at=now, by=officer
            )
            proof = Evidence.objects.create(municipality=held.municipality, title="x", owner=officer, created_at=now)
            EvidenceVersion.objects.create(
                evidence=proof, number=1, kind="link", url="https://ejemplo.cl/", added_by=officer, added_at=now
            )
            EvidenceUse.objects.create(
                evidence=proof, diagnostic=held, question=question.id, linked_by=officer, linked_at=now
            )
        Comment.objects.create(diagnostic=held, question=question.id, text="x", by=officer, at=now)
    largest = max(instrument.dimensions, key=lambda dimension: len(list(dimension.questions())))
    place = held.municipality
    return {
        "path": reverse("diagnostics:section", args=[place.cut, place.slug, held.pk, largest.id]),
        "questions": len(list(largest.questions())),
        "session": _session(officer),
    }


def section_queries(path: str, session: str) -> int:
    """Queries of the page for someone whose session is in the cache."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return len(captured)
