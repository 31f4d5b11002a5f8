"""From the row of a signed act to its verdict."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import Event
from municipalities import periodic, tasks
from municipalities.actions import RefusedError
from municipalities.actions.judging import judge_again
from municipalities.choices import DocumentState, Fact, ReturnReason, SignatureMethod, SignatureState
from municipalities.imports import judging
from municipalities.imports.judging import judge_signature
from municipalities.models import Act, Authority, RevocationList, Signature
from tests import signing
from tests.cast import Cast, sign_in
from tests.municipalities.judged_acts import MAYOR, NOW, RECEIVED, SIGNED, issued_act, received, trust
from tests.signing import act, person, sign

pytestmark = pytest.mark.django_db

ROOT = signing.authority("Raíz acreditada de prueba")
HER = person("Alcaldesa de Prueba", "12.345.678-5", by=ROOT)
FACTS = ("is_intact", "is_trusted", "is_mayor", "covers_act")


def facts(signature: Signature) -> list[str]:
    signature.refresh_from_db()
    return [getattr(signature, name) for name in FACTS]


def test_a_waiting_signature_gets_its_four_facts_and_its_report(cast: Cast) -> None:
    trust(ROOT)
    signature = received(cast, sign(act(), HER, SIGNED))
    assert judge_signature(signature.pk, NOW) is True
    assert facts(signature) == [Fact.YES] * 4
    assert (signature.state, signature.judged_at) == (SignatureState.JUDGED, NOW)
    assert (signature.signer_name, signature.signer_run, signature.signed_at) == ("Alcaldesa de Prueba", MAYOR, SIGNED)
    assert signature.report["signatures"][0]["facts"]["is_mayor"] == {"fact": "yes", "reasons": []}


def test_what_happened_is_told_once_without_the_run(cast: Cast) -> None:
    signature = received(cast, sign(act(), HER, SIGNED))
    assert judge_signature(signature.pk, NOW) is True
    assert judge_signature(signature.pk, NOW) is False
    event = Event.objects.get(kind="adhesion.signature_judged")
    assert event.subject_id == str(signature.act.adhesion_id)
    assert "MGAM-2026-0001" in event.sentence
    assert MAYOR.split("-")[0] not in str(event.data) + event.sentence


def test_a_signature_waits_until_its_file_is_clean(cast: Cast) -> None:
    signature = received(cast, sign(act(), HER, SIGNED))
    for state in (DocumentState.WAITING, DocumentState.QUARANTINED):
        signature.document.state = state
        signature.document.save()
        assert judge_signature(signature.pk, NOW) is False
        assert facts(signature) == [Fact.UNKNOWN] * 4


def test_a_listed_revocation_is_seen(cast: Cast) -> None:
    trust(ROOT)
    der = signing.revocation_list(ROOT, [(HER, SIGNED - timedelta(days=1))], this=SIGNED)
    RevocationList.objects.create(issuer="x", der=der, fingerprint="0" * 64, this_update=SIGNED, added_at=NOW)
    signature = received(cast, sign(act(), HER, SIGNED))
    judge_signature(signature.pk, NOW)
    assert facts(signature)[1] == Fact.NO


def acting_mayor(cast: Cast) -> Authority:
    return Authority.objects.create(
        municipality=cast.here,
        office="acting_mayor",
        name="Alcalde Subrogante",
        run="7654321-6",
        starts=date(2026, 11, 12),
        ends=date(2026, 11, 20),
        decree="Decreto 9",
        recorded_at=NOW,
    )


def test_an_acting_mayor_signs_the_act_that_names_them(cast: Cast) -> None:
    trust(ROOT)
    signature = received(cast, sign(act(), person("Alcalde Subrogante", "7.654.321-6", by=ROOT), SIGNED))
    Act.objects.update(authority=acting_mayor(cast))
    judge_signature(signature.pk, NOW)
    assert facts(signature) == [Fact.YES] * 4


def test_an_acting_mayor_whom_the_act_does_not_name_does_not_sign_it(cast: Cast) -> None:
    # A coordinator may record acting mayors: the register would tell that the mayor signed.
    trust(ROOT)
    signature = received(cast, sign(act(), person("Alcalde Subrogante", "7.654.321-6", by=ROOT), SIGNED))
    acting_mayor(cast)
    judge_signature(signature.pk, NOW)
    assert facts(signature) == [Fact.YES, Fact.YES, Fact.NO, Fact.YES]


def test_the_mayor_of_another_municipality_is_not_the_mayor(cast: Cast) -> None:
    trust(ROOT)
    signature = received(cast, sign(act(), person("Alcalde Ajeno", "7.654.321-6", by=ROOT), SIGNED))
    Authority.objects.create(
        municipality=cast.elsewhere,
        office="mayor",
        name="Alcalde Ajeno",
        run="7654321-6",
        starts=date(2024, 12, 6),
        decree="x",
        recorded_at=NOW,
    )
    judge_signature(signature.pk, NOW)
    assert facts(signature)[2] == Fact.NO


def test_of_a_paper_only_the_mayor_s_day_is_judged(cast: Cast) -> None:
    signature = received(cast, act(), method=SignatureMethod.SCAN, signed_at=SIGNED)
    judge_signature(signature.pk, NOW)
    assert facts(signature) == [Fact.UNKNOWN, Fact.UNKNOWN, Fact.YES, Fact.UNKNOWN]
    Signature.objects.filter(pk=signature.pk).update(
        state=SignatureState.WAITING, signed_at=datetime(2024, 11, 1, tzinfo=UTC)
    )
    judge_signature(signature.pk, NOW)
    assert facts(signature)[2] == Fact.UNKNOWN  # nobody is known to have been mayor then


@pytest.fixture
def seal(tmp_path: Path, settings: Any) -> signing.Issued:
    """The portal's own certificate, made for this test."""
    one = person("Sello del portal", "", by=None, serial="", other_name="")
    place = tmp_path / "sello.p12"
    encryption = BestAvailableEncryption(b"clave")
    place.write_bytes(
        pkcs12.serialize_key_and_certificates(b"sello", signing.key(one.owner), one.certificate, None, encryption)
    )
    settings.SEAL_FILE, settings.SEAL_PASSWORD = str(place), "clave"
    return one


def test_what_was_signed_in_the_portal_is_trusted_by_its_seal(cast: Cast, seal: signing.Issued) -> None:
    signature = received(
        cast,
        sign(act(), seal, SIGNED),
        method=SignatureMethod.PORTAL,
        signer_run=MAYOR,
        signer_name="Ella",
        signed_at=SIGNED,
    )
    judge_signature(signature.pk, NOW)
    assert facts(signature) == [Fact.YES] * 4
    assert (signature.signer_name, signature.signer_run) == ("Ella", MAYOR)


def test_another_session_s_person_or_another_seal_is_not_the_mayor(cast: Cast, seal: signing.Issued) -> None:
    the_act = issued_act(cast)
    signature = received(
        cast,
        sign(act(), seal, SIGNED),
        method=SignatureMethod.PORTAL,
        signer_run="7654321-6",
        signed_at=SIGNED,
        act=the_act,
    )
    judge_signature(signature.pk, NOW)
    assert facts(signature) == [Fact.YES, Fact.YES, Fact.NO, Fact.YES]
    signature.delete()
    forged = sign(act(), person("Sello ajeno", "", by=None, serial="", other_name=""), SIGNED)
    signature = received(cast, forged, method=SignatureMethod.PORTAL, signer_run=MAYOR, signed_at=SIGNED, act=the_act)
    judge_signature(signature.pk, NOW)
    assert facts(signature) == [Fact.YES, Fact.NO, Fact.UNKNOWN, Fact.YES]


def test_the_seal_vouches_for_no_uploaded_file(cast: Cast, seal: signing.Issued) -> None:
    signature = received(cast, sign(act(), seal, SIGNED))
    judge_signature(signature.pk, NOW)
    assert facts(signature)[1] == Fact.NO


def test_a_new_root_helps_a_signature_that_is_judged_again(
    cast: Cast, django_capture_on_commit_callbacks: Any, client: Client
) -> None:
    signature = received(cast, sign(act(), HER, SIGNED))
    judge_signature(signature.pk, NOW)
    assert facts(signature)[1] == Fact.NO
    trust(ROOT)
    with django_capture_on_commit_callbacks() as sent:
        address = reverse("municipalities:judge_again", args=[signature.act.adhesion_id, signature.pk])
        assert sign_in(client, cast.administrator).post(address, {"next": "/consejo/"})["Location"] == "/consejo/"
        assert client.post(address, {"next": "https://otro.ejemplo.cl/"})["Location"] == "/inicio/"
    assert len(sent) == 1  # the second click found it waiting already
    tasks.judge_signature(signature.pk)
    assert facts(signature) == [Fact.YES] * 4


def test_only_reviewers_have_a_signature_judged_again_and_only_before_a_decision(cast: Cast) -> None:
    signature = received(cast, sign(act(), HER, SIGNED))
    judge_signature(signature.pk, NOW)
    for outsider in (cast.coordinator, cast.analyst, cast.adviser_elsewhere):
        with pytest.raises(PermissionDenied):
            judge_again(by=outsider, signature=signature, now=NOW)
    Signature.objects.filter(pk=signature.pk).update(
        state=SignatureState.RETURNED, return_reason=ReturnReason.OTHER, decided_at=NOW
    )
    with pytest.raises(RefusedError):
        judge_again(by=cast.adviser, signature=signature, now=NOW)


def test_a_verdict_that_a_killed_worker_owes_is_asked_for_again(cast: Cast) -> None:
    signature = received(cast, sign(act(), HER, SIGNED))
    assert judging.unjudged(RECEIVED + timedelta(minutes=1)) == []
    assert judging.unjudged(RECEIVED + timedelta(minutes=3)) == [signature.pk]
    periodic.catch_up_documents()
    judge_signature(signature.pk, NOW)
    assert judging.unjudged(RECEIVED + timedelta(minutes=3)) == []


def test_the_report_is_told_in_words(cast: Cast) -> None:
    signature = received(cast, act())
    judge_signature(signature.pk, NOW)
    signature.refresh_from_db()
    told = signature.told["facts"]["is_intact"]
    assert told["fact"] == Fact.NO
    assert told["reasons"][0]
    assert told["reasons"] != ["no_signature"]
