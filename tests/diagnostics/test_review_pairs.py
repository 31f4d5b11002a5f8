"""Two independent reviewers: drawn by a seed or by hand, blind to each other until both are done, then of one mind."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event, User
from diagnostics.actions.reviewers import assign, begin, draw_sample, finish, set_second_review
from diagnostics.actions.reviews import adopt
from diagnostics.actions.validation import obstacle_to_validation
from diagnostics.choices import DiagnosticState, Opinion
from diagnostics.models import Answer, Diagnostic, ReviewEntry, Reviewer
from diagnostics.reports.returned import returned_entries
from diagnostics.reports.review import review_of
from diagnostics.rules.review import after, chosen, due
from municipalities.actions import OvertakenError, RefusedError
from tests.cast import Cast, municipality
from tests.diagnostics import factories
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import accept_rest, say, second_adviser, send_back, submitted, taken_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(cast: Cast) -> User:
    return second_adviser(cast)


@pytest.fixture
def held(cast: Cast, second: User) -> Diagnostic:
    """Under review by two."""
    diagnostic = submitted(cast)
    set_second_review(by=cast.administrator, diagnostic=diagnostic, wanted=True, now=NOW)
    begin(by=cast.adviser, diagnostic=diagnostic, now=NOW)
    begin(by=second, diagnostic=diagnostic, now=NOW)
    diagnostic.refresh_from_db()
    return diagnostic


def texts(user: User) -> set[str]:
    return set(ReviewEntry.objects.visible_to(user).values_list("note", flat=True))


def test_they_do_not_see_each_other_until_both_are_done(cast: Cast, second: User, held: Diagnostic) -> None:
    say(cast.adviser, held, "t1", Opinion.COMMENTED, note="de la primera")
    say(second, held, "t1", Opinion.COMMENTED, note="de la segunda")
    for seen, reader in (({"de la primera"}, cast.adviser), ({"de la segunda"}, second), (set(), cast.administrator)):
        assert texts(reader) == seen
    accept_rest(cast.adviser, held)
    finish(by=cast.adviser, diagnostic=held, now=NOW)
    assert "de la primera" not in texts(second) | texts(cast.administrator)
    assert not Answer.objects.filter(is_locked=True).exists(), "a closed answer would tell what the other said"
    accept_rest(second, held)
    finish(by=second, diagnostic=held, now=NOW)
    for reader in (cast.adviser, second, cast.administrator):
        assert {"de la primera", "de la segunda"} <= texts(reader)


def test_who_is_not_done_reading_does_not_finish(cast: Cast, held: Diagnostic) -> None:
    say(cast.adviser, held, "t1")
    with pytest.raises(RefusedError):
        finish(by=cast.adviser, diagnostic=held, now=NOW)


def test_a_third_person_finds_no_seat_and_one_person_has_one(cast: Cast, held: Diagnostic) -> None:
    with pytest.raises(OvertakenError):
        begin(by=cast.administrator, diagnostic=held, now=NOW)
    with pytest.raises(RefusedError):
        assign(by=cast.administrator, diagnostic=held, user=cast.adviser, seat=2, now=NOW)


def test_it_is_neither_returned_nor_validated_before_they_agree(cast: Cast, second: User, held: Diagnostic) -> None:
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear", note="No se entiende.")
    with pytest.raises(RefusedError):
        send_back(cast.adviser, held)
    for who in (cast.adviser, second):
        accept_rest(who, held)
        assert obstacle_to_validation(review_of(held, who))
        finish(by=who, diagnostic=held, now=NOW)
    review = review_of(held, cast.adviser)
    assert [question.id for question, _one, _other in review.differences] == ["t4"]
    with pytest.raises(RefusedError):
        send_back(cast.adviser, held)
    (_question, one, _other) = review_of(held, second).differences[0]
    assert one is not None
    adopt(by=second, diagnostic=held, question="t4", seen=one.pk, now=NOW)
    back = send_back(second, held)
    assert returned_entries(back)["t4"].by == cast.adviser
    assert ReviewEntry.objects.filter(question="t4", is_told=True).count() == 1
    assert Answer.objects.get(question="t1").is_locked
    assert not Reviewer.objects.filter(done_at__isnull=False).exists(), "each turn is read again by both"


def test_an_opinion_that_changed_meanwhile_is_not_adopted(cast: Cast, second: User, held: Diagnostic) -> None:
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear")
    for who in (cast.adviser, second):
        accept_rest(who, held)
        finish(by=who, diagnostic=held, now=NOW)
    with pytest.raises(OvertakenError):
        adopt(by=second, diagnostic=held, question="t4", seen=0, now=NOW)
    with pytest.raises(OvertakenError):
        adopt(by=second, diagnostic=held, question="t1", seen=0, now=NOW)


def test_once_an_opinion_was_given_the_number_of_reviewers_stays(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    with pytest.raises(RefusedError):
        set_second_review(by=cast.administrator, diagnostic=held, wanted=True, now=NOW)
    with pytest.raises(PermissionDenied):
        set_second_review(by=cast.adviser, diagnostic=held, wanted=True, now=NOW)


def test_a_sample_is_drawn_by_a_seed_that_the_event_keeps(cast: Cast) -> None:
    round_ = factories.a_round()
    for number in range(10):
        place = municipality(f"123{number:02}", f"Lugar {number}", f"lugar-{number}", order=16)
        factories.diagnostic(place, round_)
    marked = draw_sample(by=cast.administrator, round_=round_, percent=25, seed="2026", now=NOW)
    assert len(marked) == 3
    event = Event.objects.get(kind="round.second_review_drawn")
    again = chosen([one.municipality_id for one in Diagnostic.objects.all()], percent=25, seed=event.data["seed"])
    assert event.data["drawn"] == again
    assert not draw_sample(by=cast.administrator, round_=round_, percent=25, seed="2026", now=NOW)
    with pytest.raises(PermissionDenied):
        draw_sample(by=cast.adviser, round_=round_, percent=25, seed="2026", now=NOW)


def test_a_review_that_began_is_not_drawn_into_the_sample(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    assert draw_sample(by=cast.administrator, round_=held.round, percent=100, seed="x", now=NOW) == []
    held.refresh_from_db()
    assert (held.needs_second_review, held.state) == (False, DiagnosticState.UNDER_REVIEW)


@given(keys=st.sets(st.text("0123456789", min_size=1, max_size=5), max_size=40), percent=st.integers(0, 100))
def test_a_sample_depends_on_nothing_but_its_seed(keys: set[str], percent: int) -> None:
    once, again = (chosen(order, percent=percent, seed="s") for order in (sorted(keys), sorted(keys, reverse=True)))
    assert once == again
    assert set(once) <= keys
    assert len(once) == -(-len(keys) * percent // 100)
    if percent < 100:
        assert once == chosen(keys, percent=percent + 1, seed="s")[: len(once)]


@given(day=st.dates(date(2024, 1, 1), date(2030, 12, 31)), count=st.integers(0, 40))
def test_working_days_end_on_a_working_day(day: date, count: int) -> None:
    end = after(day, count)
    assert end >= day + timedelta(days=count)
    assert count == 0 or end.weekday() < 5
    assert due(day, end) == end
