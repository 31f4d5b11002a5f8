"""Pieces of work in a database of the bench: `python -m portal.bench.inside WORK ARGUMENTS`; the last line printed is the answer.

Each function takes and gives what JSON can hold.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final

from django import setup
from django.core.management import call_command

from portal.bench import acts, diagnostics, mails, plan_page, plans


def reference() -> None:
    """Tables, register, classifier."""
    call_command("migrate", verbosity=0)
    call_command("load_register", stdout=StringIO())
    call_command("load_classifier", verbosity=0, stdout=StringIO())


def load_years(years: list[int], municipalities: int | None) -> float:
    """Import generated years, of all municipalities or the first ones, without summaries; seconds."""
    from budget.imports import demonstration_file

    whole = demonstration_file.country()
    cuts = [place.cut for place in whole.places[:municipalities]]
    began = time.perf_counter()
    for year in years:
        demonstration_file.bring_in(demonstration_file.year_file(whole, year, cuts=cuts), year)
    return time.perf_counter() - began


def recompute(first: int, last: int | None) -> dict[str, float]:
    """Summaries and figures from nothing of the municipalities from `first` to `last` (places in the order of their codes)."""
    from budget import reports
    from budget.models import Dataset, Series, YearSummary

    cuts = sorted(Dataset.objects.published().values_list("municipality", flat=True).distinct())[first:last]
    Series.objects.filter(municipality__in=cuts).delete()
    YearSummary.objects.filter(municipality__in=cuts).delete()
    pairs = list(Dataset.objects.published().filter(municipality__in=cuts).values_list("municipality_id", "year"))
    began = time.perf_counter()
    outcome = reports.compute_years(pairs)
    return {"seconds": time.perf_counter() - began, "pairs": outcome.computed, "municipalities": len(cuts)}


def import_file(path: str | None) -> dict[str, float]:
    """Import a file of SINIM (a generated one without `path`) until it is published, then compute what it changed."""
    from django.utils import timezone

    from budget import actions, reports
    from budget.imports import demonstration_file, publication, reading
    from budget.models import Import

    whole = demonstration_file.country()
    content = Path(path).read_bytes() if path else demonstration_file.year_file(whole, 2024)
    began = time.perf_counter()
    job = actions.begin_import(BytesIO(content), name="bench.xls", by=None, queue=False).job
    reading.run_import(job.pk, now=timezone.now())
    actions.publish_import(Import.objects.get(pk=job.pk), by=None, queue=False)
    pairs = publication.publish(job.pk, now=timezone.now())
    imported = time.perf_counter() - began
    reports.compute_years(pairs)
    return {
        "imported": imported,
        "visible": time.perf_counter() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def adhere() -> int:
    """An adhesion in force for every municipality; how many."""
    from portal.bench import adhesions

    return adhesions.adhere()


def addresses(count: int) -> list[str]:
    """Addresses of pages that exist, spread over municipalities and years; the same ones every time."""
    from django.urls import reverse

    from budget.models import YearSummary

    rows = list(
        YearSummary.objects.order_by("municipality", "year").values_list("municipality", "municipality__slug", "year")
    )
    step = max(1, len(rows) // count)
    return [reverse("budget:year", args=row) for row in rows[::step][:count]]


def queries(paths: list[str]) -> int:
    """The most queries that any of the pages asks, page cache left out."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    most = 0
    middleware = [name for name in settings.MIDDLEWARE if not name.endswith("PublicPageCache")]
    with override_settings(MIDDLEWARE=middleware, ALLOWED_HOSTS=["testserver"]):
        client = Client()
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                response = client.get(path)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answered {response.status_code}")
            most = max(most, len(captured))
    return most


HERE: Final = (reference, load_years, recompute, import_file, adhere, addresses, queries)
ELSEWHERE: Final = (
    acts.act_pdf,
    acts.verdict,
    diagnostics.open_round,
    diagnostics.wait_for_scores,
    diagnostics.saves_kept,
    diagnostics.rescore,
    diagnostics.fill_whole,
    diagnostics.section_queries,
    mails.invite_all,
    mails.send_outbox,
    mails.recover_outbox,
    mails.in_doubt,
    plan_page.large_plan,
    plans.open_listening,
    plans.links_of_mails,
    plans.published_contributions,
)
WORK: Final[dict[str, Callable[..., Any]]] = {work.__name__: work for work in (*HERE, *ELSEWHERE)}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    setup()
    result = WORK[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
