"""The signed act: sent once, checked by two, accepted or returned by one, and what is told to whom."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Event, User
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.adhesions import move
from municipalities.actions.signatures import (
    accept_signature,
    check_scan,
    put_in_force,
    return_signature,
    submit_signature,
    take_up_review,
)
from municipalities.choices import AdhesionState as S
from municipalities.choices import (
    DocumentKind,
    DocumentState,
    Fact,
    MailKind,
    ReturnReason,
    SignatureFact,
    SignatureMethod,
    SignatureState,
)
from municipalities.models import Act, Adhesion, Document, Mail, Signature, SignatureException
from municipalities.reports.return_reasons import return_reasons
from tests import signing_stage
from tests.at_once import at_once
from tests.cast import Cast, assemble
from tests.municipalities.adhesions import RUN, act, adhesion
from tests.signing_stage import pdf

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def send(cast: Cast, of: Act, *, by: User | None = None, content: bytes = pdf(), **changes: Any) -> Signature:
    given: dict[str, Any] = {
        "method": SignatureMethod.ADVANCED,
        "seen": S.ACT_ISSUED,
        "now": NOW,
        "name": "acta.pdf",
    } | changes
    return submit_signature(by=by or cast.coordinator, act=of, upload=BytesIO(content), **given)


def issued(cast: Cast, state: S = S.ACT_ISSUED) -> Act:
    made = adhesion(cast.here, state, by=cast.coordinator, reviewer=cast.analyst)
    return Act.objects.current().get(adhesion=made)


def under_review(cast: Cast, **given: Any) -> Signature:
    """A signed act whose review has begun, sent by the coordinator."""
    made = adhesion(cast.here, S.UNDER_REVIEW, by=cast.coordinator)
    found = Signature.objects.get(act__adhesion=made)
    for name, value in given.items():
        setattr(found, name, value)
    found.save()
    return found


def state_of(found: Signature) -> S:
    return S(Adhesion.objects.get(acts=found.act_id).state)


# Sending


@pytest.mark.parametrize("who", ["coordinator", "mayor"])
def test_the_municipality_sends_its_signed_act(cast: Cast, who: str) -> None:
    sent = send(cast, issued(cast), by=getattr(cast, who))
    assert (sent.state, sent.method, sent.submitted_by) == (SignatureState.WAITING, "advanced", getattr(cast, who))
    assert state_of(sent) == S.SIGNED
    assert sent.document.kind == DocumentKind.SIGNED_ACT
    assert set(sent.facts.values()) == {Fact.UNKNOWN}
    assert Event.objects.get(kind="adhesion.signature_sent").data["folio"] == sent.act.folio


@pytest.mark.parametrize(
    "who", ["officer", "reader", "coordinator_elsewhere", "adviser", "analyst", "administrator", "citizen"]
)
def test_nobody_else_sends_it(cast: Cast, who: str) -> None:
    of = issued(cast)
    with pytest.raises(PermissionDenied):
        send(cast, of, by=getattr(cast, who))
    assert Document.objects.count() == 1


def test_two_clicks_send_one_act(cast: Cast) -> None:
    of = issued(cast)
    assert send(cast, of) == send(cast, of)
    assert Signature.objects.count() == 1
    assert Document.objects.filter(kind=DocumentKind.SIGNED_ACT).count() == 1
    assert Mail.objects.filter(kind=MailKind.SIGNATURE_RECEIVED).count() == 2  # one to each administrator


def test_a_second_file_does_not_take_the_place_of_the_first(cast: Cast) -> None:
    of = issued(cast)
    send(cast, of)
    with pytest.raises(OvertakenError, match="Coordinadora"):
        send(cast, of, by=cast.mayor, content=pdf("otro"))
    assert Signature.objects.count() == 1


def test_the_act_without_a_signature_is_refused_with_what_to_do(cast: Cast) -> None:
    of = issued(cast)
    with pytest.raises(RefusedError):
        send(cast, of, content=signing_stage.content(of.document))
    assert not Signature.objects.exists()


def test_the_file_that_was_returned_is_not_received_again(cast: Cast) -> None:
    of = issued(cast)
    sent = send(cast, of, content=pdf("malo"))
    take_up_review(by=cast.adviser, adhesion=of.adhesion, now=NOW, seen=S.SIGNED)
    return_signature(by=cast.adviser, signature=sent, reason=ReturnReason.BROKEN, note="", now=NOW, seen=None)
    with pytest.raises(RefusedError):
        send(cast, of, content=pdf("malo"), seen=S.RETURNED)
    assert send(cast, of, content=pdf("bueno"), seen=S.RETURNED).state == SignatureState.WAITING


def test_an_act_that_was_replaced_is_not_received(cast: Cast) -> None:
    old = issued(cast)
    new = act(old.adhesion)
    with pytest.raises(OvertakenError):
        send(cast, old)
    assert send(cast, new).act == new


@pytest.mark.parametrize("state", [S.SIGNED, S.UNDER_REVIEW, S.VERIFIED, S.IN_FORCE])
def test_nothing_is_received_once_a_signed_act_is_there(cast: Cast, state: S) -> None:
    of = issued(cast, state)
    with pytest.raises(OvertakenError):
        send(cast, of, seen=None)


def test_a_scan_declares_the_day_it_was_signed(cast: Cast) -> None:
    of = issued(cast)
    day = timezone.localdate(of.issued_at)
    for wrong in (None, day - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(RefusedError):
            send(cast, of, method=SignatureMethod.SCAN, declared_signed_on=wrong)
    sent = send(cast, of, method=SignatureMethod.SCAN, declared_signed_on=day)
    assert sent.signed_at is not None
    assert timezone.localdate(sent.signed_at) == day
    assert sent.document.kind == DocumentKind.SCANNED_ACT


# The correction


def test_a_correction_keeps_what_was_returned_and_tells_whoever_returned_it(cast: Cast) -> None:
    of = issued(cast, S.RETURNED)
    returned = of.signatures.get()
    corrected = send(cast, of, seen=S.RETURNED)
    assert set(of.signatures.all()) == {returned, corrected}
    assert [mail.to for mail in Mail.objects.filter(kind=MailKind.CORRECTION_RECEIVED)] == [cast.analyst.email]


def test_without_whoever_returned_it_the_council_is_told(cast: Cast) -> None:
    of = issued(cast, S.RETURNED)
    User.objects.filter(pk=cast.analyst.pk).update(is_active=False)
    send(cast, of, seen=S.RETURNED)
    told = set(Mail.objects.filter(kind=MailKind.CORRECTION_RECEIVED).values_list("to", flat=True))
    assert told == {cast.administrator.email, cast.unprotected_administrator.email}


def test_a_signature_on_a_new_act_also_reaches_whoever_returned_the_old_one(cast: Cast) -> None:
    of = issued(cast, S.RETURNED)
    new = act(of.adhesion)
    Adhesion.objects.filter(pk=of.adhesion_id).update(state=S.ACT_ISSUED, adviser=cast.adviser)
    send(cast, new)
    told = set(Mail.objects.filter(kind=MailKind.SIGNATURE_RECEIVED).values_list("to", flat=True))
    assert told == {cast.adviser.email, cast.analyst.email}


# Accepting


@pytest.mark.parametrize("who", ["adviser", "administrator"])
def test_four_facts_that_hold_are_accepted(cast: Cast, who: str) -> None:
    found = under_review(cast)
    accepted = accept_signature(by=getattr(cast, who), signature=found, now=NOW, seen=S.UNDER_REVIEW)
    assert (accepted.state, accepted.decided_by) == (SignatureState.ACCEPTED, getattr(cast, who))
    assert state_of(found) == S.VERIFIED
    assert not SignatureException.objects.exists()


@pytest.mark.parametrize("who", ["analyst", "coordinator", "mayor", "adviser_elsewhere", "citizen"])
def test_nobody_else_decides(cast: Cast, who: str) -> None:
    found = under_review(cast)
    with pytest.raises(PermissionDenied):
        accept_signature(by=getattr(cast, who), signature=found, now=NOW, seen=None)
    with pytest.raises(PermissionDenied):
        return_signature(
            by=getattr(cast, who), signature=found, reason=ReturnReason.BROKEN, note="", now=NOW, seen=None
        )


@pytest.mark.parametrize("fact", SignatureFact)
def test_a_fact_that_speaks_against_it_is_overcome_by_no_reason(cast: Cast, fact: SignatureFact) -> None:
    found = under_review(cast, **{fact.value: Fact.NO})
    with pytest.raises(RefusedError):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None, exception="Lo conozco.")
    assert state_of(found) == S.UNDER_REVIEW


@pytest.mark.parametrize("fact", SignatureFact)
def test_a_fact_that_is_not_known_needs_a_written_reason_which_stays(cast: Cast, fact: SignatureFact) -> None:
    found = under_review(cast, **{fact.value: Fact.UNKNOWN})
    with pytest.raises(RefusedError):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None, exception=" ")
    accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None, exception="Llamé al emisor.")
    exception = SignatureException.objects.get()
    assert (exception.fact, exception.reason, exception.granted_by) == (fact, "Llamé al emisor.", cast.administrator)
    assert Event.objects.filter(kind="adhesion.signature_excepted", reason="Llamé al emisor.").exists()


def test_what_the_portal_has_not_judged_is_not_accepted(cast: Cast) -> None:
    found = under_review(cast, state=SignatureState.WAITING)
    with pytest.raises(RefusedError):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None)


def test_what_is_in_quarantine_is_not_accepted_but_may_be_returned(cast: Cast) -> None:
    found = under_review(cast, state=SignatureState.WAITING)
    Document.objects.filter(pk=found.document_id).update(state=DocumentState.QUARANTINED)
    with pytest.raises(RefusedError):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None, exception="x")
    return_signature(
        by=cast.administrator, signature=found, reason=ReturnReason.UNREADABLE, note="Virus", now=NOW, seen=None
    )
    assert state_of(found) == S.RETURNED


def test_who_sent_it_never_decides_even_with_a_role_in_the_council(cast: Cast) -> None:
    found = under_review(cast, submitted_by=cast.administrator)
    with pytest.raises(PermissionDenied):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None)
    with pytest.raises(PermissionDenied):
        check_scan(by=cast.administrator, signature=found, note="", now=NOW)


# The scan


def scan(cast: Cast, mayor: Fact = Fact.YES) -> Signature:
    unknown = {"is_intact": Fact.UNKNOWN, "is_trusted": Fact.UNKNOWN, "covers_act": Fact.UNKNOWN, "is_mayor": mayor}
    return under_review(cast, method=SignatureMethod.SCAN, **unknown)


def test_a_scan_is_accepted_after_two_different_people_checked_it(cast: Cast) -> None:
    found = scan(cast)
    for checker in (cast.adviser, cast.adviser, cast.analyst):
        with pytest.raises(RefusedError):
            accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None, exception="Apuro")
        check_scan(by=checker, signature=found, note="Todas las páginas", now=NOW)
    accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None)
    assert state_of(found) == S.VERIFIED
    assert Event.objects.filter(kind="adhesion.scan_checked").count() == 2


def test_two_checks_do_not_say_who_was_mayor(cast: Cast) -> None:
    found = scan(cast, mayor=Fact.UNKNOWN)
    for checker in (cast.adviser, cast.analyst):
        check_scan(by=checker, signature=found, note="x", now=NOW)
    with pytest.raises(RefusedError):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None)


@pytest.mark.parametrize("who", ["coordinator", "mayor", "officer", "adviser_elsewhere", "coordinator_elsewhere"])
def test_only_the_council_checks_a_scan(cast: Cast, who: str) -> None:
    found = scan(cast)
    with pytest.raises(PermissionDenied):
        check_scan(by=getattr(cast, who), signature=found, note="x", now=NOW)


def test_other_roads_and_files_that_may_not_be_opened_are_not_checked(cast: Cast) -> None:
    found = scan(cast)
    Document.objects.filter(pk=found.document_id).update(state=DocumentState.WAITING)
    with pytest.raises(RefusedError):
        check_scan(by=cast.analyst, signature=found, note="x", now=NOW)
    Document.objects.filter(pk=found.document_id).update(state=DocumentState.CLEAN)
    Signature.objects.filter(pk=found.pk).update(method=SignatureMethod.ADVANCED)
    with pytest.raises(RefusedError):
        check_scan(by=cast.analyst, signature=found, note="x", now=NOW)


# Returning


@pytest.mark.parametrize("reason", ReturnReason)
def test_each_reason_has_its_words_and_is_kept_with_the_explanation(cast: Cast, reason: ReturnReason) -> None:
    found = under_review(cast)
    returned = return_signature(
        by=cast.adviser, signature=found, reason=reason, note="Página 2.", now=NOW, seen=S.UNDER_REVIEW
    )
    assert (returned.return_reason, returned.return_note, returned.decided_by) == (reason, "Página 2.", cast.adviser)
    assert state_of(found) == S.RETURNED
    assert return_reasons()[reason].what.endswith(".")
    assert return_reasons()[reason].do.endswith(".")
    moved = Event.objects.get(kind="adhesion.moved", data__end=S.RETURNED)
    assert "Página 2." in moved.reason


def test_another_reason_is_explained(cast: Cast) -> None:
    found = under_review(cast)
    with pytest.raises(RefusedError):
        return_signature(by=cast.adviser, signature=found, reason=ReturnReason.OTHER, note=" ", now=NOW, seen=None)


def test_a_returned_act_is_decided_once(cast: Cast) -> None:
    found = under_review(cast)
    return_signature(by=cast.adviser, signature=found, reason=ReturnReason.BROKEN, note="", now=NOW, seen=None)
    with pytest.raises(OvertakenError, match="Asesora"):
        accept_signature(by=cast.administrator, signature=found, now=NOW, seen=S.UNDER_REVIEW)


# Into force, and back to the review


def test_the_review_begins_again_and_the_acceptance_no_longer_holds(cast: Cast) -> None:
    found = under_review(cast)
    accept_signature(by=cast.adviser, signature=found, now=NOW, seen=None)
    place = found.act.adhesion
    with pytest.raises(PermissionDenied):
        take_up_review(by=cast.adviser, adhesion=place, now=NOW, seen=S.VERIFIED, reason="x")
    with pytest.raises(RefusedError):
        take_up_review(by=cast.administrator, adhesion=place, now=NOW, seen=S.VERIFIED)
    found.refresh_from_db()
    assert found.state == SignatureState.ACCEPTED
    take_up_review(by=cast.administrator, adhesion=place, now=NOW, seen=S.VERIFIED, reason="Falta una página")
    found.refresh_from_db()
    assert (found.state, found.decided_by) == (SignatureState.JUDGED, None)


def test_a_verified_adhesion_comes_into_force(cast: Cast) -> None:
    made = adhesion(cast.here, S.VERIFIED, by=cast.coordinator)
    with pytest.raises(PermissionDenied):
        put_in_force(by=cast.adviser, adhesion=made, now=NOW, seen=S.VERIFIED)
    moved = put_in_force(by=cast.administrator, adhesion=made, now=NOW, seen=S.VERIFIED)
    assert (moved.state, moved.in_force_from) == (S.IN_FORCE, TODAY)
    copy = Signature.objects.get(act__adhesion=made).public_document
    assert copy is not None
    assert copy.kind == DocumentKind.PUBLIC_ACT


def test_an_adhesion_taken_up_again_keeps_its_public_copy(cast: Cast) -> None:
    made = adhesion(cast.here, S.VERIFIED, by=cast.coordinator)
    put_in_force(by=cast.administrator, adhesion=made, now=NOW, seen=S.VERIFIED)
    copy = Signature.objects.get(act__adhesion=made).public_document
    move(by=cast.administrator, adhesion=made, to=S.SUSPENDED, now=NOW, reason="Lo pidió")
    put_in_force(by=cast.administrator, adhesion=made, now=NOW, seen=S.SUSPENDED, reason="Lo pidió")
    assert Signature.objects.get(act__adhesion=made).public_document == copy


def test_no_event_and_no_mail_holds_a_run(cast: Cast) -> None:
    found = under_review(cast)
    accept_signature(by=cast.administrator, signature=found, now=NOW, seen=None)
    put_in_force(by=cast.administrator, adhesion=found.act.adhesion, now=NOW, seen=None)
    number = RUN.split("-")[0]
    for event in Event.objects.all():
        assert number not in f"{event.reason} {event.data} {event.sentence}"
    for mail in Mail.objects.all():
        assert number not in f"{mail.subject} {mail.body}"


# At the same instant, on two connections


def test_of_two_who_verify_and_return_at_once_one_wins_and_the_other_is_told(transactional_db: None) -> None:
    cast = assemble()
    found = under_review(cast)

    def verify() -> None:
        accept_signature(
            by=User.objects.get(pk=cast.administrator.pk),
            signature=Signature.objects.get(pk=found.pk),
            now=NOW,
            seen=S.UNDER_REVIEW,
        )

    def give_back() -> None:
        return_signature(
            by=User.objects.get(pk=cast.adviser.pk),
            signature=Signature.objects.get(pk=found.pk),
            reason=ReturnReason.BROKEN,
            note="",
            now=NOW,
            seen=S.UNDER_REVIEW,
        )

    refusals = at_once(verify, give_back)
    found.refresh_from_db()
    assert found.decided_by is not None
    assert len(refusals) == 1
    assert found.decided_by.name in str(refusals[0])
    outcome = {SignatureState.ACCEPTED: S.VERIFIED, SignatureState.RETURNED: S.RETURNED}
    assert state_of(found) == outcome[SignatureState(found.state)]
    assert Event.objects.filter(kind="adhesion.moved", at=NOW).count() == 1


def test_two_files_at_once_are_received_as_one(transactional_db: None) -> None:
    cast = assemble()
    of = issued(cast)

    def by(who: str, content: bytes) -> Any:
        return lambda: send(
            cast, Act.objects.get(pk=of.pk), by=User.objects.get(email=f"{who}@ejemplo.cl"), content=content
        )

    assert len(at_once(by("coordinadora", pdf("una")), by("alcaldesa", pdf("otra")))) == 1
    assert Signature.objects.count() == 1


def test_two_clicks_at_once_are_both_told_that_it_was_received(transactional_db: None) -> None:
    cast = assemble()
    of = issued(cast)

    def click() -> None:
        send(cast, Act.objects.get(pk=of.pk), by=User.objects.get(pk=cast.coordinator.pk))

    assert at_once(click, click) == []
    assert Signature.objects.count() == 1
