"""The message catalogue, read and written with Babel: machines without gettext can translate and check too.

Source strings are English; `locale/es/LC_MESSAGES/django.po` holds the Spanish of Chile, sorted, without line numbers, so that
two branches that add strings seldom meet in the same lines.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
CODE = ("config", "accounts", "municipalities", "budget", "diagnostics", "action_plans", "collaboration", "portal")
KEYWORDS: dict[str, tuple[int | tuple[int, int] | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER = "# Spanish of Chile. Sorted and kept complete by `manage.py messages`."


def sources() -> Iterator[tuple[str, str]]:
    """Yield (name, Python source) of every file that may hold strings; templates are turned into Python first."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            # A template's indentation means nothing, to Python it would.
            lines = templatize(path.read_text(), origin=str(path)).split("\n")
            yield str(path.relative_to(ROOT)), "\n".join(line.lstrip() for line in lines)


def extract() -> Catalog:
    """Collect every string of the code and the templates, untranslated."""
    catalog = Catalog(locale="es")
    for _name, source in sources():
        for _line, function, messages, _comments in extract_python(
            BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"}
        ):
            for context, message in arguments(str(function), messages):
                catalog.add(message, context=context)
    return catalog


def arguments(function: str, messages: object) -> Iterator[tuple[str | None, str | tuple[str, str]]]:
    """Give (context, message) of one call, or nothing when an argument is not a literal."""
    values = messages if isinstance(messages, tuple) else (messages,)
    context: str | None = None
    positions: list[int] = []
    for wanted in KEYWORDS[function] or (1,):
        if isinstance(wanted, tuple):
            context = values[wanted[0] - 1]
        else:
            positions.append(wanted)
    texts = tuple(values[position - 1] for position in positions if position <= len(values))
    if len(texts) == len(positions) and all(texts):
        yield context, texts if len(texts) == 2 else texts[0]


def read() -> Catalog:
    """Read the translated catalogue; an empty one when there is none yet."""
    if not PO.exists():
        return Catalog(locale="es")
    with PO.open("rb") as file:
        return read_po(file, locale="es", abort_invalid=True)


def update() -> None:
    """Write the catalogue anew: every string of the code, with the translation it had, and nothing else."""
    PO.write_bytes(rendered())


def rendered() -> bytes:
    old, new = read(), extract()
    catalog = Catalog(locale="es", header_comment=HEADER, charset="utf-8")
    for message in new:
        if not message.id:
            continue
        known = old.get(message.id, context=message.context)
        flags = (set(known.flags) if known else set()) | set(message.flags)
        catalog.add(message.id, known.string if known else "", context=message.context, flags=flags)
    out = BytesIO()
    write_po(out, catalog, omit_header=True, sort_output=True, width=120)
    forms = '"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"'
    return f'{HEADER}\nmsgid ""\nmsgstr ""\n{forms}\n\n'.encode() + out.getvalue()


def compile_catalogue() -> None:
    """Write the binary that Django reads, beside the catalogue."""
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, read())


def faults() -> list[str]:
    """Say what is wrong with the catalogue, one sentence each: missing, fuzzy, stale, or with other placeholders."""
    catalog = read()
    found = [f"fuzzy: {message.id!r}" for message in catalog if message.id and message.fuzzy]
    found += [
        f"not translated: {message.id!r}"
        for message in catalog
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]
    found += [f"{message.id!r}: {error}" for message, errors in catalog.check() for error in errors]
    if PO.exists() and PO.read_bytes() != rendered():
        found.append("the catalogue is not as `manage.py messages` writes it; run it")
    return found
