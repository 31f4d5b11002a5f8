from diagnostics.reports.diagnostic_diagram import diagnostic_diagram
from municipalities.management.commands.adhesion_diagram import DiagramCommand


class Command(DiagramCommand):
    help = "Print the life of a diagnostic as a diagram and tables; with --write, into docs/diagnostic.md."
    document = "diagnostic.md"
    diagram = staticmethod(diagnostic_diagram)
