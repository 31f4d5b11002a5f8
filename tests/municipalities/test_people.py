import re
from datetime import datetime, timedelta

import pytest
import structlog
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.choices import MunicipalRole
from accounts.models import Event, User
from accounts.rules import hash_of_secret
from config.logging import hide_personal_data
from municipalities.actions import RefusedError
from municipalities.actions import people as actions
from municipalities.models import Invitation, Membership
from municipalities.notifications import people as notifications
from tests.cast import PASSWORD, Cast, person, sign_in

PEOPLE = "/municipios/12201-cabo-de-hornos/personas/"
NOW = timezone.now()


def invite(cast: Cast, email: str = "nueva@ejemplo.cl", role: str = "officer", by: User | None = None) -> Invitation:
    return actions.invite(
        by=by or cast.coordinator, municipality=cast.here, email=email, role=role, basis="Decreto 2", now=NOW
    )


def mailed_link(invitation: Invitation, now: datetime = NOW) -> str:
    """Send the mail as a worker would and take the link out of it."""
    mail.outbox.clear()
    assert notifications.send_invitation(invitation.pk, now=now)
    found = re.search(r"https?://[^/\s]+(/invitaciones/\S+/)", str(mail.outbox[0].body))
    assert found
    return found[1]


# Who invites whom


@pytest.mark.parametrize("role", ["officer", "reader"])
def test_a_coordinator_invites_officers_and_readers(cast: Cast, role: str) -> None:
    assert invite(cast, role=role).role == role


@pytest.mark.parametrize("role", ["coordinator", "mayor"])
def test_a_coordinator_invites_neither_coordinators_nor_mayors(cast: Cast, role: str) -> None:
    with pytest.raises(PermissionDenied):
        invite(cast, role=role)


@pytest.mark.parametrize(
    "who", ["coordinator_elsewhere", "officer", "mayor", "reader", "citizen", "adviser", "analyst"]
)
def test_nobody_else_invites_into_a_municipality(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        invite(cast, by=getattr(cast, who))


def test_an_administrator_invites_anyone_anywhere(cast: Cast) -> None:
    for role in MunicipalRole.values:
        assert invite(cast, email=f"{role}@ejemplo.cl", role=role, by=cast.administrator)


def test_who_already_belongs_is_not_invited_again(cast: Cast) -> None:
    with pytest.raises(RefusedError):
        invite(cast, email="Funcionario@ejemplo.cl")


def test_inviting_again_cancels_the_earlier_link(client: Client, cast: Cast) -> None:
    first = mailed_link(invite(cast))
    second = mailed_link(invite(cast))
    assert client.get(first, follow=True).status_code == 410
    assert client.get(second, follow=True).status_code == 200
    assert Invitation.objects.waiting().count() == 1


def test_a_coordinator_cannot_replace_an_invitation_of_the_council(cast: Cast) -> None:
    invite(cast, role="coordinator", by=cast.administrator)
    with pytest.raises(PermissionDenied):
        invite(cast, role="reader")
    assert Invitation.objects.waiting().get().role == "coordinator"


# The mail


def test_the_mail_goes_out_once_with_text_and_html(cast: Cast) -> None:
    invitation = invite(cast)
    link = mailed_link(invitation)
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == ["nueva@ejemplo.cl"]
    assert "Cabo de Hornos" in message.subject
    assert link in str(message.alternatives[0][0])
    assert not notifications.send_invitation(invitation.pk, now=NOW)
    assert len(mail.outbox) == 1


def test_only_the_hash_of_the_secret_is_kept(cast: Cast) -> None:
    invitation = invite(cast)
    secret = mailed_link(invitation).split("/")[2]
    invitation.refresh_from_db()
    assert invitation.secret_hash == hash_of_secret(secret)
    assert secret not in str(Invitation.objects.values().get())
    assert secret not in str(list(Event.objects.values()))


@pytest.mark.parametrize("change", ["revoked_at", "accepted_at"])
def test_a_closed_invitation_is_not_mailed(cast: Cast, change: str) -> None:
    invitation = invite(cast)
    Invitation.objects.filter(pk=invitation.pk).update(**{change: NOW})
    assert not notifications.send_invitation(invitation.pk, now=NOW)


def test_an_expired_invitation_is_not_mailed(cast: Cast) -> None:
    assert not notifications.send_invitation(invite(cast).pk, now=NOW + timedelta(days=7))


def test_the_link_leaves_the_address_bar_and_the_logs(client: Client, cast: Cast) -> None:
    link = mailed_link(invite(cast))
    assert client.get(link)["Location"] == "/invitaciones/responder/"
    secret = link.split("/")[2]
    for text in (f"GET {link}", f"GET /cuenta/ingresar/?next=%2Finvitaciones%2F{secret}%2F"):
        line = hide_personal_data(structlog.get_logger(), "info", {"request": text, "event": text})
        assert secret not in str(line)
        assert "[oculto]" in line["request"]


# Accepting


def test_someone_without_an_account_signs_up_and_accepts_without_a_code(client: Client, cast: Cast) -> None:
    page = client.get(mailed_link(invite(cast)), follow=True)
    sign_up = re.search(r'href="(/cuenta/crear/[^"]+)"', page.content.decode())
    assert sign_up
    mail.outbox.clear()
    data = {"email": "nueva@ejemplo.cl", "name": "Nueva", "password1": PASSWORD, "password2": PASSWORD}
    form = client.get(sign_up[1]).content.decode()
    following = re.search(r'name="next" value="([^"]+)"', form)
    assert following
    done = client.post(sign_up[1], {**data, "next": following[1]})
    assert done["Location"] == "/invitaciones/responder/"
    assert not mail.outbox
    assert client.post("/invitaciones/responder/").status_code == 302
    membership = Membership.objects.get(user__email="nueva@ejemplo.cl")
    assert (membership.role, membership.granted_by, membership.basis) == ("officer", cast.coordinator, "Decreto 2")
    assert client.get(PEOPLE).status_code == 200


def test_someone_with_an_account_signs_in_and_accepts(client: Client, cast: Cast) -> None:
    link = mailed_link(invite(cast, email=cast.citizen.email))
    sign_in(client, cast.citizen)
    assert "Aceptar" in client.get(link, follow=True).content.decode()
    client.post("/invitaciones/responder/")
    assert Membership.objects.current().filter(user=cast.citizen, municipality=cast.here).exists()


def test_another_person_signed_in_cannot_accept_and_reads_why(client: Client, cast: Cast) -> None:
    link = mailed_link(invite(cast))
    sign_in(client, cast.citizen)
    page = client.get(link, follow=True).content.decode()
    assert "la invitación es para otro correo" in page
    assert client.post("/invitaciones/responder/").status_code == 409
    assert not Membership.objects.filter(user=cast.citizen).exists()


def test_a_link_works_once(client: Client, cast: Cast) -> None:
    link = mailed_link(invite(cast, email=cast.citizen.email))
    sign_in(client, cast.citizen)
    client.get(link)
    client.post("/invitaciones/responder/")
    again = client.get(link, follow=True)
    assert again.status_code == 410
    assert "Fue aceptada" in again.content.decode()


def test_an_expired_link_says_so(client: Client, cast: Cast) -> None:
    invitation = invite(cast)
    link = mailed_link(invitation)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=NOW - timedelta(seconds=1))
    page = client.get(link, follow=True)
    assert page.status_code == 410
    assert "Venció" in page.content.decode()


def test_a_withdrawn_link_says_so(client: Client, cast: Cast) -> None:
    invitation = invite(cast)
    link = mailed_link(invitation)
    actions.revoke_invitation(by=cast.coordinator, invitation=invitation, now=NOW)
    assert "la retiró" in client.get(link, follow=True).content.decode()


def test_an_unknown_link_opens_nothing(client: Client, db: None) -> None:
    assert client.get("/invitaciones/" + "x" * 43 + "/").status_code == 404
    assert client.get("/invitaciones/responder/").status_code == 404


def test_an_invitation_expires_after_seven_days_to_the_second(cast: Cast) -> None:
    invitation = invite(cast, email=cast.citizen.email)
    late = NOW + timedelta(days=7)
    with pytest.raises(RefusedError):
        actions.accept_invitation(by=cast.citizen, invitation=invitation, now=late)
    assert actions.accept_invitation(by=cast.citizen, invitation=invitation, now=late - timedelta(seconds=1))


def test_the_invitation_of_a_coordinator_who_left_opens_nothing(cast: Cast) -> None:
    invitation = invite(cast, email=cast.citizen.email)
    Membership.objects.filter(user=cast.coordinator).update(ends=timezone.localdate())
    with pytest.raises(RefusedError):
        actions.accept_invitation(by=cast.citizen, invitation=invitation, now=NOW)


# Ending and changing


def test_ending_a_membership_takes_effect_on_the_next_request(client: Client, cast: Cast) -> None:
    sign_in(client, cast.officer)
    assert client.get(PEOPLE).status_code == 200
    membership = Membership.objects.get(user=cast.officer)
    actions.end_membership(by=cast.coordinator, membership=membership, reason="Renunció", now=NOW)
    assert client.get(PEOPLE).status_code == 404


def test_the_last_coordinator_stays(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.coordinator)
    for who in (cast.coordinator, cast.administrator):
        with pytest.raises(RefusedError):
            actions.end_membership(by=who, membership=membership, reason="x", now=NOW)
    with pytest.raises(RefusedError):
        actions.change_role(by=cast.administrator, membership=membership, role="reader", basis="x", now=NOW)


def test_a_coordinator_may_leave_once_there_is_another(cast: Cast) -> None:
    person("segunda", of=cast.here, role=MunicipalRole.COORDINATOR)
    membership = Membership.objects.get(user=cast.coordinator)
    actions.end_membership(by=cast.coordinator, membership=membership, reason="Traslado", now=NOW)
    assert not Membership.objects.current().filter(user=cast.coordinator).exists()


@pytest.mark.parametrize("second", [{"is_active": False}, None])
def test_a_coordinator_who_cannot_act_does_not_count(cast: Cast, second: dict[str, bool] | None) -> None:
    other = person("segunda", of=cast.here, role=MunicipalRole.COORDINATOR)
    if second:
        User.objects.filter(pk=other.pk).update(**second)
    else:
        Membership.objects.filter(user=other).update(ends=timezone.localdate() + timedelta(days=30))
    with pytest.raises(RefusedError):
        actions.end_membership(
            by=cast.administrator, membership=Membership.objects.get(user=cast.coordinator), reason="x", now=NOW
        )


def test_a_coordinator_cannot_end_another_coordinator_or_the_mayor(cast: Cast) -> None:
    other = person("segunda", of=cast.here, role=MunicipalRole.COORDINATOR)
    for user in (other, cast.mayor):
        with pytest.raises(PermissionDenied):
            actions.end_membership(
                by=cast.coordinator, membership=Membership.objects.get(user=user), reason="x", now=NOW
            )


def test_changing_a_role_keeps_both_in_the_history(cast: Cast) -> None:
    before = Membership.objects.get(user=cast.reader)
    changed = actions.change_role(by=cast.coordinator, membership=before, role="officer", basis="Decreto 9", now=NOW)
    before.refresh_from_db()
    assert before.ends == changed.starts == timezone.localdate(NOW)
    assert [m.role for m in Membership.objects.current().filter(user=cast.reader)] == ["officer"]
    assert Event.objects.get(kind="membership.role_changed").sentence == (
        "Coordinadora cambió el rol de Lectora: de Lectura a Funcionariado."
    )


# The page


def test_the_page_of_people_invites_and_tells_what_happened(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    client.post(PEOPLE, {"email": "nueva@ejemplo.cl", "role": "reader", "basis": "Decreto 3"})
    page = client.get(PEOPLE).content.decode()
    assert "nueva@ejemplo.cl" in page
    assert "Coordinadora invitó a una persona" in page
    assert "Decreto 1" in page


def test_the_form_offers_only_roles_that_may_be_granted(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    page = client.get(PEOPLE).content.decode()
    assert 'value="officer"' in page
    assert 'value="coordinator"' not in page
    assert client.post(PEOPLE, {"email": "a@ejemplo.cl", "role": "coordinator", "basis": "x"}).status_code == 200
    assert not Invitation.objects.exists()


def test_a_mayor_reads_the_page_and_finds_no_form(client: Client, cast: Cast) -> None:
    sign_in(client, cast.mayor)
    assert "<form method" not in client.get(PEOPLE).content.decode().split('id="content"')[1]
    assert client.post(PEOPLE, {"email": "a@ejemplo.cl", "role": "reader", "basis": "x"}).status_code == 403


def test_ending_asks_the_reason_and_says_when_it_cannot_be(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    mine = Membership.objects.get(user=cast.coordinator)
    assert client.post(f"{PEOPLE}{mine.pk}/terminar/", {"reason": ""}).status_code == 200
    page = client.post(f"{PEOPLE}{mine.pk}/terminar/", {"reason": "Me voy"}).content.decode()
    assert "Es la única persona que coordina" in page
    theirs = Membership.objects.get(user=cast.reader)
    client.post(f"{PEOPLE}{theirs.pk}/terminar/", {"reason": "Fin del contrato"})
    page = client.get(PEOPLE).content.decode()
    assert "1 persona que ya no está" in page
    assert "Fin del contrato" in page


def test_a_municipality_of_others_does_not_exist_for_a_coordinator(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator_elsewhere)
    mine = Membership.objects.get(user=cast.officer)
    assert client.get(PEOPLE).status_code == 404
    assert client.post(f"{PEOPLE}{mine.pk}/terminar/", {"reason": "x"}).status_code == 404
    wrong_place = f"/municipios/10207-queilen/personas/{mine.pk}/terminar/"
    assert client.post(wrong_place, {"reason": "x"}).status_code == 404


def test_the_page_costs_the_same_with_many_people(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        person(f"persona{number}", of=cast.here, role=MunicipalRole.READER)
    sign_in(client, cast.coordinator)
    client.get(PEOPLE)
    with django_assert_max_num_queries(10):
        client.get(PEOPLE)


def test_nothing_personal_is_in_the_events_but_names(cast: Cast) -> None:
    invite(cast)
    assert "@" not in str(list(Event.objects.values()))
