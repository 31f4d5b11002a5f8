"""Signing in the portal with ClaveÚnica."""

import io
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from accounts.actions import confirm_run
from accounts.models import Event, User
from accounts.rules import mask_run
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import signing as actions
from municipalities.choices import AdhesionState, Fact, MailKind, Office, SignatureMethod, SignatureState
from municipalities.models import Act, Adhesion, Mail, Signature
from municipalities.reports.seal import Prepared, prepare, seal, seal_certificate
from tests import claveunica_server, signing_stage
from tests.cast import Cast, sign_in
from tests.claveunica_server import MAYOR, SOMEONE, FakeClaveUnica

NOW = timezone.now()
SIGN = "/municipios/12201-cabo-de-hornos/adhesion/firmar/"
START, CONFIRM = SIGN + "claveunica/", SIGN + "confirmar/"


@pytest.fixture
def provider() -> Iterator[FakeClaveUnica]:
    cache.clear()
    with (
        claveunica_server.running() as running,
        signing_stage.seal(),
        override_settings(**running.settings(), SITE_URL="http://testserver"),
    ):
        yield running


@pytest.fixture
def act(cast: Cast) -> Act:
    return signing_stage.act_issued(cast.here, signing_stage.mayor_in_office(cast.here), by=cast.adviser)


def prove(client: Client, provider: FakeClaveUnica, citizen: claveunica_server.Citizen = MAYOR) -> None:
    """From the page of the act to ClaveÚnica and back to the last question."""
    back = provider.sign_in(client.post(START)["Location"], citizen)
    assert client.get(back)["Location"] == CONFIRM


def sign(by: User, act: Act, *, run: str = MAYOR.run, seen: str = "act_issued", now: datetime = NOW) -> Signature:
    return actions.sign_in_portal(
        by=by,
        act=Act.objects.get(pk=act.pk),
        run=run,
        name="María Carmen Del Río González",
        session_key="s" * 32,
        address="203.0.113.7",
        now=now,
        seen=seen,
    )


def words(answer: object) -> str:
    content: bytes = answer.content  # type: ignore[attr-defined]
    return " ".join(content.decode().split())


def test_a_mayor_reads_proves_and_signs(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    sign_in(client, cast.mayor)
    page = words(client.get(SIGN))
    assert "firma electrónica simple" in page
    assert "La Municipalidad de Cabo de Hornos adhiere." in page
    prove(client, provider)
    page = words(client.get(CONFIRM))
    assert act.folio in page
    assert "María Carmen Del Río González" in page
    assert "••.•••.444-4" in page
    assert "44.444" not in page
    answer = client.post(CONFIRM, {"seen": "act_issued", "read": "on"}, REMOTE_ADDR="203.0.113.7")
    assert answer["Location"] == SIGN
    signature = Signature.objects.get()
    assert (signature.method, signature.state) == (SignatureMethod.PORTAL, SignatureState.WAITING)
    assert (signature.signer_run, signature.signer_name) == (MAYOR.run, "María Carmen Del Río González")
    assert signature.address == "203.0.113.7"
    assert len(signature.session_hash) == 64
    assert signature.submitted_by == cast.mayor
    assert Adhesion.objects.get().state == AdhesionState.SIGNED
    assert "El acta está firmada" in words(client.get(SIGN))
    cast.mayor.refresh_from_db()
    assert cast.mayor.run == MAYOR.run
    assert set(Mail.objects.values_list("kind", "adhesion")) == {(MailKind.SIGNATURE_RECEIVED, act.adhesion_id)}


def test_the_sealed_file_is_the_act_and_the_seal(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    signature = sign(cast.mayor, act)
    issued, signed = actions.issued_bytes(act), signing_stage.content(signature.document)
    assert signed.startswith(issued)
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    trust = ValidationContext(trust_roots=[x509.Certificate.load(seal_certificate())], allow_fetching=False)
    status = validate_pdf_signature(embedded, trust)
    assert status.bottom_line
    assert str(embedded.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    assert act.folio in str(embedded.sig_object["/Reason"])
    assert embedded.self_reported_timestamp == NOW.replace(microsecond=0)
    assert b"44444444" not in signed
    assert b"44.444.444" not in signed


def test_neither_events_nor_mails_hold_the_run(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    sign(cast.mayor, act)
    told = [f"{event.sentence} {event.data} {event.reason}" for event in Event.objects.all()]
    assert any(act.folio in one for one in told)
    assert not any("44444444" in one or "44.444" in one for one in told)
    assert not any("44444444" in mail.body + mail.subject for mail in Mail.objects.all())


def test_two_clicks_sign_once(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    first = sign(cast.mayor, act)
    assert sign(cast.mayor, act) == first
    assert Signature.objects.count() == 1
    assert Event.objects.filter(kind="adhesion.moved").count() == 1


def test_a_second_tab_finds_the_act_signed(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    sign_in(client, cast.mayor)
    prove(client, provider)
    client.post(CONFIRM, {"seen": "act_issued", "read": "on"})
    assert client.post(CONFIRM, {"seen": "act_issued", "read": "on"})["Location"] == SIGN
    assert client.post(START)["Location"] == SIGN
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("run", [SOMEONE.run, "99999999-9"])
def test_only_the_mayor_in_office_signs(cast: Cast, provider: FakeClaveUnica, act: Act, run: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        sign(cast.mayor, act, run=run)
    assert run not in str(refusal.value)
    assert not Signature.objects.exists()
    cast.mayor.refresh_from_db()
    assert cast.mayor.run is None


def test_another_person_at_the_mayors_session_is_refused(
    client: Client, cast: Cast, provider: FakeClaveUnica, act: Act
) -> None:
    sign_in(client, cast.mayor)
    prove(client, provider, SOMEONE)
    answer = client.post(CONFIRM, {"seen": "act_issued", "read": "on"})
    assert answer.status_code == 409
    assert "55555555" not in words(answer)
    assert not Signature.objects.exists()


def test_who_left_office_does_not_sign(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    act.authority.ends = timezone.localdate(NOW)
    act.authority.save()
    with pytest.raises(RefusedError):
        sign(cast.mayor, act)


def test_who_acts_as_mayor_signs_the_act_that_names_them_and_no_other(
    cast: Cast, provider: FakeClaveUnica, act: Act
) -> None:
    acting = signing_stage.mayor_in_office(cast.here, run=SOMEONE.run, office=Office.ACTING_MAYOR)
    with pytest.raises(RefusedError):
        sign(cast.mayor, act, run=SOMEONE.run)
    act.authority = acting
    act.save()
    assert sign(cast.mayor, act, run=SOMEONE.run).signer_run == SOMEONE.run


def test_an_account_with_another_run_is_refused(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    confirm_run(by=cast.mayor, run=SOMEONE.run, now=NOW)
    with pytest.raises(RefusedError):
        sign(cast.mayor, act)
    assert not Signature.objects.exists()


def test_a_proof_signs_one_act_alone(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    sign_in(client, cast.mayor)
    prove(client, provider)
    Act.objects.filter(pk=act.pk).update(replaced_at=NOW)
    Adhesion.objects.filter(pk=act.adhesion_id).update(state=AdhesionState.WITHDRAWN)
    newer = signing_stage.act_issued(cast.here, act.authority)
    assert client.post(CONFIRM, {"seen": "act_issued", "read": "on"})["Location"] == SIGN
    assert not Signature.objects.exists()
    assert newer.folio in words(client.get(SIGN))


def test_a_proof_lasts_ten_minutes(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    sign_in(client, cast.mayor)
    prove(client, provider)
    session = client.session
    session["claveunica"] = {**session["claveunica"], "at": (NOW - timedelta(minutes=11)).isoformat()}
    session.save()
    assert client.get(CONFIRM)["Location"] == SIGN
    assert client.post(CONFIRM, {"seen": "act_issued", "read": "on"})["Location"] == SIGN
    assert not Signature.objects.exists()


def test_a_proof_to_link_does_not_sign(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    sign_in(client, cast.mayor)
    prove(client, provider)
    session = client.session
    session["claveunica"] = {**session["claveunica"], "purpose": "link"}
    session.save()
    assert client.get(CONFIRM)["Location"] == SIGN


def test_the_act_is_signed_only_after_the_box_is_ticked(
    client: Client, cast: Cast, provider: FakeClaveUnica, act: Act
) -> None:
    sign_in(client, cast.mayor)
    prove(client, provider)
    answer = client.post(CONFIRM, {"seen": "act_issued"})
    assert answer.status_code == 200
    assert not Signature.objects.exists()


def test_an_act_changed_meanwhile_is_not_signed(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    with pytest.raises(OvertakenError):
        sign(cast.mayor, act, seen="returned")
    Act.objects.filter(pk=act.pk).update(replaced_at=NOW)
    with pytest.raises(OvertakenError):
        sign(cast.mayor, act)
    assert not Signature.objects.exists()


def test_a_returned_act_is_signed_again(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    first = sign(cast.mayor, act)
    first.state, first.return_reason, first.return_note = SignatureState.RETURNED, "wrong_data", "Falta la tilde."
    first.decided_at, first.decided_by = NOW, cast.adviser
    first.save()
    Adhesion.objects.update(state=AdhesionState.RETURNED)
    sign_in(client, cast.mayor)
    assert "Falta la tilde." in words(client.get(SIGN))
    second = sign(cast.mayor, act, seen="returned")
    assert second != first
    assert Adhesion.objects.get().state == AdhesionState.SIGNED


def test_a_stored_act_that_changed_is_not_signed(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    Act.objects.filter(pk=act.pk).update(sha256="0" * 64)
    with pytest.raises(RefusedError):
        sign(cast.mayor, act)


def test_the_facts_wait_for_their_judge(cast: Cast, provider: FakeClaveUnica, act: Act) -> None:
    signature = sign(cast.mayor, act)
    assert {signature.is_intact, signature.is_trusted, signature.is_mayor, signature.covers_act} == {Fact.UNKNOWN}


@pytest.mark.parametrize("who", ["coordinator", "officer", "reader", "adviser", "administrator"])
def test_nobody_else_opens_the_page(client: Client, cast: Cast, provider: FakeClaveUnica, act: Act, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert {client.get(SIGN).status_code, client.post(START).status_code, client.post(CONFIRM).status_code} == {403}


@pytest.mark.parametrize("who", ["citizen", "coordinator_elsewhere"])
def test_strangers_do_not_find_the_page(client: Client, cast: Cast, act: Act, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert client.get(SIGN).status_code == 404


def test_without_claveunica_the_other_ways_are_told(client: Client, cast: Cast, act: Act) -> None:
    sign_in(client, cast.mayor)
    page = words(client.get(SIGN))
    assert "firma electrónica avanzada" in page
    assert "Continuar con ClaveÚnica" not in page
    assert client.post(START).status_code == 404


def test_without_an_act_there_is_nothing_to_sign(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    sign_in(client, cast.mayor)
    assert client.get(SIGN).status_code == 200
    assert {client.post(START).status_code, client.get(CONFIRM).status_code} == {404}


def test_while_whom_the_act_names_is_out_of_office_nobody_signs(
    client: Client, cast: Cast, provider: FakeClaveUnica, act: Act
) -> None:
    act.authority.ends = timezone.localdate(NOW)
    act.authority.save()
    sign_in(client, cast.mayor)
    assert "hoy no está en ejercicio" in words(client.get(SIGN))


def test_without_a_seal_nothing_is_sealed() -> None:
    with override_settings(SEAL_FILE=""), pytest.raises(RefusedError):
        seal(signing_stage.pdf("x"), reason="x", now=NOW)


def test_a_seal_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "sello.p12"
    broken.write_bytes(b"nada")
    for path in (broken, tmp_path / "ninguno.p12"):
        with override_settings(SEAL_FILE=str(path), SEAL_PASSWORD="x"), pytest.raises(RefusedError):
            seal(signing_stage.pdf("x"), reason="x", now=NOW)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\nnada", b"<html>"])
def test_what_is_no_pdf_is_not_prepared(content: bytes) -> None:
    with pytest.raises(RefusedError):
        prepare(content, field="Firma", reason="x", now=NOW)


def test_a_signature_too_large_for_its_room_is_refused() -> None:
    with pytest.raises(ValueError, match="larger"):
        Prepared(b"<0000>", b"", 0, 6).filled(b"123")


def test_the_seal_of_a_demonstration_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "sello.p12"
    call_command("make_seal", str(path), stdout=io.StringIO())
    password = path.with_name("sello.p12.password")
    assert {stat.S_IMODE(file.stat().st_mode) for file in (path, password)} == {0o600}
    with override_settings(SEAL_FILE=str(path), SEAL_PASSWORD=password.read_text()):
        assert seal(signing_stage.pdf("x"), reason="x", now=NOW)
    with pytest.raises(CommandError):
        call_command("make_seal", str(path))


def test_a_seal_is_not_written_into_the_repository(settings: object) -> None:
    with pytest.raises(CommandError):
        call_command("make_seal", str(Path(__file__).parent / "sello.p12"))


def test_a_masked_run_tells_four_digits() -> None:
    assert mask_run("12345678-5") == "••.•••.678-5"
    assert mask_run("1234567-K") == "•.•••.567-K"
