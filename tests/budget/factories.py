"""Small budgets for tests: a municipality, an edition in force, its lines, values and findings."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256

from budget.choices import DatasetState, ImportState, Level, Missing, Side, Source, SourceUnit, Unit, Verification
from budget.models import (
    Account,
    ClassifierVersion,
    Dataset,
    Finding,
    Import,
    Indicator,
    IndicatorValue,
    Line,
    PriceIndex,
    SourceFile,
)
from municipalities.choices import PopulationSource, RuralClass
from municipalities.models import Municipality, Population, Province, Region

NOW = datetime(2025, 8, 1, 15, 0, tzinfo=UTC)
LEVELS = [Level.ROOT, Level.SUBTITULO, Level.ITEM, Level.ASIGNACION, Level.SUBASIGNACION]
# Amounts of one line: initial, current, accrued, settled.
Amounts = tuple[int | None, int | None, int | None, int | None]
NOTHING: Amounts = (None, None, None, None)


def municipality(cut: str = "13120", name: str = "Ñuñoa", slug: str = "nunoa") -> Municipality:
    """A municipality with its region and province, created once."""
    region, _ = Region.objects.get_or_create(
        code=cut[:2],
        defaults={"name": f"Región {cut[:2]}", "short_name": cut[:2], "slug": cut[:2], "order": int(cut[:2])},
    )
    province, _ = Province.objects.get_or_create(code=cut[:3], defaults={"name": cut[:3], "region": region})
    place, _ = Municipality.objects.get_or_create(
        cut=cut,
        defaults={
            "name": name,
            "slug": slug,
            "region": region,
            "province": province,
            "rural_class": RuralClass.URBAN,
            "latitude": Decimal("-33.45"),
            "longitude": Decimal("-70.6"),
            "distance_km": 6,
            "search": slug,
            "inhabitants": 241_467,
            "peer_group": "grande-urbana",
        },
    )
    return place


def inhabitants(
    place: Municipality, year: int, number: int, source: PopulationSource = PopulationSource.PROJECTION_2017
) -> Population:
    return Population.objects.create(municipality=place, year=year, inhabitants=number, source=source)


def prices(means: Mapping[int, tuple[str, int]]) -> None:
    """`{2024: ("103.926", 12)}`: mean index and months of each year."""
    PriceIndex.objects.bulk_create(
        [
            PriceIndex(year=year, mean=Decimal(mean), months=months, source="INE")
            for year, (mean, months) in means.items()
        ],
        ignore_conflicts=True,
    )


def account(code: str, name: str = "", sentence: str = "") -> Account:
    """An account of the 2024 classifier with the ancestors it needs, created once."""
    version, _ = ClassifierVersion.objects.get_or_create(
        valid_from=2024, defaults={"name": "Clasificador 2024", "source": "Decreto 854 de 2004"}
    )
    found = Account.objects.filter(version=version, code=code).first()
    if found is not None:
        return found
    above = code.rpartition(".")[0]
    return Account.objects.create(
        version=version,
        code=code,
        parent=account(above) if above else None,
        level=LEVELS[code.count(".")],
        side=Side.INCOME if code.startswith("115") else Side.EXPENSE,
        official_name=f"Cuenta {code}",
        plain_name=name or f"Nombre {code}",
        sentence=sentence or f"Lo que se anota en {code}.",
        verification=Verification.SEEN,
    )


def source_file(name: str = "finanzas_2024.xlsx") -> SourceFile:
    digest = sha256(name.encode()).hexdigest()
    found, _ = SourceFile.objects.get_or_create(sha256=digest, defaults={"name": name, "size": 1, "received_at": NOW})
    return found


def dataset(
    place: Municipality,
    year: int = 2024,
    *,
    lines: Mapping[str | tuple[str, str], Amounts] | None = None,
    indicators: Mapping[str, int | None] | None = None,
    edition: int = 1,
    state: DatasetState = DatasetState.PUBLISHED,
    source: Source = Source.SINIM,
) -> Dataset:
    """An edition with lines (`"215"` or `("215", "02")` -> amounts) and indicator values (None is "not received")."""
    file = source_file(f"{source}-{year}-{edition}.xlsx")
    brought_by = Import.objects.create(file=file, source=source, state=ImportState.PUBLISHED, created_at=NOW)
    lines = lines or {}
    edited = Dataset.objects.create(
        municipality=place,
        year=year,
        cut_off=date(year, 12, 31),
        source=source,
        source_unit=SourceUnit.THOUSANDS,
        edition=edition,
        state=state,
        file=file,
        brought_by=brought_by,
        content_hash=sha256(f"{place.cut} {year} {sorted(map(str, lines.items()))}".encode()).hexdigest(),
        totals={
            side: dict(zip(("initial", "current", "accrued", "settled"), lines.get(root, NOTHING), strict=True))
            for side, root in (("expense", "215"), ("income", "115"))
        },
        created_at=NOW,
        published_at=None if state == DatasetState.DRAFT else NOW,
        superseded_at=NOW if state == DatasetState.SUPERSEDED else None,
    )
    for key, (initial, current, accrued, settled) in lines.items():
        code, area = key if isinstance(key, tuple) else (key, None)
        Line.objects.create(
            dataset=edited, account=account(code), area=area,
            initial=initial, current=current, accrued=accrued, settled=settled,
        )  # fmt: skip
    for code, value in (indicators or {}).items():
        IndicatorValue.objects.create(
            dataset=edited,
            indicator=indicator(code),
            value=value,
            missing="" if value is not None else Missing.NOT_RECEIVED,
            file=file,
        )
    return edited


def indicator(code: str) -> Indicator:
    found, _ = Indicator.objects.get_or_create(
        code=code,
        defaults={
            "name": f"Variable {code}",
            "plain_name": f"Nombre {code}",
            "sentence": f"Qué es {code}.",
            "unit": Unit.PESOS,
        },
    )
    return found


def finding(of: Dataset, code: str = "areas-against-total", severity: str = "warning", text: str = "") -> Finding:
    return Finding.objects.create(
        dataset=of,
        code=code,
        severity=severity,
        citizen_text=text or "Las áreas no suman el total: hay 31\u00a0% de diferencia.",
        officer_text="Revise el balance.",
    )


def spent(amount: int | None) -> Amounts:
    """A line of expense that only has its accrued amount."""
    return (None, None, amount, None)


def received(amount: int | None) -> Amounts:
    """A line of income that only has its received amount."""
    return (None, None, None, amount)


@cache
def full_lines() -> dict[str | tuple[str, str], Amounts]:
    """What SINIM gives for a municipality, in round numbers: 80 million spent, 48 of it in services to the community."""
    million = 1_000_000
    return {
        "215": (90 * million, 100 * million, 80 * million, None),
        "115": (90 * million, 100 * million, None, 85 * million),
        "115.15": (5 * million, 6 * million, None, None),
        ("215", "01"): spent(28 * million),
        ("215", "02"): spent(40 * million),
        ("215", "03"): spent(3 * million),
        ("215", "04"): spent(6 * million),
        ("215", "05"): spent(2 * million),
        ("215", "06"): spent(million),
        "215.21": spent(30 * million),
        "215.21.01": spent(20 * million),
        "215.21.02": spent(6 * million),
        "215.22": spent(25 * million),
        "215.22.05.001": spent(5 * million),
        ("215.22.05.001", "01"): spent(million),
        ("215.22.05.001", "02"): spent(3 * million),
        "215.24": spent(15 * million),
        "115.08.03": received(10 * million),
        "115.03.03": received(20 * million),
    }


FULL_INDICATORS: dict[str, int | None] = {
    "IADM01": 85_000_000,
    "IADM999": 85_000_000,
    "IADM40": 10_000_000,
    "IADM41": 50_000_000,
    "IADM43.1": 20_000_000,
}
