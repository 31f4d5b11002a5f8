"""Is this exact file, or this folio, an act of the register: the verdict of the public verification, in plain words.

Only acts of published adhesions are looked at, so that no answer tells of an act that is not public.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from municipalities.choices import AdhesionState, Fact, SignatureMethod, Standing
from municipalities.models import Adhesion, Signature
from municipalities.reports.adhesion_register import FACTS
from municipalities.rules.verification import Folio, standing

_QUESTIONS: Final[Mapping[str, Promise]] = {
    "is_intact": gettext_lazy("Is the signed file unchanged?"),
    "is_trusted": gettext_lazy("Can the signature be trusted?"),
    "is_mayor": gettext_lazy("Did the authority in office sign?"),
    "covers_act": gettext_lazy("Was the whole act signed, as it was issued?"),
}
_WORDS: Final[Mapping[tuple[str, str], Promise]] = {
    ("is_intact", Fact.YES): gettext_lazy("Nobody changed the file after it was signed."),
    ("is_intact", Fact.NO): gettext_lazy("The file was changed after it was signed."),
    ("is_intact", Fact.UNKNOWN): gettext_lazy("The portal could not prove whether the file was changed."),
    ("is_trusted", Fact.YES): gettext_lazy("The Consejo trusts the certificate, and it was valid on that day."),
    ("is_trusted", Fact.NO): gettext_lazy("The Consejo does not trust the certificate, or it was not valid on that day."),
    ("is_trusted", Fact.UNKNOWN): gettext_lazy("The portal could not prove who stands behind the certificate."),
    ("is_mayor", Fact.YES): gettext_lazy("Whoever signed held the office on that day."),
    ("is_mayor", Fact.NO): gettext_lazy("Whoever signed did not hold the office on that day."),
    ("is_mayor", Fact.UNKNOWN): gettext_lazy("The portal could not prove by itself who signed."),
    ("covers_act", Fact.YES): gettext_lazy("What was signed is the whole act, word for word as the Consejo issued it."),
    ("covers_act", Fact.NO): gettext_lazy("What was signed is not the whole act as the Consejo issued it."),
    ("covers_act", Fact.UNKNOWN): gettext_lazy("The portal could not compare what was signed with the act that was issued."),
}  # fmt: skip
# What a road to the signature cannot prove, or proves otherwise, is said of it.
_OF_THE_ROAD: Final[Mapping[tuple[str, str, str], Promise]] = {
    (SignatureMethod.PORTAL, "is_trusted", Fact.YES): gettext_lazy(
        "The mayor identified with ClaveÚnica and the portal sealed the act. It is a simple electronic signature."
    ),
    (SignatureMethod.SCAN, "is_intact", Fact.UNKNOWN): gettext_lazy("Signed on paper: a scan holds no electronic proof."),
    (SignatureMethod.SCAN, "is_trusted", Fact.UNKNOWN): gettext_lazy("Signed on paper, without a certificate."),
    (SignatureMethod.SCAN, "is_mayor", Fact.UNKNOWN): gettext_lazy("Signed on paper. Two people of the Consejo checked it."),
    (SignatureMethod.SCAN, "covers_act", Fact.UNKNOWN): gettext_lazy("Signed on paper. Two people of the Consejo compared it."),
}  # fmt: skip
_ANSWERS: Final[Mapping[str, Promise]] = {
    Fact.YES: gettext_lazy("Yes"),
    Fact.NO: gettext_lazy("No"),
    Fact.UNKNOWN: gettext_lazy("It is not known"),
}


@dataclass(frozen=True, slots=True)
class FactInWords:
    """One of the four facts: `mark` is yes, no or unknown."""

    mark: str
    question: str
    answer: str
    words: str


def facts_in_words(facts: tuple[str, str, str, str], method: str) -> list[FactInWords]:
    """The four facts, in the order of `FACTS`, for people."""
    return [
        FactInWords(
            mark=value,
            question=str(_QUESTIONS[name]),
            answer=str(_ANSWERS[value]),
            words=str(_OF_THE_ROAD.get((method, name, value)) or _WORDS[name, value]),
        )
        for name, value in zip(FACTS, facts, strict=True)
    ]


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
    def facts(self) -> list[FactInWords]:
        if self.signature is None:
            return []
        one = self.signature
        return facts_in_words((one.is_intact, one.is_trusted, one.is_mayor, one.covers_act), one.method)

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
