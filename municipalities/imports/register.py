"""The register's reference data, from the files the app ships into the database."""

import csv
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

from django.db import models, transaction

from municipalities.choices import PopulationSource, RuralClass
from municipalities.models import Alias, Commune, Municipality, Population, Province, Region
from municipalities.rules import register as rules

DATA: Final = Path(__file__).parent.parent / "data"
CENSUS_COLUMN: Final = "census_2024"
CENSUS_YEAR: Final = 2024
PROJECTION_PREFIX: Final = "ine_"
BATCH: Final = 2000

M = TypeVar("M", bound=models.Model)
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class TableReport:
    """What a load did to one table. `changed` holds a sentence a field; `kept` counts rows that the files do not know."""

    table: str
    added: int
    changed: tuple[str, ...]
    unchanged: int
    kept: int

    @property
    def touched(self) -> bool:
        """Whether the load wrote anything in this table."""
        return bool(self.added or self.changed)


@transaction.atomic
def load_register(folder: Path = DATA) -> list[TableReport]:
    """Bring the tables of the register in line with the files of `folder`; all of it or nothing.

    Idempotent. Rows are added and changed, never deleted: one that the files do not know stays and is counted as kept.
    Distances, searched text, latest inhabitants and peer groups of municipalities are derived on the way. Raises OSError,
    KeyError or ValueError for a file that is missing or malformed.
    """
    communes = _read(folder / "communes.csv")
    population = {row["cut"]: row for row in _read(folder / "population.csv")}
    seats = {row["cut"] for row in communes if row["cut"] == row["municipality"]}
    aliases = [
        Alias(municipality_id=row["cut"], name=row["alias"], source=row["source"])
        for row in _read(folder / "aliases.csv")
    ]
    return [
        upsert(Region, [_region(row) for row in _read(folder / "regions.csv")], ("code",)),
        upsert(Province, [_province(row) for row in _read(folder / "provinces.csv")], ("code",)),
        upsert(Municipality, _municipalities(folder, communes, population, aliases), ("cut",)),
        upsert(Commune, [_commune(row) for row in communes], ("cut",)),
        upsert(Alias, aliases, ("municipality_id", "name")),
        # A commune without a municipality of its own (Antártica) is left out: SINIM and INE count Cabo de Hornos alone.
        upsert(
            Population,
            [row for cut in sorted(seats) for row in _populations(cut, population[cut])],
            ("municipality_id", "year", "source"),
        ),
    ]


def _read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def _region(row: Row) -> Region:
    return Region(
        code=row["code"], name=row["name"], short_name=row["short_name"], slug=row["slug"], order=int(row["order"])
    )


def _province(row: Row) -> Province:
    return Province(code=row["code"], name=row["name"], region_id=row["region"])


def _commune(row: Row) -> Commune:
    return Commune(cut=row["cut"], name=row["name"], province_id=row["province"], municipality_id=row["municipality"])


def _municipalities(
    folder: Path, communes: Iterable[Row], population: dict[str, Row], aliases: Iterable[Alias]
) -> list[Municipality]:
    provinces = {row["cut"]: row["province"] for row in communes}
    names: dict[str, list[str]] = {}
    for alias in aliases:
        names.setdefault(alias.municipality_id, []).append(alias.name)
    # Aliases that staff added by hand are searched too.
    for cut, name in Alias.objects.order_by("name").values_list("municipality_id", "name"):
        names.setdefault(cut, []).append(name)
    return [
        _municipality(row, provinces[row["cut"]], int(population[row["cut"]][CENSUS_COLUMN]), names.get(row["cut"], []))
        for row in _read(folder / "municipalities.csv")
    ]


def _municipality(row: Row, province: str, inhabitants: int, aliases: Sequence[str]) -> Municipality:
    latitude, longitude = Decimal(row["latitude"]), Decimal(row["longitude"])
    group = rules.peer_group(inhabitants, row["rural_class"])
    return Municipality(
        cut=row["cut"],
        name=row["name"],
        slug=row["slug"],
        province_id=province,
        region_id=province[:2],
        rural_class=RuralClass(row["rural_class"]).value,
        latitude=latitude,
        longitude=longitude,
        distance_km=round(rules.distance_to_santiago_km(float(latitude), float(longitude))),
        search=rules.search_text([row["name"], *aliases]),
        inhabitants=inhabitants,
        peer_group=group.code if group else "",
    )


def _populations(cut: str, row: Row) -> list[Population]:
    projections = [
        Population(
            municipality_id=cut,
            year=int(column.removeprefix(PROJECTION_PREFIX)),
            source=PopulationSource.PROJECTION_2017.value,
            inhabitants=int(value),
        )
        for column, value in row.items()
        if column.startswith(PROJECTION_PREFIX)
    ]
    census = Population(
        municipality_id=cut,
        year=CENSUS_YEAR,
        source=PopulationSource.CENSUS_2024.value,
        inhabitants=int(row[CENSUS_COLUMN]),
    )
    return [*projections, census]


def upsert(model: type[M], rows: Sequence[M], key: tuple[str, ...]) -> TableReport:
    """Add the rows whose `key` the table lacks, change those that differ, leave the rest."""
    key_of = _getter(key)
    fields = [
        field.attname for field in model._meta.concrete_fields if not field.primary_key and field.attname not in key
    ]
    stored = {key_of(row): row for row in model._default_manager.all()}
    added = [row for row in rows if key_of(row) not in stored]
    changed: list[M] = []
    sentences: list[str] = []
    for row in rows:
        if (old := stored.get(key_of(row))) and (differences := _differences(old, row, fields)):
            row.pk = old.pk
            changed.append(row)
            sentences.extend(f"{_label(row, key)}: {difference}" for difference in differences)
    model._default_manager.bulk_create(added, batch_size=BATCH)
    if changed:
        model._default_manager.bulk_update(changed, fields, batch_size=BATCH)
    return TableReport(
        table=model._meta.model_name or "",
        added=len(added),
        changed=tuple(sentences),
        unchanged=len(rows) - len(added) - len(changed),
        kept=len(stored) + len(added) - len(rows),
    )


def _getter(key: tuple[str, ...]) -> Callable[[models.Model], Hashable]:
    return lambda row: tuple(getattr(row, name) for name in key)


def _differences(old: models.Model, new: models.Model, fields: Iterable[str]) -> list[str]:
    return [
        f"{field} {before!r} -> {after!r}"
        for field in fields
        if (before := getattr(old, field)) != (after := getattr(new, field))
    ]


def _label(row: models.Model, key: tuple[str, ...]) -> str:
    return f"{row._meta.model_name} {' '.join(str(getattr(row, name)) for name in key)}"
