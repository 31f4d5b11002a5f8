"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell

tell(
    {
        "budget.import.begun": _("%(actor)s brought the file %(file)s."),
        "budget.import.ready": _("The file brought by %(actor)s was read and is ready to publish."),
        "budget.import.refused": _("The file brought by %(actor)s was refused."),
        "budget.import.unchanged": _("The file brought by %(actor)s changes nothing that is published."),
        "budget.import.approved": _("%(actor)s decided to publish the import."),
        "budget.import.published": _("The import of %(actor)s came into force."),
        "budget.import.discarded": _("%(actor)s discarded the import."),
        "budget.import.read_again": _("%(actor)s had the file read again."),
        "budget.import.overtaken": _("Another import came into force first, so the file of %(actor)s is read again."),
    }
)
