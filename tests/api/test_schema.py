"""The committed description of the API is the one the code gives, and a valid one."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import validate

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "openapi.yaml"


def test_the_committed_schema_is_the_one_of_the_code(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", "--fail-on-warn", "--file", str(fresh))
    assert fresh.read_text() == DOCUMENT.read_text(), "run: manage.py spectacular --file docs/openapi.yaml"


def test_the_schema_is_valid_openapi() -> None:
    validate(yaml.safe_load(DOCUMENT.read_text()))


def test_every_parameter_and_field_says_what_it_is_in_spanish() -> None:
    schema = yaml.safe_load(DOCUMENT.read_text())
    for path, operations in schema["paths"].items():
        assert set(operations) == {"get"}, path
        for parameter in operations["get"].get("parameters", []):
            assert parameter["in"] == "path" or parameter["description"], (path, parameter["name"])
    for name in ("Municipality", "Dataset", "Line", "Indicator", "IndicatorValue", "Problem"):
        for field, described in schema["components"]["schemas"][name]["properties"].items():
            assert described["description"], (name, field)
    assert schema["components"]["schemas"]["Line"]["properties"]["accrued"]["description"].startswith("Monto devengado")


@pytest.mark.django_db
def test_programs_read_the_schema_at_its_address(client: Client) -> None:
    response = client.get("/api/v1/esquema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert response.status_code == 200
    assert "/api/v1/lines/" in yaml.safe_load(response.content)["paths"]


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["%00", "a%0d%0ab", "x.bat%22", "v1"])
def test_the_name_of_the_schema_s_file_is_ours(client: Client, version: str) -> None:
    response = client.get(f"/api/v1/esquema/?version={version}")
    assert response.status_code == 200
    assert "bat" not in response["Content-Disposition"]
    assert "/api/v1/lines/" in yaml.safe_load(response.content)["paths"]
