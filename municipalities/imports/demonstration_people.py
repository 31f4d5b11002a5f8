"""The people of the demonstration beside its sign-ins: nobody signs in as one of them, for none has a password."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from accounts.actions import make_person
from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.models import AdviserScope, Membership, Municipality, Region
from municipalities.rules.demonstration import dice_of

# Where the demonstration's sign-ins belong.
HERE: Final = "12201"  # Cabo de Hornos
# The manual of ClaveÚnica gives this RUN for tests: with a provider for tests the demonstration's mayor signs as this person.
RUN_OF_HERE: Final = "44444444-4"
DOMAIN: Final = "demostracion.invalid"
DECREE: Final = "Sin decreto: datos de demostración"
# The sign-in accompanies Magallanes alone.
ZONES: Final = {
    "norte": ("15", "01", "02", "03", "04"),
    "centro": ("05", "13", "06", "07"),
    "sur": ("16", "08", "09", "14", "10", "11"),
}


def sign_in(email: str) -> User:
    """One of the demonstration's sign-ins. Raises `LookupError` when they are missing."""
    found = User.objects.filter(email=email).first()
    if found is None:
        raise LookupError(f"{email} is missing: run load_demo_people first.")
    return found


def advisers(*, now: datetime) -> dict[str, User]:
    """By region, who accompanies its municipalities."""
    found = {"12": sign_in("asesor@demo.cl")}
    for zone, codes in ZONES.items():
        name = f"Asesora de demostración, zona {zone}"
        adviser = _person(f"asesoria.{zone}@{DOMAIN}", name, now=now, role=CouncilRole.ADVISER)
        for region in Region.objects.filter(code__in=codes):
            AdviserScope.objects.get_or_create(user=adviser, region=region, municipality=None)
            found[region.code] = adviser
    return found


def coordinator(place: Municipality, *, since: date, now: datetime) -> User:
    """Who coordinates a municipality."""
    if place.pk == HERE:
        return sign_in("coordinadora@demo.cl")
    name = f"Coordinación de demostración de {place.name}"
    return _member(place, "coordinacion", name, MunicipalRole.COORDINATOR, since=since, now=now)


def mayor(place: Municipality, *, since: date, now: datetime) -> User:
    """The account with which the mayor of a municipality signs in the portal."""
    return _member(place, "alcaldia", name_of_mayor(place), MunicipalRole.MAYOR, since=since, now=now)


def monitor(*, now: datetime) -> User:
    """Who watches action plans from outside: of no municipality, nor of the council."""
    return _person(f"monitora@{DOMAIN}", "Monitora independiente de demostración", now=now)


def give_run() -> None:
    """Give the mayor's sign-in the RUN of the mayor on record, so that every road of signing is open to it."""
    person = sign_in("alcaldesa@demo.cl")
    if person.run is None and not User.objects.filter(run=RUN_OF_HERE).exists():
        person.run = RUN_OF_HERE
        person.save(update_fields=["run"])


def name_of_mayor(place: Municipality) -> str:
    """As recorded in the register of authorities."""
    title = "Alcaldesa" if place.pk == HERE or dice_of(place.pk).random() < 0.5 else "Alcalde"
    return f"{title} de demostración de {place.name}"


def _member(place: Municipality, box: str, name: str, role: MunicipalRole, *, since: date, now: datetime) -> User:
    user = _person(f"{box}.{place.pk}@{DOMAIN}", name, now=now)
    Membership.objects.get_or_create(
        user=user, municipality=place, role=role, defaults={"starts": since, "basis": DECREE}
    )
    return user


def _person(email: str, name: str, *, now: datetime, role: str = "") -> User:
    found = User.objects.filter(email=email).first()
    return found or make_person(by=None, now=now, email=email, name=name, council_role=role)
