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


COUNCIL: dict[CouncilRole, frozenset[Permission]] = {
    CouncilRole.ADMINISTRATOR: frozenset(Permission),
    CouncilRole.ADVISER: frozenset({Permission.VIEW_DESK, Permission.VIEW_MEMBERS, Permission.VIEW_IMPORTS}),
    CouncilRole.ANALYST: frozenset({Permission.VIEW_DESK, Permission.VIEW_MEMBERS, Permission.VIEW_IMPORTS}),
}

MUNICIPAL: dict[MunicipalRole, frozenset[Permission]] = {
    MunicipalRole.COORDINATOR: frozenset(
        {Permission.VIEW_MEMBERS, Permission.INVITE_MEMBER, Permission.END_MEMBERSHIP}
    ),
    MunicipalRole.OFFICER: frozenset({Permission.VIEW_MEMBERS}),
    MunicipalRole.MAYOR: frozenset({Permission.VIEW_MEMBERS}),
    MunicipalRole.READER: frozenset(),
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
