"""Two people at the same instant, on two connections."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts.choices import MunicipalRole
from accounts.models import User
from municipalities.actions import RefusedError
from municipalities.actions import people as actions
from municipalities.models import Invitation, Membership
from tests.cast import Cast, assemble, person

NOW = timezone.now()


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    return assemble()


def at_once(*works: object) -> list[str]:
    """Start each work in its own thread and connection; give the names of the errors they ended with."""
    start, errors = Barrier(len(works)), list[str]()

    def run(work: object) -> None:
        start.wait()
        try:
            work()  # type: ignore[operator]
        except RefusedError:
            errors.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_two_coordinators_cannot_both_end_at_once(stage: Cast) -> None:
    person("segunda", of=stage.here, role=MunicipalRole.COORDINATOR)
    coordinators = Membership.objects.filter(municipality=stage.here, role=MunicipalRole.COORDINATOR)

    def end(pk: int) -> None:
        membership = Membership.objects.get(pk=pk)
        actions.end_membership(by=membership.user, membership=membership, reason="x", now=NOW)

    errors = at_once(*[lambda pk=pk: end(pk) for pk in coordinators.values_list("pk", flat=True)])
    assert errors == ["refused"]
    assert coordinators.filter(ends__isnull=True).count() == 1


def test_two_clicks_accept_an_invitation_once(stage: Cast) -> None:
    invitation = actions.invite(
        by=stage.coordinator, municipality=stage.here, email=stage.citizen.email, role="reader", basis="x", now=NOW
    )

    def accept() -> None:
        actions.accept_invitation(
            by=User.objects.get(pk=stage.citizen.pk), invitation=Invitation.objects.get(pk=invitation.pk), now=NOW
        )

    assert at_once(accept, accept) == ["refused"]
    assert Membership.objects.filter(user=stage.citizen).count() == 1
