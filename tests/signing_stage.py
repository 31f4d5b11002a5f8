"""What a signature needs: a mayor in office, an act issued, a seal, and where it all stands."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path

import typst
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from municipalities.actions import documents
from municipalities.choices import AdhesionState, DocumentKind, EditionState, Office
from municipalities.management.commands.make_seal import pkcs12_of
from municipalities.models import Act, ActTemplate, Adhesion, Authority, Document, Municipality
from tests.claveunica_server import MAYOR

SEAL_PASSWORD = "de-las-pruebas"


@contextmanager
def seal() -> Iterator[Path]:
    """A seal made for this test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sello.p12"
        path.write_bytes(pkcs12_of("Portal de prueba", SEAL_PASSWORD))
        with override_settings(SEAL_FILE=str(path), SEAL_PASSWORD=SEAL_PASSWORD):
            yield path


@cache
def pdf(text: str = "firmado") -> bytes:
    """A small PDF/UA, as the acts are, that differs with `text`."""
    made: bytes = typst.compile(
        f'#set document(title: "Acta")\n#set text(lang: "es")\n= Acta\n{text}'.encode(), pdf_standards=["ua-1"]
    )
    return made


def content(document: Document) -> bytes:
    """What a document holds."""
    with document.file.open("rb") as file:
        held: bytes = file.read()
    return held


def mayor_in_office(place: Municipality, *, run: str = MAYOR.run, office: str = Office.MAYOR) -> Authority:
    return Authority.objects.create(
        municipality=place,
        office=office,
        name="María Carmen Del Río González",
        run=run,
        starts=date(2024, 12, 6),
        decree="Decreto 1 del 6-12-2024",
        recorded_at=timezone.now(),
    )


def act_issued(
    place: Municipality, authority: Authority, *, by: User | None = None, now: datetime | None = None
) -> Act:
    """An adhesion whose act waits for its signature."""
    now = now or timezone.now()
    number = Act.objects.count() + 1
    template, _ = ActTemplate.objects.get_or_create(
        number=1,
        defaults={
            "title": "Acta de adhesión",
            "body": "La Municipalidad de {municipio} adhiere.",
            "commitments": "Hacer un diagnóstico.",
            "state": EditionState.PUBLISHED,
            "created_at": now,
            "updated_at": now,
        },
    )
    adhesion = Adhesion.objects.create(
        municipality=place, term_year=2024, state=AdhesionState.ACT_ISSUED, state_since=now, created_at=now
    )
    made = pdf(f"Acta {number} de {place.name}")
    folio = f"MGAM-2026-{number:04}"
    document = documents.keep(municipality=place, kind=DocumentKind.ACT, content=made, name=f"{folio}.pdf", now=now)
    return Act.objects.create(
        adhesion=adhesion,
        year=2026,
        number=number,
        folio=folio,
        template=template,
        authority=authority,
        fields={
            "title": "Acta de adhesión",
            "body": [["heading", ["Voluntad"]], ["paragraph", [f"La Municipalidad de {place.name} adhiere."]]],
            "commitments": ["Hacer un diagnóstico."],
            "closing": [["list", ["Uno", "Dos"]]],
        },
        document=document,
        sha256=hashlib.sha256(made).hexdigest(),
        issued_at=now,
        issued_by=by,
    )
