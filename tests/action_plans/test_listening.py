"""Moderation and reasoned responses: who may, twice, overtaken, and what the authors hear."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from action_plans.actions import contributions, moderation, responses
from action_plans.actions.plans import move
from action_plans.choices import AppealState, ContributionState, HideReason, PlanStage, Verdict
from action_plans.models import Author, Contribution, Plan, Response, Support
from action_plans.reports.contributions import authors_of, summary_of, supports_of, told
from action_plans.rules.moderation import are_words_of, left_by
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import DocumentKind, MailKind
from municipalities.models import Document
from tests.action_plans.citizens import confirmed, listening, published, written
from tests.action_plans.factories import NOW, commitment
from tests.cast import Cast, assemble

WHY = "Se incluyó en el compromiso de transparencia."
DIVIDED = ["Que el concejo", "transmita\nsus sesiones"]
"""What `published` says, in two parts."""


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return listening(cast.here)


def answer(plan: Plan, cast: Cast, *made: Contribution, reasons: str = WHY) -> list[Response]:
    keys = [each.pk for each in made]
    return responses.respond(
        by=cast.coordinator, plan=plan, contributions=keys, verdict=Verdict.ACCEPTED, reasons=reasons, now=NOW
    )


def hide(plan: Plan, cast: Cast, made: Contribution) -> None:
    why, note = HideReason.PERSONAL_DATA, "Nombra a un vecino."
    moderation.hide(by=cast.coordinator, plan=plan, contributions=[made.pk], reason=why, note=note, now=NOW)
    made.refresh_from_db()


def test_publishing_many_leaves_those_already_decided_on_and_tells_each_author_once(plan: Plan, cast: Cast) -> None:
    made = [confirmed(plan, email=f"{number}@ejemplo.cl") for number in range(3)]
    keys = [each.pk for each in made]
    assert len(moderation.publish(by=cast.coordinator, plan=plan, contributions=keys, now=NOW)) == 3
    assert moderation.publish(by=cast.coordinator, plan=plan, contributions=keys, now=NOW) == []
    assert len(written(MailKind.CONTRIBUTION_SHOWN)) == 3


@pytest.mark.parametrize("who", ["officer", "mayor", "adviser", "coordinator_elsewhere", "citizen"])
def test_only_the_coordinator_moderates_and_answers(plan: Plan, cast: Cast, who: str) -> None:
    made, by = confirmed(plan), getattr(cast, who)
    with pytest.raises(PermissionDenied):
        moderation.publish(by=by, plan=plan, contributions=[made.pk], now=NOW)
    with pytest.raises(PermissionDenied):
        moderation.hide(by=by, plan=plan, contributions=[made.pk], reason=HideReason.OFFENCE, note="", now=NOW)
    with pytest.raises(PermissionDenied):
        responses.respond(by=by, plan=plan, contributions=[made.pk], verdict=Verdict.ACCEPTED, reasons=WHY, now=NOW)


def test_what_is_hidden_keeps_its_place_and_its_reason_and_its_author_is_no_longer_known(
    plan: Plan, cast: Cast
) -> None:
    made = confirmed(plan)
    moderation.publish(by=cast.coordinator, plan=plan, contributions=[made.pk], now=NOW)
    hide(plan, cast, made)
    assert Contribution.objects.public().get().hidden_note == "Nombra a un vecino."
    assert not Author.objects.filter(trusted_at__isnull=False).exists()
    (mail,) = written(MailKind.CONTRIBUTION_HIDDEN)
    assert f"/reclamar/{made.authors.get().key}/" in mail.body
    moderation.show_again(by=cast.coordinator, plan=plan, contributions=[made.pk], now=NOW)
    with pytest.raises(OvertakenError):
        moderation.show_again(by=cast.coordinator, plan=plan, contributions=[made.pk], now=NOW)


def test_whoever_hid_it_does_not_decide_on_the_appeal_and_the_council_may(plan: Plan, cast: Cast) -> None:
    made = published(plan)
    hide(plan, cast, made)
    key = made.authors.get().key
    first = moderation.appeal(contribution=made, author=key, text="No nombra a nadie", now=NOW)
    assert moderation.appeal(contribution=made, author=key, text="Otra vez", now=NOW) == first
    with pytest.raises(RefusedError):
        moderation.decide(by=cast.coordinator, appeal=first, granted=True, reasons="Sí", now=NOW)
    with pytest.raises(PermissionDenied):
        moderation.decide(by=cast.officer, appeal=first, granted=True, reasons="Sí", now=NOW)
    moderation.decide(by=cast.adviser, appeal=first, granted=True, reasons="No nombra a nadie", now=NOW)
    with pytest.raises(OvertakenError):
        moderation.decide(by=cast.adviser, appeal=first, granted=False, reasons="No", now=NOW)
    made.refresh_from_db()
    first.refresh_from_db()
    assert (made.state, first.state) == (ContributionState.PUBLISHED, AppealState.GRANTED)
    assert len(written(MailKind.APPEAL_DECIDED)) == 1


def test_an_appeal_is_its_authors_alone(plan: Plan, cast: Cast) -> None:
    made, other = published(plan), published(plan)
    hide(plan, cast, made)
    with pytest.raises(RefusedError):
        moderation.appeal(contribution=made, author=other.authors.get().key, text="Yo también", now=NOW)


def test_several_alike_get_one_answer_and_each_author_one_mail(plan: Plan, cast: Cast) -> None:
    made = [published(plan, email=f"{number}@ejemplo.cl") for number in range(3)]
    assert len(answer(plan, cast, *made)) == 3
    answer(plan, cast, *made)
    assert len(written(MailKind.CONTRIBUTION_ANSWERED)) == 3
    answer(plan, cast, made[0], reasons="Se incluyó también en otro compromiso.")
    assert len(written(MailKind.CONTRIBUTION_ANSWERED)) == 4
    assert Response.objects.count() == 3


def test_an_answer_has_reasons_and_leads_to_a_commitment_of_the_same_plan(plan: Plan, cast: Cast) -> None:
    made = published(plan)
    with pytest.raises(RefusedError):
        answer(plan, cast, made, reasons="Sí")
    with pytest.raises(RefusedError):
        responses.respond(
            by=cast.coordinator,
            plan=plan,
            contributions=[made.pk],
            verdict=Verdict.PARTLY,
            reasons=WHY,
            led_to=commitment(listening(cast.elsewhere)),
            now=NOW,
        )
    with pytest.raises(OvertakenError):
        answer(plan, cast, confirmed(plan))


def test_joined_contributions_keep_authors_and_supports_and_joining_is_taken_back(plan: Plan, cast: Cast) -> None:
    into, other = published(plan), published(plan, email="otra@ejemplo.cl", shown_as="Club Andino")
    for each in (into, other):
        contributions.support(contribution=each, user=cast.citizen, now=NOW)
    responses.merge(by=cast.coordinator, contributions=[other.pk], into=into, now=NOW)
    shown = told(Contribution.objects.filter(pk=into.pk)).get()
    assert [author.shown_as for author in authors_of(shown)] == ["Vecina", "Club Andino"]
    assert supports_of([shown]) == {into.pk: 1}
    answer(plan, cast, into)
    assert {mail.to for mail in written(MailKind.CONTRIBUTION_ANSWERED)} == {"v@ejemplo.cl", "otra@ejemplo.cl"}
    responses.separate(by=cast.coordinator, contribution=other, now=NOW)
    assert [author.shown_as for author in authors_of(told(Contribution.objects.filter(pk=into.pk)).get())] == ["Vecina"]
    assert Support.objects.count() == 2
    with pytest.raises(OvertakenError):
        responses.separate(by=cast.coordinator, contribution=other, now=NOW)


def test_what_joined_others_or_was_answered_leads_nowhere_else(plan: Plan, cast: Cast) -> None:
    first, second, third = (published(plan, email=f"{number}@ejemplo.cl") for number in range(3))
    responses.merge(by=cast.coordinator, contributions=[second.pk], into=first, now=NOW)
    with pytest.raises(RefusedError):
        responses.merge(by=cast.coordinator, contributions=[first.pk], into=third, now=NOW)
    answer(plan, cast, third)
    with pytest.raises(RefusedError):
        responses.merge(by=cast.coordinator, contributions=[third.pk], into=first, now=NOW)


def test_the_parts_of_a_divided_contribution_keep_the_authors_and_wait_for_answers(plan: Plan, cast: Cast) -> None:
    made = published(plan)
    parts = responses.split(by=cast.coordinator, contribution=made, texts=[DIVIDED[0], " ", DIVIDED[1]], now=NOW)
    assert [part.authors.get() for part in parts] == [made.authors.get()] * 2
    assert Contribution.objects.unanswered().count() == 2
    with pytest.raises(OvertakenError):
        responses.split(by=cast.coordinator, contribution=made, texts=DIVIDED, now=NOW)
    with pytest.raises(RefusedError):
        responses.split(by=cast.coordinator, contribution=parts[0], texts=DIVIDED[:1], now=NOW)


def test_parts_are_told_apart_by_their_number(plan: Plan, cast: Cast) -> None:
    made = published(plan, title="T" * 150)
    parts = responses.split(by=cast.coordinator, contribution=made, texts=DIVIDED, now=NOW)
    assert [part.title.partition("…")[2] for part in parts] == [" (parte 1)", " (parte 2)"]
    assert all(len(part.title) <= 150 for part in parts)


def test_dividing_leaves_nothing_out_that_somebody_wrote(plan: Plan, cast: Cast) -> None:
    made = published(plan, text="Que el concejo transmita. Que guarde las sesiones. Y que avise.")
    texts = ["Que el concejo transmita.", "Y que avise."]
    with pytest.raises(RefusedError, match="“Que guarde las sesiones"):
        responses.split(by=cast.coordinator, contribution=made, texts=texts, now=NOW)
    assert not Contribution.objects.filter(split_from=made).exists()


@given(st.lists(st.text(alphabet="ab ñ.\n", max_size=8), min_size=1, max_size=6), st.integers(0, 5))
def test_what_is_left_by_parts_is_what_no_part_holds(parts: list[str], gone: int) -> None:
    whole = "\n".join(parts)
    assert left_by(parts, whole) == []
    assert left_by([whole], whole) == []
    kept = [part for place, part in enumerate(parts) if place != gone]
    assert all(are_words_of(left, whole) for left in left_by(kept, whole))
    assert bool(left_by([], whole)) == any(letter.isalnum() for letter in whole)


def test_nobody_speaks_in_the_name_of_an_author_by_dividing(plan: Plan, cast: Cast) -> None:
    made = published(plan)
    with pytest.raises(RefusedError, match="no escribió"):
        responses.split(by=cast.coordinator, contribution=made, texts=[DIVIDED[0], "Estoy de acuerdo en todo"], now=NOW)
    made.refresh_from_db()
    assert made.state == ContributionState.PUBLISHED


def approved(plan: Plan, cast: Cast) -> Plan:
    """The plan taken to its approval, with its act."""
    act = Document.objects.create(
        municipality=cast.here, kind=DocumentKind.DECREE, name="x", media_type="application/pdf", size=1,
        sha256="0" * 64, uploaded_at=NOW,
    )  # fmt: skip
    return move(
        by=cast.coordinator,
        plan=plan,
        to=PlanStage.APPROVED,
        now=NOW,
        seen=PlanStage.ANSWERING,
        approval=act,
        approved_by="Concejo",
        approved_on=date(2026, 6, 1),
    )


def test_no_plan_is_approved_while_a_contribution_waits_for_a_reader_or_an_answer(cast: Cast) -> None:
    plan = listening(cast.here)
    commitment(plan)
    made = confirmed(plan)
    Plan.objects.filter(pk=plan.pk).update(stage=PlanStage.ANSWERING)
    with pytest.raises(RefusedError):
        approved(plan, cast)
    moderation.publish(by=cast.coordinator, plan=plan, contributions=[made.pk], now=NOW)
    with pytest.raises(RefusedError):
        approved(plan, cast)
    answer(plan, cast, made)
    assert approved(plan, cast).stage == PlanStage.APPROVED


def test_what_is_shown_again_in_an_approved_plan_is_answered_first(cast: Cast) -> None:
    plan = listening(cast.here)
    made, late = published(plan), confirmed(plan, email="tarde@ejemplo.cl")
    hide(plan, cast, made)
    hide(plan, cast, late)
    Plan.objects.filter(pk=plan.pk).update(stage=PlanStage.ANSWERING)
    approved(plan, cast)
    with pytest.raises(RefusedError):
        moderation.show_again(by=cast.coordinator, plan=plan, contributions=[made.pk], now=NOW)
    answer(plan, cast, made)
    moderation.show_again(by=cast.coordinator, plan=plan, contributions=[made.pk], now=NOW)
    assert not Contribution.objects.unanswered().filter(plan=plan).exists()
    with pytest.raises(RefusedError):
        responses.split(by=cast.coordinator, contribution=made, texts=DIVIDED, now=NOW)


def test_the_middle_of_the_days_to_answer_is_told(plan: Plan, cast: Cast) -> None:
    made = [published(plan, email=f"{number}@ejemplo.cl") for number in range(4)]
    for each, days in zip(made[:3], (1, 4, 30), strict=True):
        Contribution.objects.filter(pk=each.pk).update(published_at=NOW - timedelta(days=days))
        answer(plan, cast, each)
    summary = summary_of(plan)
    assert (summary.median_days, summary.answered, summary.unanswered) == (4, 3, 1)


class Desk(RuleBasedStateMachine):
    """Whatever people do in whatever order, an approved plan has no contribution without a response."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.cast = assemble()
        self.plan = listening(self.cast.here)
        commitment(self.plan)
        self.made: list[int] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def one(self, place: int) -> Contribution | None:
        return Contribution.objects.get(pk=self.made[place % len(self.made)]) if self.made else None

    @rule()
    def contribute(self) -> None:
        with suppress(RefusedError):
            self.made.append(confirmed(self.plan, email=f"{len(self.made)}@ejemplo.cl").pk)

    @rule(place=st.integers(0, 5))
    def publish(self, place: int) -> None:
        if found := self.one(place):
            with suppress(RefusedError):
                moderation.publish(by=self.cast.coordinator, plan=self.plan, contributions=[found.pk], now=NOW)

    @rule(place=st.integers(0, 5))
    def hide(self, place: int) -> None:
        if found := self.one(place):
            hide(self.plan, self.cast, found)

    @rule(place=st.integers(0, 5))
    def show_again(self, place: int) -> None:
        if found := self.one(place):
            with suppress(RefusedError):
                moderation.show_again(by=self.cast.coordinator, plan=self.plan, contributions=[found.pk], now=NOW)

    @rule(place=st.integers(0, 5))
    def answer(self, place: int) -> None:
        if found := self.one(place):
            with suppress(RefusedError):
                answer(self.plan, self.cast, found)

    @rule(place=st.integers(0, 5))
    def split(self, place: int) -> None:
        if found := self.one(place):
            with suppress(RefusedError):
                parts = responses.split(
                    by=self.cast.coordinator, contribution=found, texts=found.text.split(" ", 1), now=NOW
                )
                self.made += [part.pk for part in parts]

    @rule(place=st.integers(0, 5), into=st.integers(0, 5))
    def merge(self, place: int, into: int) -> None:
        if (found := self.one(place)) and (target := self.one(into)):
            with suppress(RefusedError):
                responses.merge(by=self.cast.coordinator, contributions=[found.pk], into=target, now=NOW)

    @rule(place=st.integers(0, 5))
    def separate(self, place: int) -> None:
        if found := self.one(place):
            with suppress(RefusedError):
                responses.separate(by=self.cast.coordinator, contribution=found, now=NOW)

    @rule()
    def approve(self) -> None:
        self.plan.refresh_from_db()
        if self.plan.stage == PlanStage.CO_CREATION:
            Plan.objects.filter(pk=self.plan.pk).update(stage=PlanStage.ANSWERING)
        with suppress(RefusedError):
            approved(self.plan, self.cast)

    @invariant()
    def nothing_waits_in_an_approved_plan(self) -> None:
        if Plan.objects.get(pk=self.plan.pk).stage == PlanStage.APPROVED:
            assert not Contribution.objects.unanswered().filter(plan=self.plan).exists()


@pytest.mark.django_db
def test_whatever_is_done_in_whatever_order_an_approved_plan_owes_no_answer() -> None:
    run_state_machine_as_test(Desk, settings=settings(max_examples=12, stateful_step_count=25, deadline=None))
