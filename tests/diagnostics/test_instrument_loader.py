"""Loading the instruments that ship."""

from pathlib import Path

import pytest
from django.core.management import call_command

from diagnostics.choices import EditionState
from diagnostics.imports.instruments import DATA, load_instruments
from diagnostics.models import InstrumentVersion
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing() -> None:
    assert load_instruments().added == 1
    again = load_instruments()
    assert (again.added, again.kept, again.unchanged) == (0, 0, 1)
    held = InstrumentVersion.objects.get()
    assert held.state == EditionState.PUBLISHED
    assert held.title.startswith("Instrumento de diagnóstico")


def test_a_file_that_differs_from_what_is_published_is_kept_out(tmp_path: Path) -> None:
    load_instruments()
    (shipped,) = DATA.glob("*.yaml")
    other = shipped.read_text(encoding="utf-8").replace("Transparencia activa", "Otra cosa")
    (tmp_path / "x.yaml").write_text(other, encoding="utf-8")
    report = load_instruments(tmp_path)
    assert (report.added, report.kept) == (0, 1)
    assert "Otra cosa" not in str(InstrumentVersion.objects.get().content)


def test_a_later_shipped_version_replaces_a_shipped_one_but_not_the_councils(tmp_path: Path, cast: Cast) -> None:
    load_instruments()
    (shipped,) = DATA.glob("*.yaml")
    text = shipped.read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text(text.replace("2026.1'", "2027.1'"), encoding="utf-8")
    load_instruments(tmp_path)
    assert InstrumentVersion.objects.get(state=EditionState.PUBLISHED).version == "2027.1"
    InstrumentVersion.objects.filter(version="2027.1").update(updated_by=cast.administrator)
    (tmp_path / "x.yaml").write_text(text.replace("2026.1'", "2028.1'"), encoding="utf-8")
    load_instruments(tmp_path)
    assert InstrumentVersion.objects.get(state=EditionState.PUBLISHED).version == "2027.1"
    assert InstrumentVersion.objects.get(version="2028.1").state == EditionState.RETIRED


def test_a_faulty_file_stops_the_command(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("key: x", encoding="utf-8")
    with pytest.raises(Exception, match=r"x\.yaml"):
        call_command("load_instruments", path=tmp_path)
    assert not InstrumentVersion.objects.exists()
