"""What the desk may do with contributions, and which of those chosen it reaches. Preview and pages ask here. Pure."""

from collections.abc import Iterable
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from action_plans.choices import ContributionState as S
from action_plans.rules.contribution_states import ANSWERABLE


class Work(TextChoices):
    """What is done with one or many; the value is how addresses spell it."""

    PUBLISH = "publicar", _("Publish")
    ANSWER = "responder", _("Respond")
    JOIN = "unir", _("Join")
    HIDE = "ocultar", _("Hide")
    SHOW = "mostrar", _("Show again")


class LeftOut(TextChoices):
    """Why one of those chosen is not reached."""

    OTHER_PLAN = "other_plan", _("It is of another plan.")
    PUBLIC_ALREADY = "public", _("It is public already.")
    READ_FIRST = "read_first", _("Publish or hide it first: nobody has decided on it.")
    HIDDEN_ALREADY = "hidden", _("It is hidden already.")
    NOT_HIDDEN = "not_hidden", _("It is not hidden.")
    JOINED = "joined", _("It was joined with another or divided: that one counts.")


_STARTS: Final[dict[Work, frozenset[S]]] = {
    Work.PUBLISH: frozenset({S.WAITING}),
    Work.HIDE: frozenset({S.WAITING, S.PUBLISHED}),
    Work.SHOW: frozenset({S.HIDDEN}),
    Work.ANSWER: ANSWERABLE,
    Work.JOIN: frozenset({S.PUBLISHED}),
}
_WHY: Final[dict[S, LeftOut]] = {
    S.WAITING: LeftOut.READ_FIRST,
    S.HIDDEN: LeftOut.HIDDEN_ALREADY,
    S.PUBLISHED: LeftOut.PUBLIC_ALREADY,
}


def left_out(work: Work, state: S) -> LeftOut | None:
    """Why the work leaves a contribution in this state out, or None when it reaches it."""
    if state in _STARTS[work]:
        return None
    if state in {S.MERGED, S.SPLIT}:
        return LeftOut.JOINED
    return LeftOut.NOT_HIDDEN if work == Work.SHOW else _WHY[state]


def works(state: S) -> list[Work]:
    """What may be done with one alone, in the order of its buttons."""
    return [work for work in Work if work != Work.JOIN and left_out(work, state) is None]


def are_words_of(part: str, whole: str) -> bool:
    """Whether a part of a contribution is a stretch of it, whatever its lines and spaces."""
    return " ".join(part.split()) in " ".join(whole.split())


def left_by(parts: Iterable[str], whole: str) -> list[str]:
    """The stretches of a contribution that stand in none of its parts; what holds no letter and no number is none."""
    text = " ".join(whole.split())
    is_taken = bytearray(len(text))
    for part in (" ".join(each.split()) for each in parts):
        start = text.find(part) if part else -1
        while start >= 0:
            is_taken[start : start + len(part)] = b"\1" * len(part)
            start = text.find(part, start + 1)
    rest = "".join("\n" if taken else letter for letter, taken in zip(text, is_taken, strict=True))
    return [each.strip() for each in rest.split("\n") if any(letter.isalnum() for letter in each)]
