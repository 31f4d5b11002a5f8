"""The shipped files agree with each other and with the country, and the loader brings them into the database."""

import csv
import shutil
from collections import Counter
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.text import slugify

from municipalities.choices import PopulationSource, RuralClass
from municipalities.imports.register import DATA, load_register
from municipalities.models import Alias, Commune, Municipality, Population, Province, Region
from municipalities.rules.register import PEER_GROUPS, compact, normalise, peer_group, suggest

# Communes and provinces of each region, north to south.
REGIONS = {
    "15": (4, 2), "01": (7, 2), "02": (9, 3), "03": (9, 3), "04": (15, 3), "05": (38, 8), "13": (52, 6), "06": (33, 3),
    "07": (30, 4), "16": (21, 3), "08": (33, 3), "09": (32, 2), "14": (12, 2), "10": (30, 4), "11": (10, 4), "12": (11, 4),
}  # fmt: skip
PROVINCES = {
    "011": 2, "014": 5, "021": 4, "022": 3, "023": 2, "031": 3, "032": 2, "033": 4, "041": 6, "042": 4, "043": 5,
    "051": 7, "052": 1, "053": 4, "054": 5, "055": 5, "056": 6, "057": 6, "058": 4, "061": 17, "062": 6, "063": 10,
    "071": 10, "072": 3, "073": 9, "074": 8, "081": 12, "082": 7, "083": 14, "091": 21, "092": 11, "101": 9, "102": 10,
    "103": 7, "104": 4, "111": 2, "112": 3, "113": 3, "114": 2, "121": 4, "122": 2, "123": 3, "124": 2, "131": 32,
    "132": 3, "133": 3, "134": 4, "135": 5, "136": 5, "141": 8, "142": 4, "151": 2, "152": 2, "161": 9, "162": 7, "163": 5,
}  # fmt: skip


def read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def names_by_cut() -> dict[str, list[str]]:
    names = {row["cut"]: [row["name"]] for row in read("municipalities")}
    for row in read("aliases"):
        names[row["cut"]].append(row["alias"])
    return names


def test_there_are_16_regions_56_provinces_346_communes_and_345_municipalities() -> None:
    assert [len(read(name)) for name in ("regions", "provinces", "communes", "municipalities")] == [16, 56, 346, 345]


def test_regions_are_ordered_from_north_to_south_and_hold_their_communes_and_provinces() -> None:
    communes = Counter(row["cut"][:2] for row in read("communes"))
    provinces = Counter(row["region"] for row in read("provinces"))
    regions = [row["code"] for row in sorted(read("regions"), key=lambda row: int(row["order"]))]
    assert [(code, (communes[code], provinces[code])) for code in regions] == list(REGIONS.items())


def test_the_order_of_the_regions_is_that_of_their_latitudes() -> None:
    latitudes: dict[str, list[float]] = {}
    for row in read("municipalities"):
        if row["cut"][:3] not in {"052"} and row["cut"] != "05104":  # the islands lie north of their region
            latitudes.setdefault(row["cut"][:2], []).append(float(row["latitude"]))
    means = [sum(latitudes[code]) / len(latitudes[code]) for code in REGIONS]
    assert means == sorted(means, reverse=True)


def test_provinces_hold_their_communes_and_codes_nest() -> None:
    assert Counter(row["province"] for row in read("communes")) == PROVINCES
    assert all(row["cut"].startswith(row["province"]) for row in read("communes"))
    assert all(row["code"].startswith(row["region"]) for row in read("provinces"))


def test_every_commune_is_its_own_municipality_but_antartica_which_cabo_de_hornos_administers() -> None:
    others = {row["cut"]: row["municipality"] for row in read("communes") if row["cut"] != row["municipality"]}
    assert others == {"12202": "12201"}
    communes = {row["cut"]: row["name"] for row in read("communes") if row["cut"] not in others}
    assert {row["cut"]: row["name"] for row in read("municipalities")} == communes


def test_names_are_in_good_spanish_case_and_give_their_slugs() -> None:
    for row in read("municipalities"):
        assert row["name"] == row["name"].strip()
        for word in row["name"].split():
            assert word in {"de", "del", "la", "las", "el", "los", "y"} or word[0].isupper(), row["name"]
            assert word != word.upper(), row["name"]
        assert row["slug"] == slugify(row["name"].replace("'", ""))
    assert len({row["slug"] for row in read("municipalities")}) == 345


def test_seats_lie_in_chile_and_neighbours_of_a_province_lie_together() -> None:
    by_province: dict[str, list[tuple[float, float]]] = {}
    for row in read("municipalities"):
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
        assert -55.5 < latitude < -17.5
        assert -75 < longitude < -68 or (row["cut"] in {"05104", "05201", "12201"} and longitude > -110), row["name"]
        if row["cut"] not in {"05104"}:
            by_province.setdefault(row["cut"][:3], []).append((latitude, longitude))
    for province, seats in by_province.items():
        latitudes, longitudes = zip(*seats, strict=True)
        assert max(latitudes) - min(latitudes) < 3.1, province
        assert max(longitudes) - min(longitudes) < 2.6, province


def test_no_alias_names_two_municipalities_and_none_repeats_the_name() -> None:
    owners: dict[str, set[str]] = {}
    for cut, names in names_by_cut().items():
        for name in names:
            owners.setdefault(compact(name), set()).add(cut)
    assert {name: cuts for name, cuts in owners.items() if len(cuts) > 1} == {}
    assert all(row["alias"] not in names_by_cut()[row["cut"]][:1] for row in read("aliases"))
    assert all(row["source"] for row in read("aliases"))


@pytest.mark.parametrize(
    ("typed", "cut"),
    [
        ("nunoa", "13120"), ("OHIGGINS", "11302"), ("llay llay", "05703"), ("llayllay", "05703"), ("llaillay", "05703"),
        ("paihuano", "04105"), ("coihaique", "11101"), ("Marchigüe", "06204"), ("trehuaco", "16207"), ("aisen", "11201"),
        ("la calera", "05502"), ("rapa nui", "05201"), ("hanga roa", "05201"), ("til til", "13303"), ("natales", "12401"),
        ("puerto natales", "12401"), ("puerto williams", "12201"), ("san vicente de tagua tagua", "06117"),
        ("concon", "05103"), ("puchuncabi", "05105"), ("los angeles", "08301"), ("vina", "05109"),
    ],
)  # fmt: skip
def test_the_names_people_use_find_their_municipality_first(typed: str, cut: str) -> None:
    assert suggest(typed, names_by_cut())[0] == cut


def test_every_municipality_is_found_first_by_its_own_name() -> None:
    names = names_by_cut()
    assert [cut for cut, forms in names.items() if suggest(normalise(forms[0]).upper(), names, limit=1) != [cut]] == []


def test_populations_cover_every_commune_and_sum_to_the_published_totals() -> None:
    rows = read("population")
    assert {row["cut"] for row in rows} == {row["cut"] for row in read("communes")}
    columns = [*(f"ine_{year}" for year in range(2014, 2036)), "census_2024"]
    assert list(rows[0]) == ["cut", *columns]
    totals = {column: sum(int(row[column]) for row in rows) for column in columns}
    assert totals["census_2024"] == 18_480_432
    assert totals["ine_2024"] == 20_086_377
    assert totals["ine_2035"] == 21_137_769
    assert all(int(row[column]) > 0 for row in rows for column in columns)


def test_classes_count_as_published_and_peer_groups_are_of_a_useful_size() -> None:
    census = {row["cut"]: int(row["census_2024"]) for row in read("population")}
    municipalities = read("municipalities")
    assert Counter(row["rural_class"] for row in municipalities) == {"urban": 84, "mixed": 76, "rural": 185}
    groups = [peer_group(census[row["cut"]], row["rural_class"]) for row in municipalities]
    counts = Counter(group.code for group in groups if group)
    # The figures that the rule's comment states.
    assert [counts[group.code] for group in PEER_GROUPS] == [20, 22, 47, 40, 37, 19, 23, 21, 17, 15, 27, 20, 23, 14]


@pytest.mark.django_db
def test_the_register_is_loaded_and_a_second_run_changes_nothing() -> None:
    first = {report.table: report for report in load_register()}
    assert {table: report.added for table, report in first.items()} == {
        "region": 16, "province": 56, "municipality": 345, "commune": 346, "alias": len(read("aliases")), "population": 345 * 23,
    }  # fmt: skip
    second = load_register()
    assert [report.table for report in second if report.touched] == []
    assert [report.unchanged for report in second] == [report.added for report in first.values()]
    assert [report.kept for report in second] == [0] * 6
    assert [model.objects.count() for model in (Region, Province, Municipality, Commune)] == [16, 56, 345, 346]


@pytest.mark.django_db
def test_the_loader_derives_distance_search_inhabitants_and_group() -> None:
    load_register()
    nunoa = Municipality.objects.get(cut="13120")
    assert (nunoa.name, nunoa.slug, nunoa.region_id, nunoa.province_id) == ("Ñuñoa", "nunoa", "13", "131")
    assert (nunoa.rural_class, nunoa.peer_group) == (RuralClass.URBAN, "urban-150000")
    assert 0 < nunoa.distance_km < 10
    assert (
        nunoa.inhabitants == Population.objects.get(municipality=nunoa, source=PopulationSource.CENSUS_2024).inhabitants
    )
    assert Municipality.objects.get(cut="12201").distance_km == pytest.approx(2400, abs=60)
    assert Municipality.objects.filter(search__contains="\n" + compact("LLAY llay")).get().cut == "05703"
    assert Municipality.objects.get(cut="12201").communes.count() == 2
    assert not Population.objects.filter(municipality="12202").exists()


@pytest.mark.django_db
def test_what_was_edited_by_hand_is_put_right_and_reported() -> None:
    load_register()
    Municipality.objects.filter(cut="13120").update(name="Nunoa", latitude=Decimal("-33.0000"))
    changed = [sentence for report in load_register() for sentence in report.changed]
    assert "municipality 13120: name 'Nunoa' -> 'Ñuñoa'" in changed
    assert len(changed) == 2
    assert Municipality.objects.get(cut="13120").name == "Ñuñoa"


@pytest.mark.django_db
def test_an_alias_added_by_staff_stays_is_counted_and_is_searched() -> None:
    load_register()
    Alias.objects.create(municipality_id="13121", name="La Victoria")
    reports = {report.table: report for report in load_register()}
    assert reports["alias"].kept == 1
    assert "\nla victoria\n" in Municipality.objects.get(cut="13121").search
    assert not any(report.touched for report in load_register())


@pytest.mark.django_db
def test_a_file_with_a_fault_loads_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    lines = (folder / "population.csv").read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].replace(",", ",many", 1)
    (folder / "population.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CommandError, match="not loaded"):
        call_command("load_register", path=folder)
    assert Region.objects.count() == Municipality.objects.count() == 0


@pytest.mark.django_db
def test_the_command_prints_what_it_did() -> None:
    output = StringIO()
    call_command("load_register", stdout=output)
    assert "municipality: 345 added, 0 values changed, 0 unchanged" in output.getvalue()
    Municipality.objects.filter(cut="13120").update(name="Nunoa")
    call_command("load_register", stdout=output)
    assert "  municipality 13120: name 'Nunoa' -> 'Ñuñoa'" in output.getvalue()
