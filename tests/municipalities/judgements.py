"""Acts signed by a mayor with certificates made here, and their judgement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from municipalities.choices import Fact
from municipalities.imports import pades
from municipalities.imports.pades import Anchor
from municipalities.rules.verdict import Office, Reason, Verdict
from tests import signing
from tests.signing import Issued, act, person

ISSUED = datetime(2026, 11, 10, 15, tzinfo=UTC)
SIGNED = datetime(2026, 11, 12, 15, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 13, 15, tzinfo=UTC)
MAYOR = "12345678-5"
OFFICES = [Office(MAYOR, date(2024, 12, 6), None), Office("11111111-1", date(2021, 6, 28), date(2024, 12, 6))]

ROOT = signing.authority("Raíz acreditada de prueba")
MIDDLE = signing.authority("Emisora de firma avanzada de prueba", above=ROOT)
HER = person("Alcaldesa de Prueba", "12.345.678-5", by=MIDDLE)
YES = dict.fromkeys(("is_intact", "is_trusted", "is_mayor", "covers_act"), Fact.YES)


def anchor(one: Issued, since: date = date(2024, 1, 1), until: date | None = None) -> Anchor:
    return Anchor(one.der, since, until)


def judge(content: bytes, *, issued: bytes | None = None, **changes: Any) -> Verdict:
    given: dict[str, Any] = {
        "roots": [anchor(ROOT)],
        "intermediates": [],
        "crls": [],
        "offices": OFFICES,
        "on": RECEIVED,
        "issued_at": ISSUED,
        **changes,
    }
    return pades.judge(content, act() if issued is None else issued, **given)


def reasons(verdict: Verdict, name: str) -> Sequence[Reason]:
    return verdict.answers[name].reasons


def stamper() -> Issued:
    """Whoever gives trusted time stamps."""
    return person("Autoridad de sello de tiempo", "", by=ROOT, serial="", other_name="", for_stamps=True)
