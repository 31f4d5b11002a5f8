"""Is this exact file, or this folio, an act of the register: the verdict of the public verification, in plain words.

Only acts of published adhesions are looked at, so that no answer tells of an act that is not public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from municipalities.choices import AdhesionState, Standing
from municipalities.models import Adhesion, Signature
from municipalities.rules.four_facts import Told, told
from municipalities.rules.verification import Folio, standing


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the register says. `what`: the file or folio, `state`: whether it stands; `kind` names the alert's colour.

    `signature` is None where the register knows nothing of it; `newer` is the folio that is in force instead.
    """

    kind: str
    what: str
    state: str = ""
    signature: Signature | None = None
    newer: str = ""

    @property
    def facts(self) -> list[Told]:
        return told(self.signature.facts, method=self.signature.method) if self.signature else []

    @property
    def page(self) -> str:
        """Address of the municipality's adhesion."""
        if self.signature is None:
            return ""
        municipality = self.signature.act.adhesion.municipality
        return reverse("municipalities:adhesion_public", args=[municipality.cut, municipality.slug])


def of_file(sha256: str) -> Verdict:
    """The verdict on a file, by its SHA-256 in lower case. At most three queries."""
    found = (
        _public()
        .filter(Q(document__sha256=sha256) | Q(public_document__sha256=sha256) | Q(act__sha256=sha256))
        .order_by("-act__issued_at")
        .first()
    )
    if found is None:
        return Verdict("danger", _("The register does not know this file."))
    name = found.act.adhesion.municipality.name
    if found.document.sha256 == sha256:
        what = _("This file is exactly the signed act of adhesion of the Municipality of %(name)s.")
    elif found.public_document and found.public_document.sha256 == sha256:
        what = _("This file is exactly the public copy of the act of adhesion of the Municipality of %(name)s.")
    else:
        what = _(
            "This file is the act of adhesion of the Municipality of %(name)s as it was issued, before it was signed."
        )
    return _verdict(found, what % {"name": name})


def of_folio(folio: Folio) -> Verdict:
    """The verdict on a folio. At most three queries."""
    found = _public().filter(act__year=folio.year, act__number=folio.number).first()
    if found is None:
        return Verdict("danger", _("The register has no act with this folio."))
    words = {"folio": found.act.folio, "name": found.act.adhesion.municipality.name}
    return _verdict(found, _("The act %(folio)s is the act of adhesion of the Municipality of %(name)s.") % words)


def _public() -> QuerySet[Signature]:
    return Signature.objects.published().select_related(
        "act__adhesion__municipality", "act__authority", "document", "public_document"
    )


def _verdict(found: Signature, what: str) -> Verdict:
    adhesion = found.act.adhesion
    stands = standing(adhesion.state)
    if stands == Standing.IN_FORCE and found.act.replaced_at is None:
        state = _("It is in force since %(day)s.") % {"day": _written(adhesion.in_force_from)}
        return Verdict("success", what, state, found)
    if stands == Standing.SUSPENDED:
        since = timezone.localdate(adhesion.state_since)
        return Verdict("warning", what, _("The adhesion is suspended since %(day)s.") % {"day": _written(since)}, found)
    ended = adhesion.in_force_until
    state = (
        _("It is an older act: it is not in force since %(day)s.") % {"day": _written(ended)}
        if ended
        else _("It is an older act: another one took its place.")
    )
    return Verdict("warning", what, state, found, newer=_folio_in_force(adhesion))


def _folio_in_force(adhesion: Adhesion) -> str:
    """The folio of the act that is in force where `adhesion` was, or nothing."""
    newer = Signature.objects.published().filter(
        act__adhesion__municipality=adhesion.municipality_id, act__adhesion__state=AdhesionState.IN_FORCE
    )
    return newer.values_list("act__folio", flat=True).first() or ""


def _written(day: date | None) -> str:
    return f"{day:%d-%m-%Y}" if day else _("no data")
