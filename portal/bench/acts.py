"""How fast an act becomes a PDF, and how fast a signed one is judged."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

from portal.bench.databases import create, drop, inside
from portal.bench.rows import Row

NAME: Final = "acts"
PDF_BAR: Final = 150
VERDICT_BAR: Final = 500
SIZE: Final = 2_000_000
RUNS: Final = 15


def acts(folder: Path) -> list[Row]:
    """Both in a process of their own, with the text of the act that the portal brings."""
    create(NAME, template="reference")
    try:
        pdf = inside(NAME, folder, "act_pdf")
        verdict = inside(NAME, folder, "verdict", keys=str(folder))
    finally:
        drop(NAME)
    size = f"{verdict['bytes'] / 1_000_000:.1f} MB"
    return [
        Row("PDF of an act, p50", f"{pdf:.0f} ms", f"<= {PDF_BAR} ms", pdf <= PDF_BAR),
        Row(
            f"verdict (PAdES) on a signed act of {size}, p50",
            f"{verdict['milliseconds']:.0f} ms, {verdict['holding']} of 4 facts hold",
            f"<= {VERDICT_BAR} ms, all hold",
            verdict["milliseconds"] <= VERDICT_BAR and verdict["holding"] == 4,
        ),
    ]


def milliseconds(work: Callable[[], object]) -> float:
    """The middle of some runs, after one to warm up."""
    times = []
    for _run in range(RUNS + 1):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return median(times[1:])


def _sample() -> bytes:
    from django.utils import timezone

    from municipalities.models import ActTemplate
    from municipalities.reports import acts as reports

    fields = reports.fields_of(ActTemplate.objects.get(), reports.SAMPLE, issued_at=timezone.now())
    return reports.act_pdf(fields)


def act_pdf() -> float:
    """Milliseconds to make the PDF of an act."""
    return milliseconds(_sample)


def verdict(keys: str) -> dict[str, float]:
    """Milliseconds to judge an act of about `SIZE` bytes that a mayor signed, its size, and how many facts hold."""
    from django.utils import timezone

    from municipalities.choices import Fact
    from municipalities.imports import demonstration_signing
    from municipalities.imports.pades import Anchor, judge
    from municipalities.rules.verdict import Office

    now = timezone.now()
    issued = _heavy(_sample())
    authority = demonstration_signing.authority(Path(keys))
    run = "12345678-5"
    signed = demonstration_signing.sign(issued, by=authority, name="Bench", run=run, at=now)
    today = timezone.localdate(now)

    def judged() -> int:
        found = judge(
            signed,
            issued,
            roots=[Anchor(authority.der, today - timedelta(days=1))],
            intermediates=[],
            crls=[],
            offices=[Office(run, today - timedelta(days=30), None)],
            on=now,
            issued_at=now - timedelta(hours=1),
        )
        return sum(fact == Fact.YES for fact in found.facts.values())

    return {"milliseconds": milliseconds(judged), "bytes": len(signed), "holding": judged()}


def _heavy(pdf: bytes) -> bytes:
    """The PDF with pictures' worth of bytes in it."""
    from pyhanko.pdf_utils.generic import NameObject, StreamObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    kind = {NameObject("/Type"): NameObject("/Metadata")}
    stream = StreamObject(kind, stream_data=bytes(range(256)) * ((SIZE - len(pdf)) // 256))
    writer.root["/Metadata"] = writer.add_object(stream)
    writer.update_root()  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
