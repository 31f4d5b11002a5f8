"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell
from municipalities.choices import AdhesionState

tell(
    {
        "membership.invited": _("%(actor)s invited someone as %(role)s."),
        "membership.invitation_withdrawn": _("%(actor)s withdrew an invitation as %(role)s."),
        "membership.invitation_accepted": _("%(actor)s accepted the invitation and joined as %(role)s."),
        "membership.ended": _("%(actor)s ended the membership of %(person)s (%(role)s)."),
        "membership.role_changed": _("%(actor)s changed the role of %(person)s from %(before)s to %(role)s."),
        "membership.granted": _("%(actor)s made %(person)s %(role)s."),
    }
)

tell(
    {
        "adhesion.opened": _("%(actor)s opened the adhesion."),
        "adhesion.moved": _("%(actor)s moved the adhesion from “%(start)s” to “%(end)s”."),
    },
    labels={"start": dict(AdhesionState.choices), "end": dict(AdhesionState.choices)},
)

tell(
    {
        "mail.template_changed": _("%(actor)s changed the text."),
        "mail.template_restored": _("%(actor)s went back to the text that the portal brings."),
        "mail.cancelled": _("%(actor)s decided not to send it."),
        "mail.sent_again": _("%(actor)s had it sent again."),
        "mail.arrived": _("%(actor)s noted that it arrived."),
        "mail.bounced": _("%(actor)s noted that it came back."),
    }
)
