"""What a mapping would do with the answers of a round, municipality by municipality. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from diagnostics.models import Answer, Diagnostic, Round, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import mapping as rules
from diagnostics.rules.answers import Given
from diagnostics.rules.file_faults import Problem
from diagnostics.rules.mapping import Carried, Fate, Why

FATES: Final = {
    Fate.CARRIED: _("Carried"),
    Fate.TO_CONFIRM: _("To confirm"),
    Fate.LEFT_BEHIND: _("Left behind"),
}
REASONS: Final = {
    Why.SAME: _("The question is the same."),
    Why.REWORDED: _("The question has other words."),
    Why.SCALE: _("The scale is another one."),
    Why.SPLIT: _("The question became several."),
    Why.MERGED: _("Several questions became one."),
    Why.DISAGREE: _(
        "Several questions became one, and their answers differ. The explanations go together, without a value."
    ),
    Why.WORDS_ONLY: _("The value does not fit the new question. The explanation goes on without it."),
    Why.UNCONFIRMED: _("Nobody had confirmed it yet."),
    Why.RETIRED: _("The question is no longer asked."),
    Why.DOES_NOT_FIT: _("The value does not fit the new question, and there is no explanation."),
    Why.TOO_LONG: _("Together with the others the explanation is too long."),
    Why.EMPTY: _("The answer is empty."),
    Why.UNKNOWN: _("The mapping does not name the question."),
}


class Row(NamedTuple):
    """A diagnostic and what becomes of its answers."""

    diagnostic: Diagnostic
    carried: Carried

    @property
    def counts(self) -> dict[str, int]:
        return {fate.value: self.carried.count(fate) for fate in Fate}


def sources(round_: Round, *, only_for: Round | None = None) -> QuerySet[Diagnostic]:
    """The diagnostics whose answers go along: those that count in the round in its version; of the municipalities
    that have a diagnostic in another round already, when `only_for` names one."""
    found = Diagnostic.objects.filter(round=round_, version=round_.version_id).standing()
    if only_for is not None:
        there = Diagnostic.objects.filter(round=only_for, version=only_for.version_id)
        found = found.filter(municipality__in=there.standing().values("municipality"))
    return found.select_related("municipality", "round", "version").order_by("municipality__name", "pk")


def dry_run(mapping: VersionMapping, round_: Round) -> list[Row]:
    """A row a diagnostic. Two queries, however many there are."""
    version_map = rules.from_data(mapping.content)
    old, new = instrument_of(mapping.source), instrument_of(mapping.target)
    answers: dict[int, dict[str, Given]] = defaultdict(dict)
    stored = Answer.objects.filter(diagnostic__round=round_).order_by("pk")
    for diagnostic, question, value, is_na, text, to_confirm in stored.values_list(
        "diagnostic", "question", "value", "is_na", "text", "to_confirm"
    ):
        answers[diagnostic][question] = Given(value, is_na, text, to_confirm)
    return [
        Row(diagnostic, rules.carry(answers[diagnostic.pk], version_map, old, new)) for diagnostic in sources(round_)
    ]


def faults(mapping: VersionMapping) -> list[Problem]:
    """What is wrong with a kept mapping now: a draft may have changed since."""
    return rules.problems(
        rules.from_data(mapping.content), instrument_of(mapping.source), instrument_of(mapping.target)
    )
