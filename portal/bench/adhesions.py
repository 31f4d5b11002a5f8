"""How fast the register of adhesions is when every municipality adhered."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Final

from portal.bench.databases import create, drop, inside
from portal.bench.pages import medians
from portal.bench.rows import Row
from portal.bench.serving import server

NAME: Final = "adhesions"
# As people ask for it: the whole list, a region, a search, another order.
PATHS: Final = ("/adhesiones/", "/adhesiones/?region=10", "/adhesiones/?buscar=san", "/adhesiones/?orden=-distancia")
MILLISECONDS_BAR: Final = 15
QUERIES_BAR: Final = 10


def register(folder: Path) -> list[Row]:
    """One client, no page cache, on a copy of the reference data with 345 adhesions in force."""
    create(NAME, template="reference")
    try:
        count = inside(NAME, folder, "adhere")
        with server(NAME, folder, page_cache=False) as port:
            found, hello = medians({"register": (port, list(PATHS)), "hello": (port, ["/hello/"])})
        asked = inside(NAME, folder, "queries", paths=list(PATHS))
    finally:
        drop(NAME)
    work = f"register of {count} adhesions, computed, 1 client, p50"
    return [
        Row(work, f"{found:.1f} ms (hello: {hello:.1f} ms)", f"<= {MILLISECONDS_BAR} ms", found <= MILLISECONDS_BAR),
        Row("the same, queries of the page that asks most", str(asked), f"<= {QUERIES_BAR}", asked <= QUERIES_BAR),
    ]


def adhere() -> int:
    """Put an adhesion in force, with its act and its accepted signature, into every municipality. Returns how many."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from municipalities.choices import (
        AdhesionState,
        DocumentKind,
        DocumentState,
        EditionState,
        Fact,
        Office,
        SignatureMethod,
        SignatureState,
    )
    from municipalities.models import Act, ActTemplate, Adhesion, Authority, Document, Municipality, Signature
    from municipalities.rules.terms import term_on

    now = timezone.now()
    year = term_on(timezone.localdate(now)).year
    words = {"created_at": now, "updated_at": now, "published_at": now, "state": EditionState.PUBLISHED}
    # Every deployment has its own text of the act; one that was loaded before is used.
    template = ActTemplate.objects.filter(state=EditionState.PUBLISHED).first() or ActTemplate.objects.create(
        number=1, title="Acta", body="{municipio}", commitments="", **words
    )
    sender = User.objects.create(email="bench@ejemplo.cl", name="Bench")
    facts = dict.fromkeys(("is_intact", "is_trusted", "is_mayor", "covers_act"), Fact.YES)
    places = list(Municipality.objects.order_by("pk"))
    for number, place in enumerate(places, 1):
        day = now - timedelta(days=2 * number)
        made = Adhesion.objects.create(
            municipality=place,
            term_year=year,
            state=AdhesionState.IN_FORCE,
            state_since=day,
            created_at=day,
            in_force_from=day.date(),
        )
        mayor = Authority.objects.create(
            municipality=place,
            office=Office.MAYOR,
            name="x",
            run="12345678-5",
            starts=day.date(),
            decree="x",
            recorded_at=day,
        )
        files = [
            Document.objects.create(
                municipality=place, kind=kind, file=f"{kind}-{number}", name="x", media_type="application/pdf", size=1,
                sha256=hashlib.sha256(f"{kind} {number}".encode()).hexdigest(), state=DocumentState.CLEAN, uploaded_at=day,
            )
            for kind in (DocumentKind.ACT, DocumentKind.SIGNED_ACT, DocumentKind.PUBLIC_ACT)
        ]  # fmt: skip
        act = Act.objects.create(
            adhesion=made, year=day.year, number=number, folio=f"MGAM-{day.year}-{number:04d}", template=template,
            authority=mayor, fields={}, document=files[0], sha256=files[0].sha256, issued_at=day,
        )  # fmt: skip
        Signature.objects.create(
            act=act, method=SignatureMethod.ADVANCED, state=SignatureState.ACCEPTED, document=files[1], received_at=day,
            submitted_by=sender, signed_at=day, decided_at=day, public_document=files[2], **facts,
        )  # fmt: skip
    # What the database does by itself some time after so many rows.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return len(places)
