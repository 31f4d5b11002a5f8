from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import messages


class Command(BaseCommand):
    help = "Update and compile the message catalogue; with --check only say what is wrong with it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a translation is missing")
        parser.add_argument("--compile", action="store_true", help="only compile")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"] and not options["compile"]:
            messages.update()
        if not options["check"]:
            messages.compile_catalogue()
        faults = messages.faults() if not options["compile"] else []
        for fault in faults:
            self.stderr.write(fault)
        if faults and options["check"]:
            raise CommandError(f"{len(faults)} faults in {messages.PO.relative_to(messages.ROOT)}")
        self.stdout.write(f"{len(messages.read())} messages, {len(faults)} faults")
