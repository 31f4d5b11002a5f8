"""Migrations that meet rows: what they would break they mend, and what they would lose they refuse."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.utils import timezone

from action_plans.models import Author
from tests.action_plans.assessed import assessed, observed
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def migration(name: str) -> ModuleType:
    return import_module(f"action_plans.migrations.{name}")


def test_of_two_authors_of_an_account_the_last_stays_its_own_and_nothing_is_lost(cast: Cast) -> None:
    step = migration("0005_one_author_of_an_account")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX author_one_of_an_account")
    at = timezone.now()
    own = {"user": cast.citizen, "email": cast.citizen.email, "created_at": at, "forget_at": at}
    first, last = (Author.objects.create(shown_as=name, **own) for name in ("Primero", "Último"))
    gone = Author.objects.create(shown_as="Olvidado", created_at=at, forget_at=at, forgotten_at=at)
    with connection.cursor() as cursor:
        # What was written before is over, as where a migration begins.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    step.leave_one(apps, None)
    assert list(Author.objects.order_by("pk").values_list("pk", "user", "email")) == [
        (first.pk, None, cast.citizen.email),
        (last.pk, cast.citizen.pk, cast.citizen.email),
        (gone.pk, None, ""),
    ]
    with connection.schema_editor() as editor:
        constraint = step.Migration.operations[-1].constraint
        editor.add_constraint(Author, constraint)


def test_observations_are_not_lost_by_going_back(cast: Cast) -> None:
    step = migration("0004_observations")
    step.refuse_to_lose(apps, None)
    observed(assessed(cast))
    with pytest.raises(IrreversibleError, match="would lose 1 observations of citizens, 2 lines of their history"):
        step.refuse_to_lose(apps, None)
