"""The permissions that exist, and which role holds which.

`municipalities.permissions` adds the question of *where*: there are `can` and `check_can`.
"""

from enum import Enum

from accounts.choices import CouncilRole, MunicipalRole


class Permission(Enum):
    """Something a person may do. The value is its name in `docs/permissions.md`."""

    MANAGE_PEOPLE = "manage people and roles"
    VIEW_DESK = "open the council's desk"
    MANAGE_REGISTER = "change the register of municipalities"
    INVITE_MEMBER = "invite people into a municipality"
    END_MEMBERSHIP = "end a membership"
    VIEW_MEMBERS = "see the people of a municipality"
    IMPORT_BUDGET = "import budget files"
    PUBLISH_BUDGET = "publish or discard imported budgets"
    VIEW_IMPORTS = "see imports and unpublished budgets"
    VIEW_ADHESION = "see the adhesion of a municipality from inside"
    PROMOTE_ADHESION = "promote adhesion: contacts, invitations, conversation"
    MANAGE_CAMPAIGNS = "open and change campaigns"
    ASSIGN_ADVISER = "assign advisers"
    RECORD_AUTHORITY = "record the authorities and contacts of a municipality"
    ISSUE_ACT = "issue acts of adhesion"
    SUBMIT_SIGNATURE = "send a signed act"
    SIGN_ACT = "sign an act in the portal"
    REVIEW_ADHESION = "review signed acts"
    CHECK_SCAN = "check scanned acts"
    REGISTER_ADHESION = "put adhesions in force, suspend and end them"
    MANAGE_ACT_TEMPLATES = "write and publish the text of the act"
    MANAGE_MAILS = "write the texts of mails and decide on those that failed"
    MANAGE_TRUST = "manage trusted certificates"


COUNCIL: dict[CouncilRole, frozenset[Permission]] = {
    # A municipality alone sends its act, and its mayor alone signs it.
    CouncilRole.ADMINISTRATOR: frozenset(Permission) - {Permission.SUBMIT_SIGNATURE, Permission.SIGN_ACT},
    CouncilRole.ADVISER: frozenset(
        {
            Permission.VIEW_DESK,
            Permission.VIEW_MEMBERS,
            Permission.VIEW_IMPORTS,
            Permission.VIEW_ADHESION,
            Permission.PROMOTE_ADHESION,
            Permission.RECORD_AUTHORITY,
            Permission.ISSUE_ACT,
            Permission.REVIEW_ADHESION,
            Permission.CHECK_SCAN,
        }
    ),
    CouncilRole.ANALYST: frozenset(
        {
            Permission.VIEW_DESK,
            Permission.VIEW_MEMBERS,
            Permission.VIEW_IMPORTS,
            Permission.VIEW_ADHESION,
            Permission.CHECK_SCAN,
        }
    ),
}

MUNICIPAL: dict[MunicipalRole, frozenset[Permission]] = {
    MunicipalRole.COORDINATOR: frozenset(
        {
            Permission.VIEW_MEMBERS,
            Permission.INVITE_MEMBER,
            Permission.END_MEMBERSHIP,
            Permission.VIEW_ADHESION,
            Permission.RECORD_AUTHORITY,
            Permission.SUBMIT_SIGNATURE,
        }
    ),
    MunicipalRole.OFFICER: frozenset({Permission.VIEW_MEMBERS, Permission.VIEW_ADHESION}),
    MunicipalRole.MAYOR: frozenset(
        {Permission.VIEW_MEMBERS, Permission.VIEW_ADHESION, Permission.SUBMIT_SIGNATURE, Permission.SIGN_ACT}
    ),
    MunicipalRole.READER: frozenset({Permission.VIEW_ADHESION}),
}

# Whose memberships, and invitations to them, a role may grant, change and end. Mayor and coordinator come from the council.
COUNCIL_GRANTS: dict[CouncilRole, frozenset[MunicipalRole]] = {
    CouncilRole.ADMINISTRATOR: frozenset(MunicipalRole),
    CouncilRole.ADVISER: frozenset(),
    CouncilRole.ANALYST: frozenset(),
}
MUNICIPAL_GRANTS: dict[MunicipalRole, frozenset[MunicipalRole]] = {
    MunicipalRole.COORDINATOR: frozenset({MunicipalRole.OFFICER, MunicipalRole.READER}),
    MunicipalRole.OFFICER: frozenset(),
    MunicipalRole.MAYOR: frozenset(),
    MunicipalRole.READER: frozenset(),
}
