"""Texts that the app ships: the six management areas and the glossary. Read once a process: they change with the code only."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from budget.rules.summary import Text

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of the glossary; the fields are described at the head of `data/glossary.yaml`."""

    slug: str
    term: str
    short: str
    long: str
    source: str
    office_term: str = ""


@cache
def areas() -> dict[str, Text]:
    """Plain name and sentence of each management area, by `area-01`."""
    with (DATA / "areas.csv").open(encoding="utf-8", newline="") as file:
        return {f"area-{row['code']}": Text(row["plain_name"], row["sentence"]) for row in csv.DictReader(file)}


@cache
def glossary() -> dict[str, Term]:
    """The terms by slug, in the order of the file."""
    entries = yaml.safe_load((DATA / "glossary.yaml").read_text(encoding="utf-8"))
    return {entry["slug"]: Term(**entry) for entry in entries}


@cache
def terms() -> dict[str, Term]:
    """The same as templates can name them: `presupuesto_inicial`."""
    return {slug.replace("-", "_"): term for slug, term in glossary().items()}
