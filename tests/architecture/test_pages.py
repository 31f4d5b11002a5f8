"""Every address that a template names exists, and no page prints what should have been rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.template.base import Lexer, TokenType
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from municipalities.choices import AdhesionState
from municipalities.models import AdhesionRequest
from tests.cast import Cast, sign_in
from tests.diagnostics import published
from tests.municipalities import adhesions

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FILES = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})

STYLES = TEMPLATES.parent / "static" / "css"

PUBLIC = [
    *("/", "/municipios/", "/municipios/?buscar=zzzz", "/municipios/mapa/", "/municipios/parecidos/"),
    *("/regiones/12-magallanes/", "/municipios/12201-cabo-de-hornos/", "/acerca/", "/estilo/", "/glosario/", "/api/"),
    *("/adhesiones/", "/adhesiones/?region=12", "/adhesiones/?buscar=zzzz", "/adhesiones/mapa/", "/verificar/"),
    *("/verificar/?sha256=" + "0" * 64, "/verificar/?folio=nada", "/verificar/MGAM-2026-0001/"),
    *("/municipios/12201-cabo-de-hornos/adhesion/", "/municipios/12201-cabo-de-hornos/adhesion/pedir/"),
    *("/municipios/10207-queilen/adhesion/", "/municipios/13120-nunoa/adhesion/"),
    *(
        "/diagnosticos/",
        "/diagnosticos/?region=12",
        "/diagnosticos/?buscar=zzzz",
        "/diagnosticos/mapa/",
        "/instrumentos/",
    ),
    *("/municipios/12201-cabo-de-hornos/diagnosticos/publicos/", "/municipios/10207-queilen/diagnosticos/publicos/"),
    *("/municipios/12201-cabo-de-hornos/presupuesto/", "/cuenta/ingresar/", "/cuenta/crear/", "/nada/de/nada/"),
]
OF_THE_COUNCIL = [
    "/consejo/",
    "/consejo/correos/",
    "/consejo/correos/textos/",
    "/consejo/municipios/",
    "/consejo/importaciones/",
    "/cuenta/",
]
OF_THE_DESK = [
    *("/consejo/adhesiones/", "/consejo/adhesiones/?vista=tablero", "/consejo/adhesiones/?region=12&buscar=zzzz"),
    *("/consejo/adhesiones/acciones/", "/consejo/campanas/", "/consejo/campanas/nueva/"),
]
OF_THE_COUNCIL += ["/consejo/adhesiones/indicadores/", "/consejo/solicitudes/", "/consejo/solicitudes/?ver=respondidas"]
OF_A_COORDINATOR = [
    "/municipios/12201-cabo-de-hornos/evidencia/",
    "/municipios/12201-cabo-de-hornos/evidencia/agregar/",
]
OF_A_COORDINATOR += ["/inicio/", "/municipios/12201-cabo-de-hornos/personas/", "/cuenta/"]

# What Django's or JavaScript's machinery leaves on a page when something was not rendered.
UNRENDERED = re.compile(
    r"\{%|%\}|\{\{|\}\}|\{#|#\}|%\(\w+\)[sd]|(?<![-\w])None(?![-\w])|\[object Object\]|&lt;(?:a|p|strong|span)\b"
)


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        elif pattern.name:
            yield space + pattern.name


KNOWN = set(names(get_resolver().url_patterns))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_address_a_template_names_exists(path: Path) -> None:
    tokens = Lexer(path.read_text()).tokenize()
    asked = {
        token.split_contents()[1].strip("'\"")
        for token in tokens
        if token.token_type == TokenType.BLOCK and token.contents.startswith("url ") and token.contents[4] in "'\""
    }
    assert asked <= KNOWN, f"unknown: {sorted(asked - KNOWN)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_holds_inline_style_script_or_handler(path: Path) -> None:
    if "email" in path.parts:
        return  # Mail programs know no style sheets.
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=|\son[a-z]+=\"", markup)
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/(?:ld\+)?json))[^>]*>", markup)
    assert not re.search(r"<style[^>]*>(?!</style>)", markup)


def visible(page: str) -> str:
    """The markup that a reader meets: without scripts' data and without drawings."""
    return re.sub(r"<meta\b[^>]*>|<(script|svg|pre|code)\b.*?</\1>", "", page, flags=re.DOTALL)


def faults(client: Client, addresses: list[str]) -> list[str]:
    found = []
    for address in addresses:
        answer = client.get(address, follow=True)
        page = visible(answer.content.decode())
        found += [f"{address}: {match[0]!r}" for match in UNRENDERED.finditer(page)]
        if answer.status_code >= 500 or page.count("<h1") != 1 or "<title> " in page:
            found.append(f"{address}: {answer.status_code}, {page.count('<h1')} main headings")
    return found


def test_no_page_prints_what_should_have_been_rendered(client: Client, cast: Cast, whole_register: None) -> None:
    cache.clear()
    adhesions.adhesion(cast.here)
    adhesions.adhesion(cast.elsewhere, AdhesionState.WITHDRAWN)
    AdhesionRequest.objects.create(municipality=cast.elsewhere, created_at=timezone.now())
    shown = published.publish(cast.here)
    assert faults(client, [*PUBLIC, f"/municipios/12201-cabo-de-hornos/diagnosticos/publicos/{shown.folio}/"]) == []
    assert faults(sign_in(client, cast.administrator), OF_THE_COUNCIL + OF_THE_DESK) == []
    assert faults(sign_in(client, cast.coordinator), OF_A_COORDINATOR) == []


def test_a_class_by_itself_is_styled_in_one_file() -> None:
    """A second file would change a component on every page, as the order of the sheets wills. Print is a sheet of its own."""
    styled: dict[str, set[str]] = {}
    for path in STYLES.rglob("*.css"):
        if path.name != "print.css":
            rules = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
            for name in re.findall(r"(?:^|[}{,])\s*(\.[\w-]+)\s*(?=[,{])", rules):
                styled.setdefault(name, set()).add(path.name)
    assert {name: files for name, files in styled.items() if len(files) > 1} == {}


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".html"], ids=lambda path: path.name)
def test_what_one_block_names_no_other_block_relies_on(path: Path) -> None:
    """Django forgets at the end of a block what it named: a link to it in the next one would lead nowhere, without a word."""
    text = path.read_text()
    named = r"\bas (\w+) %}|\basvar (\w+)"
    blocks = dict(re.findall(r"{% block (\w+) %}(.*?){% endblock %}", text, re.DOTALL))
    names = {block: {one or other for one, other in re.findall(named, body)} for block, body in blocks.items()}
    content = blocks.get("content", "")
    elsewhere = {name for block, found in names.items() if block != "content" for name in found}
    missing = elsewhere - names.get("content", set())
    assert not [name for name in missing if re.search(rf"{{{{ {name}\b", content)]


# --- What people write is kept by the browser (static/js/form_draft.js) -----------------------------------------------

# Forms that save each answer by itself, and keep it with a script of their own.
KEPT_OTHERWISE = {
    "diagnostics/filling/section.html": "data-filling",
    "diagnostics/review/section.html": "data-review",
}
# Included by pages, though their names do not say so.
PIECES = {"socialaccount/claveunica_button.html"}
POSTS = re.compile(r'<form[^>]*method="post"')


def test_every_form_of_a_signed_in_person_stands_where_its_words_are_kept() -> None:
    """`base.html` brings the script, which takes up each form with a long text in `main`, and nothing leaves it out."""
    base = (TEMPLATES / "base.html").read_text()
    assert re.search(r"if user\.is_authenticated.*js/drafts\.js.*js/form_draft\.js.*block scripts", base, re.DOTALL)
    pages = [path for path in FILES if path.suffix == ".html" and POSTS.search(path.read_text())]
    assert len(pages) > 100
    for path in pages:
        whole, name = path.read_text(), str(path.relative_to(TEMPLATES))
        is_piece = path.name.startswith("_") or path.parent.name == "components" or name in PIECES
        assert is_piece or "{% extends" in whole, f"{name} is no page of base.html: what is written in its form is lost"
    left_out = {
        str(path.relative_to(TEMPLATES)): word
        for path in FILES
        for word in ("data-filling", "data-review")
        if re.search(rf"<form[^>]*\b{word}(?![-\w])", path.read_text())
    }
    assert left_out == KEPT_OTHERWISE
