"""Pages for when something is not there, not allowed or broken: what happened, why, and what to do."""

from __future__ import annotations

import re
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from municipalities.filters import LONGEST_SEARCH, find
from municipalities.models import Municipality

MEANT: Final = 4
# Words of our own addresses, and of others that readers carry over: they mean no municipality.
OUR_WORDS: Final = frozenset(
    [
        *("municipio", "municipios", "municipalidad", "comuna", "comunas", "presupuesto", "presupuestos", "personas"),
        *("region", "regiones", "ediciones", "buscar", "inicio", "consejo", "cuenta", "glosario", "figuras"),
        *("invitaciones", "api", "index", "html", "php", "www", "cl", "admin", "login"),
    ]
)
_NOT_LETTERS: Final = re.compile(r"[^\w]|[\d_]")


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the page does not exist, and which municipality the address may mean."""
    return render(request, "404.html", {"meant": municipalities_meant(request.path)}, status=404)


def municipalities_meant(path: str) -> list[Municipality]:
    """The municipalities that the words of an address resemble, best first. At most two queries."""
    names: list[tuple[str, str]] | None = None
    for part in reversed(path.split("/")):
        words = " ".join(word for word in _NOT_LETTERS.sub(" ", part).split() if word.lower() not in OUR_WORDS)
        if len(words) < 3 or len(words) > LONGEST_SEARCH:
            continue
        names = names or list(Municipality.objects.values_list("pk", "search"))
        scores = find(words, names).scores
        if scores:
            found = Municipality.objects.select_related("region").in_bulk(list(scores)[:MEANT])
            return [found[cut] for cut in scores if cut in found]
    return []


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was refused: its page was open too long, or the browser keeps no cookies."""
    return render(request, "403_csrf.html", status=403)
