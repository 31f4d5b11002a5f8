"""Two bulk changes at the same instant, on two connections."""

from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Event, User
from municipalities.actions import bulk
from municipalities.choices import AdhesionState, BulkKind
from municipalities.models import Adhesion, BulkChange, Mail
from tests.cast import Cast, assemble

NOW = timezone.now()


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    return assemble()


def invite_at_once(stage: Cast, *tokens: UUID) -> list[BulkChange]:
    """Invite both municipalities with each token, all at once."""
    start, made = Barrier(len(tokens)), list[BulkChange]()
    seen = {stage.here.pk: "", stage.elsewhere.pk: ""}

    def run(token: UUID) -> None:
        try:
            by = User.objects.get(pk=stage.administrator.pk)
            start.wait()
            made.append(bulk.change(by=by, order=bulk.Order(BulkKind.INVITE), seen=seen, token=token, now=NOW))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


def test_two_clicks_of_one_preview_invite_once(stage: Cast) -> None:
    token = uuid4()
    first, second = invite_at_once(stage, token, token)
    assert first == second
    assert Mail.objects.count() == 3


def test_two_people_who_invite_the_same_invite_once(stage: Cast) -> None:
    made = invite_at_once(stage, uuid4(), uuid4())
    assert len(made) == 2
    done = [row["cut"] for one in made for row in one.rows if "adhesion" in row]
    assert sorted(done) == sorted([stage.here.pk, stage.elsewhere.pk])
    assert Adhesion.objects.filter(state=AdhesionState.INVITED).count() == 2
    assert Mail.objects.count() == 3
    assert Event.objects.filter(kind="adhesion.moved").count() == 2
