"""A plan that everybody contributes to at once: how many contributions a minute pass, moderation on."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from portal.bench.databases import create, drop, inside
from portal.bench.rows import Row
from portal.bench.serving import forget_queue, server

NAME: Final = "plans"
CONTRIBUTIONS: Final = 200
SECONDS_BAR: Final = 60
TOKEN: Final = "b" * 32
HANDS: Final = 4


def plans(folder: Path) -> list[Row]:
    """Contributions without an account, sent, confirmed by their links, and published by the desk, all through the server."""
    create(NAME, template="reference")
    try:
        opened = inside(NAME, folder, "open_listening")
        with server(NAME, folder, page_cache=True, processes=2) as port:
            time.sleep(max(0.0, opened["soonest"] - time.time()))
            began = time.perf_counter()
            _all(port, [(opened["form"], _words(opened, number)) for number in range(CONTRIBUTIONS)])
            sending = time.perf_counter() - began
            links = inside(NAME, folder, "links_of_mails")
            began = time.perf_counter()
            _all(port, [(link, {}) for link in links])
            confirming = time.perf_counter() - began
            began = time.perf_counter()
            wanted = {"que": "publicar", "todas": "1", "filtro": "cola=nuevos", "confirmar": "1"}
            _post(port, 1, opened["desk"], wanted, session=opened["session"])
            publishing = time.perf_counter() - began
        published = inside(NAME, folder, "published_contributions")
    finally:
        drop(NAME)
        forget_queue(NAME)
    seconds = sending + confirming + publishing
    return [
        Row(
            f"{CONTRIBUTIONS} contributions without an account: sent {sending:.1f} s, confirmed {confirming:.1f} s, published "
            f"in one step {publishing:.1f} s",
            f"{60 * CONTRIBUTIONS / seconds:.0f} a minute, {published} public",
            f">= {CONTRIBUTIONS} a minute, each once",
            seconds <= SECONDS_BAR and published == CONTRIBUTIONS,
        )
    ]


def _words(opened: dict[str, Any], number: int) -> dict[str, str]:
    return {
        "client_id": str(UUID(int=number)),
        "kind": "proposal",
        "text": f"Propuesta {number}: que el concejo municipal transmita sus sesiones y guarde las grabaciones.",
        "shown_as": f"Vecina {number}",
        "sector": "other",
        "email": f"vecina{number}@ejemplo.cl",
        "opened": opened["opened"],
    }


def _all(port: int, requests: list[tuple[str, dict[str, str]]]) -> None:
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(lambda each: _post(port, each[0], *each[1]), enumerate(requests)))


def _post(port: int, number: int, path: str, words: dict[str, str], session: str = "") -> None:
    """Send a form as somebody with an address of their own would. Raises RuntimeError unless it leads on."""
    line = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=60, source_address=(f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
    )
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={TOKEN}; sesion={session}" if session else f"csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
    }
    line.request("POST", path, urlencode(words), headers)
    status = line.getresponse().status
    line.close()
    if status != 302:
        raise RuntimeError(f"{path} answered {status}")


def open_listening() -> dict[str, Any]:
    """A plan that listens, its coordinator's session, and a form opened now."""
    from datetime import timedelta

    from django.conf import settings
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from accounts.choices import MunicipalRole
    from accounts.models import User
    from action_plans.choices import PlanStage
    from action_plans.models import Plan
    from municipalities.forms.public import SOONEST, now_signed
    from municipalities.models import Membership, Municipality

    now = timezone.now()
    today = timezone.localdate(now)
    place = Municipality.objects.earliest("pk")
    user = User.objects.create(email="bench@ejemplo.cl", name="Bench")
    Membership.objects.create(
        user=user, municipality=place, role=MunicipalRole.COORDINATOR, starts=today, basis="Decreto 1"
    )
    plan = Plan.objects.create(
        municipality=place,
        title="Bench",
        starts=today,
        ends=today + timedelta(days=730),
        stage=PlanStage.CO_CREATION,
        stage_since=now,
        created_at=now,
    )
    client = Client()
    client.force_login(user)
    return {
        "form": reverse("action_plans:contribution_new", args=[plan.pk]),
        "desk": reverse("action_plans:contributions_work", args=[place.cut, place.slug]),
        "session": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "opened": now_signed(),
        "soonest": time.time() + SOONEST.total_seconds() + 1,
    }


def links_of_mails() -> list[str]:
    """Where the mails to the authors lead."""
    from django.urls import reverse

    from action_plans.models import Author

    keys = Author.objects.filter(confirmed_at=None).values_list("key", flat=True)
    return [reverse("action_plans:confirm", args=[key]) for key in keys]


def published_contributions() -> int:
    from action_plans.models import Contribution

    return Contribution.objects.filter(state="published").count()
