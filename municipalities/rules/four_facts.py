"""The four facts about a signature in words for people: each with its question and a sentence for each answer. Pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from municipalities.choices import Fact, SignatureFact

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
    (SignatureFact.INTACT, Fact.YES): _("Nothing in the file changed after it was signed."),
    (SignatureFact.INTACT, Fact.NO): _("The file changed after it was signed, or its signature is broken."),
    (SignatureFact.INTACT, Fact.UNKNOWN): _("The file itself does not tell whether it changed after it was signed."),
    (SignatureFact.TRUSTED, Fact.YES): _(
        "The certificate comes from an issuer that the Consejo trusts and was valid on the day of signing."
    ),
    (SignatureFact.TRUSTED, Fact.NO): _(
        "The certificate had expired, was revoked, or comes from an issuer that the Consejo does not trust."
    ),
    (SignatureFact.TRUSTED, Fact.UNKNOWN): _("There is no certificate to look at, or its issuer is not known."),
    (SignatureFact.MAYOR, Fact.YES): _("Whoever signed was mayor, or acting mayor, on the day of signing."),
    (SignatureFact.MAYOR, Fact.NO): _("Whoever signed was not mayor on the day of signing."),
    (SignatureFact.MAYOR, Fact.UNKNOWN): _("It is not known who signed, or who was mayor on that day."),
    (SignatureFact.COVERS, Fact.YES): _("The text is the act that was issued, from its first to its last letter."),
    (SignatureFact.COVERS, Fact.NO): _("The text is not the act that was issued, or the signature leaves a part out."),
    (SignatureFact.COVERS, Fact.UNKNOWN): _(
        "The file itself does not tell whether the text is the act that was issued."
    ),
}


def told(
    facts: Mapping[SignatureFact, Fact | str], reasons: Mapping[SignatureFact, tuple[str, ...]] | None = None
) -> list[Told]:
    """The four facts in their order, ready for a page, each with what the judgement said about it."""
    return [
        Told(fact, answer, MARKS[answer], QUESTIONS[fact], _SENTENCES[fact, answer], (reasons or {}).get(fact, ()))
        for fact in SignatureFact
        for answer in (Fact(facts[fact]),)
    ]
