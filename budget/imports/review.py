"""Findings of drafts: the year's figures gathered in few questions, judged by the pure rules, stored in Spanish."""

from collections import Counter, defaultdict
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from budget.choices import Area, DatasetState, Missing
from budget.imports.reference import MappedLine, sinim_lines, total_of
from budget.models import Dataset, Finding, Import, IndicatorValue
from budget.rules.findings import YearFigures, review


class Amount(NamedTuple):
    """What an edition says of a total: whole pesos, or None with its reason."""

    line: MappedLine
    pesos: int | None
    missing: str


def find(job: Import) -> dict[str, int]:
    """Judge every draft of `job`, store the findings, and return how many there are of each severity.

    The sentences are kept in the site's language: they are part of the edition, as the figures are.
    """
    drafts = list(job.datasets.filter(state=DatasetState.DRAFT))
    amounts = _amounts(drafts)
    previous = _previous_expense(job, drafts)
    with translation.override(settings.LANGUAGE_CODE):
        findings = [
            Finding(
                dataset=draft,
                code=seen.code,
                severity=seen.severity.value,
                citizen_text=seen.citizen,
                officer_text=seen.officer,
                data=seen.data,
            )
            for draft in drafts
            for seen in review(
                figures(draft.year, amounts[draft.pk], previous.get((draft.municipality_id, draft.year - 1)))
            )
        ]
    Finding.objects.bulk_create(findings, batch_size=1000)
    return dict(Counter(finding.severity for finding in findings))


def figures(year: int, amounts: list[Amount], previous: int | None) -> YearFigures:
    """The totals of one edition, as the rules want them."""
    return YearFigures(
        year=year,
        totals={total_of(amount.line): amount.pesos for amount in amounts if not amount.line.area},
        areas={Area(amount.line.area): amount.pesos for amount in amounts if amount.line.area},
        unreported=frozenset(
            (amount.line.account, amount.line.area, amount.line.measure.value)
            for amount in amounts
            if amount.missing == Missing.NOT_RECEIVED
        ),
        reported=sum(amount.pesos is not None for amount in amounts),
        previous=previous,
    )


def _amounts(drafts: list[Dataset]) -> dict[int, list[Amount]]:
    """The values of the variables that are totals, by draft; a draft may hold none of them."""
    totals = {line.variable: line for line in sinim_lines() if line.is_total}
    found: dict[int, list[Amount]] = defaultdict(list)
    values = IndicatorValue.objects.filter(dataset__in=drafts, indicator__code__in=totals)
    for pk, code, value, missing in values.values_list("dataset_id", "indicator__code", "value", "missing"):
        found[pk].append(Amount(totals[code], None if value is None else int(value), missing))
    return found


def _previous_expense(job: Import, drafts: list[Dataset]) -> dict[tuple[str, int], int | None]:
    """Accrued expense by municipality and year: of this import's own drafts, else of the editions in force."""
    editions = Dataset.objects.filter(source=job.source, year__in={draft.year - 1 for draft in drafts}).filter(
        Q(state=DatasetState.PUBLISHED) | Q(state=DatasetState.DRAFT, brought_by=job)
    )
    own_last = sorted(editions, key=lambda edition: edition.state == DatasetState.DRAFT)
    return {(edition.municipality_id, edition.year): edition.totals["expense"]["accrued"] for edition in own_last}
