"""The words of mails: text with named fields in braces, filled without surprises. Pure."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from municipalities.choices import MailKind as K

SUBJECT_LENGTH: Final = 200

MEANINGS: Final[Mapping[str, Promise]] = {
    "saludo": _("the greeting, with the person's name where it is known"),
    "municipio": _("name of the municipality"),
    "region": _("name of its region"),
    "campana": _("name of the campaign"),
    "folio": _("number of the act or of the diagnostic"),
    "autoridad": _("name of whoever is to sign the act"),
    "motivo": _("the reason that was typed"),
    "que_hacer": _("what to do, according to the kind of reason"),
    "quien": _("who took the step that the mail tells of"),
    "contacto": _("whom of the council the municipality may ask, with name and e-mail"),
    "plazo": _("by when an answer is asked for"),
    "enlace": _("address of the page where the answer is given"),
    "ronda": _("name of the round of diagnostics"),
    "anterior": _("name of the round whose answers the diagnostic starts from"),
    "avance": _("how far the diagnostic has come"),
    "publico_desde": _("day from which everyone may read the diagnostic"),
    "titulo": _("title of the contribution, the meeting or the plan"),
    "decision": _("what was decided"),
    "lugar": _("place or link of the meeting"),
    "novedades": _("the list of what happened"),
    "salir": _("address that ends these mails with one click"),
    "tareas": _("the list of what waits for the person"),
}
"""Every field there is, and what it holds."""

_ALWAYS: Final = frozenset({"saludo", "municipio", "region", "quien", "contacto", "enlace"})
_OF_KIND: Final[Mapping[K, frozenset[str]]] = {
    K.ADHESION_INVITATION: _ALWAYS | {"campana", "plazo"},
    K.ADHESION_REMINDER: _ALWAYS | {"campana", "plazo"},
    K.ACT_ISSUED: _ALWAYS | {"folio", "autoridad", "plazo", "motivo"},
    K.ACT_REMINDER: _ALWAYS | {"folio", "plazo"},
    K.SIGNATURE_RECEIVED: _ALWAYS | {"folio"},
    K.SIGNATURE_RETURNED: _ALWAYS | {"folio", "plazo", "motivo", "que_hacer"},
    K.CORRECTION_RECEIVED: _ALWAYS | {"folio"},
    K.ADHESION_VERIFIED: _ALWAYS | {"folio"},
    K.ADHESION_IN_FORCE: _ALWAYS | {"folio", "motivo"},
    K.ADHESION_SUSPENDED: _ALWAYS | {"folio", "motivo"},
    K.ADHESION_WITHDRAWN: _ALWAYS | {"folio", "motivo"},
    # Nothing of the citizen who asks: those data are deleted once the request is answered, and a mail stays.
    K.ADHESION_REQUEST: _ALWAYS,
    K.DIAGNOSTIC_OPENED: _ALWAYS | {"ronda", "plazo", "anterior"},
    K.DIAGNOSTIC_REMINDER: _ALWAYS | {"ronda", "plazo", "avance"},
    K.DIAGNOSTIC_EXTENDED: _ALWAYS | {"ronda", "plazo", "motivo"},
    K.DIAGNOSTIC_SUBMITTED: _ALWAYS | {"ronda"},
    K.DIAGNOSTIC_MAYOR: _ALWAYS | {"ronda"},
    K.DIAGNOSTIC_RETURNED: _ALWAYS | {"ronda", "plazo", "motivo"},
    K.DIAGNOSTIC_CORRECTED: _ALWAYS | {"ronda"},
    K.DIAGNOSTIC_TAKEN_BACK: _ALWAYS | {"ronda", "motivo"},
    K.DIAGNOSTIC_VALIDATED: _ALWAYS | {"ronda", "folio", "publico_desde"},
    K.DIAGNOSTIC_CANCELLED: _ALWAYS | {"ronda", "motivo"},
    **{
        kind: frozenset({"saludo", "municipio", "titulo", "decision", "motivo", "enlace"})
        for kind in (
            K.CONTRIBUTION_CONFIRM,
            K.CONTRIBUTION_SHOWN,
            K.SUPPORT_CONFIRM,
            K.CONTRIBUTION_ANSWERED,
            K.CONTRIBUTION_HIDDEN,
            K.APPEAL_DECIDED,
            K.FOLLOW_CONFIRM,
        )
    },
    **{
        kind: frozenset({"saludo", "municipio", "titulo", "plazo", "lugar", "decision", "motivo", "enlace"})
        for kind in (
            K.MEETING_CONFIRM,
            K.MEETING_SIGNED_UP,
            K.MEETING_REMINDER,
            K.MEETING_CHANGED,
            K.MEETING_CANCELLED,
        )
    },
    K.PLAN_NEWS: frozenset({"saludo", "municipio", "titulo", "novedades", "enlace", "salir"}),
    K.PLAN_RECOMMENDED: _ALWAYS | {"titulo", "motivo"},
    K.MONITOR_APPOINTED: _ALWAYS | {"titulo", "plazo", "tareas"},
    K.MONITOR_ENDED: _ALWAYS | {"titulo", "plazo"},
    K.DIGEST: frozenset({"saludo", "tareas", "enlace"}),
}

WORKING_HOURS: Final = frozenset(
    {
        K.ADHESION_INVITATION,
        K.ADHESION_REMINDER,
        K.ACT_REMINDER,
        K.DIAGNOSTIC_OPENED,
        K.DIAGNOSTIC_REMINDER,
        K.PLAN_NEWS,
        K.DIGEST,
    }
)
"""Kinds that no act of the reader's own brought about: they go out in office hours only."""

_FIELD: Final = re.compile(r"\{([a-z_]+)\}")
_BRACE: Final = re.compile(r"[{}]")


class Rendered(NamedTuple):
    """A mail as it goes out. `missing` names fields of its template that had nothing to say."""

    subject: str
    body: str
    missing: tuple[str, ...]


def fields_of(kind: K | str) -> tuple[str, ...]:
    """The fields that the template of a kind may use, in the order in which they are explained."""
    allowed = _OF_KIND[K(kind)]
    return tuple(name for name in MEANINGS if name in allowed)


def used(text: str) -> list[str]:
    """The fields that a text uses, in order, each once."""
    return list(dict.fromkeys(_FIELD.findall(text)))


def unknown(kind: K | str, text: str) -> list[str]:
    """What stands in braces in `text` and is no field of this kind; a brace without its pair is named by itself."""
    allowed = _OF_KIND[K(kind)]
    return [f"{{{name}}}" for name in used(text) if name not in allowed] + _BRACE.findall(_FIELD.sub("", text))[:1]


def render(kind: K | str, subject: str, body: str, words: Mapping[str, str]) -> Rendered:
    """Fill the fields. One without a word is empty, and a paragraph whose fields are all empty is left out.

    What a word holds is never itself searched for fields. The subject is one line of at most `SUBJECT_LENGTH` characters.
    """
    known = {name: words.get(name, "").strip() for name in _OF_KIND[K(kind)]}

    def fill(text: str) -> str:
        filled = _FIELD.sub(lambda match: known.get(match[1], ""), text)
        return re.sub(r" {2,}", " ", filled)  # what an empty field leaves in the middle of a sentence

    paragraphs = [
        fill(paragraph).strip()
        for paragraph in re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip())
        if not used(paragraph) or any(known.get(name) for name in used(paragraph))
    ]
    missing = tuple(name for name in used(f"{subject} {body}") if not known.get(name))
    line = " ".join(fill(subject).split())[:SUBJECT_LENGTH]
    return Rendered(line, "\n\n".join(paragraph for paragraph in paragraphs if paragraph), missing)
