"""The tables of this app, a module a subject; here so that they are read by one name."""

from municipalities.models.acts import (
    Act,
    ActTemplate,
    RevocationList,
    Signature,
    SignatureCheck,
    SignatureException,
    TrustedCertificate,
)
from municipalities.models.adhesions import (
    Adhesion,
    AdhesionQuerySet,
    AdhesionRequest,
    Campaign,
    CampaignGoal,
    CampaignTarget,
)
from municipalities.models.authorities import Authority, Contact
from municipalities.models.authority_imports import AuthorityImport
from municipalities.models.desk import BulkChange, CalendarFeed, ContactNote, SavedFilter
from municipalities.models.documents import Document
from municipalities.models.mails import Mail, MailQuerySet, MailTemplate
from municipalities.models.people import AdviserScope, Invitation, InvitationQuerySet, Membership, MembershipQuerySet
from municipalities.models.register import (
    Alias,
    Commune,
    Municipality,
    MunicipalityQuerySet,
    Population,
    Province,
    Region,
)

__all__ = [
    "Act",
    "ActTemplate",
    "Adhesion",
    "AdhesionQuerySet",
    "AdhesionRequest",
    "AdviserScope",
    "Alias",
    "Authority",
    "AuthorityImport",
    "BulkChange",
    "CalendarFeed",
    "Campaign",
    "CampaignGoal",
    "CampaignTarget",
    "Commune",
    "Contact",
    "ContactNote",
    "Document",
    "Invitation",
    "InvitationQuerySet",
    "Mail",
    "MailQuerySet",
    "MailTemplate",
    "Membership",
    "MembershipQuerySet",
    "Municipality",
    "MunicipalityQuerySet",
    "Population",
    "Province",
    "Region",
    "RevocationList",
    "SavedFilter",
    "Signature",
    "SignatureCheck",
    "SignatureException",
    "TrustedCertificate",
]
