"""What every table of the council's desk asks of its address: filters, an order, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.forms import Form
from django.http import QueryDict

Rows = TypeVar("Rows", bound=QuerySet[Any])


class DeskFilter:
    """A table as one address asks for it. Unknown values ask for nothing.

    Of each name in `filters` the class has a method `_name(value) -> Q`. `orders` are the fields of each order; `beside` are
    further parameters that the address keeps.
    """

    filters: ClassVar[tuple[str, ...]]
    orders: ClassVar[Mapping[str, tuple[str, ...]]]
    beside: ClassVar[tuple[str, ...]] = ("orden",)

    def __init__(self, form: Form) -> None:
        form.is_valid()
        self.values: dict[str, Any] = form.cleaned_data
        order = self.values.get("orden", "")
        self.order = order if order.removeprefix("-") in self.orders else ""
        self.values["orden"] = self.order
        self._fields = form.fields

    def asked(self) -> list[tuple[str, Any]]:
        """The filters in use, with their values."""
        return [(name, self.values[name]) for name in self.filters if self.values.get(name) not in (None, "", [])]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked())

    @cached_property
    def query(self) -> str:
        """The address's parameters that this filter understood, in one order: what is saved and handed on."""
        kept = QueryDict(mutable=True)
        for name in (*self.filters, *self.beside):
            value = self.values.get(name)
            if isinstance(value, list):
                kept.setlist(name, value)
            elif value not in (None, ""):
                kept[name] = str(value)
        return kept.urlencode()

    def in_words(self) -> list[str]:
        """What was asked for, a sentence a filter: `Region: Magallanes`."""
        said = []
        for name, value in self.asked():
            field = self._fields[name]
            labels = {str(code): str(label) for code, label in getattr(field, "choices", [])}
            chosen = value if isinstance(value, list) else [str(value)]
            said.append(f"{field.label}: {', '.join(labels.get(code, code) for code in chosen)}")
        return said

    def narrowed(self, rows: Rows) -> Rows:
        """Those of `rows` that fulfil everything asked."""
        for name, value in self.asked():
            rows = rows.filter(getattr(self, f"_{name}")(value))
        return rows

    def order_by(self, otherwise: str) -> list[str | OrderBy]:
        """The order asked for, else that of `otherwise`; what is missing comes last either way."""
        key = self.order or otherwise
        name, *others = self.orders[key.removeprefix("-")]
        first = F(name).desc(nulls_last=True) if key.startswith("-") else F(name).asc(nulls_last=True)
        return [first, *others]
