"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell

tell(
    {
        "membership.invited": _("%(actor)s invited someone as %(role)s."),
        "membership.invitation_withdrawn": _("%(actor)s withdrew an invitation as %(role)s."),
        "membership.invitation_accepted": _("%(actor)s accepted the invitation and joined as %(role)s."),
        "membership.ended": _("%(actor)s ended the membership of %(person)s (%(role)s)."),
        "membership.role_changed": _("%(actor)s changed the role of %(person)s from %(before)s to %(role)s."),
        "membership.granted": _("%(actor)s made %(person)s %(role)s."),
        "adhesion.opened": _("%(actor)s opened the adhesion."),
        "adhesion.moved": _("%(actor)s moved the adhesion from “%(start)s” to “%(end)s”."),
        "adhesion.requested": _("Someone asked that the municipality adhere."),
        "adhesion.request_answered": _("%(actor)s answered a request for adhesion."),
    }
)
