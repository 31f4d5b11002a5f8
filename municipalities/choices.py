from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RuralClass(TextChoices):
    """Class of a commune in the national policy of rural development (PNDR), Censo 2024."""

    URBAN = "urban", _("Urban")
    MIXED = "mixed", _("Mixed")
    RURAL = "rural", _("Rural")


class PopulationSource(TextChoices):
    CENSUS_2024 = "census_2024", _("Census 2024 (INE)")
    PROJECTION_2017 = "projection_2017", _("Projections 2002-2035, base 2017 (INE)")


class AdhesionState(TextChoices):
    """Where an adhesion stands. The steps between the states are the table of `rules.adhesion_states`."""

    PROSPECT = "prospect", _("To be contacted")
    INVITED = "invited", _("Invited")
    CONVERSING = "conversing", _("In conversation")
    ACT_ISSUED = "act_issued", _("Act issued")
    SIGNED = "signed", _("Signed act received")
    UNDER_REVIEW = "under_review", _("Under review")
    RETURNED = "returned", _("Returned")
    VERIFIED = "verified", _("Verified")
    IN_FORCE = "in_force", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CONCLUDED = "concluded", _("Concluded")


class Office(TextChoices):
    """The authorities of a municipality that an adhesion needs to know."""

    MAYOR = "mayor", _("Mayor")
    ACTING_MAYOR = "acting_mayor", _("Acting mayor")
    SECRETARY = "secretary", _("Secretary of the municipality")


class EditionState(TextChoices):
    """Of a text that staff write: a draft changes, a published edition does not, a newer one retires it."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Replaced")


class DocumentKind(TextChoices):
    ACT = "act", _("Act as issued")
    SIGNED_ACT = "signed_act", _("Signed act")
    SCANNED_ACT = "scanned_act", _("Scanned act")
    PUBLIC_ACT = "public_act", _("Public copy of the act")
    DECREE = "decree", _("Decree")
    EVIDENCE = "evidence", _("Evidence of a diagnostic")
    WORKBOOK = "workbook", _("Workbook of a diagnostic, filled in")
    DIAGNOSTIC = "diagnostic", _("Validated diagnostic")
    MINUTES = "minutes", _("Minutes of a meeting")
    OTHER = "other", _("Other")


class DocumentState(TextChoices):
    """Whether a file may be opened. A file of a kind that is never kept is refused at the door and has no row."""

    WAITING = "waiting", _("Being checked")
    CLEAN = "clean", _("Checked")
    QUARANTINED = "quarantined", _("In quarantine")


class SignatureMethod(TextChoices):
    """The four roads to a signature."""

    ADVANCED = "advanced", _("PDF with advanced electronic signature")
    FIRMAGOB = "firmagob", _("FirmaGob")
    PORTAL = "portal", _("In the portal, with ClaveÚnica")
    SCAN = "scan", _("Scanned act signed on paper")


class SignatureState(TextChoices):
    """Of one signed act received: judged by the portal, then accepted or returned by people."""

    WAITING = "waiting", _("Being judged")
    JUDGED = "judged", _("Judged")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")


class Fact(TextChoices):
    """The answer to one of the four questions about a signature."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


class ReturnReason(TextChoices):
    """Why an act goes back; each has its own words of what to do (`data/return_reasons.yaml`)."""

    WRONG_SIGNER = "wrong_signer", _("Someone else signed")
    NOT_IN_OFFICE = "not_in_office", _("The signer was not in office on that day")
    ALTERED = "altered", _("The text is not the one issued")
    NOT_TRUSTED = "not_trusted", _("The certificate cannot be trusted")
    BROKEN = "broken", _("The signature is broken")
    UNREADABLE = "unreadable", _("The document cannot be read")
    NO_SIGNATURE = "no_signature", _("The signature is missing")
    WRONG_DATA = "wrong_data", _("The act has a wrong name or date")
    OTHER = "other", _("Another reason")


class CertificateKind(TextChoices):
    ROOT = "root", _("Root")
    INTERMEDIATE = "intermediate", _("Intermediate")


class ContactKind(TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MAIL = "mail", _("Mail")
    EVENT = "event", _("Event")


class MailKind(TextChoices):
    """What a mail is about; each kind has its template, which staff edit."""

    ADHESION_INVITATION = "adhesion_invitation", _("Invitation to adhere")
    ADHESION_REMINDER = "adhesion_reminder", _("Reminder of the invitation")
    ACT_ISSUED = "act_issued", _("The act is ready to be signed")
    ACT_REMINDER = "act_reminder", _("Reminder to sign the act")
    SIGNATURE_RECEIVED = "signature_received", _("A signed act arrived (to the council)")
    SIGNATURE_RETURNED = "signature_returned", _("The act was returned")
    CORRECTION_RECEIVED = "correction_received", _("The correction arrived (to whoever returned it)")
    ADHESION_VERIFIED = "adhesion_verified", _("The act was verified")
    ADHESION_IN_FORCE = "adhesion_in_force", _("The adhesion is in force")
    ADHESION_SUSPENDED = "adhesion_suspended", _("The adhesion was suspended")
    ADHESION_WITHDRAWN = "adhesion_withdrawn", _("The adhesion ended")
    ADHESION_REQUEST = "adhesion_request", _("A citizen asks for the adhesion (to the council)")
    DIAGNOSTIC_OPENED = "diagnostic_opened", _("A diagnostic is open")
    DIAGNOSTIC_REMINDER = "diagnostic_reminder", _("Reminder to submit the diagnostic")
    DIAGNOSTIC_EXTENDED = "diagnostic_extended", _("More time for the diagnostic")
    DIAGNOSTIC_SUBMITTED = "diagnostic_submitted", _("A diagnostic was submitted (to the council)")
    DIAGNOSTIC_MAYOR = "diagnostic_mayor", _("The diagnostic was submitted (to the mayor)")
    DIAGNOSTIC_RETURNED = "diagnostic_returned", _("The diagnostic was returned")
    DIAGNOSTIC_CORRECTED = "diagnostic_corrected", _("The corrected diagnostic arrived (to whoever returned it)")
    DIAGNOSTIC_TAKEN_BACK = "diagnostic_taken_back", _("The municipality took its diagnostic back (to the council)")
    DIAGNOSTIC_VALIDATED = "diagnostic_validated", _("The diagnostic was validated")
    DIAGNOSTIC_CANCELLED = "diagnostic_cancelled", _("The diagnostic was cancelled")
    CONTRIBUTION_CONFIRM = "contribution_confirm", _("Confirm an e-mail (to whoever contributes)")
    CONTRIBUTION_SHOWN = "contribution_shown", _("A contribution is public (to its authors)")
    SUPPORT_CONFIRM = "support_confirm", _("Confirm an e-mail (to whoever supports a contribution)")
    CONTRIBUTION_ANSWERED = "contribution_answered", _("A contribution was answered (to its authors)")
    CONTRIBUTION_HIDDEN = "contribution_hidden", _("A contribution was hidden (to its authors)")
    APPEAL_DECIDED = "appeal_decided", _("An appeal was decided (to the authors)")
    MEETING_CONFIRM = "meeting_confirm", _("Confirm an e-mail (to whoever signs up for a meeting)")
    MEETING_SIGNED_UP = "meeting_signed_up", _("Signed up for a meeting")
    MEETING_CHANGED = "meeting_changed", _("A meeting changed its day or place")
    MEETING_REMINDER = "meeting_reminder", _("Reminder of a meeting")
    MEETING_CANCELLED = "meeting_cancelled", _("A meeting was called off")
    PLAN_NEWS = "plan_news", _("News of a plan (to those who follow it)")
    FOLLOW_CONFIRM = "follow_confirm", _("Confirm an e-mail (to whoever follows a plan)")
    PLAN_RECOMMENDED = "plan_recommended", _("A recommendation on the plan")
    MONITOR_APPOINTED = "monitor_appointed", _("Appointed as independent monitor of a plan (to the monitor)")
    MONITOR_ENDED = "monitor_ended", _("The appointment as monitor ended (to the monitor)")
    DIGEST = "digest", _("Digest of the day")


class MailState(TextChoices):
    """`UNCERTAIN`: the worker died at the moment of handing it over, so nobody knows; a person decides."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    BOUNCED = "bounced", _("Came back")
    UNCERTAIN = "uncertain", _("Not known whether it was sent")
    CANCELLED = "cancelled", _("Cancelled")


class BulkKind(TextChoices):
    ASSIGN = "assign", _("Assign an adviser")
    INVITE = "invite", _("Invite")
    REMIND = "remind", _("Remind")
    STEP = "step", _("Change the state")


class AuthorityImportState(TextChoices):
    """Of a file of authorities and contacts: nothing of it is written before a person has seen what it changes."""

    READY = "ready", _("Waiting for a decision")
    APPLIED = "applied", pgettext_lazy("file", "Applied")
    DISCARDED = "discarded", _("Discarded")


class SignatureFact(TextChoices):
    """The four questions about a signature, by the field of `Signature` that holds the answer."""

    INTACT = "is_intact", _("Intact")
    TRUSTED = "is_trusted", _("Certificate trusted and valid on the day")
    MAYOR = "is_mayor", _("Signed by the mayor in office")
    COVERS = "covers_act", _("Covers the whole act as issued")


class Standing(TextChoices):
    """What the public register says of a municipality. The values are words of addresses and of open data."""

    IN_FORCE = "vigente", _("Adhesion in force")
    SUSPENDED = "suspendida", _("Adhesion suspended")
    ENDED = "terminada", _("Adhesion ended")
    NONE = "sin-adhesion", _("Has not adhered")
