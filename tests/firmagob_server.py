"""A FirmaGob that listens: it checks the token, the code and the hash, and signs with a certificate of its own.

As the real one: JWT HS256 with entity, RUN without check digit, purpose and an expiration in the time of Santiago without
zone; the code in the header OTP; the hash in base64. `answers` names, in turn, how it fails; empty, it signs.
"""

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import jwt
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner

from municipalities.management.commands.make_seal import pkcs12_of

ENTITY, KEY, SECRET, CODE = (
    "Municipalidad de prueba",
    "clave-de-prueba",
    "un-secreto-de-prueba-de-largo-bastante",
    "123456",
)
SANTIAGO = ZoneInfo("America/Santiago")


def _signer() -> Any:
    return SimpleSigner.load_pkcs12_data(pkcs12_of("Alcaldesa de prueba", "x"), [], b"x")


@dataclass
class FakeFirmaGob:
    """`asked` keeps the hashes it was asked to sign, in base64; `faults` what was wrong with a question."""

    url: str = ""
    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    signer: Any = field(default_factory=_signer)

    def settings(self, timeout: int = 5) -> dict[str, Any]:
        """What the portal must be told, as settings."""
        return {
            "FIRMAGOB_URL": self.url,
            "FIRMAGOB_ENTITY": ENTITY,
            "FIRMAGOB_TOKEN_KEY": KEY,
            "FIRMAGOB_SECRET": SECRET,
            "FIRMAGOB_TIMEOUT": timeout,
        }

    def environment(self) -> dict[str, str]:
        """The same for a process."""
        return {name: str(value) for name, value in self.settings().items()}

    def signature(self, digest: bytes) -> bytes:
        made = self.signer.async_sign(digest, "sha256", signed_attr_settings=PdfCMSSignedAttributes())
        der: bytes = asyncio.run(made).dump()
        return der


class Handler(BaseHTTPRequestHandler):
    firmagob: FakeFirmaGob
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode = self.firmagob.answers.pop(0) if self.firmagob.answers else ""
        fault = self.fault_of(question)
        if fault:
            self.firmagob.faults.append(fault)
            self.give({"error": fault}, 400)
        elif self.headers.get("OTP") != CODE or mode == "wrong code":
            self.give({"error": "OTP invalido"}, 400)
        elif mode == "code too old":
            self.give(self.answer([], otp_expired=True))
        elif mode == "token expired":
            self.give({"error": "Token expirado"}, 401)
        else:
            self.sign(question["hashes"][0]["content"], mode)

    def fault_of(self, question: dict[str, Any]) -> str:
        """What is wrong with the question; nothing, when it is as the manual says."""
        try:
            claims = jwt.decode(question["token"], SECRET, ["HS256"])
        except jwt.PyJWTError as error:
            return f"token: {error}"
        left = datetime.fromisoformat(claims["expiration"]).replace(tzinfo=SANTIAGO) - datetime.now(SANTIAGO)
        self.firmagob.runs.append(claims["run"])
        told = {
            "api_token_key": question.get("api_token_key") == KEY,
            "claims": set(claims) == {"entity", "run", "purpose", "expiration"},
            "entity": claims["entity"] == ENTITY,
            "purpose": claims["purpose"] == "Propósito General",
            "run": claims["run"].isdecimal(),
            "expiration": "+" not in claims["expiration"] and timedelta(0) < left <= timedelta(minutes=30),
            "hashes": [one["content-type"] for one in question.get("hashes", [])] == ["application/pdf"],
        }
        return ", ".join(name for name, is_right in told.items() if not is_right)

    def sign(self, wanted: str, mode: str) -> None:
        self.firmagob.asked.append(wanted)
        self.firmagob.arrived.set()
        if mode == "wait":
            self.firmagob.waiting.wait(30)
        if mode == "silence":
            self.firmagob.stopping.wait(30)
            self.close_connection = True
            return
        if mode == "trickle":
            self.trickle()
            return
        if mode.isdecimal():
            self.give({"error": "mantencion"}, int(mode))
            return
        if mode == "page":
            self.give(b"<h1>Mantencion</h1>")
            return
        if mode == "partial":
            self.give(self.answer([]))
            return
        digest = base64.b64decode(wanted)
        signature = self.firmagob.signature(bytes(32) if mode == "other hash" else digest)
        if mode == "broken signature":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        content = "no es base64" if mode == "garbage" else base64.b64encode(signature).decode()
        content = base64.b64encode(b"0" * 90_000).decode() if mode == "huge" else content
        self.give(self.answer([{"content": content, "status": "error" if mode == "failed" else "OK"}]))

    def answer(self, hashes: list[dict[str, str]], *, otp_expired: bool = False) -> dict[str, Any]:
        done = [one for one in hashes if one["status"] == "OK"]
        metadata = {
            "otpExpired": otp_expired,
            "filesSigned": len(done),
            "signedFailed": 1 - len(done),
            "objectsReceived": 1,
        }
        return {"metadata": metadata, "hashes": hashes, "idSolicitud": 1}

    def trickle(self) -> None:
        """A byte now and then: never silent for long, never done."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.close_connection = True
        while not self.firmagob.stopping.wait(0.02):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return

    def give(self, what: dict[str, Any] | bytes, status: int = 200) -> None:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it
        """Tests are quiet."""


@contextmanager
def running(signer: Any = None) -> Iterator[FakeFirmaGob]:
    """A FirmaGob on a port of its own, in a thread; it signs with `signer` (pyHanko's), or with a certificate of its own."""
    firmagob = FakeFirmaGob(signer=signer) if signer else FakeFirmaGob()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"firmagob": firmagob}))
    server.daemon_threads = True
    firmagob.url = f"http://127.0.0.1:{server.server_address[1]}/firma/v2/files/tickets"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield firmagob
    finally:
        firmagob.stopping.set()
        firmagob.waiting.set()
        server.shutdown()
        thread.join()
        server.server_close()
