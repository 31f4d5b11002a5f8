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
    MANAGE_INSTRUMENTS = "write and publish instruments"
    MANAGE_ROUNDS = "open rounds of diagnostics, give more time, cancel"
    VIEW_DIAGNOSTIC = "see the diagnostic of a municipality from inside"
    FILL_DIAGNOSTIC = "answer the questions of a diagnostic"
    COORDINATE_DIAGNOSTIC = "give sections of a diagnostic to people"
    SUBMIT_DIAGNOSTIC = "submit a diagnostic"
    REVIEW_DIAGNOSTIC = "review a diagnostic"
    VALIDATE_DIAGNOSTIC = "validate a diagnostic"
    VIEW_PLAN = "see the action plan of a municipality from inside"
    WRITE_PLAN = "write the action plan, its forum and its progress"
    COORDINATE_PLAN = "take the action plan from stage to stage, answer and moderate contributions"
    APPROVE_PLAN = "approve the action plan"
    ADVISE_PLAN = "advise on an action plan, appoint its monitors, grant exceptions"
    PUBLISH_REPORT = "publish the yearly report of the action plans"


# A municipality alone sends its act and fills in its diagnostic; its mayor alone signs.
_OF_MUNICIPALITIES = frozenset(
    {
        Permission.SUBMIT_SIGNATURE,
        Permission.SIGN_ACT,
        Permission.FILL_DIAGNOSTIC,
        Permission.COORDINATE_DIAGNOSTIC,
        Permission.SUBMIT_DIAGNOSTIC,
        Permission.WRITE_PLAN,
        Permission.COORDINATE_PLAN,
        Permission.APPROVE_PLAN,
    }
)

COUNCIL: dict[CouncilRole, frozenset[Permission]] = {
    CouncilRole.ADMINISTRATOR: frozenset(Permission) - _OF_MUNICIPALITIES,
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
            Permission.VIEW_DIAGNOSTIC,
            Permission.REVIEW_DIAGNOSTIC,
            Permission.VALIDATE_DIAGNOSTIC,
            Permission.VIEW_PLAN,
            Permission.ADVISE_PLAN,
        }
    ),
    CouncilRole.ANALYST: frozenset(
        {
            Permission.VIEW_DESK,
            Permission.VIEW_MEMBERS,
            Permission.VIEW_IMPORTS,
            Permission.VIEW_ADHESION,
            Permission.CHECK_SCAN,
            Permission.VIEW_DIAGNOSTIC,
            Permission.VIEW_PLAN,
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
            Permission.VIEW_DIAGNOSTIC,
            Permission.FILL_DIAGNOSTIC,
            Permission.COORDINATE_DIAGNOSTIC,
            Permission.SUBMIT_DIAGNOSTIC,
            Permission.VIEW_PLAN,
            Permission.WRITE_PLAN,
            Permission.COORDINATE_PLAN,
            Permission.APPROVE_PLAN,
        }
    ),
    MunicipalRole.OFFICER: frozenset(
        {
            Permission.VIEW_MEMBERS,
            Permission.VIEW_ADHESION,
            Permission.VIEW_DIAGNOSTIC,
            Permission.FILL_DIAGNOSTIC,
            Permission.VIEW_PLAN,
            Permission.WRITE_PLAN,
        }
    ),
    MunicipalRole.MAYOR: frozenset(
        {
            Permission.VIEW_MEMBERS,
            Permission.VIEW_ADHESION,
            Permission.SUBMIT_SIGNATURE,
            Permission.SIGN_ACT,
            Permission.VIEW_DIAGNOSTIC,
            Permission.VIEW_PLAN,
            Permission.APPROVE_PLAN,
        }
    ),
    MunicipalRole.READER: frozenset({Permission.VIEW_ADHESION, Permission.VIEW_DIAGNOSTIC, Permission.VIEW_PLAN}),
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
