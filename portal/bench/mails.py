"""A campaign's invitation to every municipality: how fast it is written, and that it arrives once though its sender is killed."""

from __future__ import annotations

import json
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from portal.bench.databases import create, drop, environment, inside
from portal.bench.rows import Row
from portal.bench.serving import forget_queue

NAME: Final = "mails"
SECONDS_BAR: Final = 2
# How many mails arrive before the sender is killed, and how long it may take.
KILLED_AFTER: Final = 120
PATIENCE: Final = 120


def mails(folder: Path) -> list[Row]:
    """The invitation through the desk's own action; the sending in a process that is killed in the middle, and another."""
    create(NAME, template="reference")
    try:
        written = inside(NAME, folder, "invite_all")
        with mail_server() as (port, arrived):
            killed = _sender(folder, port)
            _wait_until(lambda: sum(arrived.values()) >= KILLED_AFTER or killed.poll() is not None)
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            inside(NAME, folder, "recover_outbox")
            if _sender(folder, port).wait(timeout=PATIENCE) != 0:
                raise RuntimeError("The second sender failed.")
        doubt = set(inside(NAME, folder, "in_doubt"))
    finally:
        drop(NAME)
        forget_queue(NAME)
    addresses = set(written["addresses"])
    twice = sum(count > 1 for count in arrived.values())
    lost = addresses - set(arrived) - doubt
    return [
        Row(
            f"invitation to {len(addresses)} municipalities, enqueued",
            f"{written['seconds']:.2f} s",
            f"<= {SECONDS_BAR} s",
            written["seconds"] <= SECONDS_BAR,
        ),
        Row(
            "the same, sent, its sender killed in the middle",
            f"{len(arrived)} arrived, {twice} twice, {len(lost)} lost, {len(doubt)} for a person to decide",
            "once each",
            twice == 0 and not lost and addresses >= set(arrived),
        ),
    ]


def _sender(folder: Path, port: int) -> subprocess.Popen[bytes]:
    more = {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "MAILS_PER_MINUTE": "100000"}
    command = [sys.executable, "-m", "portal.bench.inside", "send_outbox", json.dumps({})]
    return subprocess.Popen(
        command, env=environment(NAME, folder) | more, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL
    )


def _wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > ends:
            raise RuntimeError("The first sender sent nothing.")
        time.sleep(0.005)


class _Conversation(socketserver.StreamRequestHandler):
    """Takes every mail (RFC 5321) and counts to whom it came."""

    arrived: Counter[str]

    def handle(self) -> None:
        self.say("220 bench")
        to = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if line.upper().startswith("RCPT TO:"):
                to = line.partition("<")[2].partition(">")[0]
            if verb == "DATA":
                self.say("354 go on")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
                self.arrived[to] += 1
            self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def mail_server() -> Iterator[tuple[int, Counter[str]]]:
    """A mail server on loopback: its port, and how many mails came to each address."""
    arrived: Counter[str] = Counter()
    handler = type("Conversation", (_Conversation,), {"arrived": arrived})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1], arrived
        finally:
            server.shutdown()


def invite_all() -> dict[str, object]:
    """Invite every municipality in one step of the desk; seconds, and the addresses written to."""
    from datetime import timedelta
    from uuid import uuid4

    from django.urls import reverse
    from django.utils import timezone

    from accounts.choices import CouncilRole
    from accounts.models import User
    from municipalities.actions import bulk, campaigns
    from municipalities.choices import BulkKind
    from municipalities.models import Contact, Mail, Municipality

    # Some weeks ago, so that whatever waits for office hours is due.
    now = timezone.now() - timedelta(days=28)
    today = timezone.localdate(now)
    administrator = User.objects.create(
        email="bench@ejemplo.cl", name="Bench", council_role=CouncilRole.ADMINISTRATOR.value
    )
    cuts = list(Municipality.objects.order_by("pk").values_list("pk", flat=True))
    Contact.objects.bulk_create(
        Contact(municipality_id=cut, name="x", email=f"{cut}@ejemplo.cl", is_main=True, recorded_at=now) for cut in cuts
    )
    made = campaigns.save_campaign(
        by=administrator,
        campaign=None,
        name="Bench",
        description="",
        starts=today,
        ends=today + timedelta(days=90),
        goals={},
        now=now,
    )
    campaigns.add_targets(by=administrator, campaign=made, municipalities=cuts, now=now)
    order = bulk.Order(BulkKind.INVITE)
    reverse("municipalities:adhesions")  # a server has its addresses loaded long before
    seen = bulk.plan(by=administrator, order=order, municipalities=cuts, now=now).reached
    began = time.perf_counter()
    bulk.change(by=administrator, order=order, seen=seen, token=uuid4(), now=now)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "addresses": list(Mail.objects.values_list("to", flat=True))}


def send_outbox() -> None:
    """What a worker does: send until nothing is due."""
    from municipalities.notifications import sending

    while sending.send_waiting():
        pass


def recover_outbox() -> int:
    """What the clock does once a dead worker's claim is stale."""
    from datetime import timedelta

    from django.utils import timezone

    from municipalities.notifications import sending

    return sending.recover(now=timezone.now() + sending.STALE + timedelta(minutes=1))


def in_doubt() -> list[str]:
    """The addresses of which nobody knows whether the mail arrived."""
    from municipalities.choices import MailState
    from municipalities.models import Mail

    return list(Mail.objects.filter(state=MailState.UNCERTAIN).values_list("to", flat=True))
