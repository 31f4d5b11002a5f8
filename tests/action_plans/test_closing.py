"""The next diagnostic says which commitment closed a gap of the one before."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from action_plans.choices import MilestoneState
from action_plans.models import Commitment, Milestone
from action_plans.reports.closing import commitments_done
from diagnostics.models import Answer, Diagnostic
from diagnostics.reports.gaps import closed_of, gaps_of
from diagnostics.reports.scores import store_scores
from tests.action_plans.factories import commitment, milestone
from tests.action_plans.factories import plan as a_plan
from tests.cast import Cast, sign_in
from tests.diagnostics import factories, published


def next_diagnostic(cast: Cast) -> Diagnostic:
    first = published.answered(cast.here)
    published.validate(first)
    held = commitment(a_plan(cast.here, diagnostic=first), gaps=["t1"])
    milestone(held, state=MilestoneState.MET, met_on=timezone.localdate())
    later = factories.diagnostic(cast.here, round_=factories.a_round(name="Después"))
    Diagnostic.objects.filter(pk=later.pk).update(created_at=first.created_at + timedelta(days=300))
    later.refresh_from_db()
    return later


def test_a_complete_commitment_is_named_on_the_gaps_of_the_next_diagnostic(client: Client, cast: Cast) -> None:
    later = next_diagnostic(cast)
    (closing,) = commitments_done(later)
    assert (closing.question, closing.title) == ("t1", "Compromiso 1")
    (told,) = closed_of(later, gaps_of(later))
    assert not told.is_closed  # nothing is answered yet
    assert closed_of(later, [])[0].is_closed
    address = reverse("diagnostics:gaps", args=[cast.here.cut, cast.here.slug, later.pk])
    page = sign_in(client, cast.officer).get(address).content.decode()
    assert "Lo que se hizo por brechas anteriores" in page
    assert "Compromiso 1" in page


def test_neither_its_own_plan_nor_an_unfinished_commitment_closes_a_gap(cast: Cast) -> None:
    later = next_diagnostic(cast)
    assert commitments_done(Diagnostic.objects.exclude(pk=later.pk).get()) == []
    Milestone.objects.update(state=MilestoneState.UNDER_WAY, met_on=None)
    assert commitments_done(later) == []
    assert Commitment.objects.count() == 1


def test_everyone_reads_which_commitment_closed_a_gap(client: Client, cast: Cast) -> None:
    later = next_diagnostic(cast)
    Answer.objects.create(diagnostic=later, question="t1", value=5, version=1, updated_at=factories.NOW)
    store_scores(later.pk, now=factories.NOW)
    published.validate(later)
    address = reverse("diagnostics:public_diagnostic", args=[cast.here.cut, cast.here.slug, later.folio])
    page = client.get(address).content.decode()
    assert "Brecha cerrada por" in page
    assert "Compromiso 1" in page
