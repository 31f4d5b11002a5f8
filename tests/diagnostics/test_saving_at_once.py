"""Many people save at once: each save is the answer or a revision, and versions have no gaps."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from diagnostics.actions.answers import ConflictError, Content, save_answer
from diagnostics.models import Answer, AnswerRevision, Diagnostic
from tests.cast import assemble
from tests.diagnostics import factories

SAVERS, EACH = 4, 8


def keep_saving(held: Diagnostic, by: User, name: str) -> tuple[int, int]:
    """Save the same question again and again, taking over the version of whoever was quicker. Returns (won, lost)."""
    base = won = lost = 0
    try:
        for number in range(EACH):
            try:
                saved = save_answer(
                    by=by,
                    diagnostic=held,
                    question="t1",
                    content=Content(2, text=f"{name} {number}"),
                    base_version=base,
                    client_id=uuid4(),
                    tab=uuid4(),
                    now=timezone.now(),
                )
            except ConflictError as conflict:
                base, lost = conflict.answer.version, lost + 1
            else:
                base, won = saved.version, won + 1
    finally:
        connection.close()
    return won, lost


@pytest.mark.django_db(transaction=True)
def test_savers_at_once_lose_no_text() -> None:
    cast = assemble()
    held = factories.diagnostic(cast.here)
    with ThreadPoolExecutor(SAVERS) as pool:
        people = [cast.officer, cast.coordinator] * (SAVERS // 2)
        done = list(pool.map(keep_saving, [held] * SAVERS, people, [f"persona {n}" for n in range(SAVERS)]))
    won, lost = (sum(each) for each in zip(*done, strict=True))
    assert won + lost == SAVERS * EACH
    assert AnswerRevision.objects.values("text").distinct().count() == SAVERS * EACH
    versions = (
        AnswerRevision.objects.filter(version__isnull=False).order_by("version").values_list("version", flat=True)
    )
    assert list(versions) == list(range(1, won + 1))
    assert Answer.objects.get().version == won


@pytest.mark.django_db(transaction=True)
def test_the_same_save_sent_at_once_is_one() -> None:
    cast = assemble()
    held, client = factories.diagnostic(cast.here), uuid4()

    def save(_time: int) -> int:
        try:
            return save_answer(
                by=cast.officer,
                diagnostic=held,
                question="t1",
                content=Content(2, text="una vez"),
                base_version=0,
                client_id=client,
                now=timezone.now(),
            ).version
        finally:
            connection.close()

    with ThreadPoolExecutor(SAVERS) as pool:
        assert list(pool.map(save, range(SAVERS))) == [1] * SAVERS
    assert AnswerRevision.objects.count() == 1
