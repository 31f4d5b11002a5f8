"""When a municipality is reminded of what was asked of it. Pure."""

from collections.abc import Mapping
from typing import Final

from municipalities.choices import AdhesionState, MailKind

KINDS: Final[Mapping[AdhesionState, MailKind]] = {
    AdhesionState.INVITED: MailKind.ADHESION_REMINDER,
    AdhesionState.ACT_ISSUED: MailKind.ACT_REMINDER,
    AdhesionState.RETURNED: MailKind.ACT_REMINDER,
}
"""The reminder that fits each state in which a municipality may be reminded."""
