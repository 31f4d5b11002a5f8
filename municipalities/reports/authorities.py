"""What the page of authorities says beyond the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from municipalities.choices import AdhesionState, Office
from municipalities.models import Act, Adhesion, Authority, Municipality
from municipalities.rules.authorities import HELD_BY_ONE, term_to_renew


class HeldOffice(NamedTuple):
    """An office, who holds it today, and who is already recorded for later."""

    office: Office
    now: list[Authority]
    later: list[Authority]
    is_needed: bool


class Notice(NamedTuple):
    """Something that must be done because authorities changed."""

    title: str
    text: str


def offices_of(everyone: Sequence[Authority], today: date) -> list[HeldOffice]:
    """Each office in the order of the choices, also those that nobody is known to hold. No queries."""
    return [
        HeldOffice(
            office,
            [held for held in everyone if held.office == office and held.is_in_office(today)],
            [held for held in everyone if held.office == office and held.starts > today],
            office in HELD_BY_ONE,
        )
        for office in Office
    ]


def notices_for(municipality: Municipality, everyone: Sequence[Authority], today: date) -> list[Notice]:
    """Whether the adhesion must be renewed for a new term, and whether an act waits for someone who left. Two queries."""
    found = []
    adhered = Adhesion.objects.published().filter(municipality=municipality).order_by("-term_year").first()
    renewed = term_to_renew(adhered.term_year if adhered else None, today)
    if adhered and renewed:
        mayor = next((held for held in everyone if held.office == Office.MAYOR and held.is_in_office(today)), None)
        words = {"old": adhered.term, "new": renewed, "mayor": mayor.name if mayor else _("the new mayor")}
        found.append(
            Notice(
                _("The adhesion must be signed again"),
                _(
                    "It belongs to the term %(old)s and the term in course is %(new)s. %(mayor)s signs a new act; "
                    "the old one stays in the register."
                )
                % words,
            )
        )
    waiting = Act.objects.current().filter(
        adhesion__municipality=municipality, adhesion__state__in=[AdhesionState.ACT_ISSUED, AdhesionState.RETURNED]
    )
    found += [
        Notice(
            _("The act waits for someone who is not in office"),
            _("The act %(folio)s names %(name)s. The council must issue it again with whoever is in office now.")
            % {"folio": act.folio, "name": act.authority.name},
        )
        for act in waiting.select_related("authority")
        if not act.authority.is_in_office(today)
    ]
    return found
