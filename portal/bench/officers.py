"""Officers on the last day, in a process of their own: `python -m portal.bench.officers PORT FILE`; the last line tells the rest.

Each has a section of the form open and saves as its script does: a text that grows, the version it starts from, an identifier of
the save. Who hears that someone was quicker sends the text again with the other's version, as "keep mine" does. Nothing here
knows Django: an officer must cost this machine little.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

PATIENCE: Final = 30
TOKEN: Final = "b" * 32
WORDS: Final = "La municipalidad publica «todo» cada mes, ñandú y çedilla: 3 < 5 & 7 > 2, ¿verdad? "
# Saves of one question before the officer goes to the next.
STAY: Final = 3
ARRIVAL: Final = 10


@dataclass
class Minute:
    """What was sent, by identifier of the save, and what the portal answered. Times are of saves after `counts_from`: before it
    the officers arrive, and each process reads what it will need."""

    counts_from: float
    sent: dict[str, str] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


@dataclass
class Officer:
    """`questions` are (address, value of the control) in the order in which they are answered."""

    person: int
    session: str
    questions: list[tuple[str, str]]
    versions: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    number: int = 0
    again: bool = False

    async def work(self, port: int, minute: Minute, dice: random.Random, ends: float, pace: float) -> None:
        """Save once in `pace` seconds, more or less, until the end."""
        tab = str(UUID(int=dice.getrandbits(128)))
        await asyncio.sleep(dice.uniform(0, pace))
        while time.monotonic() < ends:
            began = time.monotonic()
            await self.save(port, minute, tab, UUID(int=dice.getrandbits(128)))
            await asyncio.sleep(max(0.0, pace * dice.uniform(0.7, 1.3) - (time.monotonic() - began)))

    async def save(self, port: int, minute: Minute, tab: str, client: UUID) -> None:
        address, value = self.questions[self.number // STAY % len(self.questions)]
        text = self.texts.get(address, "") + ("" if self.again else WORDS)
        self.texts[address] = text
        fields = {
            "person": self.person,
            "version": self.versions.get(address, 0),
            "client_id": client,
            "tab": tab,
            "sequence": len(minute.sent),
            "value": value,
            "text": text,
            "confidence": "high",
        }
        minute.sent[str(client)] = text
        began = time.perf_counter()
        status, said = await post(port, address, self.session, urlencode(fields).encode())
        if began >= minute.counts_from:
            minute.milliseconds.append(1000 * (time.perf_counter() - began))
        minute.statuses[status] = minute.statuses.get(status, 0) + 1
        self.again = said.get("state") == "conflict"
        self.number += not self.again
        if "version" in said:
            self.versions[address] = said["version"]


async def post(port: int, address: str, session: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer; status 0 when none came."""
    head = (
        f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: sesion={session}; csrftoken={TOKEN}\r\n"
        f"X-CSRFToken: {TOKEN}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    loop, answer = asyncio.get_running_loop(), b""
    # Plain sockets: streams would cost as much as the portal's own part of a save.
    with socket.socket() as line:
        line.settimeout(0)
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.sock_connect(line, ("127.0.0.1", port))
                await loop.sock_sendall(line, head.encode() + body)
                while more := await loop.sock_recv(line, 65_536):
                    answer += more
        except (OSError, TimeoutError):
            return 0, {}
    first, _break, rest = answer.partition(b"\r\n")
    status = int(first.split()[1]) if first.startswith(b"HTTP/") else 0
    try:
        said = json.loads(rest.partition(b"\r\n\r\n")[2])
    except ValueError:
        said = {}
    return status, said if isinstance(said, dict) else {}


async def run(port: int, people: list[dict[str, Any]], seconds: float, pace: float) -> Minute:
    minute = Minute(time.perf_counter() + ARRIVAL)
    dice, ends = random.Random(1), time.monotonic() + ARRIVAL + seconds  # noqa: S311 (nothing secret)
    officers = [Officer(each["person"], each["session"], each["questions"]) for each in people]
    await asyncio.gather(*(officer.work(port, minute, dice, ends, pace) for officer in officers))
    return minute


def main() -> None:
    port, path = int(sys.argv[1]), Path(sys.argv[2])
    order = json.loads(path.read_text())
    minute = asyncio.run(run(port, order["people"], order["seconds"], order["pace"]))
    path.write_text(json.dumps(minute.sent))
    times = sorted(minute.milliseconds)
    quantile = {
        name: times[min(len(times) - 1, int(share * len(times)))] for name, share in (("p50", 0.5), ("p95", 0.95))
    }
    print(
        json.dumps({**quantile, "most": times[-1], "rate": len(times) / order["seconds"], "statuses": minute.statuses})
    )


if __name__ == "__main__":
    main()
