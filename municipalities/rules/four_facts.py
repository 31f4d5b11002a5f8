"""The four facts about a signature in words for people: each with its question and a sentence for each answer. Pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from municipalities.choices import Fact, SignatureFact, SignatureMethod

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class Told(NamedTuple):
    """A fact as a page shows it; `mark` is the sign beside the words, which says the same."""

    fact: SignatureFact
    answer: Fact
    mark: str
    question: "StrOrPromise"
    sentence: "StrOrPromise"
    reasons: tuple[str, ...] = ()


MARKS: Final = {Fact.YES: "✓", Fact.NO: "✗", Fact.UNKNOWN: "?"}

QUESTIONS: Final[Mapping[SignatureFact, "StrOrPromise"]] = {
    SignatureFact.INTACT: _("Is the file as it was signed?"),
    SignatureFact.TRUSTED: _("Can the certificate be trusted?"),
    SignatureFact.MAYOR: _("Did the mayor in office sign?"),
    SignatureFact.COVERS: _("Is it the whole act, as issued?"),
}

_SENTENCES: Final[Mapping[tuple[SignatureFact, Fact], "StrOrPromise"]] = {
    (SignatureFact.INTACT, Fact.YES): _("Nobody changed the file after it was signed."),
    (SignatureFact.INTACT, Fact.NO): _("The file was changed after it was signed."),
    (SignatureFact.INTACT, Fact.UNKNOWN): _("The portal could not prove whether the file was changed."),
    (SignatureFact.TRUSTED, Fact.YES): _("The Consejo trusts the certificate, and it was valid on that day."),
    (SignatureFact.TRUSTED, Fact.NO): _("The Consejo does not trust the certificate, or it was not valid on that day."),
    (SignatureFact.TRUSTED, Fact.UNKNOWN): _("The portal could not prove who stands behind the certificate."),
    (SignatureFact.MAYOR, Fact.YES): _("Whoever signed held the office on that day."),
    (SignatureFact.MAYOR, Fact.NO): _("Whoever signed did not hold the office on that day."),
    (SignatureFact.MAYOR, Fact.UNKNOWN): _("The portal could not prove by itself who signed."),
    (SignatureFact.COVERS, Fact.YES): _("What was signed is the whole act, word for word as the Consejo issued it."),
    (SignatureFact.COVERS, Fact.NO): _("What was signed is not the whole act as the Consejo issued it."),
    (SignatureFact.COVERS, Fact.UNKNOWN): _(
        "The portal could not compare what was signed with the act that was issued."
    ),
}
# What a road to the signature cannot prove, or proves otherwise, is said of it.
_OF_THE_ROAD: Final[Mapping[tuple[SignatureMethod | str, SignatureFact, Fact], "StrOrPromise"]] = {
    (SignatureMethod.PORTAL, SignatureFact.TRUSTED, Fact.YES): _(
        "The mayor identified with ClaveÚnica and the portal sealed the act. It is a simple electronic signature."
    ),
    (SignatureMethod.SCAN, SignatureFact.INTACT, Fact.UNKNOWN): _("Signed on paper: a scan holds no electronic proof."),
    (SignatureMethod.SCAN, SignatureFact.TRUSTED, Fact.UNKNOWN): _("Signed on paper, without a certificate."),
    (SignatureMethod.SCAN, SignatureFact.MAYOR, Fact.UNKNOWN): _(
        "Signed on paper. Two people of the Consejo checked it."
    ),
    (SignatureMethod.SCAN, SignatureFact.COVERS, Fact.UNKNOWN): _(
        "Signed on paper. Two people of the Consejo compared it."
    ),
}


def told(
    facts: Mapping[SignatureFact, Fact | str],
    reasons: Mapping[SignatureFact, tuple[str, ...]] | None = None,
    *,
    method: SignatureMethod | str = "",
) -> list[Told]:
    """The four facts in their order, ready for a page, each with what the judgement said about it; `method` is the road by
    which it was signed, where it matters to the words."""
    return [
        Told(fact, answer, MARKS[answer], QUESTIONS[fact], sentence, (reasons or {}).get(fact, ()))
        for fact in SignatureFact
        for answer in (Fact(facts[fact]),)
        for sentence in (_OF_THE_ROAD.get((method, fact, answer)) or _SENTENCES[fact, answer],)
    ]
