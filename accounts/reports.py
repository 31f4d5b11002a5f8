"""The permission tables as a page for people: `docs/permissions.md`."""

from collections.abc import Iterable

from accounts.choices import CouncilRole, MunicipalRole
from accounts.permissions import COUNCIL, COUNCIL_GRANTS, MUNICIPAL, MUNICIPAL_GRANTS, Permission

Role = CouncilRole | MunicipalRole

HEAD = """# Who may do what

Written by `manage.py permissions` from `accounts/permissions.py`; a test fails when the two differ.

- Council roles reach every municipality, an adviser's only the assigned regions and municipalities.
- Municipal roles reach their own municipality, from the first day of the membership until its last.
- Council staff enter no page before they hold a second factor and have shown it in the session.
- Anyone, with or without an account, reads the public pages and the API.
"""


def permission_tables() -> str:
    """The whole page in Markdown."""
    roles: list[Role] = [*CouncilRole, *MunicipalRole]
    held: dict[Role, frozenset[Permission]] = dict(COUNCIL) | dict(MUNICIPAL)
    grants: dict[Role, frozenset[MunicipalRole]] = dict(COUNCIL_GRANTS) | dict(MUNICIPAL_GRANTS)
    permissions = [
        [permission.value, *("yes" if permission in held[role] else "" for role in roles)] for permission in Permission
    ]
    granting = [
        [role.value, ", ".join(granted.value for granted in MunicipalRole if granted in grants[role])] for role in roles
    ]
    return "\n".join(
        [
            HEAD,
            "## Permissions of each role\n",
            *_table(["permission", *(role.value for role in roles)], permissions),
            "\n## Who invites, changes and ends whose membership\n",
            *_table(["role", "grants"], [[role, granted or "none"] for role, granted in granting]),
            "",
            "A coordinator may also end the own membership. Nobody ends or changes the membership of the last coordinator of a",
            "municipality: another one is named first.",
            "",
        ]
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return ["| " + " | ".join(line) + " |" for line in lines]
