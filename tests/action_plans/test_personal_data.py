"""What identifies citizens is deleted when its time is over, or when they ask (Ley 21.719)."""

from datetime import timedelta

import pytest
from django.db.models import Model

from action_plans.actions import contributions, personal_data, responses, sign_ups
from action_plans.choices import PlanStage, Sector, Verdict
from action_plans.models import Author, Contribution, Plan, SignUp, Support
from action_plans.notifications.letters import FORGOTTEN
from municipalities.actions import RefusedError
from municipalities.choices import MailKind, MailState
from municipalities.models import Mail
from tests.action_plans.citizens import listening, meeting, published, sent
from tests.action_plans.factories import NOW
from tests.action_plans.test_forum import signed
from tests.cast import Cast

DAY = timedelta(days=1)
PLACES: tuple[type[Model], ...] = (Author, SignUp, Mail, Contribution)


def is_anywhere(word: str) -> bool:
    """Whether an address still stands in any row."""
    return any(word in str(row) for model in PLACES for row in model._default_manager.values())


def test_what_nobody_confirmed_is_deleted_after_a_week(cast: Cast) -> None:
    plan, held = listening(cast.here), meeting(cast.here)
    contributions.contribute(plan=plan, sent=sent(), now=NOW)
    contributions.support(contribution=published(plan, email="otra@ejemplo.cl"), email="apoya@ejemplo.cl", now=NOW)
    sign_ups.sign_up(meeting=held, name="Ana", email="ana@ejemplo.cl", sector=Sector.OTHER, now=NOW)
    personal_data.forget(now=NOW + 6 * DAY)
    assert (Contribution.objects.count(), Support.objects.count(), SignUp.objects.count()) == (2, 1, 1)
    personal_data.forget(now=NOW + 8 * DAY)
    assert (Contribution.objects.count(), Support.objects.count(), SignUp.objects.count()) == (1, 0, 0)
    assert not any(is_anywhere(word) for word in ("v@ejemplo", "apoya@", "ana@"))


def test_an_author_is_forgotten_when_the_time_is_over_and_the_plan_ended_and_the_words_stay(cast: Cast) -> None:
    plan = listening(cast.here)
    made = published(plan)
    late = NOW + 800 * DAY
    assert personal_data.forget(now=late) == 0, "the plan still owes an answer"
    Plan.objects.filter(pk=plan.pk).update(stage=PlanStage.CANCELLED)
    assert personal_data.forget(now=NOW + 700 * DAY) == 0
    assert personal_data.forget(now=late) == 1
    assert personal_data.forget(now=late) == 0
    assert not is_anywhere("v@ejemplo")
    assert made.authors.get().shown_as == "Vecina"
    assert Mail.objects.filter(to=FORGOTTEN, body="").exists()


def test_whoever_signed_up_is_forgotten_ninety_days_after_the_meeting(cast: Cast) -> None:
    signed(meeting(cast.here, days=10))
    assert personal_data.forget(now=NOW + 99 * DAY) == 0
    assert personal_data.forget(now=NOW + 101 * DAY) == 1
    assert not is_anywhere("ana@")
    assert SignUp.objects.count() == 1


def test_the_time_is_a_setting(cast: Cast, settings: object) -> None:
    settings.SIGN_UPS_KEPT_DAYS = 5  # type: ignore[attr-defined]
    signed(meeting(cast.here, days=10))
    assert personal_data.forget(now=NOW + 16 * DAY) == 1


def test_on_their_request_everything_that_tells_who_they_are_goes_at_once(cast: Cast) -> None:
    plan, held = listening(cast.here), meeting(cast.here, capacity=1)
    made = published(plan, email="ana@ejemplo.cl", shown_as="Ana Soto")
    contributions.support(contribution=made, email="ana@ejemplo.cl", now=NOW)
    place = signed(held)
    next_one = signed(held, "eva", at=timedelta(minutes=1))
    personal_data.erase(key=place.token, now=NOW)
    assert not is_anywhere("ana@")
    assert not is_anywhere("Ana Soto")
    assert made.authors.get().shown_as == "Alguien que pidió ser olvidado"
    assert sign_ups.place_in_line(next_one) == 0
    assert Contribution.objects.count() == 1
    with pytest.raises(RefusedError):
        personal_data.erase(key=place.token, now=NOW)


def test_whoever_asked_to_be_forgotten_gets_no_mail_any_more(cast: Cast) -> None:
    plan = listening(cast.here)
    made = published(plan)
    personal_data.erase(key=made.authors.get().key, now=NOW)
    responses.respond(
        by=cast.coordinator,
        plan=plan,
        contributions=[made.pk],
        verdict=Verdict.REJECTED,
        reasons="No es del plan sino de otra ley.",
        now=NOW,
    )
    assert not Mail.objects.filter(kind=MailKind.CONTRIBUTION_ANSWERED).exists()
    assert not Mail.objects.filter(state=MailState.QUEUED).exists()
