"""The files of `budget/data`: complete, well formed, and true to SINIM's real file where it is at hand."""

import csv
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

import pytest
import yaml
from defusedxml import ElementTree

from budget.choices import Area, Level, Measure, Side, Verification

DATA = Path(__file__).parents[2] / "budget" / "data"
CSV_FILES = sorted(DATA.glob("*.csv"))
MAY_BE_EMPTY = {
    ("classifier.csv", "parent"),
    ("sinim_lines.csv", "area"),
    ("columns.csv", "unit"),
    ("licences.csv", "url"),
}
LEVELS = [Level.ROOT, Level.SUBTITULO, Level.ITEM, Level.ASIGNACION, Level.SUBASIGNACION]
UNITS = {"M$": "thousands_pesos", "%": "percent", "TAS": "rate", "Nº": "count", "S-N": "yes_no"}

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ACCOUNTS = {row["code"]: row for row in read("classifier.csv")}
INDICATORS = {row["code"]: row for row in read("indicators.csv")}
LINES = read("sinim_lines.csv")
NOT_LINES = read("sinim_not_lines.csv")
GLOSSARY: list[dict[str, str]] = yaml.safe_load((DATA / "glossary.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CSV_FILES, ids=lambda path: path.name)
def test_no_field_is_blank_or_padded(path: Path) -> None:
    for row in read(path.name):
        for column, value in row.items():
            assert value == value.strip(), (row, column)
            assert value or (path.name, column) in MAY_BE_EMPTY, (row, column)


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_every_file_has_its_source_written_down(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", (DATA / "SOURCES.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert path.name == "SOURCES.md" or any(path.name in heading.split(" and ") for heading in headings)


@pytest.mark.parametrize("path", [*CSV_FILES, DATA / "glossary.yaml"], ids=lambda path: path.name)
def test_citizens_are_spoken_to_calmly(path: Path) -> None:
    assert not re.search(r"[!¡]|exitosamente", path.read_text(encoding="utf-8"))


def test_the_classifier_holds_335_accounts_and_two_roots_once_each() -> None:
    assert len(read("classifier.csv")) == len(ACCOUNTS) == 337
    assert [code for code, row in ACCOUNTS.items() if row["level"] == Level.ROOT] == ["115", "215"]


def test_an_account_hangs_under_its_parent_at_the_level_of_its_code() -> None:
    for code, row in ACCOUNTS.items():
        assert re.fullmatch(r"[12]15(\.\d{2}(\.\d{2}(\.\d{3}){0,2})?)?", code), row
        assert row["parent"] == code.rpartition(".")[0], row
        assert row["parent"] in ACCOUNTS or row["level"] == Level.ROOT, row
        assert row["level"] == LEVELS[code.count(".")], row
        assert row["side"] == (Side.INCOME if code.startswith("115") else Side.EXPENSE), row
        assert row["verification"] in {Verification.SEEN, Verification.INFERRED, Verification.UNVERIFIED}, row


def test_a_parent_comes_before_its_children() -> None:
    seen: set[str] = {""}
    for code, row in ACCOUNTS.items():
        assert row["parent"] in seen
        seen.add(code)


@pytest.mark.parametrize("name", ["classifier.csv", "indicators.csv", "areas.csv"])
def test_plain_names_are_short_and_name_one_thing(name: str) -> None:
    names = [row["plain_name"] for row in read(name)]
    assert [text for text in names if len(text) > 45] == []
    assert [text for text, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("classifier.csv", "sentence"),
        ("indicators.csv", "sentence"),
        ("areas.csv", "sentence"),
        ("sinim_lines.csv", "reason"),
        ("sinim_not_lines.csv", "reason"),
    ],
)
def test_an_explanation_is_one_short_sentence(name: str, column: str) -> None:
    for row in read(name):
        text = row[column]
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert not re.search(r"[a-záéíóúñ]\. [A-ZÁÉÍÓÚ]", text), text
        assert len(text) <= 200, text


def test_the_areas_are_the_six_of_the_portal() -> None:
    areas = read("areas.csv")
    assert [row["code"] for row in areas] == Area.values
    assert [row["key"] for row in areas] == [area.name.lower() for area in Area]


def test_an_edition_of_the_classifier_says_since_when_it_holds() -> None:
    [edition] = read("classifier_version.csv")
    unverified = sum(row["verification"] == Verification.UNVERIFIED for row in ACCOUNTS.values())
    assert edition["valid_from"] == "2024"
    assert f"{unverified} de las 335" in edition["source"]


def test_the_120_variables_have_a_known_unit_and_their_own_number() -> None:
    assert len(read("indicators.csv")) == len(INDICATORS) == 120
    assert {row["unit"] for row in INDICATORS.values()} == set(UNITS.values())
    assert len({row["sinim_id"] for row in INDICATORS.values()}) == 120


def test_a_line_names_a_known_variable_account_area_and_measure() -> None:
    for row in LINES:
        side = ACCOUNTS[row["account"]]["side"]
        allowed = {Measure.SETTLED} if side == Side.INCOME else {Measure.ACCRUED}
        assert INDICATORS[row["variable"]]["unit"] == "thousands_pesos"
        assert row["measure"] in allowed | {Measure.INITIAL, Measure.CURRENT}, row
        assert row["area"] in {"", *Area.values}, row
        assert not row["area"] or side == Side.EXPENSE, row
        assert row["evidence"] in {"code_in_name", "total", "official_name", "arithmetic", "area_part"}


def test_no_variable_and_no_cell_of_the_budget_is_mapped_twice() -> None:
    cells = Counter((row["account"], row["area"], row["measure"]) for row in LINES)
    variables = Counter(row["variable"] for row in LINES)
    assert max(cells.values()) == max(variables.values()) == 1


def test_an_account_cited_in_a_variables_name_is_the_account_mapped() -> None:
    cited = [row for row in LINES if row["evidence"] == "code_in_name"]
    for row in cited:
        match = re.search(r"(2[12](?:\.\d{2}(?:\.\d{3})?)?)\)$", INDICATORS[row["variable"]]["official_name"])
        assert match, row
        assert row["account"] == f"215.{match[1]}"
    assert len(cited) == 7


def test_every_money_variable_is_a_line_or_is_said_why_not() -> None:
    money = {code for code, row in INDICATORS.items() if row["unit"] == "thousands_pesos"}
    lines = {row["variable"] for row in LINES}
    left = {row["variable"] for row in NOT_LINES}
    assert len(left) == len(NOT_LINES)
    assert lines & left == set()
    assert lines | left == money | {"IADM10"}
    assert {row["cause"] for row in NOT_LINES} == {
        "several_accounts",
        "formula",
        "per_person",
        "other_source",
        "not_in_classifier",
        "unconfirmed",
    }


def test_a_glossary_entry_says_what_it_is_in_one_sentence_and_more_in_two_to_four() -> None:
    for entry in GLOSSARY:
        assert set(entry) - {"office_term"} == {"slug", "term", "short", "long", "source"}, entry
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry["slug"])
        assert all(text == text.strip() and text for text in entry.values())
        assert entry["short"].endswith(".")
        assert ". " not in entry["short"]
        assert 2 <= len(re.findall(r"\.(?: |$)", entry["long"])) <= 4, entry["slug"]
    assert max(Counter(entry["slug"] for entry in GLOSSARY).values()) == 1
    assert max(Counter(entry["term"] for entry in GLOSSARY).values()) == 1


def test_the_glossary_explains_the_words_of_a_budget_page() -> None:
    slugs = {entry["slug"] for entry in GLOSSARY}
    assert slugs >= {
        *("presupuesto-inicial", "presupuesto-vigente", "devengado", "pagado", "percibido", "deuda-exigible"),
        *("saldo-inicial-de-caja", "fondo-comun-municipal", "ingresos-propios-permanentes", "transferencias"),
        *("subtitulo", "area-de-gestion", "gasto-por-habitante", "pesos-constantes", "ipc", "municipios-parecidos"),
        *("fecha-de-corte", "fuente-sinim", "no-recepcionado", "conciliacion"),
    }
    terms = {
        entry["office_term"].rpartition(" (")[0]
        for entry in GLOSSARY
        if entry["slug"].startswith("area-") and "office_term" in entry
    }
    assert terms == {row["official_name"] for row in read("areas.csv")}


def test_the_prices_have_no_gap_and_say_which_years_are_whole() -> None:
    prices = read("prices.csv")
    years = [int(row["year"]) for row in prices]
    assert years == list(range(2009, 2027))
    assert [int(row["months"]) for row in prices] == [1, *[12] * 16, 6]
    for row in prices:
        assert Decimal(row["mean_index"]) > 0
        assert row["last_month"] == (f"{row['year']}-12" if row["year"] != "2026" else "2026-06")


# What follows reads the real files.

needs_real_data = pytest.mark.skipif("REAL_DATA_DIR" not in os.environ, reason="REAL_DATA_DIR is not set")
EXACT_SUMS = [
    ("IADM61", ["IADM58", "IADM73", "IADM111"]),
    ("IADM97", ["IADM98", "IADM99"]),
    ("IADM44", ["IADM140", "IADM121", "IADM122"]),
    ("IADM42", ["IADM41", "IADM40"]),
    ("IADM01", ["IADM46", "IADM43"]),
    ("IADM43", ["IADM43.1", "IADM82", "IADM83", "IADM84"]),
]
AREA_PARTS = [
    ("IADM90", ["BGEGI", "BGESC"], 259),
    ("IADM91", ["BGAGI", "BGASC"], 232),
    ("IADM120", ["BSMJGI", "BSMJSC"], 341),
]
Values = dict[str, dict[str, Decimal]]


def real(path: str) -> Path:
    return Path(os.environ["REAL_DATA_DIR"]) / path


@pytest.fixture(scope="module")
def sheet() -> list[list[str]]:
    """Every row of SINIM's 2024 file as the text of its cells."""
    namespace = "{urn:schemas-microsoft-com:office:spreadsheet}"
    root = ElementTree.fromstring(real("sinim/finanzas_2024.xlsx").read_bytes().lstrip())
    return [["".join(cell.itertext()) for cell in row.iter(f"{namespace}Cell")] for row in root.iter(f"{namespace}Row")]


@pytest.fixture(scope="module")
def values(sheet: list[list[str]]) -> Values:
    """Thousands of pesos by municipality and variable; what was not received is left out."""
    codes = [title.split(" (")[0] for title in sheet[1]]
    found: Values = {}
    for row in sheet[3:]:
        found[row[1]] = {}
        for code, text in zip(codes[2:], row[2:], strict=True):
            try:
                found[row[1]][code] = Decimal(text)
            except InvalidOperation:
                continue
    return found


def with_all(values: Values, codes: list[str]) -> Iterator[tuple[str, list[Decimal]]]:
    for name, row in values.items():
        if all(code in row for code in codes):
            yield name, [row[code] for code in codes]


@pytest.mark.realdata
@needs_real_data
def test_the_indicators_are_the_columns_of_the_real_file(sheet: list[list[str]]) -> None:
    titles = [re.fullmatch(r"(.+?) \((.+?)\) (.+)", title) for title in sheet[1][2:]]
    columns = [(match[1], UNITS[match[2]], match[3].strip()) for match in titles if match]
    assert columns == [(code, row["unit"], row["official_name"]) for code, row in INDICATORS.items()]


@pytest.mark.realdata
@needs_real_data
@pytest.mark.parametrize(("whole", "parts"), EXACT_SUMS)
def test_the_sums_that_the_mapping_rests_on_are_exact_everywhere(values: Values, whole: str, parts: list[str]) -> None:
    rows = list(with_all(values, [whole, *parts]))
    assert len(rows) == 344
    assert [name for name, (total, *rest) in rows if total != sum(rest)] == []


@pytest.mark.realdata
@needs_real_data
def test_patents_whole_and_kept_differ_only_where_the_law_shares_them(values: Values) -> None:
    kept = {name: part / whole for name, (whole, part) in with_all(values, ["IADM96", "IADM121"]) if whole != part}
    assert set(kept) == {"PICA", "SAN RAFAEL", "SANTIAGO", "PROVIDENCIA", "LAS CONDES", "VITACURA"}
    assert round(kept["SANTIAGO"], 3) == Decimal("0.450")
    assert round(kept["PROVIDENCIA"], 3) == round(kept["VITACURA"], 3) == Decimal("0.350")


@pytest.mark.realdata
@needs_real_data
def test_income_received_holds_the_opening_cash_in_three_municipalities_alone(values: Values) -> None:
    rows = with_all(values, ["IADM01", "IADM999", "BPVMSALINI"])
    holders = {name: (total - without, cash) for name, (total, without, cash) in rows if total != without}
    assert set(holders) == {"CARTAGENA", "RINCONADA", "PEUMO"}
    assert all(difference == cash for difference, cash in holders.values())


@pytest.mark.realdata
@needs_real_data
@pytest.mark.parametrize(("initial", "equal"), [(["BPIIM", "BPIGM"], 270), (["BPVIM", "BPVGM"], 182)])
def test_the_budget_of_income_is_told_by_its_likeness_to_expense(
    values: Values, initial: list[str], equal: int
) -> None:
    rows = list(with_all(values, initial))
    assert len(rows) == 343
    assert sum(income == expense for _, (income, expense) in rows) == equal


@pytest.mark.realdata
@needs_real_data
def test_mapped_children_together_never_exceed_their_parent(values: Values) -> None:
    """A thousand pesos of rounding is allowed for each child."""
    variable = {(row["account"], row["measure"]): row["variable"] for row in LINES if not row["area"]}
    children: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (account, measure), code in variable.items():
        parent = account.rpartition(".")[0]
        while parent and (parent, measure) not in variable:
            parent = parent.rpartition(".")[0]
        if parent:
            children[parent, measure].append(code)
    assert len(children) >= 8
    for parent_key, codes in children.items():
        for name, (total, *parts) in with_all(values, [variable[parent_key], *codes]):
            assert sum(parts) <= total + len(parts), (name, parent_key)


@pytest.mark.realdata
@needs_real_data
@pytest.mark.parametrize(("whole", "parts", "equal"), AREA_PARTS)
def test_parts_by_area_fit_in_their_account_and_in_the_other_areas(
    values: Values, whole: str, parts: list[str], equal: int
) -> None:
    others = ["BGMAAMUN", "BGMAPSOC", "BGMAPREC", "BGMAPCUL"]
    rows = list(with_all(values, [whole, *parts, *others]))
    left = [(total - first - second, sum(rest)) for _, (total, first, second, *rest) in rows]
    assert len(rows) == 343
    assert sum(abs(rest) <= 1 for rest, _ in left) == equal
    assert all(-1 <= rest <= most + 1 for rest, most in left)


@pytest.mark.realdata
@needs_real_data
def test_the_official_names_are_those_of_the_compiled_classifier() -> None:
    with open(real("classifier/clasificador_municipal.csv"), encoding="utf-8", newline="") as file:
        compiled = {
            f"{row['agrupacion']}.{row['codigo']}": row["nombre"] for row in csv.DictReader(file, delimiter=";")
        }
    assert {code: row["official_name"] for code, row in ACCOUNTS.items() if row["parent"]} == compiled


@pytest.mark.realdata
@needs_real_data
def test_the_prices_are_the_means_of_the_monthly_series() -> None:
    months: dict[str, list[Decimal]] = defaultdict(list)
    with open(real("prices/ipc.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            months[row["año"]].append(Decimal(row["valor"].replace(",", ".")))
    for row in read("prices.csv"):
        series = months[row["year"]]
        mean = (sum(series, Decimal()) / len(series)).quantize(Decimal("0.001"), ROUND_HALF_UP)
        assert (mean, len(series)) == (Decimal(row["mean_index"]), int(row["months"]))
