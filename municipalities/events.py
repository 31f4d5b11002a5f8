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
        "adhesion.document_quarantined": _("%(actor)s put the document %(document)s in quarantine."),
        "adhesion.signature_judged": _(
            "%(actor)s judged the signature of the act %(folio)s: %(holding)s of 4 facts hold."
        ),
        "adhesion.judged_again": _("%(actor)s had the signature of the act %(folio)s judged again."),
        "document.quarantined": _("%(actor)s put the document %(document)s in quarantine."),
        "trust.certificate_added": _("%(actor)s added the certificate %(certificate)s."),
        "trust.ended": _("%(actor)s ended the trust in the certificate %(certificate)s from %(day)s on."),
        "trust.resumed": _("%(actor)s took back the end of the trust in the certificate %(certificate)s."),
        "trust.list_added": _("%(actor)s added a revocation list of %(issuer)s."),
    }
)
