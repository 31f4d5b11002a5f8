"""The library of evidence: what comes in, counts once, is renewed, linked, removed, and leaves as an archive."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Event
from diagnostics.actions.answers import Content, save_answer
from diagnostics.actions.evidence import Added, Details, Place, Sent, add, edit, link, remove, renew, unlink
from diagnostics.choices import DiagnosticState, EvidenceKind, SnapshotKind
from diagnostics.exports.evidence import archive
from diagnostics.models import Answer, Diagnostic, Evidence, EvidenceUse, EvidenceVersion
from diagnostics.reports.evidence import as_it_counts, fingerprint
from diagnostics.reports.filled import filled
from diagnostics.reports.snapshots import take
from diagnostics.rules.diagnostic_states import VALID, WRITABLE
from diagnostics.rules.submission import remarks
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import DocumentState
from municipalities.imports.antivirus import scan_document
from municipalities.models import Document
from municipalities.rules.uploads import MALWARE
from tests.cast import Cast, assemble, sign_in
from tests.diagnostics import factories
from tests.diagnostics.factories import NOW
from tests.municipalities.test_documents import JPEG, PNG

pytestmark = pytest.mark.django_db
PAGE = "https://www.comuna.cl/cosoc/actas"


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    return factories.diagnostic(cast.here)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def file(content: bytes = PNG, name: str = "acta_cosoc.png") -> Sent:
    return Sent(io.BytesIO(content), name)


def bring(cast: Cast, sent: Sent | None = None, *, title: str = "Acta", key: UUID | None = None, **more: Any) -> Added:
    place = more.pop("place", None)
    return add(
        by=more.pop("by", cast.officer),
        municipality=cast.here,
        key=key or uuid4(),
        details=Details(title, **more),
        sent=sent or file(),
        now=NOW,
        place=place,
    )


def picture(number: int, size: int = 0) -> bytes:
    """A picture that differs with `number`, of about `size` bytes."""
    return JPEG[:-2] + number.to_bytes(2) + bytes(size) + JPEG[-2:]


def clean(evidence: Evidence) -> None:
    for document in Document.objects.filter(pk__in=evidence.versions.values("document")):
        scan_document(document.pk, NOW)


def quarantine(evidence: Evidence) -> None:
    Document.objects.filter(pk__in=evidence.versions.values("document")).update(
        state=DocumentState.QUARANTINED, state_reason=f"{MALWARE}:Eicar", checked_at=NOW
    )


def sentences() -> list[str]:
    return [event.sentence for event in Event.objects.filter(kind__startswith="evidence.").order_by("pk")]


def test_a_file_on_a_question_is_evidence_with_its_hash_and_waits_for_the_scanner(cast: Cast, held: Diagnostic) -> None:
    added = bring(cast, place=Place(held, "t1"))
    version = added.evidence.versions.get()
    assert (version.number, version.kind, added.was_there) == (1, EvidenceKind.FILE, False)
    assert version.document is not None
    assert (version.document.state, len(version.document.sha256)) == (DocumentState.WAITING, 64)
    assert EvidenceUse.objects.get().question == "t1"
    assert added.evidence.owner == cast.officer
    assert sentences() == [
        "Funcionario added the evidence “Acta”.",
        "Funcionario linked “Acta” to the question “¿Cómo publica la información obligatoria?” of “Línea de base 2026”.",
    ]


def test_the_same_upload_twice_is_one(cast: Cast, held: Diagnostic) -> None:
    key, place = uuid4(), Place(held, "t1")
    first = bring(cast, key=key, place=place)
    again = bring(cast, key=key, place=place)
    assert (again.evidence, again.was_there) == (first.evidence, False)
    other = bring(cast, file(name="otro nombre.png"), title="Otro", place=Place(held, "t2"))
    assert (other.evidence, other.was_there) == (first.evidence, True)
    page = bring(cast, Sent(url=PAGE), title="Página")
    assert bring(cast, Sent(url=PAGE)).evidence == page.evidence
    assert (Evidence.objects.count(), EvidenceVersion.objects.count(), Document.objects.count()) == (2, 2, 1)
    assert sorted(EvidenceUse.objects.values_list("question", flat=True)) == ["t1", "t2"]


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_are_one() -> None:
    cast = assemble()
    held = factories.diagnostic(cast.here)
    key = uuid4()

    def send(_number: int) -> int:
        try:
            return bring(cast, key=key, place=Place(held, "t1")).evidence.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(send, range(4)))
    assert len(found) == 1
    assert (EvidenceVersion.objects.count(), EvidenceUse.objects.count(), Document.objects.count()) == (1, 1, 1)


def test_what_is_no_document_is_refused_and_leaves_nothing(cast: Cast, held: Diagnostic) -> None:
    for wrong in (file(b"GIF89a"), file(b""), file(PNG[:-8]), Sent(url="ftp://comuna.cl/x"), Sent()):
        with pytest.raises(RefusedError):
            bring(cast, wrong, place=Place(held, "t1"))
    assert not Evidence.objects.exists()
    assert not EvidenceUse.objects.exists()


def test_a_version_stays_for_what_saw_it_and_the_same_again_adds_none(cast: Cast) -> None:
    evidence = bring(cast).evidence
    assert renew(by=cast.officer, evidence=evidence, sent=file(), now=NOW).number == 1
    assert renew(by=cast.coordinator, evidence=evidence, sent=file(JPEG, "b.jpg"), now=NOW).number == 2
    assert renew(by=cast.coordinator, evidence=evidence, sent=Sent(url=PAGE), now=NOW).number == 3
    assert renew(by=cast.coordinator, evidence=evidence, sent=Sent(url=PAGE), now=NOW).number == 3
    # An earlier content may come back as a version of its own.
    assert renew(by=cast.coordinator, evidence=evidence, sent=file(), now=NOW).number == 4
    assert sentences()[-1] == "Coordinadora added version 4 of the evidence “Acta”."


def test_details_change_once_and_not_over_somebody_elses_change(cast: Cast) -> None:
    evidence = bring(cast).evidence
    seen = fingerprint(evidence)
    details = Details("Acta del COSOC", "Página 3", date(2026, 3, 1), date(2027, 3, 1), is_public=True)
    edited = edit(by=cast.coordinator, evidence=evidence, details=details, seen=seen, now=NOW)
    assert (edited.title, edited.is_public, edited.owner) == ("Acta del COSOC", True, cast.officer)
    with pytest.raises(OvertakenError):
        edit(by=cast.officer, evidence=evidence, details=Details("Otra"), seen=seen, now=NOW)
    wrong = Details("x", dated=date(2026, 3, 1), expires=date(2026, 2, 1))
    other = Details("x", owner=cast.coordinator_elsewhere)
    with pytest.raises(RefusedError, match="before its own date"):
        edit(by=cast.officer, evidence=evidence, details=wrong, seen=fingerprint(edited), now=NOW)
    with pytest.raises(RefusedError, match="owner"):
        edit(by=cast.officer, evidence=evidence, details=other, seen=fingerprint(edited), now=NOW)


def test_who_does_not_answer_the_diagnostic_changes_no_evidence(cast: Cast, held: Diagnostic) -> None:
    evidence = bring(cast).evidence
    place = Place(held, "t1")
    for other in (cast.reader, cast.mayor, cast.adviser, cast.administrator, cast.coordinator_elsewhere, cast.citizen):
        who: dict[str, Any] = {"by": other, "evidence": evidence, "now": NOW}
        for refused in (
            lambda: bring(cast, by=other),  # noqa: B023
            lambda: renew(sent=file(JPEG), **who),  # noqa: B023
            lambda: edit(details=Details("x"), seen=fingerprint(evidence), **who),  # noqa: B023
            lambda: link(place=place, **who),  # noqa: B023
            lambda: unlink(place=place, **who),  # noqa: B023
            lambda: remove(**who),  # noqa: B023
        ):
            with pytest.raises(PermissionDenied):
                refused()


def test_evidence_of_another_municipality_is_not_linked(cast: Cast, held: Diagnostic) -> None:
    theirs = factories.diagnostic(cast.elsewhere)
    evidence = bring(cast).evidence
    with pytest.raises(RefusedError, match="another municipality"):
        link(by=cast.officer, evidence=evidence, place=Place(theirs, "t1"), now=NOW)


def test_links_change_only_while_the_answer_may(cast: Cast, held: Diagnostic) -> None:
    evidence, place = bring(cast, place=Place(held, "t1")).evidence, Place(held, "t1")
    who: dict[str, Any] = {"by": cast.officer, "evidence": evidence, "place": place}
    with pytest.raises(RefusedError, match="does not belong"):
        link(by=cast.officer, evidence=evidence, place=Place(held, "otra"), now=NOW)
    for state in set(DiagnosticState) - WRITABLE - VALID:
        Diagnostic.objects.update(state=state)
        for change in (link, unlink):
            with pytest.raises(RefusedError, match="not being filled in"):
                change(now=NOW, **who)
    Diagnostic.objects.update(state=DiagnosticState.RETURNED)
    with pytest.raises(RefusedError, match="time"):
        unlink(now=NOW + timedelta(days=900), **who)
    Answer.objects.create(diagnostic=held, question="t1", updated_at=NOW, is_locked=True)
    with pytest.raises(RefusedError, match="closed this answer"):
        unlink(now=NOW, **who)
    with pytest.raises(RefusedError, match="closed this answer"):
        remove(by=cast.officer, evidence=evidence, now=NOW)
    Answer.objects.update(is_locked=False)
    unlink(now=NOW, **who)
    unlink(now=NOW, **who)
    assert not EvidenceUse.objects.exists()
    assert len([line for line in sentences() if "unlinked" in line]) == 1


def test_removing_takes_it_off_open_questions_and_keeps_its_versions(cast: Cast, held: Diagnostic) -> None:
    evidence = bring(cast, place=Place(held, "t1")).evidence
    remove(by=cast.officer, evidence=evidence, now=NOW)
    remove(by=cast.officer, evidence=evidence, now=NOW)
    assert not Evidence.objects.kept().exists()
    assert not EvidenceUse.objects.exists()
    assert EvidenceVersion.objects.count() == Document.objects.count() == 1
    assert sentences()[-1] == "Funcionario removed the evidence “Acta”."
    with pytest.raises(RefusedError, match="removed"):
        link(by=cast.officer, evidence=evidence, place=Place(held, "t1"), now=NOW)
    with pytest.raises(RefusedError, match="removed"):
        bring(cast, key=evidence.key)
    # The same file is new evidence.
    assert bring(cast).evidence != evidence


def test_what_was_submitted_with_it_keeps_it_in_the_version_it_saw(cast: Cast, held: Diagnostic) -> None:
    evidence = bring(cast, place=Place(held, "t1")).evidence
    save_answer(
        by=cast.officer, diagnostic=held, question="t1", content=Content(3), base_version=0, client_id=uuid4(), now=NOW
    )
    frozen = take(held, kind=SnapshotKind.SUBMITTED, name="x", by=cast.coordinator, now=NOW)
    said = frozen.content["answers"]["t1"]["evidence"]
    document = evidence.versions.get().document
    assert document is not None
    assert [(each["key"], each["version"], each["sha256"]) for each in said] == [
        (str(evidence.key), 1, document.sha256)
    ]
    Diagnostic.objects.update(state=DiagnosticState.RETURNED)
    with pytest.raises(RefusedError, match="Línea de base 2026"):
        remove(by=cast.officer, evidence=evidence, now=NOW)
    unlink(by=cast.officer, evidence=evidence, place=Place(held, "t1"), now=NOW)
    renew(by=cast.officer, evidence=evidence, sent=file(JPEG), now=NOW)
    with pytest.raises(RefusedError):
        remove(by=cast.officer, evidence=evidence, now=NOW)
    held.refresh_from_db()
    assert as_it_counts(held) == {}
    # Once it lies with the council, the reviewer sees what was submitted, whatever came later.
    held.state = DiagnosticState.UNDER_REVIEW
    (piece,) = as_it_counts(held)["t1"]
    assert piece.version is not None
    assert piece.version.number == 1


def test_the_checks_before_submitting_read_the_library(cast: Cast, held: Diagnostic) -> None:
    def found(code: str) -> list[str]:
        return [remark.text for remark in remarks(filled(held, today=date(2026, 6, 1))) if remark.check == code]

    save_answer(
        by=cast.officer, diagnostic=held, question="t1", content=Content(3), base_version=0, client_id=uuid4(), now=NOW
    )
    assert found("missing_evidence") == ["The evidence is missing."]
    evidence = bring(cast, place=Place(held, "t1"), expires=date(2026, 5, 31)).evidence
    assert found("missing_evidence") == []
    assert found("expired_evidence") == ["The evidence “Acta” is out of date."]
    Evidence.objects.update(expires=None)
    assert found("expired_evidence") == []
    quarantine(evidence)
    assert found("expired_evidence") == ["The evidence “Acta” cannot be opened."]
    page = bring(cast, Sent(url=PAGE), title="Página", place=Place(held, "t1")).evidence
    page.versions.update(link_state="dead")
    assert "The evidence “Página” cannot be opened." in found("expired_evidence")
    unlink(by=cast.officer, evidence=page, place=Place(held, "t1"), now=NOW)
    remove(by=cast.officer, evidence=evidence, now=NOW)
    assert found("missing_evidence") == ["The evidence is missing."]


def unpacked(held: Diagnostic) -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
    whole = b"".join(archive(factories.instrument(), as_it_counts(held), now=NOW))
    book = zipfile.ZipFile(io.BytesIO(whole))
    assert book.testzip() is None
    return book, list(csv.DictReader(io.StringIO(book.read("index.csv").decode("utf-8-sig")), delimiter=";"))


def test_the_archive_has_a_folder_a_question_and_an_index_of_everything(cast: Cast, held: Diagnostic) -> None:
    good = bring(cast, title="../../=Acta: «ñandú»", place=Place(held, "t1"), dated=date(2026, 3, 1)).evidence
    clean(good)
    link(by=cast.officer, evidence=good, place=Place(held, "p1"), now=NOW)
    bring(cast, Sent(url=PAGE), title="=cmd()", place=Place(held, "t1"))
    bad = bring(cast, file(picture(1)), title="Mala", place=Place(held, "t4")).evidence
    quarantine(bad)
    bring(cast, file(picture(2)), title="Por revisar", place=Place(held, "t4"))
    lost = bring(cast, file(picture(3)), title="Perdida", place=Place(held, "t4")).evidence
    clean(lost)
    missing = lost.versions.get().document
    assert missing is not None
    missing.file.storage.delete(str(missing.file.name))
    book, rows = unpacked(held)
    assert sorted(book.namelist()) == ["01-t1/01-=Acta- «ñandú».png", "06-p1/01-=Acta- «ñandú».png", "index.csv"]
    assert book.read("01-t1/01-=Acta- «ñandú».png") == PNG
    assert [(row["Question"], row["Title"], row["Version"], row["File"]) for row in rows] == [
        ("t1", "../../=Acta: «ñandú»", "1", "01-t1/01-=Acta- «ñandú».png"),
        ("t1", "'=cmd()", "1", ""),
        ("t4", "Mala", "1", ""),
        ("t4", "Por revisar", "1", ""),
        ("t4", "Perdida", "1", ""),
        ("p1", "../../=Acta: «ñandú»", "1", "06-p1/01-=Acta- «ñandú».png"),
    ]
    assert (rows[0]["Date"], rows[1]["Link"]) == ("01-03-2026", PAGE)
    assert [row["Note"][:30] for row in rows[2:5]] == [
        "Not included. The virus scanne",
        "Not included. It is being chec",
        "Not included. The file cannot ",
    ]


def test_the_archive_of_large_files_holds_a_piece_of_one_at_a_time(cast: Cast, held: Diagnostic) -> None:
    size = 5 * 1024 * 1024
    for number in range(6):
        evidence = bring(cast, file(picture(number, size)), title=f"Foto {number}", place=Place(held, "t1")).evidence
        clean(evidence)
    counted = as_it_counts(held)
    tracemalloc.start()
    parts = [len(part) for part in archive(factories.instrument(), counted, now=NOW)]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(parts) > 6 * size // (256 * 1024)
    assert most < 4 * 1024 * 1024


def test_the_archive_leaves_through_its_page_for_those_who_may_see_it(
    client: Client, cast: Cast, held: Diagnostic
) -> None:
    clean(bring(cast, place=Place(held, "t1")).evidence)
    address = reverse("diagnostics:evidence_archive", args=[cast.here.cut, cast.here.slug, held.pk])
    for who in (cast.reader, cast.adviser, cast.officer):
        sign_in(client, who)
        response = client.get(address, headers={"accept-encoding": "gzip"})
        assert response["Content-Type"] == "application/zip"
        book = zipfile.ZipFile(io.BytesIO(b"".join(response)))
        assert "01-t1/01-Acta.png" in book.namelist()
    for stranger in (cast.citizen, cast.coordinator_elsewhere, cast.adviser_elsewhere):
        sign_in(client, stranger)
        assert client.get(address).status_code == 404
