"""The judgement of signatures: what is said of revocation, by lists, by answers, by the file itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from municipalities.choices import Fact
from municipalities.rules.verdict import Reason
from tests import signing
from tests.municipalities.judgements import (
    HER,
    MIDDLE,
    RECEIVED,
    ROOT,
    SIGNED,
    YES,
    judge,
    reasons,
    stamper,
)
from tests.signing import act, person, sign


def test_a_revoked_certificate_is_not_trusted() -> None:
    listed = signing.revocation_list(MIDDLE, [(HER, SIGNED - timedelta(days=2))], this=SIGNED - timedelta(days=1))
    verdict = judge(sign(act(), HER, SIGNED), crls=[listed])
    assert verdict.facts["is_trusted"] == Fact.NO
    assert reasons(verdict, "is_trusted") == (Reason.REVOKED,)
    assert verdict.facts["is_mayor"] == Fact.UNKNOWN


def test_a_revoked_issuer_is_not_trusted() -> None:
    listed = signing.revocation_list(ROOT, [(MIDDLE, SIGNED - timedelta(days=2))], this=SIGNED)
    assert reasons(judge(sign(act(), HER, SIGNED), crls=[listed]), "is_trusted") == (Reason.REVOKED,)


def test_a_revocation_before_the_arrival_counts_unless_a_stamp_proves_an_earlier_signing() -> None:
    listed = signing.revocation_list(MIDDLE, [(HER, SIGNED + timedelta(hours=2))], this=RECEIVED)
    assert judge(sign(act(), HER, SIGNED), crls=[listed]).facts["is_trusted"] == Fact.NO
    stamped = sign(act(), HER, SIGNED, stamp=(stamper(), SIGNED))
    assert judge(stamped, crls=[listed]).facts["is_trusted"] == Fact.YES


def test_a_revocation_after_the_arrival_changes_nothing() -> None:
    listed = signing.revocation_list(MIDDLE, [(HER, RECEIVED + timedelta(days=9))], this=RECEIVED + timedelta(days=10))
    assert judge(sign(act(), HER, SIGNED), crls=[listed]).facts == YES


def test_a_forged_revocation_list_revokes_nobody() -> None:
    forged = signing.revocation_list(MIDDLE, [(HER, SIGNED - timedelta(days=2))], this=SIGNED, signed_by="Un extraño")
    verdict = judge(sign(act(), HER, SIGNED), crls=[forged])
    assert verdict.facts == YES
    assert Reason.REVOCATION_NOT_CHECKED in reasons(verdict, "is_trusted")


def test_an_outdated_list_checks_nothing() -> None:
    old = [
        signing.revocation_list(one, this=SIGNED - timedelta(days=90), following=SIGNED - timedelta(days=60))
        for one in (ROOT, MIDDLE)
    ]
    assert Reason.REVOCATION_NOT_CHECKED in reasons(judge(sign(act(), HER, SIGNED), crls=old), "is_trusted")


# What the file itself carries about revocation


def all_is_well() -> list[bytes]:
    """Answers for the signer and for the issuer, current on the day."""
    return [
        signing.answer(about, by, this=SIGNED, following=SIGNED + timedelta(days=3))
        for about, by in ((HER, MIDDLE), (MIDDLE, ROOT))
    ]


def carried(lists: list[bytes], answers: list[bytes]) -> list[bytes]:
    """The same in the two places where files carry it."""
    return [
        sign(act(), HER, SIGNED, attached=(lists, answers)),
        signing.with_store(sign(act(), HER, SIGNED), lists, answers),
    ]


def test_answers_inside_the_file_prove_that_nobody_was_revoked() -> None:
    for pdf in carried([], all_is_well()):
        verdict = judge(pdf)
        assert verdict.facts == YES
        assert reasons(verdict, "is_trusted") == ()
    responder = person("Quien responde", "", by=MIDDLE, for_answers=True)
    named = [signing.answer(HER, MIDDLE, this=SIGNED, responder=responder), *all_is_well()[1:]]
    assert reasons(judge(carried([], named)[0]), "is_trusted") == ()


def test_lists_inside_the_file_count_as_those_that_staff_give() -> None:
    lists = [signing.revocation_list(one, this=SIGNED) for one in (ROOT, MIDDLE)]
    for pdf in carried(lists, []):
        assert reasons(judge(pdf), "is_trusted") == ()
    listed = signing.revocation_list(MIDDLE, [(HER, SIGNED - timedelta(days=2))], this=SIGNED)
    for pdf in carried([listed], []):
        assert reasons(judge(pdf), "is_trusted") == (Reason.REVOKED,)


def test_an_answer_that_says_revoked_is_believed_wherever_it_stands() -> None:
    said = signing.answer(HER, MIDDLE, this=SIGNED, revoked_at=SIGNED - timedelta(days=1))
    for pdf in carried([], [said]):
        verdict = judge(pdf)
        assert verdict.facts["is_trusted"] == Fact.NO
        assert reasons(verdict, "is_trusted") == (Reason.REVOKED,)


@pytest.mark.parametrize(
    "answers",
    [
        [one[:-1] + bytes([one[-1] ^ 1]) for one in all_is_well()],  # the signature does not fit
        [signing.answer(HER, ROOT, this=SIGNED), *all_is_well()[1:]],  # of another issuer
        all_is_well()[1:],  # of the issuer alone
        [signing.answer(HER, MIDDLE, this=SIGNED - timedelta(days=9)), *all_is_well()[1:]],  # old, and without an end
        [
            signing.answer(HER, MIDDLE, this=SIGNED, responder=person("Sin encargo", "", by=MIDDLE)),
            *all_is_well()[1:],
        ],
        [
            signing.answer(HER, MIDDLE, this=SIGNED, responder=person("De nadie", "", by=None, for_answers=True)),
            *all_is_well()[1:],
        ],
        [b"no es una respuesta"],
    ],
)
def test_an_answer_that_proves_nothing_leaves_revocation_unchecked(answers: list[bytes]) -> None:
    verdict = judge(signing.with_store(sign(act(), HER, SIGNED), answers=answers))
    assert verdict.facts == YES
    assert reasons(verdict, "is_trusted") == (Reason.REVOCATION_NOT_CHECKED,)


def test_a_store_that_cannot_be_read_spoils_no_signature() -> None:
    one = NumberObject(1)  # type: ignore[no-untyped-call]
    for kind, held in (("/CRLs", one), ("/OCSPs", ArrayObject([one]))):
        store = DictionaryObject({NameObject(kind): held})  # type: ignore[no-untyped-call]
        pdf = signing.with_entry(sign(act(), HER, SIGNED), "/DSS", store)
        assert judge(pdf).facts["is_trusted"] == Fact.YES
