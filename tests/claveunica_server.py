"""A ClaveÚnica that listens: an OpenID provider with its pages, its token, its userinfo, and each way in which they go wrong.

As the real one: the code has 32 characters and is taken once, the token wants the state again, userinfo answers a POST only,
and a person is `RolUnico`. `sub` is a number that says nothing.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "portal-de-prueba", "secreto-de-prueba"


@dataclass(frozen=True)
class Citizen:
    """Someone who holds a ClaveÚnica: the RUNs are those that its manual gives for tests."""

    number: int
    digit: str
    names: tuple[str, ...] = ("María", "Carmen")
    surnames: tuple[str, ...] = ("Del Río", "González")

    @property
    def run(self) -> str:
        return f"{self.number}-{self.digit}"


MAYOR = Citizen(44444444, "4")
SOMEONE = Citizen(55555555, "5", ("José",), ("Soto", "Vera"))
CITIZENS = {citizen.run: citizen for citizen in (MAYOR, SOMEONE)}


@dataclass
class FakeClaveUnica:
    """`faults` names what goes wrong next; `seen` keeps what each address was asked."""

    url: str = ""
    faults: set[str] = field(default_factory=set)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    granted: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, Citizen] = field(default_factory=dict)
    sessions: dict[str, tuple[Citizen, int]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def settings(self) -> dict[str, Any]:
        """What the portal must be told, as settings."""
        client = {"name": "ClaveÚnica", "client_id": CLIENT, "secret": SECRET}
        return {
            "CLAVEUNICA_URL": self.url,
            "CLAVEUNICA_CLIENT_ID": CLIENT,
            "CLAVEUNICA_CLIENT_SECRET": SECRET,
            "SOCIALACCOUNT_PROVIDERS": {"claveunica": {"APPS": [client]}},
        }

    def environment(self) -> dict[str, str]:
        """The same for a process."""
        names = ("CLAVEUNICA_URL", "CLAVEUNICA_CLIENT_ID", "CLAVEUNICA_CLIENT_SECRET")
        return {name: str(value) for name, value in self.settings().items() if name in names}

    def sign_in(self, authorize: str, citizen: Citizen) -> str:
        """Do what a person does in the browser: open the page, choose, send. Returns where they are sent back to."""
        page = requests.get(authorize, timeout=5, allow_redirects=False)
        assert page.status_code == 200, page.text
        action = f"{self.url}/accounts/login/?{urlsplit(authorize).query}"
        answer = requests.post(action, data={"run": citizen.run}, timeout=5, allow_redirects=False)
        return answer.headers["Location"]


class Handler(BaseHTTPRequestHandler):
    provider: FakeClaveUnica
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.provider.seen.append((address.path, asked))
        if address.path == "/openid/authorize/":
            self.authorize(asked, address.query)
        elif address.path == "/api/v1/accounts/app/logout":
            self.provider.sessions.pop(self.session_key(), None)
            self.lead_to(asked["redirect"], cookie="gone; Max-Age=0")
        else:
            self.give({"detail": "method not allowed"}, 405)

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        sent = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        asked = {name: values[0] for name, values in (parse_qs(address.query) | sent).items()}
        self.provider.seen.append((address.path, asked))
        if address.path == "/accounts/login/":
            self.login(asked)
        elif address.path == "/openid/token/":
            self.token(asked)
        elif address.path == "/openid/userinfo/":
            self.userinfo()
        else:
            self.give({"detail": "not found"}, 404)

    def session_key(self) -> str:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("claveunica")
        return cookie.value if cookie else ""

    def authorize(self, asked: dict[str, str], query: str) -> None:
        wanted = {"client_id": CLIENT, "response_type": "code"}
        scope = set(asked.get("scope", "").split())
        if wanted.items() - asked.items() or scope != {"openid", "run", "name"} or len(asked.get("state", "")) < 30:
            self.give({"error": "invalid_request"}, 400)
            return
        session = self.provider.sessions.get(self.session_key())
        if session and (asked.get("prompt") != "login" or "ignores-prompt" in self.provider.faults):
            self.grant(asked, *session)
            return
        people = "".join(
            f'<p><button name="run" value="{run}">{html.escape(" ".join(citizen.names))}</button></p>'
            for run, citizen in CITIZENS.items()
        )
        page = f"""<!doctype html><html lang="es"><title>ClaveÚnica</title><main><h1>ClaveÚnica de prueba</h1>
            <form method="post" action="/accounts/login/?{html.escape(query)}">{people}</form></main></html>"""
        self.give(page.encode(), kind="text/html; charset=utf-8")

    def login(self, asked: dict[str, str]) -> None:
        key = secrets.token_urlsafe()
        self.provider.sessions[key] = (CITIZENS[asked["run"]], int(time.time()))
        self.grant(asked, *self.provider.sessions[key], cookie=key)

    def grant(self, asked: dict[str, str], citizen: Citizen, since: int, cookie: str = "") -> None:
        if "cancelled" in self.provider.faults:
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_hex(16)
            self.provider.granted[code] = {**asked, "citizen": citizen, "since": since}
            answer = {"code": code, "state": asked["state"]}
        self.lead_to(f"{asked['redirect_uri']}?{urlencode(answer)}", cookie=cookie)

    def token(self, asked: dict[str, str]) -> None:
        grant = self.provider.granted.pop(asked.get("code", ""), None)
        expected = {"client_id": CLIENT, "client_secret": SECRET, "grant_type": "authorization_code"}
        form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        if not form or grant is None or expected.items() - asked.items() or not self.belongs(asked, grant):
            self.give({"error": "invalid_grant"}, 400)
            return
        if "token-page" in self.provider.faults:
            self.give(b"<h1>503</h1>", 503, "text/html")
            return
        access = secrets.token_urlsafe()
        self.provider.tokens[access] = grant["citizen"]
        answer = {"access_token": access, "token_type": "bearer", "expires_in": 3600, "id_token": self.id_token(grant)}
        if "no-id-token" in self.provider.faults:
            del answer["id_token"]
        self.give(answer)

    def belongs(self, asked: dict[str, str], grant: dict[str, Any]) -> bool:
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = all(asked.get(name) == grant[name] for name in ("redirect_uri", "state"))
        return same and challenge == grant.get("code_challenge")

    def id_token(self, grant: dict[str, Any]) -> str:
        faults, now = self.provider.faults, int(time.time())
        claims = {
            "iss": "https://otra.ejemplo/openid" if "other-issuer" in faults else f"{self.provider.url}/openid",
            "sub": hashlib.sha256(grant["citizen"].run.encode()).hexdigest()[:10],
            "aud": "otro-cliente" if "other-audience" in faults else CLIENT,
            "iat": now,
            "exp": now - 3600 if "expired" in faults else now + 600,
            "auth_time": now - 3600 if "stale" in faults else grant["since"],
            "nonce": "otro" if "other-nonce" in faults else grant["nonce"],
        }
        return jwt.encode(claims, self.provider.key, "RS256", headers={"kid": "prueba"})

    def userinfo(self) -> None:
        citizen = self.provider.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if citizen is None:
            self.give({"error": "invalid_token"}, 401)
            return
        faults = self.provider.faults
        if "garbage" in faults:
            self.give(b"<h1>Mantencion</h1>", kind="text/html")
            return
        sub = hashlib.sha256(citizen.run.encode()).hexdigest()[:10]
        digit = "K" if "wrong-digit" in faults else citizen.digit
        unique = {"numero": citizen.number, "DV": digit, "tipo": "RUN"}
        answer = {
            "sub": "otra" if "other-person" in faults else sub,
            "RolUnico": unique,
            "name": {"nombres": list(citizen.names), "apellidos": list(citizen.surnames)},
        }
        if "no-run" in faults:
            del answer["RolUnico"]
        self.give(answer)

    def lead_to(self, address: str, cookie: str = "") -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        if cookie:
            self.send_header("Set-Cookie", f"claveunica={cookie}; Path=/; HttpOnly")
        self.end_headers()

    def give(self, what: dict[str, Any] | bytes, status: int = 200, kind: str = "application/json") -> None:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it
        """Tests are quiet."""


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[FakeClaveUnica]:
    """A ClaveÚnica on a port of its own, in a thread."""
    provider = FakeClaveUnica()
    server = ThreadingHTTPServer((host, 0), type("BoundHandler", (Handler,), {"provider": provider}))
    server.daemon_threads = True
    provider.url = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
