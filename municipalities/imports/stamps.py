"""How much of the act the pictures of its signatures hide."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from pyhanko.sign.fields import enumerate_sig_fields

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko.pdf_utils.reader import PdfFileReader

_ENDLESS: Final = 1000.0
"""Pages. An area without measure counts as so many: no JSON holds infinity."""


def covered_by_signatures(reader: PdfFileReader) -> float:
    """The share of a page that the pictures of all signature fields cover together: many small ones hide as much as a large
    one."""
    shares = []
    for _name, _value, reference in enumerate_sig_fields(reader):
        field = reference.get_object()
        widgets = [field]
        if "/Kids" in field:
            widgets += [kid.get_object() for kid in field["/Kids"]]
        shares += [_area(widget["/Rect"]) / _page_area(reader, widget) for widget in widgets if "/Rect" in widget]
    whole = sum(shares)
    return round(min(whole, _ENDLESS), 4) if math.isfinite(whole) else _ENDLESS


def _area(box: Any) -> float:
    left, bottom, right, top = (float(number) for number in box)
    return abs(right - left) * abs(top - bottom)


def _page_area(reader: PdfFileReader, widget: DictionaryObject) -> float:
    """Of the page that the widget names, or of the first one; the box may be inherited."""
    page = widget["/P"] if "/P" in widget else reader.root["/Pages"]["/Kids"][0]
    while "/MediaBox" not in page:
        page = page["/Parent"]
    return _area(page["/MediaBox"]) or 1.0
