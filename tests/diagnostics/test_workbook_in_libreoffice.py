"""The workbook in LibreOffice: what it saves comes back without loss, and what guards the cells survives. Skipped where it is not
installed."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from diagnostics.choices import WorkbookState
from diagnostics.models import Answer, Diagnostic
from diagnostics.rules.workbook import Outcome
from municipalities.actions import RefusedError
from tests.cast import Cast
from tests.diagnostics.factories import NOW, diagnostic
from tests.diagnostics.test_workbook import CELLS
from tests.diagnostics.workbooks import brought, downloaded, filled_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]
Saved = Callable[[bytes, str], bytes]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Open a workbook in LibreOffice and save it in another format."""

    def save(content: bytes, suffix: str) -> bytes:
        source, made = tmp_path / "planilla.xlsx", tmp_path / "out"
        source.write_bytes(content)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        asked = ["soffice", profile, "--headless", "--convert-to", suffix, "--outdir", str(made), str(source)]
        subprocess.run(asked, check=True, capture_output=True, timeout=240)
        return (made / f"planilla.{suffix}").read_bytes()

    return save


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    made = diagnostic(cast.here)
    words = "Ñandú «007»\n =1+1\ttabulado 😀"
    for question, value in (("t1", 3), ("t3", ["actas", "otros"]), ("t4", "1234.50"), ("p2", "2026-04-01")):
        Answer.objects.create(
            diagnostic=made, question=question, value=value, text=words, version=2, confidence="low", updated_at=NOW
        )
    return made


def rules_of(content: bytes) -> dict[str, list[tuple[str, str]]]:
    """By sheet, the cells of each rule of validation and what it allows; whether the sheet is protected."""
    found = {}
    with zipfile.ZipFile(BytesIO(content)) as parts:
        for name in sorted(parts.namelist()):
            if name.startswith("xl/worksheets/sheet"):
                xml = parts.read(name).decode()
                assert "<sheetProtection" in xml, name
                rules = re.findall(r"<dataValidation ([^>]*)>\s*<formula1>([^<]*)<", xml)
                cells = [(re.search(r'sqref="([^"]*)"', head), formula) for head, formula in rules]
                found[name] = sorted((one[1], formula.replace("'", "")) for one, formula in cells if one)
    return found


def test_the_lists_to_choose_from_and_the_protection_survive(held: Diagnostic, saved: Saved) -> None:
    before = downloaded(held)
    after = saved(before, "xlsx")
    assert sum(map(len, rules_of(before).values())) >= 10
    assert rules_of(after) == rules_of(before)


def test_a_file_saved_without_a_change_changes_nothing(cast: Cast, held: Diagnostic, saved: Saved) -> None:
    workbook = brought(held, cast.officer, saved(downloaded(held), "xlsx"))
    assert (workbook.state, workbook.problem) == (WorkbookState.READY, "")
    assert {row["outcome"] for row in workbook.rows} == {Outcome.SAME}


def test_its_own_format_is_refused_in_words_that_say_what_to_do(cast: Cast, held: Diagnostic, saved: Saved) -> None:
    with pytest.raises(RefusedError, match="Guárdelo en el formato en que lo descargó"):
        brought(held, cast.officer, saved(downloaded(held), "ods"), "planilla.ods")


def test_what_was_filled_in_comes_back_as_it_was_typed(cast: Cast, saved: Saved) -> None:
    made = diagnostic(cast.here)
    typed = filled_in(downloaded(made), CELLS)
    direct = brought(made, cast.officer, typed)
    through = brought(made, cast.officer, saved(typed, "xlsx"))
    assert through.rows == direct.rows
    assert through.state == WorkbookState.READY


def test_it_can_be_printed(held: Diagnostic, saved: Saved) -> None:
    assert saved(downloaded(held), "pdf").startswith(b"%PDF-")
