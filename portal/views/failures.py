"""Pages for when something is not there, not allowed or broken: what happened, why, and what to do."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from municipalities.filters.directory import LONGEST_SEARCH, find
from municipalities.models import Commune, Municipality

MEANT: Final = 4
# Each part of an address is compared with every name; an address of a thousand parts must not keep the server busy.
PARTS: Final = 3
# Words of our own addresses, and of others that readers carry over: they mean no municipality.
OUR_WORDS: Final = frozenset(
    [
        *("municipio", "municipios", "municipalidad", "comuna", "comunas", "presupuesto", "presupuestos", "personas"),
        *("region", "regiones", "ediciones", "buscar", "inicio", "consejo", "cuenta", "glosario", "figuras"),
        *("adhesion", "adhesiones", "verificar", "actas"),
        *("diagnostico", "diagnosticos", "publicos", "evidencia", "instrumento", "instrumentos", "rondas"),
        *("invitaciones", "api", "index", "html", "php", "www", "cl", "admin", "login"),
    ]
)
# Pages that a misspelt address may mean, by the first word of their own.
PAGES: Final[dict[str, tuple[str, Promise]]] = {
    "municipios": ("municipalities:directory", _("All municipalities")),
    "regiones": ("municipalities:map", _("Map of all municipalities")),
    "adhesiones": ("municipalities:adhesions_public", _("Adhesions")),
    "diagnosticos": ("diagnostics:public_diagnostics", _("Diagnostics")),
    "instrumentos": ("diagnostics:instrument_list", _("Instruments")),
    "verificar": ("municipalities:verify", _("Verify an act")),
    "glosario": ("budget:glossary", _("Glossary")),
    "acerca": ("portal:about", _("About this site")),
}
_CODE: Final = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
_NOT_LETTERS: Final = re.compile(r"[^\w]|[\d_]")


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the page does not exist, and which municipality the address may mean."""
    meant = municipalities_meant(request.path)
    return render(
        request, "404.html", {"meant": meant, "page": None if meant else page_meant(request.path)}, status=404
    )


def page_meant(path: str) -> tuple[str, Promise] | None:
    """The page, as the name of its address and its title, that the first word of an address resembles."""
    word = path.strip("/").partition("/")[0].lower()
    close = get_close_matches(word, PAGES, n=1, cutoff=0.75) if len(word) <= LONGEST_SEARCH else []
    return PAGES[close[0]] if close else None


def municipalities_meant(path: str) -> list[Municipality]:
    """The municipalities that the words of an address resemble, best first; a code in it decides. At most three queries."""
    code = _CODE.search(path)
    commune = Commune.objects.select_related("municipality__region").filter(pk=code[0]).first() if code else None
    if commune is not None:
        return [commune.municipality]
    parts = [
        " ".join(word for word in _NOT_LETTERS.sub(" ", part).split() if word.lower() not in OUR_WORDS)
        for part in reversed(path.split("/"))
    ]
    telling = [words for words in parts if 3 <= len(words) <= LONGEST_SEARCH][:PARTS]
    names = list(Municipality.objects.values_list("pk", "search")) if telling else []
    for words in telling:
        scores = find(words, names).scores
        if scores:
            found = Municipality.objects.select_related("region").in_bulk(list(scores)[:MEANT])
            return [found[cut] for cut in scores if cut in found]
    return []


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was refused: its page was open too long, or the browser keeps no cookies."""
    return render(request, "403_csrf.html", status=403)
