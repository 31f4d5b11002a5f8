"""A mail server on this machine that speaks SMTP, remembers what it accepted, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import Enum


class Fault(Enum):
    """What the server does to a mail, or to everyone."""

    BUSY = "450 4.2.1 try again later"
    NO_SUCH_ADDRESS = "550 5.1.1 no such address here"
    SPAM = "554 5.7.1 we do not want this"
    SENDER_REFUSED = "550 5.7.1 sender not allowed"
    HANGS_UP_BEFORE_DATA = "hangs up when the mail would begin"
    HANGS_UP_AFTER_DATA = "takes the mail and hangs up without an answer"
    STALLS_AFTER_DATA = "takes the mail and says nothing"
    TOO_MANY = "421 4.7.0 too many mails, good bye"


@dataclass
class Accepted:
    """A mail as it arrived."""

    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.content)


@dataclass
class SMTPServer:
    """`accepted` holds what was taken, whether or not the sender heard of it. `faults` maps an address, or `*`, to a fault."""

    port: int = 0
    accepted: list[Accepted] = field(default_factory=list)
    faults: dict[str, Fault] = field(default_factory=dict)
    connections: int = 0
    # Told of each mail that is being taken, before it is: a test kills the sender at that moment.
    arrival: threading.Event = field(default_factory=threading.Event)
    pause_at: int | None = None
    """Say nothing after taking this many mails, until the sender is gone."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def received_by(self, address: str) -> int:
        return sum(mail.to == address for mail in self.accepted)

    def fault(self, address: str) -> Fault | None:
        return self.faults.get(address, self.faults.get("*"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await Conversation(self, reader, writer).hold()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


class Conversation:
    """One connection of a sender (RFC 5321, without extensions)."""

    def __init__(self, server: SMTPServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.to = ""

    async def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    async def hold(self) -> None:
        await self.say("220 localhost")
        while line := (await self.reader.readline()).decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if not await self.answer(verb, line):
                return

    async def answer(self, verb: str, line: str) -> bool:
        """Answer a command; False when the connection ends with it."""
        if verb == "QUIT":
            await self.say("221 bye")
            return False
        if verb == "MAIL":
            return await self.mail()
        if verb == "RCPT":
            self.to = line.partition("<")[2].partition(">")[0]
            fault = self.server.fault(self.to)
            refuses = fault in {Fault.BUSY, Fault.NO_SUCH_ADDRESS}
            await self.say(fault.value if fault and refuses else "250 ok")
            return True
        if verb == "DATA":
            return await self.data()
        await self.say("250 localhost" if verb in {"EHLO", "HELO", "RSET", "NOOP"} else "502 what")
        return True

    async def mail(self) -> bool:
        fault = self.server.faults.get("*")
        if fault in {Fault.SENDER_REFUSED, Fault.TOO_MANY}:
            await self.say(fault.value)
            return fault != Fault.TOO_MANY
        await self.say("250 ok")
        return True

    async def data(self) -> bool:
        fault = self.server.fault(self.to)
        if fault == Fault.HANGS_UP_BEFORE_DATA:
            return False
        await self.say("354 go on")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        if fault == Fault.SPAM:
            await self.say(fault.value)
            return True
        self.server.accepted.append(Accepted(self.to, content[:-3]))
        if self.server.pause_at is not None and len(self.server.accepted) >= self.server.pause_at:
            self.server.pause_at = None
            self.server.arrival.set()
            await self.reader.read()
            return False
        if fault == Fault.STALLS_AFTER_DATA:
            await self.reader.read()
        if fault in {Fault.HANGS_UP_AFTER_DATA, Fault.STALLS_AFTER_DATA}:
            return False
        await self.say("250 taken")
        return True


@contextmanager
def running() -> Iterator[SMTPServer]:
    """Serve on a free port of this machine until the block ends."""
    server = SMTPServer()
    # In a thread of its own from the start: that of the test may run Playwright's loop.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**24), loop)
    listening = starting.result(timeout=60)
    server.port = listening.sockets[0].getsockname()[1]

    async def end() -> None:
        listening.close()
        current = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not current]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
