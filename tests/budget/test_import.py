"""From a file to drafts: what is written, what is left alone, and what an interruption leaves."""

import os
import signal
import threading
import time
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import Event
from budget import actions
from budget.choices import DatasetState, ImportState, Missing, Source, SourceUnit
from budget.imports import editions, reading
from budget.models import Dataset, Finding, Import, IndicatorValue, Line, SourceFile, YearSummary
from municipalities.imports.register import load_register
from municipalities.models import Municipality, Province, Region
from tests.budget.importing import administrator, analyst, begin, bring, in_force, prepare, publish, read
from tests.sinim_files import AREAS, NAMES, NOT_RECEIVED, several_years, table, year_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    prepare()


def value(dataset: Dataset, code: str) -> IndicatorValue:
    return dataset.indicator_values.get(indicator__code=code)


def test_a_file_becomes_drafts_with_values_lines_and_totals() -> None:
    job = read(table({"13120": year_of(81_200, IADM61=20_000, LCNB=7)}))
    assert job.state == ImportState.READY
    draft = job.datasets.get()
    assert (draft.state, draft.edition, draft.source_unit) == (DatasetState.DRAFT, 1, SourceUnit.THOUSANDS)
    assert (draft.cut_off.isoformat(), draft.source) == ("2024-12-31", Source.SINIM)
    assert value(draft, "IADM11").value == 81_200_000
    assert value(draft, "LCNB").value == 7
    total = draft.lines.get(account__code="215", area=None)
    assert (total.initial, total.current, total.accrued, total.settled) == (81_200_000, 81_200_000, 81_200_000, None)
    assert draft.lines.get(account__code="215", area="01").accrued == 40_600_000
    assert draft.lines.get(account__code="215.21").accrued == 20_000_000
    assert draft.totals == {
        "income": {"initial": 81_200_000, "current": 81_200_000, "accrued": None, "settled": 81_200_000},
        "expense": {"initial": 81_200_000, "current": 81_200_000, "accrued": 81_200_000, "settled": None},
    }
    assert job.summary["new"] == 1
    assert job.summary["absent"] == 2


def test_drafts_are_seen_by_nobody_outside_the_council() -> None:
    job = read(table({"13120": year_of(1)}))
    assert not Dataset.objects.public().exists()
    assert Dataset.objects.visible_to(analyst()).get().brought_by == job


def test_the_same_file_twice_changes_nothing() -> None:
    content = table({"13120": year_of(81_200), "12201": year_of(900)})
    publish(read(content))
    before = list(Dataset.objects.order_by("pk").values_list("pk", "content_hash", "state"))
    again = read(content)
    assert again.state == ImportState.DISCARDED
    assert again.summary["unchanged"] == 2
    assert list(Dataset.objects.order_by("pk").values_list("pk", "content_hash", "state")) == before
    assert SourceFile.objects.count() == 1


def test_the_same_figures_in_another_file_change_nothing() -> None:
    bring({"13120": year_of(81_200)})
    assert read(table({"13120": year_of(81_200)}) + b"\n").state == ImportState.DISCARDED


def test_only_what_changed_gets_a_new_edition_and_it_is_complete() -> None:
    first = bring({"13120": year_of(81_200, LCNB=7), "12201": year_of(900)})
    second = read(table({"13120": {"LCNB": 8}, "12201": {"LCNB": NOT_RECEIVED}}))
    publish(second)
    edition = in_force("13120")
    assert edition.edition == 2
    assert edition.based_on is not None
    assert (value(edition, "LCNB").value, value(edition, "LCNB").file) == (Decimal(8), second.file)
    assert (value(edition, "IADM11").value, value(edition, "IADM11").file) == (Decimal(81_200_000), first.file)
    assert edition.lines.count() == edition.based_on.lines.count()
    third = read(table({"13120": {"LCNB": 9}, "12201": {"LCNB": NOT_RECEIVED}}))
    assert (third.summary["changed"], third.summary["unchanged"]) == (1, 1)


def test_a_value_that_is_withdrawn_keeps_its_reason() -> None:
    bring({"13120": year_of(81_200)})
    publish(read(table({"13120": {"IADM11": NOT_RECEIVED}})))
    edition = in_force("13120")
    assert (value(edition, "IADM11").value, value(edition, "IADM11").missing) == (None, Missing.NOT_RECEIVED)
    assert edition.totals["expense"]["accrued"] is None
    assert edition.lines.get(account__code="215", area=None).accrued is None


def test_a_municipality_that_reported_nothing_has_reasons_and_no_amounts() -> None:
    bring({"13120": year_of(81_200), "10207": dict.fromkeys(year_of(1), NOT_RECEIVED)})
    edition = in_force("10207")
    assert set(edition.indicator_values.values_list("value", "missing")) == {(None, Missing.NOT_RECEIVED)}
    assert not edition.lines.exists()
    assert edition.totals["expense"] == dict.fromkeys(["initial", "current", "accrued", "settled"])
    assert edition.findings.get().code == "nothing_received"


def test_several_years_of_one_variable_are_as_many_editions() -> None:
    job = read(several_years({"13120": {("LCNB", 2023): 1, ("LCNB", 2022): 2, ("LCNB", 2021): NOT_RECEIVED}}))
    assert sorted(job.datasets.values_list("year", flat=True)) == [2021, 2022, 2023]
    assert not Line.objects.exists()
    assert not Finding.objects.exists()


def test_findings_are_stored_in_the_language_of_the_site() -> None:
    areas = dict.fromkeys(AREAS, 131 * 135)
    bring({"13120": year_of(81_000) | areas})
    finding = in_force("13120").findings.get()
    assert finding.citizen_text.startswith("Las áreas no suman el total: 31\u00a0%")
    assert finding.data["total"] == 81_000_000


def test_a_jump_is_seen_against_the_edition_in_force_and_within_one_file() -> None:
    bring({"13120": {"IADM11": 100}}, year=2022)
    job = read(several_years({"13120": {("IADM11", 2023): 180, ("IADM11", 2024): 60}}))
    findings = Finding.objects.filter(dataset__brought_by=job).order_by("dataset__year")
    assert [(finding.dataset.year, finding.code) for finding in findings] == [(2023, "jump"), (2024, "jump")]


def test_demonstration_data_live_beside_the_real_ones() -> None:
    bring({"13120": year_of(81_200)})
    job = read(table({"13120": year_of(81_200)}), source=Source.DEMONSTRATION)
    assert job.datasets.get().edition == 1
    publish(job)
    assert Dataset.objects.published().filter(municipality="13120").count() == 2


def test_of_a_refused_file_nothing_stays_but_its_problems() -> None:
    bring({"13120": year_of(81_200)})
    before = [model.objects.count() for model in (Dataset, IndicatorValue, Line, Finding)]
    job = read(table({"13120": year_of(5), "12201": year_of(6, LCNB="muchas")}))
    assert job.state == ImportState.REFUSED
    (problem,) = job.errors
    assert (problem["row"], problem["code"], problem["found"]) == (5, "LCNB", "muchas")
    assert [model.objects.count() for model in (Dataset, IndicatorValue, Line, Finding)] == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.staged_value')")
        assert cursor.fetchone() == (None,)


def test_without_the_reference_data_the_file_is_refused_with_what_to_do() -> None:
    Municipality.objects.all().delete()
    job = read(table({"13120": year_of(1)}))
    assert [problem["kind"] for problem in job.errors] == ["no_reference"]


def test_an_import_that_is_done_is_not_done_again() -> None:
    job = read(table({"13120": year_of(1)}))
    drafts = list(job.datasets.values_list("pk", flat=True))
    reading.run_import(job.pk, now=timezone.now())
    assert list(job.datasets.values_list("pk", flat=True)) == drafts


def test_an_interrupted_reading_starts_over() -> None:
    job = begin(table({"13120": year_of(1)}))
    Import.objects.filter(pk=job.pk).update(state=ImportState.READING, progress=10, total=20)
    reading.run_import(job.pk, now=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.datasets.count()) == (ImportState.READY, 1)


# --- Bringing a file --------------------------------------------------------------------------------------------------


def test_a_file_of_another_kind_is_not_even_kept() -> None:
    with pytest.raises(ValidationError) as error:
        begin(b"%PDF-1.7")
    (said,) = error.value.messages
    assert "(Un documento PDF)" in said
    assert not SourceFile.objects.exists()


def test_a_file_beyond_the_limit_is_not_kept() -> None:
    with pytest.raises(ValidationError, match="60 MB"):
        begin(b" " * (actions.MAX_BYTES + 1))
    assert not SourceFile.objects.exists()


def test_only_who_may_import_brings_files() -> None:
    with pytest.raises(PermissionDenied):
        begin(table({"13120": year_of(1)}), by=analyst())
    assert begin(table({"13120": year_of(1)}), by=administrator()).by is not None


def test_a_file_on_its_way_is_not_begun_twice() -> None:
    content = table({"13120": year_of(1)})
    first = begin(content)
    again = actions.begin_import(BytesIO(content), name="otro nombre.xls", by=None, queue=False)
    assert (again.job, again.is_new) == (first, False)


def test_each_step_is_an_event() -> None:
    by = administrator()
    read(table({"13120": year_of(1)}), by=by)
    kinds = Event.objects.order_by("pk").values_list("kind", "actor_name")
    assert list(kinds) == [("budget.import.begun", "administradora"), ("budget.import.ready", "administradora")]


# --- Interruptions, with real processes -------------------------------------------------------------------------------


def in_child(job: Import) -> int:
    """Read an import in a process of its own; return its number."""
    pid = os.fork()
    if pid == 0:
        try:
            connections["default"].connection = None  # the socket is the parent's
            reading.run_import(job.pk, now=timezone.now())
        finally:
            os._exit(0)
    return pid


def wait_until_someone_waits() -> None:
    """Until another connection waits for the lock that this one holds."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.01)
    pytest.fail("nobody came to the lock")


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_work_is_done_again() -> None:
    job = begin(table({"13120": year_of(81_200), "12201": year_of(900)}))
    with transaction.atomic():
        editions.one_at_a_time()
        child = in_child(job)
        wait_until_someone_waits()
        job.refresh_from_db()
        assert job.state == ImportState.READING
        assert job.progress > 0
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert not Dataset.objects.exists()
    assert not IndicatorValue.objects.exists()
    reading.run_import(job.pk, now=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.datasets.count()) == (ImportState.READY, 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_import_write_its_drafts_once() -> None:
    job = begin(table({"13120": year_of(81_200), "12201": year_of(900)}))

    def work() -> None:
        reading.run_import(job.pk, now=timezone.now())
        connection.close()

    with transaction.atomic():
        editions.one_at_a_time()
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        wait_until_someone_waits()
    for worker in workers:
        worker.join()
    job.refresh_from_db()
    assert (job.state, job.datasets.count(), IndicatorValue.objects.count()) == (ImportState.READY, 2, 24)
    assert Event.objects.filter(kind="budget.import.ready").count() == 1


# --- The command ------------------------------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("import_sinim", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_reads_publishes_and_computes(tmp_path: Path) -> None:
    path = tmp_path / "finanzas.xlsx"
    path.write_bytes(table({"13120": year_of(81_200)}))
    assert "1 new, 0 changed" in command(str(path))
    assert in_force("13120").edition == 1
    assert YearSummary.objects.get().municipality_id == "13120"
    assert "changes nothing" in command(str(path))


def test_the_command_can_leave_a_draft_for_the_staff_page(tmp_path: Path) -> None:
    path = tmp_path / "finanzas.xlsx"
    path.write_bytes(table({"13120": year_of(81_200)}))
    administrator()
    command("--draft", "--by", "Administradora@ejemplo.cl", str(path))
    job = Import.objects.get()
    assert (job.state, str(job.by)) == (ImportState.READY, "administradora")


def test_the_command_ends_with_1_and_names_the_place_when_a_file_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xls", tmp_path / "bad.xls"
    good.write_bytes(table({"13120": year_of(81_200)}))
    bad.write_bytes(table({"12201": {"IADM11": "mucho"}}))
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("import_sinim", str(bad), str(good), stdout=out, stderr=out)
    assert error.value.returncode == 1
    assert "C IADM11" in out.getvalue()
    assert in_force("13120").edition == 1


@pytest.mark.parametrize("arguments", [["/no/existe.xls"], ["--by", "nadie@ejemplo.cl", "/no/existe.xls"]])
def test_the_command_ends_with_2_when_called_wrongly(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as error:
        command(*arguments)
    assert error.value.returncode == 2


# --- The real files ---------------------------------------------------------------------------------------------------

real = pytest.mark.skipif("REAL_DATA_DIR" not in os.environ, reason="REAL_DATA_DIR is not set")


def real_file(pattern: str) -> Path:
    (path,) = sorted((Path(os.environ["REAL_DATA_DIR"]) / "sinim").glob(pattern))
    return path


def load_whole_register() -> None:
    for model in (Municipality, Province, Region):
        model.objects.all().delete()
    load_register()


@pytest.mark.realdata
@real
def test_the_real_finance_file_of_2024() -> None:
    load_whole_register()
    content = real_file("finanzas_2024.xlsx").read_bytes()
    job = read(content)
    assert job.errors == []
    assert [job.summary[key] for key in ("municipalities", "variables", "values", "missing", "renamed")] == [
        345,
        120,
        345 * 120,
        2195,
        [],
    ]
    publish(job)
    sums = {code: Decimal(0) for code in ("IADM11", "IADM01", "IADM40", "IADM41", "IADM61", "IADM22", "BPIGM", "BPVGM")}
    for code, amount in IndicatorValue.objects.filter(indicator__code__in=sums).values_list("indicator__code", "value"):
        sums[code] += amount or 0
    # The public totals of 2024, in thousands of pesos.
    assert {code: int(total) // 1000 for code, total in sums.items()} == {
        "IADM11": 8_717_159_647,
        "IADM01": 8_433_928_218,
        "IADM40": 2_670_959_916,
        "IADM41": 3_106_897_841,
        "IADM61": 2_335_358_891,
        "IADM22": 585_896_908,
        "BPIGM": 8_075_141_453,
        "BPVGM": 10_437_858_192,
    }
    codes = {cut: set(in_force(cut).findings.values_list("code", flat=True)) for cut in ("10207", "13102", "06201")}
    assert codes["10207"] == {"nothing_received"}
    assert codes["13102"] == {"parts_missing"}
    assert "31\u00a0%" in in_force("06201").findings.get(code="areas_against_total").citizen_text
    assert Finding.objects.filter(code="areas_against_total").count() == 34
    assert Finding.objects.filter(code="accrued_above_current").count() == 4
    again = read(content)
    assert (again.state, again.summary["unchanged"]) == (ImportState.DISCARDED, 345)


@pytest.mark.realdata
@real
@pytest.mark.parametrize("pattern", ["*153456*.xls", "*153521*.xls"])
def test_the_real_exports_of_one_variable_and_six_years(pattern: str) -> None:
    load_whole_register()
    job = read(real_file(pattern).read_bytes())
    assert (job.state, job.summary["new"], job.summary["years"]) == (
        ImportState.READY,
        345 * 6,
        list(range(2018, 2024)),
    )
    assert job.datasets.filter(indicator_values__missing=Missing.NOT_OFFICIAL).count() == 3


def test_names_of_the_small_files_are_those_of_the_register() -> None:
    assert set(NAMES) == set(Municipality.objects.values_list("cut", flat=True))
