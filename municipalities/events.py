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
        "adhesion.step_undone": _("%(actor)s took a step back: the adhesion is again “%(end)s”."),
        "adhesion.adviser_assigned": _("%(actor)s assigned %(adviser)s as adviser."),
        "adhesion.adviser_unassigned": _("%(actor)s took the assignment of %(adviser)s back."),
        "adhesion.reminded": _("%(actor)s sent a reminder."),
        "adhesion.reminder_cancelled": _("%(actor)s cancelled a reminder before it left."),
        "campaign.made": _("%(actor)s made the campaign “%(campaign)s”."),
        "campaign.changed": _("%(actor)s changed the campaign “%(campaign)s”."),
        "campaign.targets_added": _("%(actor)s added %(count)s municipalities to the campaign “%(campaign)s”."),
        "campaign.targets_removed": _("%(actor)s took %(count)s municipalities out of the campaign “%(campaign)s”."),
    },
    labels={"start": dict(AdhesionState.choices), "end": dict(AdhesionState.choices)},
)
