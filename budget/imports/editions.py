"""From checked values to draft editions, set by set in the database.

Values are staged in a temporary table by COPY while the file is read; nothing of it outlives the connection. One transaction then
overlays them on the editions in force, leaves out the years that say the same as before, and writes datasets, indicator values
and lines. Every statement works on all municipalities at once, so the time grows with the values and not with the round trips.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from typing import Any, Final

from django.db import connection

from budget.choices import DatasetState, Sector
from budget.imports.accounts import version_for
from budget.imports.reference import sinim_lines, sinim_lines_hash
from budget.imports.sinim import Record
from budget.models import Account, Import, Indicator
from budget.rules.problems import Kind, Problem, RefusedError

# Numbers of this portal's advisory locks; any two constants that no other lock uses. The others of the space are the
# primary keys of imports at work.
LOCK_SPACE: Final = 20285
WRITING: Final = 0

STAGE: Final = """
    DROP TABLE IF EXISTS pg_temp.staged_value;
    CREATE TEMPORARY TABLE staged_value (
        cut varchar(5) NOT NULL, year smallint NOT NULL, indicator_id bigint NOT NULL,
        value numeric(20, 4), missing varchar(20) NOT NULL
    )
"""
COPY: Final = "COPY staged_value (cut, year, indicator_id, value, missing) FROM STDIN"

# The key of an edition, less its number: one in force for each.
IN_FORCE: Final = """
    DROP TABLE IF EXISTS pg_temp.base;
    CREATE TEMPORARY TABLE base AS
    SELECT s.cut, s.year, make_date(s.year, 12, 31) AS cut_off, d.id AS dataset_id, d.content_hash
    FROM (SELECT DISTINCT cut, year FROM staged_value) s
    LEFT JOIN budget_dataset d ON d.municipality_id = s.cut AND d.year = s.year AND d.sector = %(sector)s
        AND d.source = %(source)s AND d.cut_off = make_date(s.year, 12, 31) AND d.state = 'published';
    ANALYZE base
"""

# Each edition is complete: what the new file does not speak of comes from the edition in force, with the file it came from.
OVERLAY: Final = """
    DROP TABLE IF EXISTS pg_temp.merged;
    CREATE TEMPORARY TABLE merged AS
    SELECT cut, year, indicator_id, value, missing, %(file)s::bigint AS file_id FROM staged_value
    UNION ALL
    SELECT b.cut, b.year, v.indicator_id, v.value, v.missing, v.file_id
    FROM base b JOIN budget_indicatorvalue v ON v.dataset_id = b.dataset_id
    WHERE NOT EXISTS (
        SELECT FROM staged_value s WHERE s.cut = b.cut AND s.year = b.year AND s.indicator_id = v.indicator_id
    );
    ANALYZE merged
"""

# What an edition says: every code with its value or its reason, and under which mapping it became lines.
CHANGED: Final = """
    DROP TABLE IF EXISTS pg_temp.changed;
    CREATE TEMPORARY TABLE changed AS
    SELECT b.cut, b.year, b.cut_off, b.dataset_id AS base_id, said.content_hash
    FROM base b JOIN (
        SELECT m.cut, m.year, encode(sha256(convert_to(%(mapping)s || string_agg(
            i.code || '=' || coalesce(trim_scale(m.value)::text, m.missing), E'\\n' ORDER BY i.code COLLATE "C"
        ), 'UTF8')), 'hex') AS content_hash
        FROM merged m JOIN budget_indicator i ON i.id = m.indicator_id
        GROUP BY m.cut, m.year
    ) said USING (cut, year)
    WHERE b.content_hash IS DISTINCT FROM said.content_hash;
    ANALYZE changed
"""

MAPPING: Final = """
    DROP TABLE IF EXISTS pg_temp.mapped;
    CREATE TEMPORARY TABLE mapped (
        year smallint NOT NULL, indicator_id bigint NOT NULL,
        account_id bigint NOT NULL, account varchar(30) NOT NULL, area varchar(2), measure varchar(10) NOT NULL
    )
"""

# A line without any amount is no line: the reason why it is missing stays with the indicator.
LINES: Final = """
    DROP TABLE IF EXISTS pg_temp.new_line;
    CREATE TEMPORARY TABLE new_line AS
    SELECT c.cut, c.year, p.account_id, p.account, p.area,
        max(m.value) FILTER (WHERE p.measure = 'initial')::bigint AS initial,
        max(m.value) FILTER (WHERE p.measure = 'current')::bigint AS current,
        max(m.value) FILTER (WHERE p.measure = 'accrued')::bigint AS accrued,
        max(m.value) FILTER (WHERE p.measure = 'settled')::bigint AS settled
    FROM changed c
    JOIN merged m USING (cut, year)
    JOIN mapped p ON p.year = m.year AND p.indicator_id = m.indicator_id
    GROUP BY c.cut, c.year, p.account_id, p.account, p.area
    HAVING count(m.value) > 0
"""

DATASETS: Final = """
    INSERT INTO budget_dataset (
        municipality_id, year, sector, cut_off, source, source_unit, edition, state, file_id, brought_by_id, content_hash, totals,
        based_on_id, created_at
    )
    SELECT c.cut, c.year, %(sector)s, c.cut_off, %(source)s, %(unit)s,
        1 + coalesce((
            SELECT max(d.edition) FROM budget_dataset d
            WHERE d.municipality_id = c.cut AND d.year = c.year AND d.sector = %(sector)s AND d.source = %(source)s
                AND d.cut_off = c.cut_off
        ), 0),
        'draft', %(file)s, %(import)s, c.content_hash,
        jsonb_build_object(
            'income', jsonb_build_object(
                'initial', i.initial, 'current', i.current, 'accrued', i.accrued, 'settled', i.settled),
            'expense', jsonb_build_object(
                'initial', e.initial, 'current', e.current, 'accrued', e.accrued, 'settled', e.settled)
        ),
        c.base_id, %(now)s
    FROM changed c
    LEFT JOIN new_line i ON i.cut = c.cut AND i.year = c.year AND i.account = '115' AND i.area IS NULL
    LEFT JOIN new_line e ON e.cut = c.cut AND e.year = c.year AND e.account = '215' AND e.area IS NULL
"""

CONTENT: Final = """
    INSERT INTO budget_indicatorvalue (dataset_id, indicator_id, value, missing, file_id)
    SELECT d.id, m.indicator_id, m.value, m.missing, m.file_id
    FROM budget_dataset d JOIN merged m ON m.cut = d.municipality_id AND m.year = d.year
    WHERE d.brought_by_id = %(import)s AND d.state = 'draft';

    INSERT INTO budget_line (dataset_id, account_id, area, initial, current, accrued, settled)
    SELECT d.id, l.account_id, l.area, l.initial, l.current, l.accrued, l.settled
    FROM budget_dataset d JOIN new_line l ON l.cut = d.municipality_id AND l.year = d.year
    WHERE d.brought_by_id = %(import)s AND d.state = 'draft'
"""

COUNTS: Final = """
    SELECT (SELECT count(DISTINCT cut) FROM staged_value), (SELECT count(*) FROM base),
        (SELECT count(*) FROM changed), (SELECT count(*) FROM changed WHERE base_id IS NULL),
        (SELECT count(*) FROM staged_value), (SELECT count(*) FROM staged_value WHERE value IS NULL),
        (SELECT count(*) FROM municipalities_municipality)
"""
DROP: Final = "DROP TABLE IF EXISTS " + ", ".join(
    f"pg_temp.{name}" for name in ("staged_value", "base", "merged", "changed", "mapped", "new_line")
)


@contextmanager
def staging() -> Iterator[None]:
    """An empty table of staged values for this connection, gone at the end."""
    _run(STAGE)
    try:
        yield
    finally:
        # After an error inside a transaction the server takes no statement, and forgets the tables by itself.
        if not connection.needs_rollback:
            _run(DROP)


def stage(records: Iterable[Record]) -> None:
    """Add the records' values to the staged ones."""
    lines = StringIO()
    for cut, values in records:
        for column, reading in values:
            value = r"\N" if reading.value is None else f"{reading.value:f}"
            lines.write(f"{cut}\t{column.year}\t{column.variable.key}\t{value}\t{reading.missing}\n")
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, lines)


def write_drafts(job: Import, *, unit: str, now: datetime) -> dict[str, int]:
    """Turn the staged values into draft editions of `job`, inside the caller's transaction; return what was counted.

    Only one import writes at a time, so that no two take the same number of edition. Drafts that an earlier, interrupted
    reading of the same import left are replaced.
    """
    about = {
        "sector": Sector.MUNICIPAL.value,
        "source": job.source,
        "unit": unit,
        "file": job.file_id,
        "import": job.pk,
        "mapping": sinim_lines_hash(),
        "now": now,
    }
    one_at_a_time()
    job.datasets.filter(state=DatasetState.DRAFT).delete()
    _run("ANALYZE staged_value")
    for statement in (IN_FORCE, OVERLAY, CHANGED):
        _run(statement, about)
    _write_mapping()
    for statement in (LINES, DATASETS, CONTENT):
        _run(statement, about)
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        municipalities, years, changed, new, values, missing, register = cursor.fetchone()
    return {
        "municipalities": municipalities,
        "absent": register - municipalities,
        "new": new,
        "changed": changed - new,
        "unchanged": years - changed,
        "values": values,
        "missing": missing,
    }


def one_at_a_time() -> None:
    """Wait until no other transaction writes or publishes editions, and keep others waiting until this one ends."""
    _run("SELECT pg_advisory_xact_lock(%(space)s, %(lock)s)", {"space": LOCK_SPACE, "lock": WRITING})


@contextmanager
def alone_with(job: Import) -> Iterator[bool]:
    """Whether this process alone works on `job`; until the end, it does. The server frees the lock of a killed process."""
    names = {"space": LOCK_SPACE, "lock": job.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%(space)s, %(lock)s)", names)
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken and not connection.needs_rollback:
            _run("SELECT pg_advisory_unlock(%(space)s, %(lock)s)", names)


def _write_mapping() -> None:
    """Say for each year at hand which indicator is which account of the classifier then in force."""
    _run(MAPPING)
    keys = dict(Indicator.objects.values_list("code", "pk"))
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT year FROM base ORDER BY year")
        years = [year for (year,) in cursor.fetchall()]
    for year in years:
        accounts = dict(Account.objects.filter(version=version_for(year)).values_list("code", "pk"))
        for line in sinim_lines():
            if line.account not in accounts or line.variable not in keys:
                raise RefusedError([Problem(Kind.NO_REFERENCE, code=line.variable, found=line.account)])
            account = accounts[line.account]
            rows.append((year, keys[line.variable], account, line.account, line.area or None, line.measure.value))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO mapped VALUES (%s, %s, %s, %s, %s, %s)", rows)


def _run(statement: str, about: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, about)
