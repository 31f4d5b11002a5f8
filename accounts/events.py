"""From an event to the sentence that people read. Each app tells its own kinds here, from its `events` module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import CouncilRole, MunicipalRole

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from accounts.models import Event

_SENTENCES: dict[str, _StrOrPromise] = {}
_LABELS: dict[str, Mapping[str, Mapping[object, _StrOrPromise]]] = {}
_ROLES: dict[object, _StrOrPromise] = {
    **dict(MunicipalRole.choices),
    **dict(CouncilRole.choices),
    "": gettext_lazy("none"),
}


class _Known(dict[str, object]):
    """What a sentence asks and an old event did not store is shown as a dash; the history stays readable."""

    def __missing__(self, key: str) -> str:
        return "—"


def tell(
    sentences: Mapping[str, _StrOrPromise], labels: Mapping[str, Mapping[object, _StrOrPromise]] | None = None
) -> None:
    """Add the sentences of some kinds. Placeholders are `%(actor)s` and whatever the event's `data` holds; where one of them is a
    number of things, `ngettext_lazy(one, many, "its name")`.

    `labels` names the values of a field of `data` (`{"end": {"in_force": _("In force")}}`); `role` and `before` are values of
    the roles unless it says otherwise.
    """
    _SENTENCES.update(sentences)
    known = {"role": _ROLES, "before": _ROLES, **(labels or {})}
    _LABELS.update(dict.fromkeys(sentences, known))


def sentence(event: Event) -> str:
    """The event in one sentence, in the language of the reader. An unknown kind is shown as its name."""
    template = _SENTENCES.get(event.kind, event.kind)
    labels = _LABELS.get(event.kind, {})
    data = {key: labels[key].get(value, value) if key in labels else value for key, value in event.data.items()}
    return str(template % _Known({**data, "actor": event.actor_name or _("The portal")}))


tell(
    {
        "person.made": gettext_lazy("%(actor)s made the account of %(person)s."),
        "person.role_changed": gettext_lazy(
            "%(actor)s changed the council role of %(person)s from %(before)s to %(role)s."
        ),
        "person.second_factor_removed": gettext_lazy("%(actor)s removed the second factor of %(person)s."),
        "person.run_confirmed": gettext_lazy("%(actor)s confirmed their RUN with ClaveÚnica."),
        "person.run_removed": gettext_lazy(
            "The RUN that %(person)s had written was removed: someone else proved with ClaveÚnica that it is theirs."
        ),
        "person.left_digest": gettext_lazy("%(actor)s left the mail of the day, from its own link."),
        "person.closed": gettext_lazy("%(actor)s closed the account of %(person)s."),
        "person.opened": gettext_lazy("%(actor)s opened the account of %(person)s again."),
    }
)
