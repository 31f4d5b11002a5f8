"""What the portal already knows about a municipality, as answers with their source. One query for each place that is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from budget.models import Dataset, IndicatorValue, Line
from diagnostics.rules.instrument import Question
from diagnostics.rules.known import FACTS, Fact, Kept, Known
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Municipality

Found = dict[str, Known]


def known_answers(municipality: Municipality, questions: Iterable[Question], *, today: date) -> dict[str, Known]:
    """By question, what the portal knows; a question whose kind is not the fact's is not offered one."""
    asked = {
        question.id: question.known_as
        for question in questions
        if question.known_as in FACTS and FACTS[question.known_as].kind == question.kind
    }
    found: Found = {}
    for kept in {FACTS[name].kept for name in asked.values()}:
        facts = {name: FACTS[name] for name in set(asked.values()) if FACTS[name].kept == kept}
        found |= _READERS[kept](municipality, facts, today)
    return {question: found[name] for question, name in asked.items() if name in found}


def knows(municipality: Municipality, question: Question, value: Any, *, today: date) -> bool:
    """Whether the portal itself gives this answer to the question."""
    known = known_answers(municipality, [question], today=today).get(question.id)
    return known is not None and bool(known.value == value)


def _of_sinim(municipality: Municipality, facts: Mapping[str, Fact], today: date) -> Found:
    """The newest year in which the municipality told SINIM."""
    values = (
        IndicatorValue.objects.filter(
            indicator__code__in=[fact.code for fact in facts.values()],
            dataset__in=Dataset.objects.published().filter(municipality=municipality),
            value__isnull=False,
        )
        .order_by("dataset__year", "pk")
        .select_related("dataset", "indicator", "file")
    )
    newest = {value.indicator.code: value for value in values}
    found = {}
    for name, fact in facts.items():
        value = newest.get(fact.code)
        if value is not None:
            source = _("SINIM %(year)s, variable %(number)s") % {"year": value.dataset.year, "number": fact.number}
            found[name] = Known(value.value == 1, source, timezone.localdate(value.file.received_at))
    return found


def _of_budgets(municipality: Municipality, facts: Mapping[str, Fact], today: date) -> Found:
    """Whether last year's budget is in force here. An edition that holds indicators alone is no budget."""
    year = today.year - 1
    budgets = Dataset.objects.published().filter(municipality=municipality, year=year)
    latest = budgets.filter(Exists(Line.objects.filter(dataset=OuterRef("pk")))).order_by("-published_at").first()
    if latest is None:
        source = _("the budgets published in this portal: there is none of %(year)s") % {"year": year}
    else:
        words = {"year": year, "source": latest.get_source_display()}
        source = _("the budget of %(year)s published in this portal (%(source)s)") % words
    return dict.fromkeys(facts, Known(latest is not None, source, today))


def _of_adhesions(municipality: Municipality, facts: Mapping[str, Fact], today: date) -> Found:
    is_in_force = Adhesion.objects.filter(municipality=municipality, state=AdhesionState.IN_FORCE).exists()
    return dict.fromkeys(facts, Known(is_in_force, _("the register of adhesions of this portal"), today))


def _of_nowhere(municipality: Municipality, facts: Mapping[str, Fact], today: date) -> Found:
    return {}


_READERS: Final[dict[Kept, Callable[[Municipality, Mapping[str, Fact], date], Found]]] = {
    Kept.SINIM: _of_sinim,
    Kept.BUDGET: _of_budgets,
    Kept.ADHESION: _of_adhesions,
    Kept.NOWHERE: _of_nowhere,
}
