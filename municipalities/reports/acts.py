"""The act and its public copy as PDF/UA. The same input gives the same bytes, on any machine and at any time."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import segno
import typst
from django.conf import settings
from django.utils import timezone

from municipalities.models import Act, Municipality, Signature
from municipalities.rules import acts as rules

DATA: Final = Path(__file__).parent.parent / "data"
# A layout in use never changes: a new one is a new file with the next number, and acts remember theirs.
LAYOUTS: Final = {1: "act.typ"}
PUBLIC_LAYOUTS: Final = {1: "public_act.typ"}
LAYOUT: Final = 1
# Fills a text that no municipality is chosen for.
SAMPLE: Final = {
    "municipio": "Nombre del municipio",
    "region": "Región del municipio",
    "autoridad": "Nombre de la autoridad",
    "cargo": rules.office_in_words(is_acting=False),
    "periodo": "2024-2028",
    "fecha": "6 de diciembre de 2026",
    "folio": rules.folio(2026, 0),
}
_UNPRINTABLE: Final = re.compile(r"the text `\"(.+?)\"` could not be displayed")


class UnprintableError(ValueError):
    """A character for which the document has no letter. Its text is the character."""


def values_of(
    municipality: Municipality, *, authority: str, is_acting: bool, term: str, day: date, folio: str
) -> dict[str, str]:
    """What fills each field of `rules.acts.FIELDS`. Blanks are made single: a value is never more than a line."""
    region = municipality.region
    values = {
        "municipio": municipality.name,
        "region": rules.region_in_words(region.code, region.name),
        "autoridad": authority,
        "cargo": rules.office_in_words(is_acting=is_acting),
        "periodo": term,
        "fecha": rules.date_in_words(day),
        "folio": folio,
    }
    return {name: " ".join(value.split()) for name, value in values.items()}


def verification_address(folio: str) -> str:
    """Where anyone verifies an act; it is printed on paper, so it is written here and not looked up."""
    return f"{settings.SITE_URL.rstrip('/')}/verificar/{folio}/"


def fields_of(
    words: rules.Words, values: Mapping[str, str], *, issued_at: datetime, preview: bool = False
) -> dict[str, Any]:
    """Everything that an act says, as JSON: with it alone the same bytes are made again. It holds no RUN."""
    text = rules.compose(words, values)
    return {
        "layout": LAYOUT,
        "preview": preview,
        "folio": values["folio"],
        "municipality": values["municipio"],
        "region": values["region"],
        "authority": values["autoridad"],
        "office": values["cargo"],
        "term": values["periodo"],
        "date": values["fecha"],
        "issued_at": int(issued_at.timestamp()),
        "verify_url": verification_address(values["folio"]),
        "title": text.title,
        "body": [[block.kind, list(block.texts)] for block in text.body],
        "commitments": list(text.commitments),
        "closing": [[block.kind, list(block.texts)] for block in text.closing],
    }


def text_of(fields: Mapping[str, Any]) -> rules.Text:
    """The words of an act from its `fields`, for a page."""

    def blocks(part: str) -> tuple[rules.Block, ...]:
        return tuple(rules.Block(kind, tuple(texts)) for kind, texts in fields[part])

    return rules.Text(fields["title"], blocks("body"), tuple(fields["commitments"]), blocks("closing"))


def act_pdf(fields: Mapping[str, Any]) -> bytes:
    """The act from its `fields`. Raises `UnprintableError`."""
    return _pdf(LAYOUTS[fields["layout"]], at=fields["issued_at"], act={**fields, "qr": qr(fields["verify_url"])})


def public_copy_pdf(act: Act, signature: Signature) -> bytes:
    """The copy for everyone: the act's words and how it was signed, by the name in the register of authorities.

    Nothing of the signed file is in it but its SHA-256: neither RUN nor e-mail. Raises `UnprintableError`.
    """
    signed = signature.signed_at
    told = {
        "method": signature.method,
        "signed_on": rules.date_in_words(timezone.localdate(signed)) if signed else None,
        "received_on": rules.date_in_words(timezone.localdate(signature.received_at)),
        "is_intact": signature.is_intact,
        "is_trusted": signature.is_trusted,
        "is_mayor": signature.is_mayor,
        "covers_act": signature.covers_act,
        "sha256": signature.document.sha256,
    }
    return _pdf(
        PUBLIC_LAYOUTS[act.fields["layout"]],
        at=int((signature.decided_at or signature.received_at).timestamp()),
        act={**act.fields, "qr": qr(act.fields["verify_url"])},
        signature=told,
    )


def _pdf(layout: str, *, at: int, **inputs: Mapping[str, Any]) -> bytes:
    return typeset(DATA / layout, root=DATA, at=at, **inputs)


def typeset(layout: Path, *, root: Path, at: int, **inputs: Mapping[str, Any]) -> bytes:
    """Typeset a layout, which imports from within `root`. The inputs travel as JSON strings, so nothing in them is read as
    typst's code; `at`: Unix seconds. Raises `UnprintableError`."""
    try:
        return typst.compile(
            layout,
            root=root,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={name: json.dumps(value, sort_keys=True) for name, value in inputs.items()},
            pdf_standards=["ua-1"],
            timestamp=at,
        )
    except typst.TypstError as error:
        if found := _UNPRINTABLE.search(str(error)):
            raise UnprintableError(found[1]) from error
        raise


def qr(address: str) -> str:
    """The code as SVG."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=1, scale=4)
    return out.getvalue().decode()
