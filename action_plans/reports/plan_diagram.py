"""The life of an action plan and of what citizens contribute to it, as a page for people: `docs/action-plan.md`."""

from collections.abc import Iterable

from accounts.permissions import Permission
from action_plans.choices import ContributionState, PlanStage
from action_plans.rules import contribution_states, plan_states
from municipalities.reports.adhesion_diagram import table

HEAD = """# The life of an action plan

Written by `manage.py plan_diagram --write` from `action_plans/rules/plan_states.py` and `contribution_states.py`; a test
fails when they differ.

- A municipality has one plan at a time that is neither closed nor cancelled (a constraint).
- Every step goes through `action_plans.actions.plans.move`, which locks the row before it looks at the stage. What a stage lacks
  is told before it is tried (`reports/readiness.py`): a draft has a commitment, an approval its act and an answer to every
  contribution, or an exception that the council granted until a day; a self-assessment is left once it is published.
- The public reads the last approved edition while the next one is written. A change after the approval needs a reason, and makes
  an edition. No edition is ever changed (a trigger).
- Observations on a published assessment go the same way as contributions (below), at any stage: they are received while the plan
  goes on, and in any case for 60 days after the publication (`rules.assessments.is_observed`). They hold back no approval and no
  edition, for they speak of what came afterwards; a plan is closed once those that came so far have their answer, and later ones
  are owed it too. They are counted apart from what was said to the text, and no minimum requirement of OGP counts them.
"""


def plan_diagram() -> str:
    """The whole page in Markdown, with its diagrams in Mermaid."""
    stages = [
        [
            row.start.value,
            row.end.value,
            row.permission.value,
            "yes" if row.reason else "",
            row.publishes.value if row.publishes else "",
        ]
        for row in plan_states.TABLE
    ]
    contributions = [
        [row.start.value, row.end.value, _who(row.permission), "yes" if row.reason else ""]
        for row in contribution_states.TABLE
    ]
    return "\n".join(
        [
            HEAD,
            *_mermaid(
                PlanStage.PREPARATION,
                ((row.start, row.end, row.permission) for row in plan_states.TABLE),
                [stage for stage in PlanStage if stage in plan_states.FINAL],
            ),
            "\n## Steps\n",
            *table(["from", "to", "who", "reason", "edition"], stages),
            "\n## What becomes of a contribution\n",
            *_mermaid(
                ContributionState.UNCONFIRMED,
                ((row.start, row.end, row.permission) for row in contribution_states.TABLE),
                [],
            ),
            "",
            *table(["from", "to", "who", "reason"], contributions),
            "",
        ]
    )


def _mermaid(first: str, steps: Iterable[tuple[str, str, Permission | None]], last: Iterable[str]) -> list[str]:
    return [
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {first}",
        *(
            f"    {start} --> {end}: {permission.name.lower() if permission else 'portal'}"
            for start, end, permission in steps
        ),
        *(f"    {state} --> [*]" for state in last),
        "```",
    ]


def _who(permission: Permission | None) -> str:
    return permission.value if permission else "the portal itself"
