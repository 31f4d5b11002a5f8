"""An instrument's values as pages show them."""

from decimal import Decimal

from django import template

from diagnostics.rules.instrument import Condition, Instrument, QuestionKind
from diagnostics.rules.instrument_words import KINDS, number
from diagnostics.rules.instrument_words import condition_words as in_words

register = template.Library()


@register.filter
def condition_words(condition: Condition, instrument: Instrument) -> str:
    """When a question is asked."""
    return in_words(condition, instrument.by_id)


@register.filter
def kind_words(kind: QuestionKind) -> str:
    """What kind of answer it takes, within a sentence."""
    return str(KINDS[kind]).lower()


@register.filter
def weight(value: Decimal) -> str:
    """A weight: 1,5."""
    return number(value)
