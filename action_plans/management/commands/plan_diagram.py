from action_plans.reports.plan_diagram import plan_diagram
from municipalities.management.commands.adhesion_diagram import DiagramCommand


class Command(DiagramCommand):
    help = "Print the life of an action plan as diagrams and tables; with --write, into docs/action-plan.md."
    document = "action-plan.md"
    diagram = staticmethod(plan_diagram)
