"""The council's file of an adhesion, its steps, and the page of a signed act."""

import pytest
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from municipalities.actions.adhesions import move
from municipalities.actions.signatures import check_scan
from municipalities.choices import AdhesionState as S
from municipalities.choices import DocumentState, Fact, MailKind, SignatureMethod, SignatureState
from municipalities.models import Adhesion, Document, Mail, MailTemplate, Signature
from municipalities.reports.adhesion_file import buttons
from municipalities.reports.signature_report import facts_with_reasons, signatures_in_file
from municipalities.rules.verdict import WORDS, Reason
from tests.cast import Cast, sign_in
from tests.municipalities.adhesions import RUN, act, adhesion, mayor, signature

NOW = timezone.now()


def answer(fact: str, *reasons: str) -> dict[str, object]:
    return {"fact": fact, "reasons": list(reasons)}


REPORT = {
    "version": 1,
    "facts": {
        "is_intact": answer("yes"),
        "is_trusted": answer("no", "unknown_issuer"),
        "is_mayor": answer("yes"),
        "covers_act": answer("yes"),
    },
    "signatures": [
        {
            "signer": "Alcaldesa de prueba",
            "run": RUN,
            "is_main": True,
            "signed_at": "2026-03-02T10:00:00-03:00",
            "facts": {"is_intact": answer("yes"), "is_trusted": answer("no", "unknown_issuer", "revoked")},
        },
        {"signer": "Secretario", "run": "no es un RUN", "signed_at": None, "facts": {}},
    ],
}


def file_address(made: Adhesion) -> str:
    return f"/consejo/adhesiones/{made.pk}/"


def step_address(made: Adhesion, to: S) -> str:
    return f"{file_address(made)}paso/{to}/"


def signature_address(found: Signature, decision: str = "") -> str:
    return f"{file_address(found.act.adhesion)}firmas/{found.pk}/{decision}"


@pytest.fixture
def found(cast: Cast) -> Signature:
    """A signed act under review."""
    made = adhesion(cast.here, S.UNDER_REVIEW, by=cast.coordinator)
    return Signature.objects.get(act__adhesion=made)


def read(client: Client, cast: Cast, who: str, address: str) -> str:
    return sign_in(client, getattr(cast, who)).get(address).content.decode()


# Who


def test_the_file_is_the_councils_and_an_advisers_only_within_the_scope(
    client: Client, cast: Cast, found: Signature
) -> None:
    made = found.act.adhesion
    gets = [file_address(made), step_address(made, S.WITHDRAWN), signature_address(found)]
    posts = [*gets[1:2], f"{file_address(made)}deshacer/", signature_address(found, "devolver/")]
    expected = {
        "coordinator": 403,
        "mayor": 403,
        "coordinator_elsewhere": 403,
        "citizen": 403,
        "adviser_elsewhere": 404,
    }
    for who, status in expected.items():
        sign_in(client, getattr(cast, who))
        assert {client.get(address).status_code for address in gets} <= {status, 302} - {302}
        assert {client.post(address, {}).status_code for address in posts} == {status}
    for who in ("adviser", "analyst", "administrator"):
        assert sign_in(client, getattr(cast, who)).get(file_address(made)).status_code == 200
        assert client.get(signature_address(found)).status_code == 200


def test_a_signed_act_is_found_in_its_own_file_only(client: Client, cast: Cast, found: Signature) -> None:
    other = adhesion(cast.elsewhere, S.PROSPECT, by=cast.coordinator_elsewhere)
    sign_in(client, cast.administrator)
    assert client.get(f"{file_address(other)}firmas/{found.pk}/").status_code == 404
    assert client.post(f"{file_address(other)}firmas/{found.pk}/aceptar/", {}).status_code == 404


def test_the_run_is_read_only_by_those_who_may_record_it(client: Client, cast: Cast, found: Signature) -> None:
    mayor(cast.here)
    Signature.objects.update(report=REPORT)
    for address in (file_address(found.act.adhesion), signature_address(found)):
        assert "12.345.678" in read(client, cast, "adviser", address)
        page = read(client, cast, "analyst", address)
        assert "12.345.678" not in page
        assert "12345678" not in page


# The file


@pytest.mark.parametrize("state", S)
def test_the_buttons_are_the_steps_of_the_table_that_are_ones_own(cast: Cast, state: S) -> None:
    made = adhesion(cast.here, state, by=cast.coordinator, reviewer=cast.adviser)
    assert buttons(made, cast.analyst) == []
    ends = {end for button in buttons(made, cast.administrator) for end in button.ends}
    expected = {
        S.PROSPECT: {S.INVITED, S.CONVERSING, S.WITHDRAWN},
        S.INVITED: {S.CONVERSING, S.WITHDRAWN},
        S.CONVERSING: {S.WITHDRAWN},
        S.ACT_ISSUED: {S.WITHDRAWN},
        S.SIGNED: {S.UNDER_REVIEW, S.WITHDRAWN},
        S.UNDER_REVIEW: {S.RETURNED, S.VERIFIED},
        S.RETURNED: {S.WITHDRAWN},
        S.VERIFIED: {S.UNDER_REVIEW, S.IN_FORCE, S.WITHDRAWN},
        S.IN_FORCE: {S.SUSPENDED, S.WITHDRAWN},
        S.SUSPENDED: {S.IN_FORCE, S.WITHDRAWN},
    }
    if state in {S.PROSPECT, S.INVITED, S.CONVERSING, S.ACT_ISSUED, S.RETURNED}:
        expected[state] |= {S.ACT_ISSUED}
    assert ends == expected.get(state, set())


def test_the_file_shows_acts_signatures_mails_and_history(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.RETURNED, by=cast.coordinator, reviewer=cast.adviser)
    new = act(made)
    signature(new, SignatureState.WAITING, by=cast.mayor)
    moved = adhesion(cast.elsewhere, S.PROSPECT, by=cast.coordinator_elsewhere)
    move(by=cast.administrator, adhesion=moved, to=S.INVITED, now=NOW)
    page = read(client, cast, "administrator", file_address(made))
    assert new.sha256 in page
    assert page.count("MGAM-") >= 2
    assert "El documento no se puede leer" in page or "Devuelt" in page
    assert "Invitación" in read(client, cast, "administrator", file_address(moved))


def test_the_file_asks_a_bounded_number_of_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = adhesion(cast.here, S.RETURNED, by=cast.coordinator, reviewer=cast.adviser)
    for _round in range(4):
        signature(act(made), SignatureState.RETURNED, by=cast.coordinator, decided_by=cast.adviser)
    sign_in(client, cast.administrator)
    with django_assert_max_num_queries(36):
        client.get(file_address(made))


# The steps


def test_a_step_says_what_it_does_and_whom_it_tells_and_is_then_taken(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.PROSPECT, by=cast.coordinator)
    MailTemplate.objects.update_or_create(
        kind=MailKind.ADHESION_INVITATION,
        defaults={"subject": "Le invitamos, {municipio}", "body": "Estimada municipalidad", "updated_at": NOW},
    )
    page = read(client, cast, "adviser", step_address(made, S.INVITED))
    assert cast.coordinator.email in page
    assert "Le invitamos, Cabo de Hornos" in page
    answer = client.post(step_address(made, S.INVITED), {"seen": "prospect"})
    assert answer.headers["Location"] == file_address(made)
    made.refresh_from_db()
    assert made.state == S.INVITED


def test_a_reason_is_asked_where_the_table_asks_one(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator)
    sign_in(client, cast.administrator)
    address = step_address(made, S.SUSPENDED)
    assert client.post(address, {"seen": "in_force", "reason": "  "}).status_code == 200
    made.refresh_from_db()
    assert made.state == S.IN_FORCE
    assert client.post(address, {"seen": "in_force", "reason": "Lo pidió el concejo"}).status_code == 302
    made.refresh_from_db()
    assert made.state == S.SUSPENDED


def test_who_was_overtaken_is_told_and_keeps_the_words(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.INVITED, by=cast.coordinator)
    move(by=cast.administrator, adhesion=made, to=S.CONVERSING, now=NOW)
    sign_in(client, cast.adviser)
    late = client.post(step_address(made, S.WITHDRAWN), {"seen": "invited", "reason": "No les interesa"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "Administradora" in page
    assert "No les interesa" in page
    made.refresh_from_db()
    assert made.state == S.CONVERSING


def test_a_step_that_is_not_there_leads_back_to_the_file(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.PROSPECT, by=cast.coordinator)
    sign_in(client, cast.administrator)
    assert client.get(step_address(made, S.IN_FORCE)).headers["Location"] == file_address(made)
    assert client.post(step_address(made, S.IN_FORCE), {"seen": "\x00"}).status_code == 302
    for state in ("verified", "returned", "act_issued", "signed", "concluded", "nada"):
        assert client.get(f"{file_address(made)}paso/{state}/").status_code == 404


def test_who_may_not_take_a_step_gets_no_page_for_it(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator)
    for who in ("adviser", "analyst"):
        assert sign_in(client, getattr(cast, who)).get(step_address(made, S.SUSPENDED)).status_code == 403
        sent = {"seen": "in_force", "reason": "x"}
        assert client.post(step_address(made, S.SUSPENDED), sent).status_code == 403


def test_the_last_step_is_taken_back_from_the_file(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.INVITED, by=cast.coordinator)
    move(by=cast.adviser, adhesion=made, to=S.CONVERSING, now=timezone.now())
    assert "deshacer" not in read(client, cast, "analyst", file_address(made))
    assert "deshacer" in read(client, cast, "adviser", file_address(made))
    client.post(f"{file_address(made)}deshacer/", {"seen": "conversing"})
    made.refresh_from_db()
    assert made.state == S.INVITED
    again = client.post(f"{file_address(made)}deshacer/", {"seen": "conversing"}, follow=True)
    assert "Mientras tanto" in again.content.decode()


# The signed act


def test_the_page_shows_the_four_facts_their_reasons_and_who_was_mayor(
    client: Client, cast: Cast, found: Signature
) -> None:
    Signature.objects.update(report=REPORT, is_trusted=Fact.NO)
    page = read(client, cast, "adviser", signature_address(found))
    assert page.count("verdict__mark verdict__no") >= 1
    with translation.override("es"):
        assert page.count(str(WORDS[Reason.UNKNOWN_ISSUER])) == 2  # of the file, and of the one signature
        assert str(WORDS[Reason.REVOKED]) in page
    assert "Decreto 1" in page
    assert "Secretario" in page
    assert "aceptar/" not in page
    assert "devolver/" in page


def test_a_report_is_read_as_far_as_it_goes(cast: Cast, found: Signature) -> None:
    found.report = {}
    assert [fact.reasons for fact in facts_with_reasons(found)] == [()] * 4
    assert signatures_in_file(found) == []
    found.report = REPORT
    first, second = signatures_in_file(found)
    assert (first.run, first.is_main, len(first.reasons)) == ("12.345.678-5", True, 2)
    assert (second.run, second.signed_at, second.reasons) == ("no es un RUN", None, [])
    assert {fact.answer for fact in second.facts} == {Fact.UNKNOWN}


def test_accepting_verifies_the_adhesion(client: Client, cast: Cast, found: Signature) -> None:
    page = read(client, cast, "adviser", signature_address(found))
    assert "id_aceptar_exception" not in page
    assert client.post(signature_address(found, "aceptar/"), {"seen": "under_review"}).status_code == 302
    found.refresh_from_db()
    assert found.state == SignatureState.ACCEPTED


def test_an_unknown_fact_asks_for_a_written_reason(client: Client, cast: Cast, found: Signature) -> None:
    Signature.objects.update(is_trusted=Fact.UNKNOWN)
    assert "id_aceptar_exception" in read(client, cast, "adviser", signature_address(found))
    assert client.post(signature_address(found, "aceptar/"), {"seen": "under_review"}).status_code == 200
    sent = {"seen": "under_review", "exception": "Llamé al emisor."}
    assert client.post(signature_address(found, "aceptar/"), sent).status_code == 302
    assert "Llamé al emisor." in read(client, cast, "analyst", signature_address(found))


def test_returning_needs_a_typed_reason_and_keeps_what_was_written(
    client: Client, cast: Cast, found: Signature
) -> None:
    sign_in(client, cast.adviser)
    address = signature_address(found, "devolver/")
    for sent in ({"reason": "", "note": "Mi nota"}, {"reason": "nada", "note": "Mi nota"}):
        answer = client.post(address, {"seen": "under_review", **sent})
        assert answer.status_code == 200
        assert "Mi nota" in answer.content.decode()
    assert client.post(address, {"seen": "under_review", "reason": "other", "note": " "}).status_code == 200
    assert client.post(address, {"seen": "under_review", "reason": "broken", "note": ""}).status_code == 302
    assert Mail.objects.filter(kind=MailKind.SIGNATURE_RETURNED, to=cast.coordinator.email).exists()


def test_who_decides_second_is_told_and_keeps_the_words(client: Client, cast: Cast, found: Signature) -> None:
    sign_in(client, cast.administrator).post(signature_address(found, "aceptar/"), {"seen": "under_review"})
    sign_in(client, cast.adviser)
    sent = {"seen": "under_review", "reason": "broken", "note": "Falta la página 3"}
    late = client.post(signature_address(found, "devolver/"), sent)
    page = late.content.decode()
    assert late.status_code == 409
    assert "Administradora" in page
    assert "Falta la página 3" in page
    found.refresh_from_db()
    assert found.state == SignatureState.ACCEPTED


def test_a_scan_shows_how_many_checks_it_lacks(client: Client, cast: Cast, found: Signature) -> None:
    Signature.objects.update(method=SignatureMethod.SCAN)
    page = read(client, cast, "analyst", signature_address(found))
    assert "revisar/" in page
    assert "aceptar/" not in page
    answer = client.post(signature_address(found, "revisar/"), {"note": "Se leen firma y timbre"})
    assert answer.headers["Location"] == signature_address(found)
    assert "Se leen firma y timbre" in client.get(signature_address(found)).content.decode()
    assert "falta 1 revisión" in read(client, cast, "adviser", signature_address(found))
    found.refresh_from_db()
    check_scan(by=cast.adviser, signature=found, note="x", now=NOW)
    assert "aceptar/" in read(client, cast, "adviser", signature_address(found))


def test_who_sent_it_is_offered_no_decision(client: Client, cast: Cast, found: Signature) -> None:
    Signature.objects.update(submitted_by=cast.administrator)
    page = read(client, cast, "administrator", signature_address(found))
    assert "aceptar/" not in page
    assert client.post(signature_address(found, "aceptar/"), {"seen": "under_review"}).status_code == 403


@pytest.mark.parametrize("decision", ["aceptar/", "devolver/"])
def test_an_analyst_decides_nothing(client: Client, cast: Cast, found: Signature, decision: str) -> None:
    assert decision not in read(client, cast, "analyst", signature_address(found))
    assert client.post(signature_address(found, decision), {"seen": "under_review"}).status_code == 403
    assert client.post(signature_address(found, "nada/"), {}).status_code == 404


def test_quarantine_and_waiting_are_seen(client: Client, cast: Cast, found: Signature) -> None:
    Document.objects.filter(pk=found.document_id).update(state=DocumentState.QUARANTINED, state_reason="Virus")
    Signature.objects.update(state=SignatureState.WAITING)
    page = read(client, cast, "adviser", signature_address(found))
    assert "cuarentena" in page
    assert 'hx-trigger="every 2s"' in page
    assert "devolver/" in page
    waiting = client.get(signature_address(found), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in waiting.headers
    Signature.objects.update(state=SignatureState.JUDGED)
    assert client.get(signature_address(found), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
