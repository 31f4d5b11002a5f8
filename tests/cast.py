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
        "citizen": Someone("vecina"),
        "reader": Someone("lectora", of=here, role=MunicipalRole.READER),
        "officer": Someone("funcionario", of=here, role=MunicipalRole.OFFICER),
        "mayor": Someone("alcaldesa", of=here, role=MunicipalRole.MAYOR),
        "coordinator": Someone("coordinadora", of=here, role=MunicipalRole.COORDINATOR),
        "coordinator_elsewhere": Someone("coordinador.ajeno", of=elsewhere, role=MunicipalRole.COORDINATOR),
        "adviser": Someone("asesora", council=CouncilRole.ADVISER, scope=here.region),
        "adviser_elsewhere": Someone("asesor.ajeno", council=CouncilRole.ADVISER, scope=elsewhere.region),
        "analyst": Someone("analista", council=CouncilRole.ANALYST),
        "administrator": Someone("administradora", council=CouncilRole.ADMINISTRATOR),
        "unprotected_administrator": Someone("administrador.nuevo", council=CouncilRole.ADMINISTRATOR, protected=False),
    }
    return Cast(here=here, elsewhere=elsewhere, **dict(zip(people, persons(*people.values()), strict=True)))


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


@dataclass(frozen=True)
class Someone:
    """Who to make: `who@ejemplo.cl`, with a membership or a council role."""

    who: str
    of: Municipality | None = None
    role: str = ""
    council: str = ""
    scope: Region | None = None
    protected: bool = True


def persons(*people: Someone) -> list[User]:
    """People with a confirmed e-mail, in a few statements for all: most tests begin with them."""
    users = User.objects.bulk_create(
        User(email=f"{one.who}@ejemplo.cl", name=one.who.replace(".", " ").capitalize(), council_role=one.council)
        for one in people
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    pairs = list(zip(people, users, strict=True))
    Membership.objects.bulk_create(
        Membership(user=user, municipality=one.of, role=one.role, starts=SINCE, basis="Decreto 1")
        for one, user in pairs
        if one.of
    )
    AdviserScope.objects.bulk_create(AdviserScope(user=user, region=one.scope) for one, user in pairs if one.scope)
    for one, user in pairs:
        if one.council and one.protected:
            TOTP.activate(user, TOTP_SECRET)
    return users


def person(
    who: str,
    *,
    of: Municipality | None = None,
    role: str = "",
    council: str = "",
    scope: Region | None = None,
    protected: bool = True,
) -> User:
    """Someone with a confirmed e-mail `who@ejemplo.cl`, and a membership or a council role."""
    return persons(Someone(who, of=of, role=role, council=council, scope=scope, protected=protected))[0]


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign in without the forms; council staff as if they had just given their second factor."""
    client.force_login(user)
    if user.is_council and second_factor:
        session = client.session
        session[ENROLLED_HERE] = 0
        session.save()
    return client
