"""The page that shows every component in all its states."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.page_cache import public_page
from municipalities.choices import AdhesionState, Fact, SignatureFact
from municipalities.rules import four_facts, next_steps
from municipalities.rules.differences import compare
from portal.forms import StyleForm

CHART_COLOURS: Final = range(1, 8)
SEQUENCE: Final = range(1, 7)


@require_safe
@public_page
def style(request: HttpRequest) -> HttpResponse:
    """Every component, for those who build pages."""
    wrong = StyleForm({"email": "nadie", "year": "1999"}, auto_id="wrong_%s")
    context: dict[str, Any] = {
        "form": StyleForm(auto_id="right_%s"),
        "wrong": wrong,
        "page": Paginator(range(10_000), 30).page(3),
        "alike": {"search": "Nunio", "found": {"guessed": True}},
        "works": [{"value": "invitar", "label": "Invitar"}, {"value": "recordar", "label": "Recordar"}],
        "letter": "Estimada o estimado:\n\nPuede descargarla aquí:\nhttps://ejemplo.cl/acta/",
        "chart_colours": CHART_COLOURS,
        "sequence": SEQUENCE,
        "difference": compare(
            "Se reúne en la plaza\nSe entregará en marzo", "Se reúne en la plaza\nSe entregará en abril\nHabrá un acta"
        ),
        "stages": next_steps.stages(AdhesionState.RETURNED),
        "verdict": four_facts.told(dict(zip(SignatureFact, (Fact.YES, Fact.NO, Fact.UNKNOWN, Fact.YES), strict=True))),
        "entries": [
            {"at": datetime(2026, 3, 2, 15, 4, tzinfo=UTC), "sentence": "Publicó el presupuesto de 2024", "reason": ""},
            {
                "at": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
                "sentence": "Devolvió el archivo",
                "reason": "Falta un mes.",
            },
        ],
    }
    return render(request, "portal/style.html", context)
