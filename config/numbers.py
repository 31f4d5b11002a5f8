"""Numbers as Chileans write them. Pure: any app may import this module, it imports none."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MILLION = 1_000_000
Number = int | Decimal | float | None


def grouped(value: int | Decimal, decimals: int = 0) -> str:
    """`1.234.567` or `12,5`: Chilean marks, rounded half up to `decimals`."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def number(value: Number, decimals: int = 0) -> str:
    """A plain number; missing is said, never shown as zero."""
    return _("no data") if value is None else grouped(Decimal(str(value)), decimals)


def pesos(value: Number) -> str:
    """`$ 41.733.210.000`."""
    if value is None:
        return _("no data")
    amount = Decimal(str(value))
    return ("-" if amount < 0 else "") + f"$\u00a0{grouped(abs(amount))}"


def pesos_short(value: Number) -> str:
    """`$ 41.733 millones`: a large amount as people say it; below a million, whole pesos."""
    if value is None:
        return _("no data")
    amount = Decimal(str(value))
    if abs(amount) < MILLION:
        return pesos(value)
    millions = amount / MILLION
    decimals = 1 if abs(millions) < 100 and millions != millions.to_integral_value() else 0
    sign = "-" if amount < 0 else ""
    singular = abs(millions) == 1
    word = ngettext("million", "millions", 1 if singular else 2)
    return f"{sign}$\u00a0{grouped(abs(millions), decimals)} {word}"


def percent(value: Number, decimals: int = 1) -> str:
    """`12,5 %` of a value already in percent."""
    return _("no data") if value is None else f"{grouped(Decimal(str(value)), decimals)}\u00a0%"
