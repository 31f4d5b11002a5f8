"""The life of a diagnostic as a page for people: `docs/diagnostic.md`."""

from diagnostics.choices import DiagnosticState
from diagnostics.rules.diagnostic_states import FINAL, IN_COUNCILS_HANDS, TABLE, WRITABLE, Step
from municipalities.reports.adhesion_diagram import table

HEAD = """# The life of a diagnostic

Written by `manage.py diagnostic_diagram --write` from `diagnostics/rules/diagnostic_states.py`; a test fails when the two differ.

- A diagnostic belongs to a municipality and a round. A cancelled one stays readable, and another may be opened in its place.
- What is validated never changes. An error in it is corrected in another diagnostic of the same round, opened with its answers
  (`diagnostics.actions.correction`), which begins as `returned`. When that one is validated, it takes the place of the first in
  the same transaction; the first keeps its folio, its document and its address.
- Every step goes through `diagnostics.actions.rounds.move`, which locks the row before it looks at the state and writes the mails
  of the step in the same transaction. A person who decided on a state that is no longer there is told what happened, and nothing
  of theirs is done.
- The last day to write is the close of the round, or the latest extension where that is later. An extension is a row with its
  reason; it moves the reminders too.
- *The municipality*: its coordinators and mayor with an account, and its main contact. *The reviewers*: those given to the
  diagnostic, else the municipality's advisers, else the administrators. *Who returned it*: as long as they work for the council,
  else the reviewers.
"""


def diagnostic_diagram() -> str:
    """The whole page in Markdown, with the diagram in Mermaid."""
    steps = [
        [
            row.start.value,
            row.end.value,
            row.permission.value if row.permission else "the portal itself",
            "yes" if row.reason else "",
            "; ".join(f"{told.mail.value} to {told.reader.value}" for told in row.tells),
        ]
        for row in TABLE
    ]
    turns = [[state.value, _turn(state), "yes" if state in WRITABLE else ""] for state in DiagnosticState]
    return "\n".join(
        [
            HEAD,
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {DiagnosticState.OPEN.value}",
            f"    [*] --> {DiagnosticState.RETURNED.value}: correction",
            *(f"    {row.start.value} --> {row.end.value}: {_who(row)}" for row in TABLE),
            *(f"    {state.value} --> [*]" for state in DiagnosticState if state in FINAL),
            "```",
            "\n## Steps\n",
            *table(["from", "to", "who", "reason", "mails"], steps),
            "\n## Whose turn it is\n",
            *table(["state", "next step of", "answers may be written"], turns),
            "",
        ]
    )


def _who(row: Step) -> str:
    return row.permission.name.lower() if row.permission else "portal"


def _turn(state: DiagnosticState) -> str:
    return "nobody" if state in FINAL else "council" if state in IN_COUNCILS_HANDS else "municipality"
