"""How fast a national file comes in, and how fast everything is computed from nothing."""

import os
from pathlib import Path
from statistics import median
from typing import Any, Final

from portal.bench.databases import create, drop, inside
from portal.bench.rows import Row

IMPORT_BAR: Final = 5
VISIBLE_BAR: Final = 60
MEMORY_BAR: Final = 300
RECOMPUTE_BAR: Final = 600
# Twice the municipalities may take this much more time and still count as linear.
LINEAR_BAR: Final = 2.3
RUNS: Final = 3


def importing(folder: Path) -> list[Row]:
    """The median of some imports, each into a database that has the reference data alone."""
    path = real_file()
    runs: list[dict[str, Any]] = []
    for _ in range(RUNS):
        create("import", template="reference")
        runs.append(inside("import", folder, "import_file", path=path))
    drop("import")
    imported, visible, peak = (median(run[name] for run in runs) for name in ("imported", "visible", "peak_mb"))
    name = Path(path).name if path else "generated file, 345 x 120"
    return [
        Row(f"import of {name}, with findings", f"{imported:.1f} s", f"<= {IMPORT_BAR} s", imported <= IMPORT_BAR),
        Row("the same until everything is visible", f"{visible:.1f} s", f"<= {VISIBLE_BAR} s", visible <= VISIBLE_BAR),
        Row("the same, peak memory", f"{peak:.0f} MB", f"<= {MEMORY_BAR} MB", peak <= MEMORY_BAR),
    ]


def real_file() -> str | None:
    """The national file of 2024, where REAL_DATA_DIR has it."""
    folder = os.environ.get("REAL_DATA_DIR", "")
    path = Path(folder) / "sinim" / "finanzas_2024.xlsx"
    return str(path) if folder and path.exists() else None


def recomputing(folder: Path) -> list[Row]:
    """Everything from nothing, in three steps: N municipalities, twice as many, and the rest."""
    step = 60
    once = inside("all", folder, "recompute", first=0, last=step)
    twice = inside("all", folder, "recompute", first=step, last=3 * step)
    rest = inside("all", folder, "recompute", first=3 * step, last=None)
    parts = (once, twice, rest)
    seconds = sum(part["seconds"] for part in parts)
    pairs = sum(part["pairs"] for part in parts)
    municipalities = sum(part["municipalities"] for part in parts)
    growth = twice["seconds"] / once["seconds"]
    return [
        Row(
            f"summaries and figures from nothing, {municipalities} municipalities, {pairs} years",
            f"{seconds:.0f} s ({1000 * seconds / max(pairs, 1):.0f} ms each)",
            f"<= {RECOMPUTE_BAR} s",
            seconds <= RECOMPUTE_BAR,
        ),
        Row("the same, twice the municipalities", f"{growth:.2f}x the time", f"<= {LINEAR_BAR}x", growth <= LINEAR_BAR),
    ]
