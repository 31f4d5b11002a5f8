"""The life of an adhesion as a page for people: `docs/adhesion.md`."""

from collections.abc import Iterable

from municipalities.choices import AdhesionState
from municipalities.rules.adhesion_states import FINAL, PUBLIC, TABLE, Step
from municipalities.rules.next_steps import asked

HEAD = """# The life of an adhesion

Written by `manage.py adhesion_diagram --write` from `municipalities/rules/adhesion_states.py`; a test fails when the two differ.

- An adhesion belongs to a municipality and a term of office. Nothing erases it: a re-adhesion is a new one linked to the old.
- Every step goes through `municipalities.actions.adhesions.move`, which locks the row before it looks at the state. A person who
  decided on a state that is no longer there is told what happened, and nothing of theirs is done.
- A state that speaks of a signed act is entered only when that is there: a pending one for *signed*, a returned one for
  *returned*, an accepted one for *verified* and *in_force*.
- A signed act is accepted when its four facts hold. A fact that speaks against it bars it. A fact that is not known needs a
  written exception, which is kept. A scan needs the check of two different people of the council, none of whom sent it.
- A municipality answers its invitation on its own page: then the portal takes the step from *invited* to *conversing* for it.
- At the end of its term the portal concludes an adhesion and opens a prospect for the new term. One that never came into force
  is concluded alike, whatever it waited for: who was to sign, or signed, holds the office no more.
- The days in the last table are a proposal of the portal: the commitment sets none.
"""


def adhesion_diagram() -> str:
    """The whole page in Markdown, with the diagram in Mermaid."""
    steps = [
        [
            row.start.value,
            row.end.value,
            row.permission.value if row.permission else "the portal itself",
            "yes" if row.reason else "",
            row.mail.value if row.mail else "",
            "yes" if row.public else "",
            "24 hours" if row.undo else "",
        ]
        for row in TABLE
    ]
    turns = [
        [state.value, asked(state).hands.value, str(asked(state).days or ""), _kind(state)] for state in AdhesionState
    ]
    return "\n".join(
        [
            HEAD,
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {AdhesionState.PROSPECT.value}",
            *(f"    {row.start.value} --> {row.end.value}: {_who(row)}" for row in TABLE),
            *(f"    {state.value} --> [*]" for state in AdhesionState if state in FINAL),
            "```",
            "\n## Steps\n",
            *table(["from", "to", "who", "reason", "mail", "public", "may be taken back"], steps),
            "\n## Whose turn it is\n",
            *table(["state", "next step of", "days", "register"], turns),
            "",
        ]
    )


def _who(row: Step) -> str:
    return row.permission.name.lower() if row.permission else "portal"


def _kind(state: AdhesionState) -> str:
    return "shown" if state in PUBLIC else "shown if it was in force" if state in FINAL else ""


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A Markdown table, a line each."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
