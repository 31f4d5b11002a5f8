"""Saving answers: the one door."""

from datetime import timedelta
from uuid import uuid4

import pytest

from diagnostics.actions.answers import (
    ConflictError,
    Content,
    ImpossibleError,
    NotWritableError,
    Outcome,
    Saved,
    save_answer,
)
from diagnostics.choices import DiagnosticState
from diagnostics.models import Answer, AnswerRevision, Diagnostic, Extension
from diagnostics.reports.scores import store_scores
from tests.cast import Cast
from tests.diagnostics.factories import NOW, diagnostic

pytestmark = pytest.mark.django_db


def save(of: Diagnostic, cast: Cast, text: str, base: int = 0, **more: object) -> Saved:
    fields: dict[str, object] = {"client_id": uuid4(), "question": "t1", "now": NOW, "by": cast.officer, **more}
    value = fields.pop("value", 2)
    return save_answer(diagnostic=of, content=Content(value, text=text), base_version=base, **fields)  # type: ignore[arg-type]


def test_each_save_becomes_the_answer_and_a_revision(cast: Cast) -> None:
    held = diagnostic(cast.here)
    assert save(held, cast, "uno").answer.version == 1
    assert save(held, cast, "dos", 1).answer.version == 2
    assert Answer.objects.get().text == "dos"
    assert list(AnswerRevision.objects.order_by("version").values_list("text", flat=True)) == ["uno", "dos"]


def test_the_same_save_twice_is_one(cast: Cast) -> None:
    held, client = diagnostic(cast.here), uuid4()
    first = save(held, cast, "uno", client_id=client)
    again = save(held, cast, "uno", client_id=client)
    assert (first.answer.version, again.answer.version, again.outcome) == (1, 1, Outcome.SAVED)
    assert AnswerRevision.objects.count() == 1


def test_a_conflict_tells_both_texts_and_keeps_the_one_that_lost(cast: Cast) -> None:
    held = diagnostic(cast.here)
    save(held, cast, "de ella")
    with pytest.raises(ConflictError) as caught:
        save(held, cast, "de él", by=cast.coordinator)
    assert caught.value.answer.text == "de ella"
    assert AnswerRevision.objects.get(version=None).text == "de él"


def test_a_save_that_comes_late_does_not_undo_a_newer_one_of_the_same_page(cast: Cast) -> None:
    held, tab = diagnostic(cast.here), uuid4()
    save(held, cast, "hola mundo", tab=tab, sequence=2)
    late = save(held, cast, "hola", tab=tab, sequence=1)
    assert late.outcome == Outcome.SUPERSEDED
    assert Answer.objects.get().text == "hola mundo"
    assert AnswerRevision.objects.filter(text="hola", version=None).exists()


@pytest.mark.parametrize("why", ["state", "deadline", "lock"])
def test_what_may_not_be_written_now_is_still_kept(cast: Cast, why: str) -> None:
    held = diagnostic(cast.here)
    now = NOW
    if why == "state":
        Diagnostic.objects.update(state=DiagnosticState.SUBMITTED)
    elif why == "deadline":
        now = NOW + timedelta(days=1000)
    else:
        Answer.objects.create(diagnostic=held, question="t1", is_locked=True, updated_at=NOW)
    with pytest.raises(NotWritableError):
        save(held, cast, "tarde", now=now)
    assert AnswerRevision.objects.get().text == "tarde"


def test_an_extension_gives_time_after_the_close(cast: Cast) -> None:
    held, late = diagnostic(cast.here), NOW + timedelta(days=1000)
    Extension.objects.create(
        diagnostic=held, until=late.date(), reason="Temporal", granted_by=cast.administrator, granted_at=NOW
    )
    assert save(held, cast, "a tiempo", now=late).outcome == Outcome.SAVED


def test_an_impossible_value_is_refused_and_its_words_kept(cast: Cast) -> None:
    with pytest.raises(ImpossibleError):
        save(diagnostic(cast.here), cast, "texto", value=9)
    assert AnswerRevision.objects.get().text == "texto"
    assert Answer.objects.get().value is None


def test_scores_are_stored_whole_and_twice_is_the_same(cast: Cast) -> None:
    held = diagnostic(cast.here)
    save(held, cast, "", value=5)
    for _time in range(2):
        store_scores(held.pk, now=NOW)
    index = held.scores.get(level="index")
    assert index.reached is not None
    assert index.potential is not None
    assert 0 < index.reached < index.potential <= 1
    assert held.scores.get(level="question", key="t1").reached == 1
    held.refresh_from_db()
    assert held.scored_at == held.answers_changed_at
