"""The browser is told which draft the portal has: when a form was saved, and never when it was not."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from accounts.middleware import NamesSavedDraft
from action_plans.models import Recommendation
from tests.action_plans import stories
from tests.cast import Cast, sign_in

pytestmark = pytest.mark.django_db
TEXT = "Publique las actas como datos abiertos"


@pytest.fixture
def recommend(cast: Cast) -> str:
    stories.carried_out(cast)
    return stories.to("advice_recommend", cast)


def named(client: Client) -> list[str]:
    """The drafts that the browser is told to forget."""
    return [name for name in client.cookies if name.startswith(NamesSavedDraft.COOKIE)]


def test_a_saved_form_names_its_draft_and_only_to_this_site(client: Client, cast: Cast, recommend: str) -> None:
    drafts = [str(uuid4()) for _each in range(2)]
    for draft in drafts:
        sign_in(client, cast.adviser).post(recommend, {"text": TEXT, "client": draft})
    assert named(client) == ["guardado_" + draft for draft in drafts], "two tabs do not miss each other's"
    cookie = client.cookies["guardado_" + drafts[0]]
    assert (cookie["samesite"], cookie["max-age"], cookie["httponly"]) == ("Lax", 3600, "")


def test_a_form_with_a_mistake_keeps_its_draft_and_says_whose_words_came_back(
    client: Client, cast: Cast, recommend: str
) -> None:
    draft = str(uuid4())
    answer = sign_in(client, cast.adviser).post(recommend, {"text": " ", "client": draft})
    assert named(client) == []
    assert f'data-sent="{draft}"' in answer.content.decode()


def test_a_session_that_ended_keeps_the_draft(client: Client, recommend: str) -> None:
    answer = client.post(recommend, {"text": TEXT, "client": str(uuid4())})
    assert "/cuenta/ingresar/" in answer.headers["Location"]
    assert named(client) == []


def test_a_second_factor_that_was_not_shown_keeps_the_draft(client: Client, cast: Cast, recommend: str) -> None:
    sign_in(client, cast.adviser, second_factor=False)
    answer = client.post(recommend, {"text": TEXT, "client": str(uuid4())})
    assert answer.status_code == 302
    assert not Recommendation.objects.exists()
    assert named(client) == []


def test_a_refusal_that_is_told_on_the_next_page_keeps_the_draft(client: Client, cast: Cast, recommend: str) -> None:
    nothing_chosen = {"que": "responder", "reasons": TEXT, "client": str(uuid4())}
    answer = sign_in(client, cast.coordinator).post(stories.to("contributions_work", cast), nothing_chosen)
    assert answer.status_code == 302
    assert "Elija al menos un aporte" in client.get(answer.headers["Location"]).content.decode()
    assert named(client) == []


@pytest.mark.parametrize("draft", ["", "corto", "x" * 30, "a1b2c3d4; path=/", "a" * 41])
def test_what_names_no_draft_names_none(client: Client, cast: Cast, recommend: str, draft: str) -> None:
    assert sign_in(client, cast.adviser).post(recommend, {"text": TEXT, "client": draft}).status_code == 302
    assert named(client) == []
