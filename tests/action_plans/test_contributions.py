"""Citizens contribute, confirm, support; each thing sent twice is one."""

from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import transaction

from action_plans.actions import contributions as actions
from action_plans.actions import moderation
from action_plans.choices import ContributionState, PlanStage
from action_plans.models import Author, Contribution, Plan, Support
from municipalities.actions import RefusedError
from municipalities.choices import MailKind
from tests.action_plans.citizens import confirmed, listening, published, sent, written
from tests.action_plans.factories import NOW
from tests.at_once import at_once, until_another_waits
from tests.cast import Cast


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return listening(cast.here)


def test_without_an_account_nothing_is_shown_before_the_mail_is_confirmed_and_a_person_read_it(plan: Plan) -> None:
    made = actions.contribute(plan=plan, sent=sent(email="V@Ejemplo.cl"), now=NOW)
    assert made.state == ContributionState.UNCONFIRMED
    assert not Contribution.objects.public().exists()
    (mail,) = written(MailKind.CONTRIBUTION_CONFIRM)
    author = made.authors.get()
    assert mail.to == author.email == "v@ejemplo.cl"
    assert f"/participa/confirmar/{author.key}/" in mail.body
    assert f"/participa/mis-datos/{author.key}/" in mail.body
    actions.confirm(key=author.key, now=NOW)
    made.refresh_from_db()
    assert made.state == ContributionState.WAITING
    assert not Contribution.objects.public().exists()


def test_sent_twice_it_is_one_and_one_mail(plan: Plan) -> None:
    once = sent()
    first = actions.contribute(plan=plan, sent=once, now=NOW)
    assert actions.contribute(plan=plan, sent=once, now=NOW) == first
    assert Contribution.objects.count() == Author.objects.count() == len(written(MailKind.CONTRIBUTION_CONFIRM)) == 1


def test_confirmed_twice_it_is_the_same(plan: Plan) -> None:
    made = confirmed(plan)
    moment = made.authors.get().confirmed_at
    actions.confirm(key=made.authors.get().key, now=NOW + timedelta(hours=1))
    assert made.authors.get().confirmed_at == moment


def test_whoever_was_published_before_appears_at_once_and_so_does_their_account(plan: Plan, cast: Cast) -> None:
    first = confirmed(plan)
    moderation.publish(by=cast.coordinator, plan=plan, contributions=[first.pk], now=NOW)
    assert confirmed(plan).state == ContributionState.PUBLISHED
    assert confirmed(plan, email="otra@ejemplo.cl").state == ContributionState.WAITING


def test_an_address_that_somebody_typed_speaks_for_nobody(plan: Plan, cast: Cast) -> None:
    first = confirmed(plan)
    moderation.publish(by=cast.coordinator, plan=plan, contributions=[first.pk], now=NOW)
    assert actions.contribute(plan=plan, sent=sent(), now=NOW).state == ContributionState.UNCONFIRMED


def test_with_an_account_no_mail_is_asked_and_the_author_is_one(plan: Plan, cast: Cast) -> None:
    made = [actions.contribute(plan=plan, sent=sent(email=""), now=NOW, user=cast.citizen) for _ in range(2)]
    assert {each.state for each in made} == {ContributionState.WAITING}
    assert Author.objects.get().user == cast.citizen
    assert not written(MailKind.CONTRIBUTION_CONFIRM)


@pytest.mark.parametrize(
    "stage", [stage for stage in PlanStage if stage not in {PlanStage.CO_CREATION, PlanStage.CONSULTATION}]
)
def test_a_plan_that_does_not_listen_receives_nothing(cast: Cast, stage: PlanStage) -> None:
    plan = listening(cast.here)
    held = Plan(pk=plan.pk, municipality=cast.here, stage=stage)
    if stage not in {"approved", "implementation", "midterm", "final", "closed"}:
        Plan.objects.filter(pk=plan.pk).update(stage=stage)
        with pytest.raises(RefusedError):
            actions.contribute(plan=held, sent=sent(), now=NOW)
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("wrong", [{"text": "  corto "}, {"email": ""}])
def test_what_says_nothing_or_has_no_address_is_refused(plan: Plan, wrong: dict[str, str]) -> None:
    with pytest.raises(RefusedError):
        actions.contribute(plan=plan, sent=sent(**wrong), now=NOW)


def test_the_form_of_another_plan_is_refused(plan: Plan, cast: Cast) -> None:
    once = sent()
    actions.contribute(plan=plan, sent=once, now=NOW)
    with pytest.raises(RefusedError):
        actions.contribute(plan=listening(cast.elsewhere), sent=once, now=NOW)


def test_a_link_that_leads_nowhere_is_refused(plan: Plan) -> None:
    with pytest.raises(RefusedError):
        actions.confirm(key=uuid4(), now=NOW)


def test_a_support_counts_once_confirmed_and_once_a_person(plan: Plan, cast: Cast) -> None:
    made = published(plan)
    for _ in range(2):
        actions.support(contribution=made, email="apoya@ejemplo.cl", now=NOW)
    assert not Support.objects.counted().exists()
    (mail,) = written(MailKind.SUPPORT_CONFIRM)
    key = Support.objects.get().author.key
    assert str(key) in mail.body
    for _ in range(2):
        actions.confirm(key=key, now=NOW)
        actions.support(contribution=made, email="apoya@ejemplo.cl", now=NOW)
        actions.support(contribution=made, user=cast.citizen, now=NOW)
    assert Support.objects.counted().count() == 2
    assert len(written(MailKind.SUPPORT_CONFIRM)) == 1


def test_what_is_not_public_cannot_be_supported(plan: Plan, cast: Cast) -> None:
    with pytest.raises(RefusedError):
        actions.support(contribution=confirmed(plan), user=cast.citizen, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_contribution(cast: Cast) -> None:
    plan, once = listening(cast.here), sent()
    assert at_once(*[lambda: actions.contribute(plan=plan, sent=once, now=NOW)] * 3) == []
    assert Contribution.objects.count() == len(written(MailKind.CONTRIBUTION_CONFIRM)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_to_two_plans_at_once_is_one_contribution_and_a_refusal_with_what_to_do(cast: Cast) -> None:
    """The other plan's is written and not yet committed: nothing tells of it before the database does."""
    here, elsewhere, once = listening(cast.here), listening(cast.elsewhere), sent()
    written_there = Event()

    def there() -> None:
        with transaction.atomic():
            actions.contribute(plan=elsewhere, sent=once, now=NOW)
            written_there.set()
            until_another_waits()

    def too() -> None:
        written_there.wait()
        actions.contribute(plan=here, sent=once, now=NOW)

    errors = at_once(there, too)
    assert [type(each) for each in errors] == [RefusedError]
    assert "Ábralo de nuevo" in str(errors[0])
    assert Contribution.objects.get().plan == elsewhere
    assert Author.objects.count() == len(written(MailKind.CONTRIBUTION_CONFIRM)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_links_of_the_same_supporter_followed_at_once_count_once(cast: Cast) -> None:
    made = published(listening(cast.here))
    keys = []
    for _ in range(2):
        author = Author.objects.create(shown_as="x", email="apoya@ejemplo.cl", created_at=NOW, forget_at=NOW)
        Support.objects.create(contribution=made, author=author, at=NOW)
        keys.append(author.key)
    assert at_once(*((lambda key=key: actions.confirm(key=key, now=NOW)) for key in keys)) == []
    assert Support.objects.counted().count() == 1
