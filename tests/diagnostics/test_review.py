"""The review: opinions, what they close, returns, replies, and who may not judge."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InternalError, transaction

from accounts.models import Event
from diagnostics.actions.answers import Content, NotWritableError, save_answer
from diagnostics.actions.replies import agree, disagree
from diagnostics.actions.reviewers import assign, begin
from diagnostics.actions.reviews import ChangedError, Words, give_opinion, reopen, return_for_correction
from diagnostics.actions.rounds import deadline, move
from diagnostics.actions.submission import NotReadyError, submit
from diagnostics.choices import AnswerOrigin, DiagnosticState, Opinion, Reply
from diagnostics.models import Answer, Diagnostic, EvidenceUse, ReviewEntry, Reviewer, ReviewReturn
from diagnostics.reports.filled import filled
from diagnostics.reports.returned import returned_entries
from diagnostics.reports.review import review_of
from diagnostics.rules.review import Standing
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import AdviserScope, Membership
from tests.cast import Cast
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import LATER, accept_rest, returned, say, send_back, submitted, taken_up

pytestmark = pytest.mark.django_db


def standing(cast: Cast, held: Diagnostic, question: str) -> Standing:
    return review_of(held, cast.adviser).standings[question]


def write(cast: Cast, held: Diagnostic, question: str, **content: Any) -> Answer:
    answer = Answer.objects.get(diagnostic=held, question=question)
    return save_answer(
        by=cast.officer,
        diagnostic=held,
        question=question,
        content=Content(**content),
        base_version=answer.version,
        client_id=uuid4(),
        now=LATER,
    ).answer


def test_taking_up_a_review_twice_is_once_and_it_goes_under_review(cast: Cast) -> None:
    held = submitted(cast)
    begin(by=cast.adviser, diagnostic=held, now=NOW)
    begin(by=cast.adviser, diagnostic=held, now=NOW)
    held.refresh_from_db()
    assert (held.state, Reviewer.objects.get().user) == (DiagnosticState.UNDER_REVIEW, cast.adviser)


def test_whoever_comes_second_is_told_who_reviews(cast: Cast) -> None:
    held = taken_up(cast)
    with pytest.raises(OvertakenError, match=cast.adviser.name):
        begin(by=cast.administrator, diagnostic=held, now=NOW)


def test_an_administrator_gives_the_review_to_someone_else(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    assign(by=cast.administrator, diagnostic=held, user=cast.administrator, now=NOW, due=date(2026, 7, 1))
    assert Reviewer.objects.get().due == date(2026, 7, 1)
    with pytest.raises(RefusedError):
        say(cast.adviser, held, "t2")
    assert review_of(held, cast.administrator).standings["t1"] == Standing.ACCEPTED
    with pytest.raises(PermissionDenied):
        assign(by=cast.adviser, diagnostic=held, user=cast.adviser, now=NOW)
    with pytest.raises(RefusedError):
        assign(by=cast.administrator, diagnostic=held, user=cast.adviser_elsewhere, now=NOW)


@pytest.mark.parametrize("who", ["analyst", "adviser_elsewhere", "coordinator", "officer", "mayor", "citizen"])
def test_who_may_not_review_does_not(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        begin(by=getattr(cast, who), diagnostic=submitted(cast), now=NOW)


def test_who_ever_belonged_to_the_municipality_does_not_review_it(cast: Cast) -> None:
    held = submitted(cast)
    Membership.objects.create(
        user=cast.adviser, municipality=cast.here, role="officer", starts=date(2019, 1, 1), ends=date(2020, 1, 1)
    )
    with pytest.raises(RefusedError, match="perteneció"):
        begin(by=cast.adviser, diagnostic=held, now=NOW)


def test_who_submitted_does_not_review_even_with_the_councils_role(cast: Cast) -> None:
    held = submitted(cast)
    Membership.objects.filter(user=cast.coordinator).delete()
    cast.coordinator.council_role = "adviser"
    cast.coordinator.save()
    AdviserScope.objects.create(user=cast.coordinator, region=cast.here.region)
    with pytest.raises(RefusedError):
        begin(by=cast.coordinator, diagnostic=held, now=NOW)


def test_accepting_closes_an_answer_and_another_opinion_opens_it(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    assert Answer.objects.get(question="t1").is_locked
    say(cast.adviser, held, "t1", Opinion.COMMENTED, note="Muy bien.")
    assert not Answer.objects.get(question="t1").is_locked
    assert (ReviewEntry.objects.count(), review_of(held, cast.adviser).counted) == (1, (1, 7))


@pytest.mark.parametrize(
    ("opinion", "words"),
    [
        (Opinion.COMMENTED, {}),
        (Opinion.CORRECTION, {"note": "Falta."}),
        (Opinion.CORRECTION, {"reason": "other"}),
        (Opinion.OTHER_LEVEL, {"proposed": 2}),
        (Opinion.OTHER_LEVEL, {"note": "Es otro.", "proposed": 9}),
        (Opinion.OTHER_LEVEL, {"note": "Es el mismo.", "proposed": 3}),
        (Opinion.OTHER_LEVEL, {"note": "Ninguno."}),
    ],
)
def test_an_opinion_without_its_reason_is_refused(cast: Cast, opinion: Opinion, words: dict[str, Any]) -> None:
    held = taken_up(cast)
    with pytest.raises(RefusedError):
        say(cast.adviser, held, "t1", opinion, **words)
    assert not ReviewEntry.objects.exists()


def test_another_level_is_proposed_only_where_one_is_chosen(cast: Cast) -> None:
    held = taken_up(cast)
    with pytest.raises(RefusedError):
        say(cast.adviser, held, "t4", Opinion.OTHER_LEVEL, proposed="40", note="Son menos.")


def test_an_opinion_on_an_older_version_is_refused(cast: Cast) -> None:
    held = taken_up(cast)
    Answer.objects.filter(question="t1").update(version=2)
    with pytest.raises(ChangedError):
        give_opinion(
            by=cast.adviser, diagnostic=held, question="t1", words=Words(Opinion.ACCEPTED), answer_version=1, now=NOW
        )


def test_nothing_is_said_of_a_hidden_question_or_outside_a_review(cast: Cast) -> None:
    held = taken_up(cast)
    with pytest.raises(RefusedError):
        say(cast.adviser, held, "t3")
    Diagnostic.objects.update(state=DiagnosticState.RETURNED)
    with pytest.raises(OvertakenError):
        say(cast.adviser, held, "t1")


def test_a_return_needs_something_asked_a_reason_and_a_day(cast: Cast) -> None:
    held = taken_up(cast)
    accept_rest(cast.adviser, held)
    with pytest.raises(RefusedError, match="No se pide nada"):
        send_back(cast.adviser, held)
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear")
    seen = DiagnosticState.UNDER_REVIEW
    for wrong in ({"reason": " ", "until": date(2026, 7, 1)}, {"reason": "x", "until": date(2026, 6, 1)}):
        with pytest.raises(RefusedError):
            return_for_correction(by=cast.adviser, diagnostic=held, now=NOW, seen=seen, **wrong)  # type: ignore[arg-type]
    held.refresh_from_db()
    assert (held.state, ReviewReturn.objects.count()) == (DiagnosticState.UNDER_REVIEW, 0)


def test_a_return_tells_what_was_asked_and_leaves_closed_what_was_accepted(cast: Cast) -> None:
    held = returned(cast)
    assert held.state == DiagnosticState.RETURNED
    asked = returned_entries(held)
    assert {name: entry.opinion for name, entry in asked.items()} == {"t1": "other_level", "t4": "correction"}
    assert asked["t1"].reply == Reply.WAITING
    open_ = set(Answer.objects.filter(is_locked=False).values_list("question", flat=True))
    assert open_ == {"t1", "t4"}
    with pytest.raises(NotWritableError):
        write(cast, held, "t2", value=True)


def test_a_return_after_the_close_gives_time_to_correct(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear")
    late = NOW.replace(year=2028)
    back = send_back(cast.adviser, held, now=late)
    assert deadline(back) == (late + timedelta(days=20)).date()


def test_it_is_submitted_again_only_when_all_that_was_asked_has_its_answer(cast: Cast) -> None:
    held = returned(cast)
    with pytest.raises(NotReadyError) as caught:
        submit(by=cast.coordinator, diagnostic=held, now=LATER, seen=DiagnosticState.RETURNED)
    assert [(one.check, one.question) for one in caught.value.remarks if one.blocks] == [
        ("unanswered_proposal", "t1"),
        ("untouched_correction", "t4"),
    ]
    asked = returned_entries(held)
    agree(by=cast.officer, entry=asked["t1"], client_id=uuid4(), now=LATER)
    write(cast, held, "t4", value="60")
    again = submit(by=cast.coordinator, diagnostic=held, now=LATER, seen=DiagnosticState.RETURNED)
    assert again.state == DiagnosticState.SUBMITTED


def test_agreeing_writes_the_level_through_the_one_door(cast: Cast) -> None:
    held = returned(cast)
    Answer.objects.filter(question="t1").update(text="Se publica.", confidence="high")
    agree(by=cast.officer, entry=returned_entries(held)["t1"], client_id=uuid4(), now=LATER)
    answer = Answer.objects.get(question="t1")
    assert (answer.value, answer.text, answer.origin, answer.version) == (2, "Se publica.", AnswerOrigin.REVIEW, 2)
    with pytest.raises(RefusedError):
        agree(by=cast.officer, entry=returned_entries(held)["t1"], client_id=uuid4(), now=LATER)
    with pytest.raises(RefusedError):
        agree(by=cast.officer, entry=returned_entries(held)["t4"], client_id=uuid4(), now=LATER)
    assert Event.objects.filter(kind="diagnostic.agreed").count() == 1


def test_a_double_click_on_agreeing_agrees_once(cast: Cast) -> None:
    held = returned(cast)
    client_id = uuid4()
    for _click in range(2):
        entry = agree(by=cast.officer, entry=returned_entries(held)["t1"], client_id=client_id, now=LATER)
        assert entry.reply == Reply.AGREED
    assert Answer.objects.get(diagnostic=held, question="t1").version == 2
    assert Event.objects.filter(kind="diagnostic.agreed").count() == 1


def test_an_agreed_level_needs_no_second_reading_until_it_changes_again(cast: Cast) -> None:
    held = returned(cast)
    agree(by=cast.officer, entry=returned_entries(held)["t1"], client_id=uuid4(), now=LATER)
    assert standing(cast, held, "t1") == Standing.AGREED
    write(cast, held, "t1", value=4)
    assert standing(cast, held, "t1") == Standing.CHANGED


def test_a_disagreement_needs_words_comes_back_and_may_be_insisted_on(cast: Cast) -> None:
    held = returned(cast)
    asked = returned_entries(held)
    with pytest.raises(RefusedError):
        disagree(by=cast.officer, entry=asked["t1"], text=" ", now=LATER)
    disagree(by=cast.officer, entry=asked["t1"], text="Las actas están en el sitio.", now=LATER)
    disagree(by=cast.officer, entry=asked["t4"], text="El informe es el vigente.", now=LATER)
    submit(by=cast.coordinator, diagnostic=held, now=LATER, seen=DiagnosticState.RETURNED)
    begin(by=cast.adviser, diagnostic=held, now=LATER)
    assert [standing(cast, held, name) for name in ("t1", "t4", "t2")] == ["answered", "answered", "accepted"]
    say(cast.adviser, held, "t1", Opinion.OTHER_LEVEL, proposed=2, note="No se encuentran.", now=LATER)
    say(cast.adviser, held, "t4", now=LATER)
    send_back(cast.adviser, held, now=LATER)
    assert list(ReviewReturn.objects.values_list("turn", flat=True)) == [1, 2]
    assert list(returned_entries(Diagnostic.objects.get())) == ["t1"]


def test_what_was_asked_in_an_older_turn_is_no_longer_answered(cast: Cast) -> None:
    held = returned(cast)
    old = returned_entries(held)["t1"]
    ReviewReturn.objects.create(diagnostic=held, turn=2, reason="x", until=date(2027, 1, 1), by=cast.adviser, at=NOW)
    with pytest.raises(OvertakenError):
        agree(by=cast.officer, entry=old, client_id=uuid4(), now=LATER)


def test_evidence_added_after_the_return_counts_as_a_correction_and_is_read_again(cast: Cast) -> None:
    held = returned(cast)
    use = EvidenceUse.objects.get()
    EvidenceUse.objects.create(
        evidence=use.evidence, diagnostic=held, question="t4", linked_by=cast.officer, linked_at=LATER
    )
    assert filled(held, today=LATER.date()).asked["t4"].is_touched
    EvidenceUse.objects.create(
        evidence=use.evidence, diagnostic=held, question="t2", linked_by=cast.officer, linked_at=LATER
    )
    assert standing(cast, held, "t2") == Standing.CHANGED


def test_a_commented_answer_stays_open_and_is_read_again_when_it_changes(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t2", Opinion.COMMENTED, note="Podría decir más.")
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear")
    send_back(cast.adviser, held)
    assert standing(cast, held, "t2") == Standing.COMMENTED
    write(cast, held, "t2", value=False, text="Más.")
    assert standing(cast, held, "t2") == Standing.CHANGED


def test_a_closed_answer_is_opened_again_by_its_reviewer_alone(cast: Cast) -> None:
    held = returned(cast)
    with pytest.raises(RefusedError):
        reopen(by=cast.administrator, diagnostic=held, question="t2", now=LATER)
    reopen(by=cast.adviser, diagnostic=held, question="t2", now=LATER)
    write(cast, held, "t2", value=True)
    assert Event.objects.filter(kind="diagnostic.answer_reopened").count() == 1


def test_an_answer_taken_back_after_a_return_keeps_what_was_asked(cast: Cast) -> None:
    held = returned(cast)
    for name, entry in returned_entries(held).items():
        disagree(by=cast.officer, entry=entry, text=f"No por {name}.", now=LATER)
    submit(by=cast.coordinator, diagnostic=held, now=LATER, seen=DiagnosticState.RETURNED)
    move(by=cast.coordinator, diagnostic=held, to=DiagnosticState.OPEN, now=LATER, reason="Falta algo.")
    held.refresh_from_db()
    assert set(returned_entries(held)) == {"t1", "t4"}


def test_a_municipality_reads_only_what_it_was_told(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear")
    assert not ReviewEntry.objects.visible_to(cast.coordinator).exists()
    assert not ReviewEntry.objects.visible_to(cast.adviser_elsewhere).exists()
    send_back(cast.adviser, held)
    assert ReviewEntry.objects.visible_to(cast.coordinator).count() == 1


def test_a_disagreement_without_words_cannot_be_stored(cast: Cast) -> None:
    returned(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewEntry.objects.filter(question="t1").update(reply=Reply.DISAGREED)


def test_the_guard_of_validated_rows_lets_the_others_pass(cast: Cast) -> None:
    held = taken_up(cast)
    Diagnostic.objects.update(state=DiagnosticState.VALIDATED, folio="DGAM-2026-0009", validated_at=NOW)
    for change in (
        lambda: Answer.objects.filter(diagnostic=held).update(text="otro"),
        lambda: Answer.objects.filter(diagnostic=held, question="p1").delete(),
        lambda: Answer.objects.create(diagnostic=held, question="x", version=1, updated_at=NOW),
        lambda: ReviewEntry.objects.create(
            diagnostic=held, question="t1", by=cast.adviser, at=NOW, opinion=Opinion.ACCEPTED
        ),
    ):
        with pytest.raises(InternalError, match="validated"), transaction.atomic():
            change()
    with pytest.raises(NotWritableError):
        save_answer(
            by=cast.officer,
            diagnostic=held,
            question="t3",
            content=Content(["actas"], text="Llega tarde y queda guardado."),
            base_version=0,
            client_id=uuid4(),
            now=LATER,
        )
    assert Answer.objects.get(question="t3").revisions.get().text == "Llega tarde y queda guardado."
