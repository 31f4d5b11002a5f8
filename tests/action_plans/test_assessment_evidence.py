"""Evidence of assessments: of the municipality's library, or a monitor's own; published, it stays."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Event, User
from action_plans.actions import assessment_evidence as actions
from action_plans.actions import assessments
from action_plans.actions.assessment_evidence import Brought
from action_plans.choices import AssessmentKind, PieceHideReason, PlanStage
from action_plans.models import Assessment, AssessmentAnswer, AssessmentPiece
from action_plans.rules.assessments import LARGEST_PIECE, MOST_PIECES
from config.page_cache import forget_public_pages
from diagnostics.actions.evidence import Sent
from diagnostics.models import Evidence, EvidenceVersion
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import DocumentState
from municipalities.models import Document
from tests.action_plans import assessed, stories
from tests.action_plans.stories import go, only, to
from tests.cast import Cast, sign_in
from tests.municipalities.test_documents import PNG

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast) -> Assessment:
    """The midterm self-assessment of a plan, just begun."""
    forget_public_pages()
    return begun(cast)


def begun(cast: Cast) -> Assessment:
    assessed.load()
    plan = stories.carried_out(cast)
    go(plan, PlanStage.MIDTERM, cast)
    plan.refresh_from_db()
    return assessments.begin(by=cast.officer, plan=plan, kind=AssessmentKind.MIDTERM, now=timezone.now())


@pytest.fixture
def of_monitor(cast: Cast, draft: Assessment) -> Assessment:
    """An end-of-commitment assessment of an independent monitor: the citizen of the cast."""
    days: dict[str, Any] = {"starts": timezone.localdate(), "ends": None, "now": timezone.now()}
    assessments.appoint(by=cast.adviser, plan=draft.plan, user=cast.citizen, organisation="x", basis="x", **days)
    return assessments.begin(
        by=cast.citizen,
        plan=draft.plan,
        kind=AssessmentKind.END,
        commitment=only(draft.plan),
        now=timezone.now(),
    )


def change(cast: Cast, one: Assessment, **more: Any) -> list[AssessmentPiece]:
    by = cast.citizen if one.kind == AssessmentKind.END else cast.officer
    given: dict[str, Any] = {"by": by, "assessment": one, "about": only(one.plan), "now": timezone.now()}
    return actions.change(**{**given, **more})


def a_file(title: str = "Acta", **more: Any) -> Brought:
    return Brought(uuid4(), title, Sent(BytesIO(PNG), f"{title}.png"), **more)


def a_link(title: str = "Página") -> Brought:
    return Brought(uuid4(), title, Sent(url=f"https://ejemplo.cl/{uuid4()}"), is_public=True)


def part_page(one: Assessment) -> str:
    return reverse("action_plans:assessment_part", args=[one.pk, only(one.plan).key])


def publish(cast: Cast, one: Assessment) -> None:
    """Answered whole, and published."""
    assessed.answer(one, by=cast.citizen if one.kind == AssessmentKind.END else cast.officer)
    by = cast.citizen if one.kind == AssessmentKind.END else cast.coordinator
    assessments.publish(by=by, assessment=one, now=timezone.now())
    forget_public_pages()


def scanned() -> None:
    Document.objects.update(state=DocumentState.CLEAN)


def content(client: Client, address: str) -> bytes:
    """The file that opens there, whole."""
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


# --- The municipality's own -------------------------------------------------------------------------------------------


def test_an_officer_ticks_what_was_told_of_the_commitment_and_everyone_reads_it(
    client: Client, cast: Cast, draft: Assessment
) -> None:
    told = Evidence.objects.get(title="Inventario")
    page = sign_in(client, cast.officer).get(part_page(draft)).content.decode()
    assert str(told.key) in page, "what was told of the commitment is offered"
    assert client.post(part_page(draft), {"prueba-key": uuid4(), "prueba-pieces": told.key}).status_code == 302
    publish(cast, draft)
    public = Client().get(to("plan_assessment", cast, draft.plan_id, draft.pk)).content.decode()
    assert "https://ejemplo.cl/actas" in public


def test_a_new_file_goes_into_the_library_and_opens_for_everyone_once_it_was_checked(
    client: Client, cast: Cast, draft: Assessment
) -> None:
    sent = {
        "prueba-key": uuid4(),
        "prueba-file": SimpleUploadedFile("informe.png", PNG),
        "prueba-is_public": "on",
        "evidencia-text": "El informe",
        "evidencia-version": 0,
    }
    assert sign_in(client, cast.officer).post(part_page(draft), sent).status_code == 302
    piece = draft.pieces.get()
    assert piece.version
    assert piece.version.evidence.municipality == cast.here
    assert AssessmentAnswer.objects.get(question="evidencia").text == "El informe"
    publish(cast, draft)
    address = to("plan_assessment_piece", cast, draft.plan_id, draft.pk, piece.key)
    assert Client().get(address).status_code == 404, "it is being checked"
    scanned()
    assert content(Client(), address) == PNG
    Evidence.objects.update(is_public=False)
    assert Client().get(address).status_code == 404, "what its owner takes back is gone at once"
    forget_public_pages()
    assert "1 que no es pública" in (
        Client().get(to("plan_assessment", cast, draft.plan_id, draft.pk)).content.decode()
    )


def test_sent_twice_it_is_one(client: Client, cast: Cast, draft: Assessment) -> None:
    brought = a_file()
    change(cast, draft, brought=brought)
    change(cast, draft, brought=brought)
    assert draft.pieces.count() == 1
    assert Evidence.objects.filter(title="Acta").count() == 1


def test_a_part_has_three_pieces_of_ten_megabytes_at_most(client: Client, cast: Cast, draft: Assessment) -> None:
    for number in range(MOST_PIECES):
        change(cast, draft, brought=a_link(f"Página {number}"))
    with pytest.raises(RefusedError, match="a lo más 3"):
        change(cast, draft, brought=a_link())
    with pytest.raises(RefusedError, match="a lo más 3"):
        change(cast, draft, add=[Evidence.objects.get(title="Inventario")])
    assert draft.pieces.count() == MOST_PIECES
    change(cast, draft, drop=[p.version.evidence.key for p in draft.pieces.all()[:1] if p.version])
    large = Brought(uuid4(), "x", Sent(BytesIO(b"%PDF-1.7" + b"0" * LARGEST_PIECE), "x.pdf"))
    with pytest.raises(RefusedError, match="10 MB"):
        change(cast, draft, brought=large)
    sent = {"prueba-key": uuid4(), "prueba-file": SimpleUploadedFile("x.pdf", b"%PDF" + b"0" * LARGEST_PIECE)}
    answer = sign_in(client, cast.officer).post(part_page(draft), {**sent, "evidencia-text": "Mis palabras"})
    assert answer.status_code == 422
    assert "Mis palabras" in answer.content.decode()


def test_what_is_no_document_is_refused_and_the_words_stay(client: Client, cast: Cast, draft: Assessment) -> None:
    sent = {"prueba-key": uuid4(), "prueba-file": SimpleUploadedFile("informe.png", b"MZ program")}
    answer = sign_in(client, cast.officer).post(part_page(draft), {**sent, "evidencia-text": "Mis palabras"})
    assert answer.status_code == 422
    assert "Mis palabras" in answer.content.decode()
    assert not draft.pieces.exists()


@pytest.mark.parametrize("wrong", [{"prueba-pieces": "x"}, {"prueba-attached": "\x00"}, {"prueba-key": "x"}, {}])
def test_a_strange_form_never_breaks_the_page(
    client: Client, cast: Cast, draft: Assessment, wrong: dict[str, str]
) -> None:
    answer = sign_in(client, cast.officer).post(part_page(draft), {"prueba-key": uuid4(), **wrong})
    assert answer.status_code in (302, 422)


def test_an_old_form_takes_off_only_what_it_showed(client: Client, cast: Cast, draft: Assessment) -> None:
    seen = Evidence.objects.get(title="Inventario")
    change(cast, draft, add=[seen])
    change(cast, draft, brought=a_link("Lo que otra persona agregó"))
    old = {"prueba-key": uuid4(), "prueba-attached": seen.key}
    assert sign_in(client, cast.officer).post(part_page(draft), old).status_code == 302
    assert [piece.title for piece in draft.pieces.all()] == ["Lo que otra persona agregó"]


def test_evidence_of_another_municipality_or_one_that_was_removed_is_refused(cast: Cast, draft: Assessment) -> None:
    now = timezone.now()
    theirs = Evidence.objects.create(
        municipality=cast.elsewhere, title="Ajena", owner=cast.officer, created_at=now, is_public=True
    )
    EvidenceVersion.objects.create(
        evidence=theirs, number=1, kind="link", url="https://ejemplo.cl/x", added_by=cast.officer, added_at=now
    )
    with pytest.raises(RefusedError):
        change(cast, draft, add=[theirs])
    Evidence.objects.filter(title="Inventario").update(removed_at=now)
    with pytest.raises(RefusedError):
        change(cast, draft, add=[Evidence.objects.get(title="Inventario")])


def test_it_is_published_with_the_version_of_the_day_and_stays(cast: Cast, draft: Assessment) -> None:
    told = Evidence.objects.get(title="Inventario")
    change(cast, draft, add=[told])
    gone = change(cast, draft, brought=a_link("Se quitó"))[-1]
    assert gone.version
    Evidence.objects.filter(pk=gone.version.evidence_id).update(removed_at=timezone.now())
    new = {"kind": "link", "added_by": cast.officer, "added_at": timezone.now()}
    EvidenceVersion.objects.create(evidence=told, number=2, url="https://ejemplo.cl/dos", **new)
    publish(cast, draft)
    piece = draft.pieces.get()
    assert piece.address == "https://ejemplo.cl/dos"
    EvidenceVersion.objects.create(evidence=told, number=3, url="https://ejemplo.cl/tres", **new)
    assert draft.pieces.get().address == "https://ejemplo.cl/dos"
    with pytest.raises(OvertakenError):
        change(cast, draft, drop=[told.key])
    for write in (
        lambda: AssessmentPiece.objects.all().delete(),
        lambda: AssessmentPiece.objects.update(added_at=timezone.now()),
        lambda: draft.pieces.create(url="https://ejemplo.cl", added_at=timezone.now(), added_by=cast.officer),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            write()


def test_a_piece_is_one_thing(cast: Cast, draft: Assessment) -> None:
    for wrong in ({}, {"url": "https://x.cl", "version": EvidenceVersion.objects.first()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            draft.pieces.create(added_at=timezone.now(), added_by=cast.officer, **wrong)


# --- A monitor's ------------------------------------------------------------------------------------------------------


def test_a_monitors_evidence_is_not_in_the_municipalitys_library(
    client: Client, cast: Cast, of_monitor: Assessment
) -> None:
    before = Evidence.objects.count()
    sent = {
        "prueba-key": uuid4(),
        "prueba-file": SimpleUploadedFile("observado.png", PNG),
        "prueba-is_public": "on",
    }
    sign_in(client, cast.citizen)
    assert str(Evidence.objects.get(title="Inventario").key) not in client.get(part_page(of_monitor)).content.decode()
    assert client.post(part_page(of_monitor), sent).status_code == 302
    piece = of_monitor.pieces.get()
    assert (piece.title, Evidence.objects.count()) == ("observado", before)
    scanned()
    inside = reverse("action_plans:assessment_piece", args=[of_monitor.pk, piece.key])
    assert content(client, inside) == PNG
    assert sign_in(Client(), cast.coordinator).get(inside).status_code == 404, "a draft of the monitor is the monitor's"
    publish(cast, of_monitor)
    address = to("plan_assessment_piece", cast, of_monitor.plan_id, of_monitor.pk, piece.key)
    assert content(Client(), address) == PNG
    assert address in Client().get(to("plan_assessment", cast, of_monitor.plan_id, of_monitor.pk)).content.decode()


def test_what_a_monitor_keeps_back_is_counted_and_not_opened(cast: Cast, of_monitor: Assessment) -> None:
    (piece,) = change(cast, of_monitor, brought=a_file("Reservado"))
    scanned()
    publish(cast, of_monitor)
    page = Client().get(to("plan_assessment", cast, of_monitor.plan_id, of_monitor.pk)).content.decode()
    assert "Reservado" not in page
    assert "1 que no es pública" in page
    address = to("plan_assessment_piece", cast, of_monitor.plan_id, of_monitor.pk, piece.key)
    assert Client().get(address).status_code == 404


def test_a_monitor_takes_a_piece_off_again_and_never_takes_from_the_library(
    client: Client, cast: Cast, of_monitor: Assessment
) -> None:
    (piece,) = change(cast, of_monitor, brought=a_link())
    with pytest.raises(RefusedError):
        change(cast, of_monitor, add=[Evidence.objects.get(title="Inventario")])
    sent = {"prueba-key": uuid4(), "prueba-attached": piece.key}
    assert sign_in(client, cast.citizen).post(part_page(of_monitor), sent).status_code == 302
    assert not of_monitor.pieces.exists()


def test_nobody_else_changes_it(cast: Cast, of_monitor: Assessment, draft: Assessment) -> None:
    for one, by in ((of_monitor, cast.coordinator), (draft, cast.citizen), (draft, cast.adviser), (draft, cast.reader)):
        with pytest.raises(PermissionDenied):
            change(cast, one, by=by, brought=a_link())
    other = draft.plan.__class__.objects.create(
        municipality=cast.elsewhere,
        title="x",
        starts=date(2026, 1, 1),
        ends=date(2027, 1, 1),
        created_at=timezone.now(),
        stage_since=timezone.now(),
    )
    theirs = other.commitments.create(number=1, title="x", created_at=timezone.now())
    with pytest.raises(RefusedError):
        change(cast, draft, about=theirs, brought=a_link())


# --- What a monitor should not have published -------------------------------------------------------------------------


@pytest.fixture
def shown(cast: Cast, of_monitor: Assessment) -> AssessmentPiece:
    """A file of a monitor that everyone opens."""
    (piece,) = change(cast, of_monitor, brought=a_file("Ficha de Juana", is_public=True))
    scanned()
    publish(cast, of_monitor)
    return piece


def hiding(piece: AssessmentPiece) -> str:
    return reverse("action_plans:assessment_piece_hide", args=[piece.key])


def public_file(cast: Cast, piece: AssessmentPiece) -> str:
    return to("plan_assessment_piece", cast, piece.assessment.plan_id, piece.assessment_id, piece.key)


def public_page(cast: Cast, piece: AssessmentPiece) -> str:
    address = to("plan_assessment", cast, piece.assessment.plan_id, piece.assessment_id)
    return Client().get(address).content.decode()


@pytest.mark.parametrize("who", ["citizen", "adviser"])
def test_a_private_file_stops_being_shown_and_its_place_says_since_when_by_whom_and_why(
    client: Client,
    cast: Cast,
    shown: AssessmentPiece,
    who: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert "Ficha de Juana" in public_page(cast, shown)
    inside = part_page(shown.assessment) if who == "citizen" else to("advice", cast)
    page = sign_in(client, getattr(cast, who)).get(inside).content.decode()
    assert f'href="{hiding(shown)}"' in page
    assert client.get(hiding(shown)).status_code == 200
    sent = {"reason": PieceHideReason.PERSONAL_DATA, "note": "Nombraba a una vecina."}
    with django_capture_on_commit_callbacks(execute=True):
        for _twice in range(2):
            assert client.post(hiding(shown), sent).status_code == 302
    page = public_page(cast, shown)
    assert "Ficha de Juana" not in page, "a title may be private too"
    by = "el monitor" if who == "citizen" else "el Consejo"
    assert f"Evidencia que {by} dejó de mostrar el {timezone.localdate():%d-%m-%Y}." in page
    assert "Muestra datos personales de alguien. Nombraba a una vecina." in page
    assert Client().get(public_file(cast, shown)).status_code == 404
    address = reverse("action_plans:assessment_piece", args=[shown.assessment_id, shown.key])
    assert sign_in(Client(), cast.citizen).get(address).status_code == 404, "nobody opens it"
    assert Event.objects.filter(kind="assessment.piece_hidden").count() == 1


def test_who_neither_monitors_nor_advises_hides_nothing(cast: Cast, shown: AssessmentPiece) -> None:
    for who, status in ((cast.coordinator, 404), (cast.officer, 404), (cast.analyst, 403)):
        assert sign_in(Client(), who).get(hiding(shown)).status_code == status
    for by in (cast.coordinator, cast.analyst, cast.adviser_elsewhere):
        with pytest.raises(PermissionDenied):
            hidden(by, shown)
    sent = {"reason": "because"}
    assert sign_in(Client(), cast.citizen).post(hiding(shown), sent).status_code == 200
    assert content(Client(), public_file(cast, shown)) == PNG


def hidden(by: User, piece: AssessmentPiece) -> AssessmentPiece:
    return actions.hide(by=by, piece=piece, reason=PieceHideReason.WRONG, note="", now=timezone.now())


def test_a_draft_is_mended_where_it_was_written(cast: Cast, of_monitor: Assessment) -> None:
    (piece,) = change(cast, of_monitor, brought=a_link())
    assert sign_in(Client(), cast.citizen).get(hiding(piece)).status_code == 404
    with pytest.raises(RefusedError):
        hidden(cast.citizen, piece)


def test_once_hidden_it_stays_so_and_nothing_else_of_it_changes(cast: Cast, shown: AssessmentPiece) -> None:
    rows = AssessmentPiece.objects.filter(pk=shown.pk)
    reason = {"hidden_at": timezone.now(), "hidden_for": PieceHideReason.WRONG}
    with pytest.raises(InternalError), transaction.atomic():
        rows.update(**reason, own_title="Otra")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(hidden_at=timezone.now())
    hidden(cast.citizen, shown)
    for again in ({"hidden_at": None, "hidden_for": ""}, {"hidden_note": "otra"}):
        with pytest.raises(InternalError), transaction.atomic():
            rows.update(**again)
