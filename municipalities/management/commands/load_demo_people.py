import secrets
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.adapter import confirm_email
from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.models import AdviserScope, Membership, Municipality, Region

MUNICIPALITY = "12201"  # Cabo de Hornos
REGION = "12"  # Magallanes
# Public on purpose: it protects nothing but the demonstration.
TOTP_SECRET = "DEMOSTRACIONMUNICIPALABIERTA2345"  # noqa: S105

PEOPLE: tuple[tuple[str, str, str], ...] = (
    ("administradora@demo.cl", "Administradora de demostración", CouncilRole.ADMINISTRATOR),
    ("asesor@demo.cl", "Asesor de demostración", CouncilRole.ADVISER),
    ("analista@demo.cl", "Analista de demostración", CouncilRole.ANALYST),
    ("coordinadora@demo.cl", "Coordinadora de demostración", MunicipalRole.COORDINATOR),
    ("funcionario@demo.cl", "Funcionario de demostración", MunicipalRole.OFFICER),
    ("alcaldesa@demo.cl", "Alcaldesa de demostración", MunicipalRole.MAYOR),
    ("lectora@demo.cl", "Lectora de demostración", MunicipalRole.READER),
    ("vecina@demo.cl", "Vecina de demostración", ""),
)


class Command(BaseCommand):
    help = "Make one sign-in for each role and print them. Only where DEMONSTRATION is set; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", help="for every sign-in; otherwise one is made once and kept in .local/")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("These sign-ins are public knowledge: they are made only where DEMONSTRATION=true.")
        password = options["password"] or kept_password(Path(settings.BASE_DIR) / ".local" / "demo-password")
        with transaction.atomic():
            municipality = Municipality.objects.filter(pk=MUNICIPALITY).first()
            if municipality is None:
                raise CommandError("The register is empty. Run load_register first.")
            for email, name, role in PEOPLE:
                make(email, name, role, password, municipality)
            AdviserScope.objects.get_or_create(
                user=User.objects.get(email="asesor@demo.cl"), region=Region.objects.get(pk=REGION), municipality=None
            )
        self.tell(password, municipality)

    def tell(self, password: str, municipality: Municipality) -> None:
        width = max(len(email) for email, _, _ in PEOPLE)
        for email, _name, role in PEOPLE:
            where = f" ({municipality})" if role in MunicipalRole.values else ""
            self.stdout.write(f"  {email:<{width}}  {role or 'citizen'}{where}")
        self.stdout.write(f"  password: {password}")
        self.stdout.write(f"  second factor of the council's sign-ins (TOTP secret): {TOTP_SECRET}")


def kept_password(file: Path) -> str:
    """The password made at the first run, readable by the owner of the checkout only."""
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(12), encoding="ascii")
    return file.read_text(encoding="ascii").strip()


def make(email: str, name: str, role: str, password: str, municipality: Municipality) -> None:
    """One person with a confirmed e-mail, the role, and for council staff the second factor."""
    council_role = role if role in CouncilRole.values else ""
    person, _new = User.objects.get_or_create(email=email, defaults={"name": name, "council_role": council_role})
    if not person.check_password(password):
        person.set_password(password)
        person.save(update_fields=["password"])
    confirm_email(person)
    if council_role and not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(person, TOTP_SECRET)
    if role in MunicipalRole.values and not Membership.objects.filter(user=person, ends__isnull=True).exists():
        Membership.objects.create(
            user=person,
            municipality=municipality,
            role=role,
            starts=timezone.localdate(),
            basis="Datos de demostración",
        )
