"""Numbers and days as Chileans write them (`config.numbers`), built into every template as filters."""

from django import template

from config import numbers

register = template.Library()

for name in ("number", "pesos", "pesos_short", "percent", "day", "month"):
    register.filter(name, getattr(numbers, name))
