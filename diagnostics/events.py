"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell
from diagnostics.choices import DiagnosticState

tell(
    {
        "diagnostic.opened": _("%(actor)s opened the diagnostic."),
        "diagnostic.section_given": _("%(actor)s gave the section “%(section)s” to %(person)s."),
        "diagnostic.section_taken_back": _("%(actor)s took the section “%(section)s” back from %(person)s."),
        "diagnostic.moved": _("%(actor)s moved the diagnostic from “%(start)s” to “%(end)s”."),
    },
    labels={"start": dict(DiagnosticState.choices), "end": dict(DiagnosticState.choices)},
)
