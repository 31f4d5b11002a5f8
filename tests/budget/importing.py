"""Bringing small SINIM files in, step by step, for tests."""

from collections.abc import Mapping
from io import BytesIO

from django.utils import timezone

from accounts.choices import CouncilRole
from accounts.models import User
from budget import actions
from budget.choices import Source
from budget.imports import publication, reading
from budget.imports.reference import load_classifier
from budget.models import Dataset, Import
from tests.budget.factories import municipality
from tests.sinim_files import NAMES, Value, table

PLACES = {"10207": ("Queilén", "queilen"), "12201": ("Cabo de Hornos", "cabo-de-hornos"), "13120": ("Ñuñoa", "nunoa")}


def prepare() -> None:
    """The classifier and the three municipalities of the small files."""
    load_classifier()
    for cut, (name, slug) in PLACES.items():
        municipality(cut, name, slug)


def administrator(who: str = "administradora") -> User:
    return User.objects.create(email=f"{who}@ejemplo.cl", name=who, council_role=CouncilRole.ADMINISTRATOR)


def analyst() -> User:
    return User.objects.create(email="analista@ejemplo.cl", name="analista", council_role=CouncilRole.ANALYST)


def begin(
    content: bytes, *, by: User | None = None, name: str = "finanzas.xlsx", source: Source = Source.SINIM
) -> Import:
    return actions.begin_import(BytesIO(content), name=name, by=by, source=source, queue=False).job


def read(content: bytes, **about: object) -> Import:
    """Begin an import and read its file."""
    job = begin(content, **about)  # type: ignore[arg-type]
    reading.run_import(job.pk, now=timezone.now())
    job.refresh_from_db()
    return job


def publish(job: Import) -> list[tuple[str, int]]:
    actions.publish_import(job, by=None, queue=False)
    pairs = publication.publish(job.pk, now=timezone.now())
    job.refresh_from_db()
    return pairs


def bring(values: Mapping[str, Mapping[str, Value]], *, year: int = 2024) -> Import:
    """Read and publish a small file."""
    job = read(table(values, year=year, names=NAMES))
    publish(job)
    return job


def in_force(cut: str, year: int = 2024) -> Dataset:
    return Dataset.objects.published().get(municipality=cut, year=year)
