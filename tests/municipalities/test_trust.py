"""Whom the portal trusts to certify signatures, and who decides it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import translation

from accounts.models import Event
from municipalities.actions import RefusedError
from municipalities.actions.trust import add_certificate, add_list, set_trust
from municipalities.choices import CertificateKind
from municipalities.models import RevocationList, TrustedCertificate
from tests import signing
from tests.cast import Cast, sign_in
from tests.signing import Issued

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ROOT = signing.authority("Raíz acreditada de prueba")
MIDDLE = signing.authority("Emisora de prueba", above=ROOT)
HER = signing.person("Alcaldesa de Prueba", "12345678-5", by=MIDDLE)


def add(cast: Cast, content: bytes, kind: CertificateKind = CertificateKind.ROOT) -> TrustedCertificate:
    with translation.override("en"):
        return add_certificate(
            by=cast.administrator,
            content=content,
            kind=kind,
            note="Del sitio de la entidad",
            trusted_from=date(2026, 1, 1),
            now=NOW,
        )


def altered(one: Issued) -> bytes:
    return one.der[:-3] + bytes([one.der[-3] ^ 1]) + one.der[-2:]


def test_a_root_is_added_from_pem_or_der_with_who_and_when(cast: Cast) -> None:
    added = add(cast, ROOT.pem)
    assert (added.name, bytes(added.der), added.added_by) == (ROOT.owner, ROOT.der, cast.administrator)
    assert add(cast, MIDDLE.der, CertificateKind.INTERMEDIATE).kind == CertificateKind.INTERMEDIATE
    assert Event.objects.filter(kind="trust.certificate_added").count() == 2


def test_adding_twice_says_so(cast: Cast) -> None:
    added = add(cast, ROOT.pem)
    with pytest.raises(RefusedError, match="already there"):
        add(cast, ROOT.der)
    set_trust(by=cast.administrator, certificate=added, until=date(2026, 12, 1), reason="x", now=NOW)
    with pytest.raises(RefusedError, match="Change its dates"):
        add(cast, ROOT.der)


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (HER.der, CertificateKind.ROOT, "cannot vouch"),
        (MIDDLE.der, CertificateKind.ROOT, "intermediate"),
        (ROOT.der, CertificateKind.INTERMEDIATE, "is a root"),
        (ROOT.pem + MIDDLE.pem, CertificateKind.ROOT, "one at a time"),
        (altered(ROOT), CertificateKind.ROOT, "altered"),
        (b"hola", CertificateKind.ROOT, "not a certificate"),
        (b"", CertificateKind.ROOT, "not a certificate"),
        (b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", CertificateKind.ROOT, "certificate|damaged"),
    ],
)
def test_what_cannot_vouch_for_others_is_refused(cast: Cast, content: bytes, kind: CertificateKind, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        add(cast, content, kind)
    assert not TrustedCertificate.objects.exists()


def test_a_private_key_sent_by_mistake_is_refused_with_a_warning(cast: Cast) -> None:
    key = signing.key(ROOT.owner).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(RefusedError, match="private key"):
        add(cast, key + ROOT.pem)


def test_trust_ends_with_a_reason_and_a_mistaken_end_is_taken_back(cast: Cast) -> None:
    added = add(cast, ROOT.der)
    by = cast.administrator
    with translation.override("en"):
        with pytest.raises(RefusedError, match="reason"):
            set_trust(by=by, certificate=added, until=date(2026, 12, 1), reason=" ", now=NOW)
        with pytest.raises(RefusedError, match="before it began"):
            set_trust(by=by, certificate=added, until=date(2025, 12, 1), reason="x", now=NOW)
    set_trust(by=by, certificate=added, until=date(2026, 12, 1), reason="Su llave se filtró", now=NOW)
    added.refresh_from_db()
    assert added.trusted_until == date(2026, 12, 1)
    assert Event.objects.get(kind="trust.ended").reason == "Su llave se filtró"
    set_trust(by=by, certificate=added, until=None, reason="Era otra", now=NOW)
    assert TrustedCertificate.objects.filter(trusted_until=None).count() == 1
    with pytest.raises(RefusedError):
        set_trust(by=by, certificate=added, until=None, reason="Era otra", now=NOW)


def test_a_list_is_taken_from_a_known_issuer_and_once(cast: Cast) -> None:
    listed = signing.revocation_list(ROOT, [(MIDDLE, NOW)], this=NOW)
    with translation.override("en"):
        with pytest.raises(RefusedError, match="Nobody knows"):
            add_list(by=cast.administrator, content=listed, now=NOW)
        add(cast, ROOT.der)
        add_list(by=cast.administrator, content=listed, now=NOW)
        with pytest.raises(RefusedError, match="already there"):
            add_list(by=cast.administrator, content=listed, now=NOW)
        forged = signing.revocation_list(ROOT, [(MIDDLE, NOW)], this=NOW, signed_by="Un extraño")
        with pytest.raises(RefusedError, match="does not fit"):
            add_list(by=cast.administrator, content=forged, now=NOW)
        with pytest.raises(RefusedError, match="only holds changes"):
            add_list(by=cast.administrator, content=signing.revocation_list(ROOT, this=NOW, part=True), now=NOW)
        with pytest.raises(RefusedError, match="not a revocation list"):
            add_list(by=cast.administrator, content=b"hola", now=NOW)
    assert RevocationList.objects.count() == 1


def test_nobody_but_administrators_decides_on_trust(cast: Cast, client: Client) -> None:
    for outsider in (cast.adviser, cast.analyst, cast.coordinator, cast.mayor):
        with pytest.raises(PermissionDenied):
            add_list(by=outsider, content=b"", now=NOW)
        assert sign_in(client, outsider).get("/consejo/confianza/").status_code == 403


def test_a_certificate_is_shown_before_it_is_trusted(cast: Cast, client: Client) -> None:
    sign_in(client, cast.administrator)
    assert "agregar" in client.get("/consejo/confianza/").content.decode()
    file = BytesIO(ROOT.pem)
    file.name = "raiz.pem"
    given = {"kind": "root", "trusted_from": "2026-01-01", "note": "Del sitio de la entidad"}
    shown = client.post("/consejo/confianza/agregar/", {**given, "file": file}).content.decode()
    assert ROOT.owner in shown
    assert not TrustedCertificate.objects.exists()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown))
    hidden.pop("csrfmiddlewaretoken", None)
    assert hidden["note"] == given["note"]
    for _click in range(2):
        answer = client.post("/consejo/confianza/agregar/", {**hidden, "confirm": "1"})
    assert answer.status_code == 200  # the second click is told that it is there
    added = TrustedCertificate.objects.get()
    assert added.fingerprint in client.get("/consejo/confianza/").content.decode()
    answer = client.post(f"/consejo/confianza/{added.pk}/fechas/", {"until": "2026-12-01", "reason": "x"})
    assert answer.status_code == 302
    added.refresh_from_db()
    assert added.trusted_until == date(2026, 12, 1)


def test_a_form_without_a_file_or_with_a_wrong_one_says_so(cast: Cast, client: Client) -> None:
    sign_in(client, cast.administrator)
    given = {"kind": "root", "trusted_from": "2026-01-01", "note": "x"}
    for more in ({}, {"encoded": "%%%"}, {"file": BytesIO(b"hola")}):
        answer = client.post("/consejo/confianza/agregar/", {**given, **more})
        assert "error-summary" in answer.content.decode()
    answer = client.post("/consejo/confianza/listas/agregar/", {"file": BytesIO(b"hola")})
    assert "error-summary" in answer.content.decode()
