"""Row history by triggers: every write is seen, and a request's writes remember who and in which request."""

import pghistory
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.cast import Cast, sign_in

UserEvent = apps.get_model("accounts", "UserEvent")


def test_a_bulk_update_and_raw_sql_leave_their_history(cast: Cast) -> None:
    User.objects.filter(pk=cast.citizen.pk).update(name="Rosa")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET name = 'Violeta' WHERE id = %s", [cast.citizen.pk])
    rows = UserEvent.objects.filter(pgh_obj_id=cast.citizen.pk).order_by("pgh_id")
    assert [row.name for row in rows] == ["Vecina", "Rosa", "Violeta"]


def test_the_history_knows_the_person_and_the_request_and_nothing_personal(client: Client, cast: Cast) -> None:
    sign_in(client, cast.citizen)
    client.post("/cuenta/", {"name": "Rosa", "run": "", "language": "es"})
    context = UserEvent.objects.filter(pgh_obj_id=cast.citizen.pk).latest("pgh_id").pgh_context
    assert set(context.metadata) == {"user", "request_id"}
    assert context.metadata["user"] == cast.citizen.pk
    assert len(context.metadata["request_id"]) == 36


def test_passwords_are_in_no_history(cast: Cast) -> None:
    assert "password" not in {field.name for field in UserEvent._meta.get_fields()}


def test_a_command_may_say_in_whose_name_it_writes(cast: Cast) -> None:
    with pghistory.context(user=cast.administrator.pk):
        User.objects.filter(pk=cast.citizen.pk).update(name="Rosa")
    context = UserEvent.objects.filter(pgh_obj_id=cast.citizen.pk).latest("pgh_id").pgh_context
    assert context.metadata == {"user": cast.administrator.pk}
