"""Loading the reference data, and finding the account of a code that a file writes in its own way."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from budget.choices import Level, Side, Unit, Verification
from budget.imports.accounts import account_for, version_for
from budget.imports.reference import DATA, load_classifier, sinim_lines
from budget.models import Account, ClassifierVersion, Indicator, PriceIndex
from budget.rules.codes import level_of, normal_code, parents, side_of

pytestmark = pytest.mark.django_db


def test_the_shipped_reference_data_load_once_and_change_nothing_twice() -> None:
    assert [report.added for report in load_classifier()] == [1, 337, 124, 18]
    assert not any(report.touched for report in load_classifier())
    assert Account.objects.get(code="215.21.01").parent == Account.objects.get(code="215.21")
    assert Indicator.objects.get(code="IADM 125").unit == Unit.PERCENT
    assert PriceIndex.objects.get(year=2024).months == 12


def test_a_changed_name_is_reported_and_local_accounts_are_kept() -> None:
    load_classifier()
    account_for("215-22-05-001-009", "Luz de la plaza", ClassifierVersion.objects.get())
    Account.objects.filter(code="215.22").update(plain_name="Otro")
    report = load_classifier()[1]
    assert (report.added, len(report.changed), report.kept) == (0, 1, 1)
    assert "plain_name 'Otro' ->" in report.changed[0]


def test_a_broken_file_loads_nothing(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    (tmp_path / "prices.csv").write_text("year,mean_index\n2024,muchos\n")
    with pytest.raises(CommandError, match="was not loaded"):
        call_command("load_classifier", path=tmp_path)
    assert not ClassifierVersion.objects.exists()


def test_the_command_reports_what_it_did() -> None:
    out = StringIO()
    call_command("load_classifier", stdout=out)
    assert "account: 337 added, 0 values changed" in out.getvalue()


def test_every_line_of_the_mapping_has_its_account_and_its_indicator() -> None:
    load_classifier()
    assert {line.account for line in sinim_lines()} <= set(Account.objects.values_list("code", flat=True))
    assert {line.variable for line in sinim_lines()} <= set(Indicator.objects.values_list("code", flat=True))


def test_a_year_before_the_first_classifier_uses_the_first() -> None:
    assert version_for(2024) is None
    load_classifier()
    first = ClassifierVersion.objects.get()
    later = ClassifierVersion.objects.create(valid_from=2027, name="Clasificador 2027", source="Decreto")
    assert [version_for(year) for year in (2018, 2024, 2026, 2027)] == [first, first, first, later]


@pytest.mark.parametrize(
    "code", ["215-21-01-001-002", "215.21.01.001.002", "21.01.001.002", "EEE-21-01-001-002", "215-21-1-1-2-000"]
)
def test_the_spellings_of_a_code_find_one_account(code: str) -> None:
    load_classifier()
    version = ClassifierVersion.objects.get()
    account = account_for(code, "C X P APORTES DEL EMPLEADOR", version, Side.EXPENSE)
    assert account.code == "215.21.01.001.002"


def test_an_unknown_account_hangs_under_its_nearest_known_parent() -> None:
    load_classifier()
    version = ClassifierVersion.objects.get()
    account = account_for("215-22-05-001-001-003", "  Luz   sede social ", version)
    assert account.parent == Account.objects.get(code="215.22.05.001")
    assert (account.level, account.verification, account.side) == (Level.LOCAL, Verification.LOCAL, Side.EXPENSE)
    assert account.official_name == "Luz sede social"
    assert account_for("22.05.001.001.003", "otro nombre", version, Side.EXPENSE) == account


def test_an_account_under_no_root_is_refused() -> None:
    version = ClassifierVersion.objects.create(valid_from=2024, name="Vacío", source="ninguna")
    with pytest.raises(ValueError, match="no account"):
        account_for("215.21", "x", version)


@pytest.mark.parametrize("code", ["", "x", "21.01", "315.21", "215.AB", "215.211", "215.00.01", "215.1.1.1.1.1.1"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not an account code"):
        normal_code(code)


def test_a_code_of_the_other_side_is_refused() -> None:
    with pytest.raises(ValueError, match="not an account of"):
        normal_code("115.03", Side.EXPENSE)


PARTS = st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(1, 999), st.integers(1, 999), st.integers(1, 999))


@given(st.sampled_from(["115", "215"]), PARTS, st.integers(0, 5), st.sampled_from(["-", ".", " ", " - "]))
def test_any_code_has_one_normal_form(root: str, parts: tuple[int, ...], length: int, mark: str) -> None:
    code = normal_code(mark.join([root, *map(str, parts[:length])]))
    assert normal_code(code) == code
    assert side_of(code) == (Side.INCOME if root == "115" else Side.EXPENSE)
    assert len(parents(code)) == length
    assert level_of(code) == list(Level)[length]
