"""Carrying the answers of a round to the next version."""

import copy
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diagnostics.actions import instruments as actions
from diagnostics.actions.migration import start
from diagnostics.choices import RoundKind
from diagnostics.imports.carrying import carry_migration
from diagnostics.models import (
    Answer,
    AnswerMigration,
    AnswerRevision,
    Diagnostic,
    Evidence,
    EvidenceUse,
    InstrumentVersion,
    Round,
    Snapshot,
    VersionMapping,
)
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import mapping as rules
from municipalities.actions import OvertakenError, RefusedError
from tests.cast import Cast, sign_in
from tests.diagnostics.factories import DATA, NOW, a_round, diagnostic, published_after, version

pytestmark = pytest.mark.django_db


def later_version() -> InstrumentVersion:
    """A year later: `t1` reworded, `p3` retired, `n1` new."""
    before = version()
    data: dict[str, Any] = copy.deepcopy(DATA)
    data["version"] = "2027.1"
    data["dimensions"][0]["descriptors"][0]["questions"][0]["text"] = "¿Cómo publica cada mes?"
    questions = data["dimensions"][1]["descriptors"][0]["questions"]
    questions[2] = {"id": "n1", "kind": "yes_no", "text": "¿Y ahora?"}
    return published_after(before, data)


def mapped(cast: Cast) -> tuple[VersionMapping, Round, Round]:
    """A mapping as proposed, the round of before and an empty one with the later version."""
    source = a_round()
    target = later_version()
    proposal = rules.propose(instrument_of(source.version), instrument_of(target))
    mapping = actions.keep_mapping(
        by=cast.administrator, source=source.version, target=target, text=rules.write(proposal), seen="", now=NOW
    )
    after = Round.objects.create(
        name="Medio término",
        kind=RoundKind.MIDTERM,
        version=target,
        opens=date(2027, 5, 1),
        closes=date(2028, 5, 1),
        created_at=NOW,
    )
    return mapping, source, after


def answered(cast: Cast) -> Diagnostic:
    held = diagnostic(cast.here)
    for question, value, text in (("t1", 4, "Cada mes"), ("t2", True, "Propio"), ("p3", None, "Acordó algo")):
        Answer.objects.create(
            diagnostic=held, question=question, value=value, text=text, version=3, confidence="high", updated_at=NOW
        )
    evidence = Evidence.objects.create(municipality=cast.here, title="Decreto", owner=cast.officer, created_at=NOW)
    EvidenceUse.objects.create(evidence=evidence, diagnostic=held, question="t1", linked_by=cast.officer, linked_at=NOW)
    return held


def carry(cast: Cast, *, confirm_all: bool = True) -> AnswerMigration:
    mapping, source, target = mapped(cast)
    migration = start(
        by=cast.administrator, mapping=mapping, source=source, target=target, confirm_all=confirm_all, now=NOW
    )
    carry_migration(migration.pk, now=NOW)
    migration.refresh_from_db()
    return migration


def test_answers_arrive_with_a_line_each_and_the_old_round_stays_as_it_was(cast: Cast) -> None:
    held = answered(cast)
    before = list(Answer.objects.filter(diagnostic=held).values())
    migration = carry(cast)
    new = Diagnostic.objects.get(round=migration.target)
    assert list(Answer.objects.filter(diagnostic=held).values()) == before
    carried = {row.question: row for row in new.answers.all()}
    assert {name: (row.value, row.text, row.origin, row.to_confirm) for name, row in carried.items()} == {
        "t1": (4, "Cada mes", "carried", True),
        "t2": (True, "Propio", "carried", True),
    }
    assert [line[:2] for line in migration.reports.get().lines] == [
        ["t1", "to_confirm"],
        ["t2", "carried"],
        ["p3", "left_behind"],
    ]
    assert AnswerRevision.objects.filter(answer__diagnostic=new).count() == 2
    assert EvidenceUse.objects.get(diagnostic=new).question == "t1"
    snapshot = Snapshot.objects.get(diagnostic=held, kind="before_migration")
    assert snapshot.content["answers"]["p3"]["text"] == "Acordó algo"
    assert (migration.state, migration.done, migration.total, new.previous) == ("done", 1, 1, held)


def test_within_a_period_answers_to_unchanged_questions_need_no_confirmation(cast: Cast) -> None:
    answered(cast)
    migration = carry(cast, confirm_all=False)
    flags = dict(Answer.objects.filter(diagnostic__round=migration.target).values_list("question", "to_confirm"))
    assert flags == {"t1": True, "t2": False}


def test_a_migration_twice_is_one_and_what_was_answered_meanwhile_stays(cast: Cast) -> None:
    answered(cast)
    migration = carry(cast)
    new = Diagnostic.objects.get(round=migration.target)
    Answer.objects.filter(diagnostic=new, question="t1").update(text="Mejor dicho", version=2)
    counts = Answer.objects.count(), AnswerRevision.objects.count(), Snapshot.objects.count()
    carry_migration(migration.pk, now=NOW)
    assert (Answer.objects.count(), AnswerRevision.objects.count(), Snapshot.objects.count()) == counts
    assert Answer.objects.get(diagnostic=new, question="t1").text == "Mejor dicho"


def test_an_answer_written_in_the_new_round_first_is_kept_and_told(cast: Cast) -> None:
    answered(cast)
    mapping, source, target = mapped(cast)
    new = diagnostic(cast.here, target)
    Answer.objects.create(diagnostic=new, question="t1", value=2, text="Ya escrito", version=1, updated_at=NOW)
    migration = start(by=cast.administrator, mapping=mapping, source=source, target=target, confirm_all=True, now=NOW)
    carry_migration(migration.pk, now=NOW)
    assert Answer.objects.get(diagnostic=new, question="t1").text == "Ya escrito"
    assert Answer.objects.get(diagnostic=new, question="t2").text == "Propio"
    assert migration.reports.get().kept == ["t1"]


def test_rounds_of_other_versions_are_refused(cast: Cast) -> None:
    mapping, source, _target = mapped(cast)
    with pytest.raises(RefusedError):
        start(by=cast.administrator, mapping=mapping, source=source, target=source, confirm_all=True, now=NOW)


def test_two_people_who_write_one_mapping_do_not_overwrite_each_other(cast: Cast) -> None:
    mapping, source, target = mapped(cast)
    text = rules.write(rules.from_data(mapping.content))
    with pytest.raises(OvertakenError):
        actions.keep_mapping(
            by=cast.administrator, source=source.version, target=target.version, text=text, seen="", now=NOW
        )


def test_the_pages_lead_from_the_proposal_to_the_report(client: Client, cast: Cast) -> None:
    answered(cast)
    source, target = version(), later_version()
    sign_in(client, cast.administrator)
    address = reverse("diagnostics:instrument_mapping", args=[target.pk, source.pk])
    shown = client.get(address)
    text = shown.context["form"]["text"].value()
    faulty = client.post(address, {"text": text.replace("kind: new", "kind: split"), "seen": ""})
    assert faulty.context["form"].non_field_errors()
    upload = SimpleUploadedFile("m.yaml", text.encode())
    assert client.post(address, {"file": upload, "seen": ""}).status_code == 302
    dry = reverse("diagnostics:mapping_dry_run", args=[target.pk, source.pk, a_round().pk])
    html = client.get(dry)
    assert html.context["totals"] == {"carried": 1, "to_confirm": 1, "left_behind": 1}
    assert not Diagnostic.objects.filter(version=target).exists()
    lines = client.get(f"{dry}descargar/?formato=csv").content.decode().splitlines()
    assert len(lines) == 4
    assert client.get(f"{dry}descargar/").content[:2] == b"PK"
    after = Round.objects.create(
        name="Final",
        kind=RoundKind.FINAL,
        version=target,
        opens=date(2027, 1, 1),
        closes=date(2028, 1, 1),
        created_at=NOW,
    )
    begun = client.post(dry, {"target": after.pk, "confirm_all": "on"})
    assert begun.status_code == 302
    carry_migration(AnswerMigration.objects.get().pk, now=NOW)
    report = client.get(begun.headers["Location"])
    assert cast.here.name in report.content.decode()
