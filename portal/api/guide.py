"""The page that explains the API to people, written from the same schema that programs read."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from config.page_cache import public_page


@dataclass(frozen=True)
class Entry:
    """A parameter or a field: its name and what it is."""

    name: str
    description: str


@dataclass(frozen=True)
class Endpoint:
    """A list of the API: where it is, what can be asked of it and what it answers."""

    path: str
    summary: str
    parameters: list[Entry]
    fields: list[Entry]


@public_page
def guide(request: HttpRequest) -> HttpResponse:
    """The API in plain words."""
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return render(request, "portal/api.html", {"endpoints": endpoints(schema)})


def endpoints(schema: dict[str, Any]) -> list[Endpoint]:
    """The lists in the schema, with the fields of their items. Single things are left out: they have the same fields."""
    found = []
    for path, operations in schema["paths"].items():
        operation = operations["get"]
        if "{" in path or not operation["operationId"].endswith("_list"):
            continue
        parameters = [Entry(one["name"], str(one.get("description", ""))) for one in operation["parameters"]]
        found.append(Endpoint(path, str(operation["summary"]), parameters, _fields(schema, operation)))
    return found


def _fields(schema: dict[str, Any], operation: dict[str, Any]) -> list[Entry]:
    page = _resolve(schema, operation["responses"]["200"]["content"]["application/json"]["schema"])
    item = _resolve(schema, page["properties"]["results"]["items"])
    return [Entry(name, _description(one)) for name, one in item["properties"].items()]


def _description(field: dict[str, Any]) -> str:
    """Without the list of choices that the generator puts after the first paragraph."""
    return str(field.get("description", "")).partition("\n\n")[0]


def _resolve(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    name = part.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else part
    return found
