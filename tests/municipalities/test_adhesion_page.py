"""The page on which a municipality sees and moves its adhesion: who sees what, and what they may do there."""

from datetime import datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from municipalities.actions.signatures import return_signature
from municipalities.choices import AdhesionState as S
from municipalities.choices import DocumentState, Office, ReturnReason, SignatureState
from municipalities.models import Act, Adhesion, Authority, Document, Signature
from municipalities.reports.adhesion_page import adhesion_page, mayor_on
from municipalities.reports.return_reasons import return_reasons
from municipalities.rules.next_steps import asked
from municipalities.rules.uploads import SCANNER_SILENT
from tests.cast import Cast, sign_in
from tests.municipalities.adhesions import act, adhesion, mayor
from tests.signing_stage import pdf

NOW = timezone.now()
DESK = "/municipios/12201-cabo-de-hornos/adhesion/gestion/"
UPLOAD = DESK + "firma/"
ANSWER = DESK + "responder/"
RUNS = ("12345678", "12.345.678")


def read(client: Client, cast: Cast, who: str = "coordinator", address: str = DESK) -> str:
    return sign_in(client, getattr(cast, who)).get(address).content.decode()


def post(client: Client, cast: Cast, who: str = "coordinator", content: bytes | None = None, **changes: str) -> int:
    data = {"seen": "act_issued", "road": "advanced"} | changes
    file = SimpleUploadedFile("acta.pdf", content or pdf())
    return sign_in(client, getattr(cast, who)).post(UPLOAD, {**data, "file": file}).status_code


# Who


@pytest.mark.parametrize("address", [DESK, UPLOAD])
@pytest.mark.parametrize("who", ["citizen", "coordinator_elsewhere", "adviser_elsewhere"])
def test_nobody_sees_the_adhesion_of_a_municipality_that_is_not_theirs(
    client: Client, cast: Cast, who: str, address: str
) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    assert sign_in(client, getattr(cast, who)).get(address).status_code == 404
    assert client.post(address, {}).status_code in {404, 405}


@pytest.mark.parametrize("who", ["reader", "officer", "mayor", "coordinator", "adviser", "analyst", "administrator"])
def test_its_people_and_the_council_see_it(client: Client, cast: Cast, who: str) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    assert sign_in(client, getattr(cast, who)).get(DESK).status_code == 200
    assert client.get(UPLOAD).status_code == (200 if who in {"mayor", "coordinator"} else 403)
    assert client.post(ANSWER, {}).status_code == (404 if who in {"mayor", "coordinator"} else 403)


@pytest.mark.parametrize("state", S)
def test_no_run_shows_on_any_state_of_the_page(client: Client, cast: Cast, state: S) -> None:
    mayor(cast.here)
    adhesion(cast.here, state, by=cast.coordinator, reviewer=cast.adviser)
    for who in ("reader", "officer", "mayor", "coordinator"):
        page = read(client, cast, who)
        assert not [run for run in RUNS if run in page]


# What is asked


@pytest.mark.parametrize("state", S)
def test_every_state_says_what_is_asked(client: Client, cast: Cast, state: S) -> None:
    adhesion(cast.here, state, by=cast.coordinator, reviewer=cast.adviser)
    page = read(client, cast)
    with translation.override("es"):
        assert str(asked(state).title) in page
    # One strong button at most: the others are quiet or links.
    main = page.split("<main")[1]
    assert main.count('class="button"') + main.count('<button type="submit">') <= 1


def test_before_the_council_begins_the_page_says_so(client: Client, cast: Cast) -> None:
    assert "todavía no invita" in read(client, cast)
    assert adhesion_page(cast.here, now=NOW).adhesion is None


def test_a_day_that_has_passed_is_shown(cast: Cast) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator, since=NOW)
    due = adhesion_page(cast.here, now=NOW).due
    assert due == asked(S.ACT_ISSUED).due(timezone.localdate(NOW))
    assert due is not None
    noon = timezone.make_aware(datetime.combine(due, time(12)))
    assert not adhesion_page(cast.here, now=noon).is_late
    assert adhesion_page(cast.here, now=noon + timedelta(days=1)).is_late


def test_a_returned_act_shows_its_reason_what_to_do_and_the_words_of_the_reviewer(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.UNDER_REVIEW, by=cast.coordinator)
    sent = Signature.objects.get(act__adhesion=made)
    return_signature(
        by=cast.adviser,
        signature=sent,
        reason=ReturnReason.NOT_TRUSTED,
        note="El certificado venció <ayer>.",
        now=NOW,
        seen=None,
    )
    page = read(client, cast)
    words = return_reasons()[ReturnReason.NOT_TRUSTED]
    assert words.what in page
    assert words.do in page
    assert "venció &lt;ayer&gt;" in page
    assert page.index(words.what) < page.index("stages")


def test_who_may_not_send_it_reads_whom_to_ask(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    page = read(client, cast, "officer")
    assert "Coordinadora" in page
    assert UPLOAD not in page
    assert UPLOAD in read(client, cast, "coordinator")


def test_earlier_adhesions_stay_on_the_page(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.CONCLUDED, by=cast.coordinator, term=2021)
    adhesion(cast.here, S.PROSPECT, by=cast.coordinator)
    assert "2021-2024" in read(client, cast)


def test_an_acting_mayor_signs_while_there_is_one(cast: Cast) -> None:
    today = timezone.localdate(NOW)
    titular = mayor(cast.here)
    assert mayor_on(cast.here, today) == titular
    acting = Authority.objects.create(
        municipality=cast.here,
        office=Office.ACTING_MAYOR,
        name="Subrogante",
        run="11111111-1",
        starts=today,
        decree="Decreto 2",
        recorded_at=NOW,
    )
    assert mayor_on(cast.here, today) == acting


def test_the_page_asks_the_same_number_of_queries_with_any_history(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = adhesion(cast.here, S.RETURNED, by=cast.coordinator, reviewer=cast.adviser)
    for _round in range(3):
        act(made)
    sign_in(client, cast.coordinator)
    with django_assert_max_num_queries(32):
        client.get(DESK)


# The answer


def test_the_coordinator_answers_the_invitation_with_one_button(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.INVITED, by=cast.coordinator)
    assert ANSWER in read(client, cast)
    sign_in(client, cast.coordinator)
    client.post(ANSWER, {"adhesion": made.pk, "seen": "invited"})
    made.refresh_from_db()
    assert made.state == S.CONVERSING
    second = client.post(ANSWER, {"adhesion": made.pk, "seen": "invited"}, follow=True)
    assert "Mientras tanto" in second.content.decode()


@pytest.mark.parametrize("sent", ["", "x", "9" * 30, "²", "-1"])
def test_an_answer_that_names_no_adhesion_finds_none(client: Client, cast: Cast, sent: str) -> None:
    adhesion(cast.here, S.INVITED, by=cast.coordinator)
    sign_in(client, cast.coordinator)
    assert client.post(ANSWER, {"adhesion": sent}).status_code == 404


def test_nobody_answers_for_another_municipality_by_its_number(client: Client, cast: Cast) -> None:
    other = adhesion(cast.elsewhere, S.INVITED, by=cast.coordinator_elsewhere)
    sign_in(client, cast.coordinator)
    assert client.post(ANSWER, {"adhesion": other.pk, "seen": "invited"}).status_code == 404
    other.refresh_from_db()
    assert other.state == S.INVITED


# The file


def test_a_signed_act_is_sent_from_the_form(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    assert post(client, cast) == 302
    made.refresh_from_db()
    assert made.state == S.SIGNED
    page = read(client, cast)
    assert 'hx-trigger="every 2s"' in page
    assert "revisando la firma" in page


def test_sent_twice_it_is_received_once_and_says_so(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    assert post(client, cast) == post(client, cast) == 302
    assert Signature.objects.count() == 1


def test_who_is_overtaken_is_told_and_keeps_the_form(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    assert post(client, cast, "mayor") == 302
    sign_in(client, cast.coordinator)
    file = SimpleUploadedFile("otra.pdf", pdf("otra"))
    late = client.post(UPLOAD, {"seen": "act_issued", "road": "scan", "signed_on": _day(), "file": file})
    page = late.content.decode()
    assert late.status_code == 409
    assert "Alcaldesa" in page
    assert f'value="{_day()}"' in page
    assert Signature.objects.count() == 1


def _day() -> str:
    return timezone.localdate(NOW).isoformat()


@pytest.mark.parametrize(
    ("changes", "content", "said"),
    [
        ({}, b"\xff\xd8\xff\xe0 una foto", "no es un PDF"),
        ({"road": "scan"}, pdf(), "qué día se firmó"),
        ({"road": "scan", "signed_on": "2001-01-01"}, pdf(), "entre el día en que se emitió el acta y hoy"),
        ({"road": "portal"}, pdf(), "Revise"),
    ],
)
def test_a_fault_says_how_to_mend_it_and_keeps_the_chosen_road(
    client: Client, cast: Cast, changes: dict[str, str], content: bytes, said: str
) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    sign_in(client, cast.coordinator)
    data = {"seen": "act_issued", "road": "advanced"} | changes
    answer = client.post(UPLOAD, {**data, "file": SimpleUploadedFile("acta.pdf", content)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    if data["road"] != "portal":
        assert f'value="{data["road"]}" required id="id_road_{0 if data["road"] == "advanced" else 1}"' in page
        assert "checked" in page
    assert not Signature.objects.exists()
    assert Document.objects.count() == 1


def test_the_road_chosen_on_the_page_is_the_one_of_the_form(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.ACT_ISSUED, by=cast.coordinator)
    page = read(client, cast, address=UPLOAD + "?camino=scan")
    chosen = next(part for part in page.split("<input") if 'value="scan"' in part)
    assert "checked" in chosen
    assert read(client, cast, address=UPLOAD + "?camino=%00x")


def test_without_an_act_there_is_nothing_to_send(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    assert client.get(UPLOAD).status_code == 302
    adhesion(cast.here, S.INVITED, by=cast.coordinator)
    assert client.get(UPLOAD).status_code == 302


# The judgement


def test_the_page_follows_the_judgement_and_then_reads_itself_again(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.SIGNED, by=cast.coordinator)
    Signature.objects.update(state=SignatureState.WAITING)
    sign_in(client, cast.coordinator)
    waiting = client.get(DESK, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in waiting.headers
    assert "<html" not in waiting.content.decode()
    Signature.objects.update(state=SignatureState.JUDGED)
    assert client.get(DESK, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_quarantined_file_is_said_to_be_so(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.SIGNED, by=cast.coordinator)
    sent = Signature.objects.get(act__adhesion=made)
    Document.objects.filter(pk=sent.document_id).update(state=DocumentState.QUARANTINED, state_reason=SCANNER_SILENT)
    assert "En cuarentena" in read(client, cast)


def test_a_new_act_hides_what_was_said_of_the_old_one(cast: Cast) -> None:
    made = adhesion(cast.here, S.RETURNED, by=cast.coordinator, reviewer=cast.adviser)
    assert adhesion_page(cast.here, now=NOW).is_returned
    act(made)
    Adhesion.objects.update(state=S.ACT_ISSUED)
    page = adhesion_page(cast.here, now=NOW)
    assert not page.is_returned
    assert page.signature is None
    assert page.act == Act.objects.current().get()
