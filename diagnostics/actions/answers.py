"""The one door through which answers are written. Nothing that anyone wrote is ever lost: each save becomes a revision, those
that lose a conflict, come late or are refused included."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from diagnostics.actions.rounds import deadline
from diagnostics.choices import AnswerOrigin
from diagnostics.models import Answer, AnswerRevision, Diagnostic
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.answers import value_problem
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.tasks import compute_scores
from municipalities.actions import RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a person says to a question; `value` as its kind tells."""

    value: Any = None
    is_na: bool = False
    text: str = ""
    confidence: str = ""


class Outcome(StrEnum):
    """SAVED: it is the present answer. SUPERSEDED: the same page sent a newer save before this one arrived."""

    SAVED = "saved"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Saved:
    """`version` is what this very save became (for one that came late, what stands): the next save of the page starts from it.
    `answer` is what stands, which someone may have changed since when a save is repeated."""

    outcome: Outcome
    answer: Answer
    version: int


class ConflictError(RefusedError):
    """Someone saved in between. `answer` is what stands; what was sent is kept as a revision."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        who = answer.updated_by.name if answer.updated_by else _("the portal")
        super().__init__(_("%(who)s changed this answer meanwhile.") % {"who": who})


class NotWritableError(RefusedError):
    """The answer may not change now; what was sent is kept as a revision."""


class ImpossibleError(RefusedError):
    """The value cannot answer the question; what was sent is kept as a revision."""


def save_answer(
    *,
    by: User,
    diagnostic: Diagnostic,
    question: str,
    content: Content,
    base_version: int,
    client_id: UUID,
    now: datetime,
    tab: UUID | None = None,
    sequence: int = 0,
    origin: AnswerOrigin = AnswerOrigin.PERSON,
) -> Saved:
    """Write an answer that started from `base_version`. The same `client_id` again changes nothing and gives the same result.

    Saves of one `tab` follow each other by `sequence`: a page whose last save got no answer is not in conflict with itself.
    Raises `PermissionDenied`; `RefusedError` for a question that does not exist or a `client_id` of another answer; and, with
    the content kept as a revision, `ConflictError`, `NotWritableError` or `ImpossibleError`.
    """
    check_can(by, Permission.FILL_DIAGNOSTIC, diagnostic.municipality)
    if question not in instrument_of(diagnostic.version).by_id:
        raise RefusedError(_("This question does not belong to the diagnostic."))
    with transaction.atomic():
        held = locked(diagnostic)
        answer, _made = Answer.objects.select_for_update().get_or_create(
            diagnostic=held, question=question, defaults={"updated_at": now}
        )
        before, is_late = _earlier(answer, client_id, tab, sequence)
        version = None
        if before is None:
            revision = AnswerRevision(
                answer=answer,
                client_id=client_id,
                tab=tab,
                sequence=sequence,
                base_version=base_version,
                origin=origin,
                at=now,
                by=by,
                **asdict(content),
            )
            refusal = _refusal(held, answer, content, now) or _write(held, answer, revision, is_late=is_late)
            revision.save()
        elif before.answer_id != answer.pk:
            raise RefusedError(_("This save belongs to another answer."))
        else:
            version = before.version
            again = _again(answer, before, is_late=is_late)
            refusal = again and (_refusal(held, answer, content, now) or again)
    # After the transaction, so that the revision stays.
    if isinstance(refusal, RefusedError):
        raise refusal
    return Saved(refusal or Outcome.SAVED, answer, version or answer.version)


def locked(diagnostic: Diagnostic) -> Diagnostic:
    """The same, with its state as it is now: savers of one diagnostic go one after the other, and none while it is submitted.

    Only what may have changed is read again: on the closing day there are a hundred saves a second.
    """
    rows = Diagnostic.objects.select_for_update(of=("self",), no_key=True)
    diagnostic.state, diagnostic.round.closes = rows.values_list("state", "round__closes").get(pk=diagnostic.pk)
    return diagnostic


def _refusal(diagnostic: Diagnostic, answer: Answer, content: Content, now: datetime) -> RefusedError | None:
    if diagnostic.state not in WRITABLE:
        return NotWritableError(_("The diagnostic is not being filled in now: what you wrote is kept in its history."))
    today = timezone.localdate(now)
    if today > diagnostic.round.closes and today > deadline(diagnostic):
        return NotWritableError(_("The time to fill it in is over: what you wrote is kept in its history."))
    if answer.is_locked:
        return NotWritableError(_("The council checked and closed this answer: what you wrote is kept in its history."))
    question = instrument_of(diagnostic.version).by_id[answer.question]
    if len(content.text) > LONGEST_TEXT:
        return ImpossibleError(_("The text is longer than 20.000 characters. What you wrote is kept in its history."))
    if value_problem(question, content.value) or (content.is_na and not question.allows_na):
        return ImpossibleError(_("This cannot be the answer to the question. What you wrote is kept in its history."))
    return None


def _earlier(answer: Answer, client_id: UUID, tab: UUID | None, sequence: int) -> tuple[AnswerRevision | None, bool]:
    """The same save, if it arrived before, and whether the page sent a newer one of this answer that arrived. One query."""
    newer = Q(answer=answer, tab=tab, sequence__gt=sequence) if tab else Q(pk=None)
    same_first = Case(When(client_id=client_id, then=0), default=1)
    rows = list(AnswerRevision.objects.filter(Q(client_id=client_id) | newer).order_by(same_first)[:2])
    before = next((row for row in rows if row.client_id == client_id), None)
    return before, len(rows) > (before is not None)


def _write(
    diagnostic: Diagnostic, answer: Answer, revision: AnswerRevision, *, is_late: bool
) -> RefusedError | Outcome | None:
    """Make the revision the present answer, unless it came late or lost."""
    if is_late:
        return Outcome.SUPERSEDED
    if revision.base_version != answer.version and not (_same(answer, revision) or _is_own_chain(answer, revision)):
        return ConflictError(answer)
    for field in ("value", "is_na", "text", "confidence", "origin"):
        setattr(answer, field, getattr(revision, field))
    answer.version += 1
    answer.to_confirm = revision.origin == AnswerOrigin.CARRIED
    answer.updated_at, answer.updated_by = revision.at, revision.by
    answer.save()
    revision.version = answer.version
    Diagnostic.objects.filter(pk=diagnostic.pk).update(answers_changed_at=revision.at)
    transaction.on_commit(lambda: _score_soon(diagnostic.pk), robust=True)
    return None


def _score_soon(diagnostic_id: int) -> None:
    """Have the scores computed once for all the saves of `SCORES_CALM` seconds. The mark ends before the task begins, so that a
    save which finds it is seen by the task."""
    if cache.add(f"scores-asked:{diagnostic_id}", 1, settings.SCORES_CALM - 1):
        compute_scores.apply_async((diagnostic_id,), countdown=settings.SCORES_CALM)


def _is_own_chain(answer: Answer, revision: AnswerRevision) -> bool:
    """Whether all that became the answer since `base_version` came from the same page, whose answers got lost on the way."""
    if revision.tab is None or revision.base_version > answer.version:
        return False
    since = AnswerRevision.objects.filter(answer=answer, version__gt=revision.base_version)
    own = since.filter(tab=revision.tab, by=revision.by).count()
    return own == answer.version - revision.base_version


def _again(answer: Answer, before: AnswerRevision, *, is_late: bool) -> RefusedError | Outcome | None:
    """A save that arrived before: it won, came late, or lost."""
    if before.version is not None or _same(answer, before):
        return None
    return Outcome.SUPERSEDED if is_late else ConflictError(answer)


def _same(answer: Answer, revision: AnswerRevision) -> bool:
    fields = ("value", "is_na", "text", "confidence")
    return all(getattr(answer, field) == getattr(revision, field) for field in fields)
