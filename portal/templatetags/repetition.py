"""`{% repeat items %}...[[name]]...{% endrepeat %}`: a plain loop for tables, lists and maps of many, at a tenth of the cost.

What stands between the tags is rendered once, labels and translations included, but for `[[name]]` and `[[name|filter]]`: of each
item the attribute, escaped. There are no conditions inside; an item that has them gives the words, or says them in a property.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any, Final

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

PLACE: Final = re.compile(r"\[\[(\w+)(?:\|(\w+))?\]\]")


Part = Node | Callable[[Any], str]
"""What is rendered once, or what gives an item's value."""


@register.tag
def repeat(parser: Parser, token: Token) -> Repetition:
    """The block for each of the items."""
    bits = token.split_contents()
    if len(bits) != 2:
        raise template.TemplateSyntaxError("repeat takes one argument, the items")
    inside = parser.parse(("endrepeat",))
    parser.delete_first_token()
    parts: list[Part] = []
    for node in inside:
        parts += _split(node.s, parser) if isinstance(node, TextNode) else [node]
    return Repetition(parser.compile_filter(bits[1]), inside, parts)


class Repetition(Node):
    def __init__(self, items: FilterExpression, nodelist: NodeList, parts: list[Part]) -> None:
        self.items, self.nodelist, self.parts = items, nodelist, parts

    def render(self, context: template.Context) -> SafeString:
        parts = [str(part.render_annotated(context)) if isinstance(part, Node) else part for part in self.parts]
        items = self.items.resolve(context) or ()
        found = [part if isinstance(part, str) else part(item) for item in items for part in parts]
        return mark_safe("".join(found))  # noqa: S308 - text of the template, rendered nodes and escaped values


def _split(text: str, parser: Parser) -> list[Part]:
    """Text between places as it is, and for each place what gives its value."""
    parts: list[Part] = []
    end = 0
    for place in PLACE.finditer(text):
        parts += [TextNode(text[end : place.start()]), _value(place[1], place[2], parser)]
        end = place.end()
    return [*parts, TextNode(text[end:])]


def _value(name: str, chosen: str | None, parser: Parser) -> Callable[[Any], str]:
    if chosen is None:
        return lambda item: _escaped(getattr(item, name))
    shown: Callable[[Any], Any] = parser.find_filter(chosen)
    return lambda item: _escaped(shown(getattr(item, name)))


def _escaped(value: object) -> str:
    """As Django's own `conditional_escape`, whose ways round lazy words cost more than the escaping."""
    return str(value) if isinstance(value, SafeString) else escape(str(value))
