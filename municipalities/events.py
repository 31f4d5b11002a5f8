"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.events import tell
from municipalities.choices import AdhesionState, Office, SignatureMethod

tell(
    {
        "membership.invited": _("%(actor)s invited someone as %(role)s."),
        "membership.invitation_withdrawn": _("%(actor)s withdrew an invitation as %(role)s."),
        "membership.invitation_accepted": _("%(actor)s accepted the invitation and joined as %(role)s."),
        "membership.ended": _("%(actor)s ended the membership of %(person)s (%(role)s)."),
        "membership.role_changed": _("%(actor)s changed the role of %(person)s from %(before)s to %(role)s."),
        "membership.granted": _("%(actor)s made %(person)s %(role)s."),
        "adhesion.act_issued": _("%(actor)s issued the act %(folio)s."),
        "act_template.begun": _("%(actor)s began the edition %(number)s of the text of the act."),
        "act_template.published": _("%(actor)s published the edition %(number)s of the text of the act."),
        "act_template.discarded": _("%(actor)s threw away the draft of the edition %(number)s of the text of the act."),
        "adhesion.requested": _("Someone asked that the municipality adhere."),
        "adhesion.request_answered": _("%(actor)s answered a request for adhesion."),
    }
)

tell(
    {
        "adhesion.opened": _("%(actor)s opened the adhesion."),
        "adhesion.moved": _("%(actor)s moved the adhesion from “%(start)s” to “%(end)s”."),
        "adhesion.step_undone": _("%(actor)s took a step back: the adhesion is again “%(end)s”."),
        "adhesion.invitation_answered": _("%(actor)s answered the invitation: the municipality wants to adhere."),
        "adhesion.signature_sent": _("%(actor)s sent the signed act %(folio)s."),
        "adhesion.scan_checked": _("%(actor)s checked the scanned act %(folio)s."),
        "adhesion.signature_excepted": _("%(actor)s accepted the act %(folio)s although a fact is not known."),
    },
    labels={"start": dict(AdhesionState.choices), "end": dict(AdhesionState.choices)},
)

tell(
    {
        "authority.recorded": _("%(actor)s recorded %(person)s as %(office)s since %(starts)s."),
        "authority.replaced": _("%(actor)s recorded %(person)s as %(office)s since %(starts)s, after %(former)s."),
        "authority.ended": _("%(actor)s recorded that %(person)s (%(office)s) is in office until %(last_day)s."),
        "authority.corrected": _("%(actor)s corrected the record of %(person)s (%(office)s)."),
        "contact.added": _("%(actor)s added the contact %(person)s."),
        "contact.changed": _("%(actor)s changed the contact %(person)s."),
        "contact.main": _("%(actor)s made %(person)s the main contact."),
        "contact.removed": _("%(actor)s removed the contact %(person)s."),
        "authority_import.begun": _("%(actor)s brought the file %(file)s."),
        "authority_import.applied": _("%(actor)s applied the file %(file)s: %(new)s new, %(changed)s changed."),
        "authority_import.discarded": _("%(actor)s discarded the file %(file)s."),
    },
    labels={"office": dict(Office.choices)},
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

tell(
    {"adhesion.signed": _("%(actor)s signed act %(folio)s: %(method)s.")},
    labels={"method": dict(SignatureMethod.choices)},
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

tell(
    {
        "adhesion.adviser_assigned": _("%(actor)s assigned %(adviser)s as adviser."),
        "adhesion.adviser_unassigned": _("%(actor)s took the assignment of %(adviser)s back."),
        "adhesion.reminded": _("%(actor)s sent a reminder."),
        "adhesion.reminder_cancelled": _("%(actor)s cancelled a reminder before it left."),
        "campaign.made": _("%(actor)s made the campaign “%(campaign)s”."),
        "campaign.changed": _("%(actor)s changed the campaign “%(campaign)s”."),
        "campaign.targets_added": ngettext_lazy(
            "%(actor)s added %(count)s municipality to the campaign “%(campaign)s”.",
            "%(actor)s added %(count)s municipalities to the campaign “%(campaign)s”.",
            "count",
        ),
        "campaign.targets_removed": ngettext_lazy(
            "%(actor)s took %(count)s municipality out of the campaign “%(campaign)s”.",
            "%(actor)s took %(count)s municipalities out of the campaign “%(campaign)s”.",
            "count",
        ),
    },
)
