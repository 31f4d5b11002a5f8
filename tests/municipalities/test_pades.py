"""The judgement of signatures, on PDFs signed here with certificates made here."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from municipalities.choices import Fact
from municipalities.rules.verdict import Office, Reason, TimeSource
from tests import signing
from tests.municipalities.judgements import (
    HER,
    ISSUED,
    MAYOR,
    MIDDLE,
    OFFICES,
    RECEIVED,
    ROOT,
    SIGNED,
    YES,
    anchor,
    judge,
    reasons,
    stamper,
)
from tests.signing import Issued, act, person, sign


def test_an_intact_act_signed_by_the_mayor_fulfils_the_four_facts() -> None:
    verdict = judge(sign(act(), HER, SIGNED))
    assert verdict.facts == YES
    assert verdict.main is not None
    assert (verdict.main.signer, verdict.main.run) == ("Alcaldesa de Prueba", MAYOR)
    assert verdict.main.signed_at == SIGNED
    assert verdict.report["signatures"][0]["chain"][0] == anchor(ROOT).fingerprint
    assert verdict.report["roots"] == [anchor(ROOT).fingerprint]


def test_without_a_revocation_list_the_report_says_that_revocation_was_not_checked() -> None:
    verdict = judge(sign(act(), HER, SIGNED))
    assert reasons(verdict, "is_trusted") == (Reason.REVOCATION_NOT_CHECKED,)
    lists = [signing.revocation_list(one, this=SIGNED - timedelta(days=3)) for one in (ROOT, MIDDLE)]
    assert reasons(judge(sign(act(), HER, SIGNED), crls=lists), "is_trusted") == ()


@pytest.mark.parametrize("place", [200, 9_000, -40])
def test_one_changed_byte_breaks_the_signature(place: int) -> None:
    content = bytearray(sign(act(), HER, SIGNED))
    content[place] ^= 1
    verdict = judge(bytes(content))
    assert verdict.facts["is_intact"] == Fact.NO
    assert verdict.facts["covers_act"] != Fact.YES
    assert verdict.facts["is_mayor"] != Fact.YES


def test_a_changed_byte_inside_the_signature_breaks_it() -> None:
    content = bytearray(sign(act(), HER, SIGNED))
    at = content.index(b"/Contents <") + 3_000
    content[at] = ord("1") if content[at] == ord("0") else ord("0")
    assert judge(bytes(content)).facts["is_intact"] == Fact.NO


def test_a_second_revision_after_signing_is_no_longer_the_act() -> None:
    verdict = judge(signing.with_another_page_text(sign(act(), HER, SIGNED)))
    assert verdict.facts == {**YES, "covers_act": Fact.NO}
    assert reasons(verdict, "covers_act") == (Reason.CHANGED_AFTER,)


def test_a_change_before_signing_is_no_longer_the_act() -> None:
    verdict = judge(sign(signing.with_another_page_text(act()), HER, SIGNED))
    assert verdict.facts == {**YES, "covers_act": Fact.NO}
    assert reasons(verdict, "covers_act") == (Reason.CHANGED_BEFORE,)


def test_a_signature_over_a_part_of_the_file_covers_no_act() -> None:
    content = sign(act(), HER, SIGNED)
    start = content.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = content.index(b"]", start)
    _zero, length, again, rest = (int(number) for number in content[start:end].split())
    partial = f"0 {length} {again} {rest - 400}".encode().ljust(end - start)
    verdict = judge(content[:start] + partial + content[end:])
    assert verdict.facts["covers_act"] == Fact.NO
    assert verdict.facts["is_intact"] == Fact.NO


def test_a_range_that_leaves_out_more_than_the_signature_is_partial() -> None:
    verdict = judge(with_a_gap())
    assert verdict.facts["covers_act"] == Fact.NO
    assert Reason.PARTIAL in reasons(verdict, "covers_act")
    assert verdict.facts["is_intact"] == Fact.YES  # the trick is an honest hash of a part


def with_a_gap() -> bytes:
    """A correct signature over all but the signature and the 300 bytes after it."""
    content = bytearray(sign(act(), HER, SIGNED))
    start = content.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = content.index(b"]", start)
    _zero, length, again, rest = (int(number) for number in content[start:end].split())
    content[start:end] = f"0 {length} {again + 300} {rest - 300}".encode().ljust(end - start)
    covered = bytes(content[:length]) + bytes(content[again + 300 :])
    held = cms.ContentInfo.load(bytes.fromhex(content[length + 1 : again - 1].decode()), strict=False)
    signer = held["content"]["signer_infos"][0]
    attributes = cms.CMSAttributes(
        [
            {"type": one["type"].native, "values": [hashlib.sha256(covered).digest()]}
            if one["type"].native == "message_digest"
            else one
            for one in signer["signed_attrs"]
        ]
    )
    signer["signed_attrs"] = attributes
    signer["signature"] = signing.key(HER.owner).sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
    room = again - length - 2
    content[length + 1 : again - 1] = held.dump(force=True).hex().encode().ljust(room, b"0")
    return bytes(content)


def test_a_certificate_expired_on_the_day_of_signing_is_not_trusted() -> None:
    expired = person("Alcaldesa de Prueba", MAYOR, by=MIDDLE, until=SIGNED - timedelta(days=1))
    verdict = judge(sign(act(), expired, SIGNED))
    assert verdict.facts["is_trusted"] == Fact.NO
    assert reasons(verdict, "is_trusted") == (Reason.EXPIRED,)


def test_a_certificate_that_is_not_valid_yet_is_not_trusted() -> None:
    early = person("Alcaldesa de Prueba", MAYOR, by=MIDDLE, since=SIGNED + timedelta(hours=1))
    assert reasons(judge(sign(act(), early, SIGNED)), "is_trusted") == (Reason.NOT_YET_VALID,)


def test_a_certificate_that_expired_between_signing_and_arrival_is_left_to_people() -> None:
    brief = person("Alcaldesa de Prueba", MAYOR, by=MIDDLE, until=SIGNED + timedelta(hours=1))
    verdict = judge(sign(act(), brief, SIGNED))
    assert verdict.facts["is_trusted"] == Fact.UNKNOWN
    assert Reason.TIME_UNPROVEN in reasons(verdict, "is_trusted")


def test_a_trusted_time_stamp_proves_the_time() -> None:
    brief = person("Alcaldesa de Prueba", MAYOR, by=MIDDLE, until=SIGNED + timedelta(hours=1))
    stamped = sign(act(), brief, SIGNED, stamp=(stamper(), SIGNED))
    verdict = judge(stamped)
    assert verdict.facts == YES
    assert verdict.report["signatures"][0]["time_source"] == TimeSource.STAMP


def test_a_time_stamp_of_a_stranger_proves_nothing() -> None:
    stranger = person(
        "Sello de tiempo ajeno, sello de tiempo",
        "",
        by=signing.authority("Raíz ajena"),
        serial="",
        other_name="",
        for_stamps=True,
    )
    verdict = judge(sign(act(), HER, SIGNED, stamp=(stranger, SIGNED - timedelta(days=1))))
    assert verdict.report["signatures"][0]["time_source"] == TimeSource.CLAIMED
    assert verdict.facts == YES


@pytest.mark.parametrize("claimed", [ISSUED - timedelta(days=40), RECEIVED + timedelta(days=40)])
def test_an_impossible_claimed_time_gives_way_to_the_arrival(claimed: datetime) -> None:
    verdict = judge(sign(act(), HER, claimed))
    assert verdict.main is not None
    assert verdict.main.signed_at == RECEIVED
    assert verdict.report["signatures"][0]["time_reasons"] == [Reason.TIME_IMPOSSIBLE]
    assert verdict.facts == YES


def test_a_self_signed_certificate_is_not_trusted_and_its_run_proves_nothing() -> None:
    verdict = judge(sign(act(), person("Alcaldesa de Prueba", MAYOR, by=None), SIGNED))
    assert verdict.facts == {**YES, "is_trusted": Fact.NO, "is_mayor": Fact.UNKNOWN}
    assert reasons(verdict, "is_trusted") == (Reason.SELF_SIGNED,)
    assert reasons(verdict, "is_mayor") == (Reason.RUN_NOT_PROVEN,)


def test_a_chain_to_an_unknown_root_is_not_trusted() -> None:
    stranger = person("Alcaldesa de Prueba", MAYOR, by=signing.authority("Raíz ajena"))
    assert reasons(judge(sign(act(), stranger, SIGNED)), "is_trusted") == (Reason.UNKNOWN_ISSUER,)


def test_a_certificate_of_a_person_vouches_for_nobody() -> None:
    below = person("Alcaldesa de Prueba", MAYOR, by=person("Funcionario", "7.654.321-6", by=MIDDLE))
    assert judge(sign(act(), below, SIGNED)).facts["is_trusted"] == Fact.NO


def test_a_root_that_was_no_longer_trusted_on_the_day_of_signing_is_no_root() -> None:
    verdict = judge(sign(act(), HER, SIGNED), roots=[anchor(ROOT, until=SIGNED.date())])
    assert reasons(verdict, "is_trusted") == (Reason.TRUST_ENDED,)


def test_a_root_that_lost_trust_before_the_arrival_is_left_to_people() -> None:
    verdict = judge(sign(act(), HER, SIGNED), roots=[anchor(ROOT, until=RECEIVED.date())])
    assert verdict.facts["is_trusted"] == Fact.UNKNOWN


def test_a_root_that_was_not_trusted_yet_is_no_root() -> None:
    verdict = judge(sign(act(), HER, SIGNED), roots=[anchor(ROOT, since=date(2026, 11, 13))])
    assert reasons(verdict, "is_trusted") == (Reason.TRUST_NOT_BEGUN,)


def test_an_intermediate_that_lost_trust_spoils_the_chain_that_brings_it_along() -> None:
    verdict = judge(sign(act(), HER, SIGNED), intermediates=[anchor(MIDDLE, until=date(2026, 1, 1))])
    assert reasons(verdict, "is_trusted") == (Reason.TRUST_ENDED,)


def test_without_any_root_nothing_is_trusted_and_the_machine_s_own_roots_are_not_asked() -> None:
    assert judge(sign(act(), HER, SIGNED), roots=[]).facts["is_trusted"] == Fact.NO


def test_another_person_is_not_the_mayor() -> None:
    verdict = judge(sign(act(), person("Otra Persona", "7.654.321-6", by=MIDDLE), SIGNED))
    assert verdict.facts == {**YES, "is_mayor": Fact.NO}
    assert reasons(verdict, "is_mayor") == (Reason.OTHER_PERSON,)


def test_a_mayor_who_left_office_before_signing_is_not_the_mayor() -> None:
    verdict = judge(sign(act(), person("Alcalde Anterior", "11.111.111-1", by=MIDDLE), SIGNED))
    assert reasons(verdict, "is_mayor") == (Reason.NOT_IN_OFFICE,)


def test_a_mayor_who_left_office_before_the_arrival_is_left_to_people() -> None:
    leaving = [Office(MAYOR, date(2024, 12, 6), RECEIVED.date()), Office("7654321-6", RECEIVED.date(), None)]
    verdict = judge(sign(act(), HER, SIGNED), offices=leaving)
    assert verdict.facts["is_mayor"] == Fact.UNKNOWN
    stamped = sign(act(), HER, SIGNED, stamp=(stamper(), SIGNED))
    assert judge(stamped, offices=leaving).facts["is_mayor"] == Fact.YES


def test_without_a_known_mayor_nobody_is_called_the_mayor() -> None:
    assert reasons(judge(sign(act(), HER, SIGNED), offices=[]), "is_mayor") == (Reason.NO_MAYOR_KNOWN,)


@pytest.mark.parametrize(
    ("serial", "other_name", "fact"),
    [
        ("12345678-5", "", Fact.YES),
        ("", "12345678-5", Fact.YES),
        ("012345678-5", "", Fact.YES),
        ("PNOCL-12345678-5", "", Fact.YES),
        ("RUN: 12.345.678-5", "", Fact.YES),
        ("123456785", "", Fact.YES),
        ("12345678-4", "", Fact.UNKNOWN),
        ("", "", Fact.UNKNOWN),
        ("12345678-5", "7654321-6", Fact.NO),
    ],
)
def test_the_run_is_found_however_the_certificate_writes_it(serial: str, other_name: str, fact: Fact) -> None:
    one = person("Alcaldesa de Prueba", MAYOR, by=MIDDLE, serial=serial, other_name=other_name)
    assert judge(sign(act(), one, SIGNED)).facts["is_mayor"] == fact


def test_of_two_signers_each_is_listed_and_the_mayor_speaks() -> None:
    secretary = person("Secretario Municipal", "7.654.321-6", by=MIDDLE)
    for first, second in ((HER, secretary), (secretary, HER)):
        both = sign(sign(act(), first, SIGNED, field="Uno"), second, SIGNED, field="Dos")
        verdict = judge(both)
        assert verdict.facts == YES
        assert {one.signer for one in verdict.signatures} == {"Alcaldesa de Prueba", "Secretario Municipal"}
        assert verdict.main is not None
        assert verdict.main.run == MAYOR


def test_a_broken_second_signature_spoils_the_file() -> None:
    secretary = person("Secretario Municipal", "7.654.321-6", by=MIDDLE)
    content = bytearray(sign(sign(act(), HER, SIGNED, field="Uno"), secretary, SIGNED, field="Dos"))
    content[content.rindex(b"/Contents <") + 3_000] ^= 1
    verdict = judge(bytes(content))
    assert verdict.facts["is_intact"] == Fact.NO


def test_an_act_without_signature_fulfils_nothing() -> None:
    verdict = judge(act())
    assert set(verdict.facts.values()) == {Fact.NO}
    assert reasons(verdict, "is_intact") == (Reason.NO_SIGNATURE,)


def test_an_encrypted_file_is_not_judged() -> None:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(act())))
    writer.encrypt("clave", "clave")  # type: ignore[no-untyped-call]
    verdict = judge(signing.written(writer))
    assert verdict.facts["is_intact"] == Fact.NO
    assert reasons(verdict, "is_intact") == (Reason.ENCRYPTED,)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_fulfils_nothing(share: float) -> None:
    content = sign(act(), HER, SIGNED)
    verdict = judge(content[: int(len(content) * share)])
    assert verdict.facts["is_intact"] == Fact.NO


def test_the_act_of_another_folio_is_another_act() -> None:
    verdict = judge(sign(act("MGAM-2026-0002"), HER, SIGNED))
    assert verdict.facts == {**YES, "covers_act": Fact.NO}
    assert reasons(verdict, "covers_act") == (Reason.OTHER_TEXT,)


def test_the_act_as_dead_weight_before_another_document_is_refused() -> None:
    """The bytes of the act come first, but no table of the file leads to them: a reader shows the other document."""
    writer = copy_into_new_writer(PdfFileReader(BytesIO(act("MGAM-2026-0009"))))
    writer.output_version, writer.stream_xrefs = (1, 7), False
    out = BytesIO(act())
    out.seek(0, 2)
    writer.write(out)  # type: ignore[no-untyped-call]
    verdict = judge(sign(out.getvalue(), HER, SIGNED))
    assert verdict.facts == {**YES, "covers_act": Fact.NO}
    assert reasons(verdict, "covers_act") == (Reason.OTHER_DOCUMENT,)


def test_a_small_picture_of_the_signature_is_fine_and_one_over_the_text_is_not() -> None:
    assert judge(sign(act(), HER, SIGNED, box=(350, 60, 540, 120))).facts == YES
    large = judge(sign(act(), HER, SIGNED, box=(40, 60, 540, 700)))
    assert reasons(large, "covers_act") == (Reason.LARGE_STAMP,)


def test_nothing_is_asked_of_the_network() -> None:
    """The certificate names a server for its lists and its issuer; that server is there, and hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        heard: list[Any] = []

        def listen() -> None:
            try:
                heard.append(server.accept())
            except TimeoutError:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/lista.crl"
        hers = person("Alcaldesa de Prueba", MAYOR, by=ROOT, addresses=address)
        alone = Issued(hers.certificate, hers.owner)  # the file brings no issuer along
        assert judge(sign(act(), alone, SIGNED)).facts == YES
        assert judge(sign(act(), alone, SIGNED), roots=[]).facts["is_trusted"] == Fact.NO
        listener.join()
    assert heard == []


def test_hostile_bytes_never_raise() -> None:
    content = sign(act(), HER, SIGNED)
    for place in range(len(act()), len(content), 997):
        broken = bytearray(content)
        broken[place : place + 5] = b"\xff<<//"
        assert judge(bytes(broken)).facts["is_intact"] == Fact.NO


def test_an_act_of_two_megabytes_is_judged_whole() -> None:
    heavy = act(bytes_more=2_000_000)
    assert judge(sign(heavy, HER, SIGNED), issued=heavy).facts == YES


def test_many_small_pictures_of_signatures_hide_a_page_as_one_large_does() -> None:
    writer = IncrementalPdfFileWriter(BytesIO(act()))
    for place in range(8):
        box = (0, 100 * place, 595, 100 * place + 100)
        append_signature_field(writer, SigFieldSpec(f"Otra {place}", box=box, on_page=0))
    tiled = judge(sign(signing.written(writer), HER, SIGNED))
    assert reasons(tiled, "covers_act") == (Reason.LARGE_STAMP,)


def test_a_field_whose_name_is_no_text_is_judged_and_told_all_the_same() -> None:
    content = sign(act(), HER, SIGNED, field="Firmalarga")
    hostile = content.replace(b"(Firmalarga)", b"(Fi\x00ma\xff\x9drga)")
    assert hostile != content
    told = json.dumps(judge(hostile).report)
    assert "\\u0000" not in told


def test_another_office_holder_than_the_act_names_is_not_who_signs_it() -> None:
    both = [*OFFICES, Office("7654321-6", date(2026, 11, 1), None)]
    acting = person("Alcalde Subrogante", "7.654.321-6", by=MIDDLE)
    content = sign(act(), acting, SIGNED)
    assert reasons(judge(content, offices=both, named=MAYOR), "is_mayor") == (Reason.NOT_NAMED,)
    assert judge(content, offices=both, named="7654321-6").facts == YES
