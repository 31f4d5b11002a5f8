"""The tag `repeat`: what stands inside once for each item, with its values escaped."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.safestring import mark_safe


@dataclass
class Item:
    name: str
    amount: int = 0
    day: date | None = None


def shown(source: str, *items: Item, **more: object) -> str:
    return Template(source).render(Context({"items": items, **more}))


def test_each_item_fills_the_places_and_filters_apply() -> None:
    items = Item("Ñuñoa", 1234, date(2026, 12, 31)), Item("Tirúa")
    found = shown("{% repeat items %}<li>[[name]]: [[amount|number]] [[day|day]]</li>{% endrepeat %}", *items)
    assert found == "<li>Ñuñoa: 1.234 31-12-2026</li><li>Tirúa: 0 </li>"


def test_values_are_escaped_unless_they_are_safe() -> None:
    found = shown("{% repeat items %}[[name]]{% endrepeat %}", Item('<b>"&'), Item(mark_safe("<i>")))
    assert found == "&lt;b&gt;&quot;&amp;<i>"


def test_what_is_no_place_is_rendered_once_and_never_read_as_one() -> None:
    found = shown("{% repeat items %}{{ word }}=[[name]];{% endrepeat %}", Item("a"), Item("b"), word="[[amount]]<")
    assert found == "[[amount]]&lt;=a;[[amount]]&lt;=b;"


def test_no_items_give_nothing() -> None:
    assert shown("{% repeat items %}[[name]]{% endrepeat %}") == ""


@pytest.mark.parametrize(
    "source", ["{% repeat %}{% endrepeat %}", "{% repeat a %}[[name|no_such_filter]]{% endrepeat %}"]
)
def test_a_mistake_in_the_template_is_told(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template(source)
