"""Signing with FirmaGob: what it is asked, and each way in which it fails."""

import io
from collections.abc import Iterator
from threading import Thread

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from accounts.models import Event, User
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import signing as actions
from municipalities.choices import AdhesionState, SignatureMethod
from municipalities.imports import firmagob
from municipalities.models import Act, Adhesion, Signature
from tests import firmagob_server, signing_stage
from tests.cast import Cast, assemble, sign_in
from tests.claveunica_server import MAYOR, SOMEONE
from tests.firmagob_server import CODE, FakeFirmaGob

NOW = timezone.now()
SIGN = "/municipios/12201-cabo-de-hornos/adhesion/firmar/"
SEND = SIGN + "firmagob/"


@pytest.fixture
def server() -> Iterator[FakeFirmaGob]:
    cache.clear()
    with firmagob_server.running() as running, override_settings(**running.settings(timeout=1)):
        yield running


@pytest.fixture
def act(cast: Cast) -> Act:
    return stage(cast)


def stage(cast: Cast) -> Act:
    User.objects.filter(pk=cast.mayor.pk).update(run=MAYOR.run)
    cast.mayor.refresh_from_db()
    return signing_stage.act_issued(cast.here, signing_stage.mayor_in_office(cast.here))


def sign(by: User, act: Act, code: str = CODE) -> Signature:
    return actions.sign_with_firmagob(
        by=by, act=Act.objects.get(pk=act.pk), code=code, now=timezone.now(), seen="act_issued"
    )


def test_the_mayor_signs_with_the_code(client: Client, cast: Cast, server: FakeFirmaGob, act: Act) -> None:
    sign_in(client, cast.mayor)
    answer = client.post(SEND, {"code": "123 456", "seen": "act_issued"})
    assert answer["Location"] == SIGN
    assert server.faults == []
    assert server.runs == ["44444444"]
    signature = Signature.objects.get()
    assert (signature.method, signature.signer_run) == (SignatureMethod.FIRMAGOB, MAYOR.run)
    signed = signing_stage.content(signature.document)
    assert signed.startswith(actions.issued_bytes(act))
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[], allow_fetching=False))
    assert (status.intact, status.valid) == (True, True)
    assert Adhesion.objects.get().state == AdhesionState.SIGNED
    assert cache.get(f"firmagob:{act.pk}") is None


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("wrong code", firmagob.WrongCodeError),
        ("code too old", firmagob.WrongCodeError),
        ("token expired", firmagob.TokenRefusedError),
        ("silence", firmagob.NotAnsweringError),
        ("trickle", firmagob.NotAnsweringError),
        ("500", firmagob.NotAnsweringError),
        ("page", firmagob.UnreadableAnswerError),
        ("garbage", firmagob.UnreadableAnswerError),
        ("huge", firmagob.UnreadableAnswerError),
        ("other hash", firmagob.UnreadableAnswerError),
        ("broken signature", firmagob.UnreadableAnswerError),
        ("partial", firmagob.PartialAnswerError),
        ("failed", firmagob.PartialAnswerError),
    ],
)
def test_a_failure_records_nothing_and_the_next_attempt_signs_the_same_bytes(
    cast: Cast, server: FakeFirmaGob, act: Act, mode: str, error: type[Exception]
) -> None:
    server.answers = [mode]
    with pytest.raises(error) as refusal:
        sign(cast.mayor, act)
    assert "44444444" not in str(refusal.value)
    assert not Signature.objects.exists()
    assert Adhesion.objects.get().state == AdhesionState.ACT_ISSUED
    sign(cast.mayor, act)
    assert Signature.objects.count() == 1
    assert len(set(server.asked)) == 1


def test_firmagob_that_cannot_be_reached_is_said(client: Client, cast: Cast, server: FakeFirmaGob, act: Act) -> None:
    sign_in(client, cast.mayor)
    with override_settings(FIRMAGOB_URL="http://127.0.0.1:9/"):
        answer = client.post(SEND, {"code": CODE, "seen": "act_issued"})
    assert answer.status_code == 409
    assert "No se perdió nada" in answer.content.decode()
    assert not Signature.objects.exists()


def test_a_wrong_code_is_told_at_its_field(client: Client, cast: Cast, server: FakeFirmaGob, act: Act) -> None:
    sign_in(client, cast.mayor)
    answer = client.post(SEND, {"code": "654321", "seen": "act_issued"})
    assert answer.status_code == 200
    assert "FirmaGob no aceptó el código" in answer.content.decode()


@pytest.mark.parametrize("code", ["", "12", "abcdef", "123456789012", "12345\r\nX: y"])
def test_what_is_no_code_is_not_sent(client: Client, cast: Cast, server: FakeFirmaGob, act: Act, code: str) -> None:
    sign_in(client, cast.mayor)
    assert client.post(SEND, {"code": code, "seen": "act_issued"}).status_code == 200
    assert server.asked == []


def test_a_portal_with_the_wrong_secret_is_told(cast: Cast, server: FakeFirmaGob, act: Act) -> None:
    other = override_settings(FIRMAGOB_SECRET="otro-secreto-que-no-es-el-de-la-prueba")
    with other, pytest.raises(firmagob.TokenRefusedError):
        sign(cast.mayor, act)


def test_only_the_run_of_the_mayor_in_office_is_asked_for(cast: Cast, server: FakeFirmaGob, act: Act) -> None:
    for run in (None, SOMEONE.run):
        User.objects.filter(pk=cast.mayor.pk).update(run=run)
        cast.mayor.refresh_from_db()
        with pytest.raises(RefusedError):
            sign(cast.mayor, act)
    assert server.asked == []


def test_without_an_entity_it_is_not_offered(client: Client, cast: Cast, act: Act) -> None:
    sign_in(client, cast.mayor)
    assert "Código de seis dígitos" not in client.get(SIGN).content.decode()
    assert client.post(SEND, {"code": CODE, "seen": "act_issued"}).status_code == 404


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_nobody_else_signs(client: Client, cast: Cast, server: FakeFirmaGob, act: Act, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert client.post(SEND, {"code": CODE, "seen": "act_issued"}).status_code == 403
    assert server.asked == []


def test_an_act_replaced_while_firmagob_thinks_is_not_recorded(transactional_db: None, server: FakeFirmaGob) -> None:
    cast = assemble()
    act = stage(cast)
    server.answers = ["wait"]
    ended: list[str] = []

    def work() -> None:
        try:
            sign(User.objects.get(pk=cast.mayor.pk), act)
        except OvertakenError:
            ended.append("overtaken")
        finally:
            connection.close()

    with override_settings(FIRMAGOB_TIMEOUT=20):
        thread = Thread(target=work)
        thread.start()
        assert server.arrived.wait(20)
        # Nothing is locked meanwhile: this would wait for ever.
        with transaction.atomic():
            Adhesion.objects.select_for_update(nowait=True).get(pk=act.adhesion_id)
            Act.objects.filter(pk=act.pk).update(replaced_at=NOW)
        server.waiting.set()
        thread.join()
    assert ended == ["overtaken"]
    assert not Signature.objects.exists()


def test_two_clicks_with_one_code_sign_once(transactional_db: None, server: FakeFirmaGob) -> None:
    cast = assemble()
    act = stage(cast)
    made: list[int] = []

    def work() -> None:
        try:
            made.append(sign(User.objects.get(pk=cast.mayor.pk), act).pk)
        finally:
            connection.close()

    with override_settings(FIRMAGOB_TIMEOUT=20):
        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1
    assert Signature.objects.count() == 1
    assert Event.objects.filter(kind="adhesion.moved").count() == 1
