"""The fixed cast of people: one for each role, with the municipality they belong to and the one they do not."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.choices import CouncilRole, MunicipalRole
from accounts.middleware import ENROLLED_HERE
from accounts.models import User
from municipalities.choices import RuralClass
from municipalities.models import AdviserScope, Membership, Municipality, Province, Region

PASSWORD = "una-clave-larga-y-propia"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SINCE = date(2026, 1, 5)


@dataclass(frozen=True)
class Cast:
    """`here` is where the municipal people belong; `elsewhere` has a coordinator and an adviser of its own."""

    here: Municipality
    elsewhere: Municipality
    citizen: User
    reader: User
    officer: User
    mayor: User
    coordinator: User
    coordinator_elsewhere: User
    adviser: User
    adviser_elsewhere: User
    analyst: User
    administrator: User
    unprotected_administrator: User


def assemble() -> Cast:
    """Put everyone into the database. Council staff hold a second factor, all but the unprotected administrator."""
    here = municipality("12201", "Cabo de Hornos", "cabo-de-hornos", order=16)
    elsewhere = municipality("10207", "Queilen", "queilen", order=14)
    people = {
        "citizen": person("vecina"),
        "reader": person("lectora", of=here, role=MunicipalRole.READER),
        "officer": person("funcionario", of=here, role=MunicipalRole.OFFICER),
        "mayor": person("alcaldesa", of=here, role=MunicipalRole.MAYOR),
        "coordinator": person("coordinadora", of=here, role=MunicipalRole.COORDINATOR),
        "coordinator_elsewhere": person("coordinador.ajeno", of=elsewhere, role=MunicipalRole.COORDINATOR),
        "adviser": person("asesora", council=CouncilRole.ADVISER, scope=here.region),
        "adviser_elsewhere": person("asesor.ajeno", council=CouncilRole.ADVISER, scope=elsewhere.region),
        "analyst": person("analista", council=CouncilRole.ANALYST),
        "administrator": person("administradora", council=CouncilRole.ADMINISTRATOR),
        "unprotected_administrator": person("administrador.nuevo", council=CouncilRole.ADMINISTRATOR, protected=False),
    }
    return Cast(here=here, elsewhere=elsewhere, **people)


def municipality(cut: str, name: str, slug: str, *, order: int) -> Municipality:
    region, _ = Region.objects.get_or_create(
        code=cut[:2],
        defaults={"name": f"Región {cut[:2]}", "short_name": cut[:2], "slug": f"region-{cut[:2]}", "order": order},
    )
    province, _ = Province.objects.get_or_create(code=cut[:3], defaults={"name": cut[:3], "region": region})
    place, _ = Municipality.objects.get_or_create(
        cut=cut,
        defaults={
            "name": name,
            "slug": slug,
            "region": region,
            "province": province,
            "rural_class": RuralClass.RURAL,
            "latitude": Decimal("-54.9333"),
            "longitude": Decimal("-67.6167"),
            "distance_km": 2400,
            "search": slug.replace("-", " "),
            "inhabitants": 2063,
            "peer_group": "small-rural",
        },
    )
    return place


def person(
    who: str,
    *,
    of: Municipality | None = None,
    role: str = "",
    council: str = "",
    scope: Region | None = None,
    protected: bool = True,
) -> User:
    """Someone with a confirmed e-mail `who@ejemplo.cl`, a password, and a membership or a council role."""
    user = User.objects.create(email=f"{who}@ejemplo.cl", name=who.replace(".", " ").capitalize(), council_role=council)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if of:
        Membership.objects.create(user=user, municipality=of, role=role, starts=SINCE, basis="Decreto 1")
    if scope:
        AdviserScope.objects.create(user=user, region=scope)
    if council and protected:
        TOTP.activate(user, TOTP_SECRET)
    return user


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign in without the forms; council staff as if they had just given their second factor."""
    client.force_login(user)
    if user.is_council and second_factor:
        session = client.session
        session[ENROLLED_HERE] = 0
        session.save()
    return client
