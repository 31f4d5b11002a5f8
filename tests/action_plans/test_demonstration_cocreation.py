"""The invented co-creation: by the portal's own rules, once, and nothing of it is sent."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from action_plans.choices import ContributionState, PlanStage
from action_plans.imports.demonstration_cocreation import load
from action_plans.models import Author, Contribution, Forum, Meeting, SignUp
from action_plans.notifications.letters import FORGOTTEN
from municipalities.choices import MailState
from municipalities.models import Mail, Membership
from tests.action_plans.citizens import listening
from tests.cast import Cast, municipality, person

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def people(cast: Cast) -> None:
    user = person("x")
    user.email = "coordinadora@demo.cl"
    user.save()
    Membership.objects.create(user=user, municipality=cast.here, role="coordinator", starts=NOW.date(), basis="x")


@pytest.mark.usefixtures("people")
def test_each_plan_gets_a_forum_meetings_and_contributions_once(cast: Cast) -> None:
    listening(cast.here)
    listening(cast.elsewhere)
    assert load(now=NOW) == 2
    numbers = [model.objects.count() for model in (Forum, Meeting, SignUp, Contribution, Author)]
    assert load(now=NOW) == 0
    assert numbers == [model.objects.count() for model in (Forum, Meeting, SignUp, Contribution, Author)]
    states = set(Contribution.objects.values_list("state", flat=True))
    assert states == {ContributionState.WAITING, ContributionState.PUBLISHED, ContributionState.HIDDEN}
    assert Contribution.objects.filter(response__isnull=False).exists()


@pytest.mark.usefixtures("people")
def test_nothing_of_it_is_sent_and_every_address_leads_nowhere(cast: Cast) -> None:
    listening(cast.here)
    # Chance has it that somebody who came to its first meeting came to no other, and is forgotten since.
    listening(municipality("13102", "Cerrillos", "cerrillos", order=13), PlanStage.ANSWERING)
    load(now=NOW)
    assert Mail.objects.filter(to=FORGOTTEN).exists()
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}
    assert all(email.endswith(".invalid") for email in Author.objects.values_list("email", flat=True))


def test_without_plans_or_outside_the_demonstration_it_says_so(cast: Cast) -> None:
    with pytest.raises(CommandError, match="only where"):
        call_command("load_demo_cocreation", stdout=StringIO())
    with override_settings(DEMONSTRATION=True), pytest.raises(CommandError, match="no action plan"):
        call_command("load_demo_cocreation", stdout=StringIO())
