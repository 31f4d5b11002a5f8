"""A server that answers as SINIM does: its table, and each of the ways in which it fails."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ERROR_PAGE = b"<html><head></head><body><h1><em>!Error inesperado....</em></h1></body></html>"
PATH = "/datos_municipales/obtener_datos_municipales.php"


@dataclass
class FakeSinim:
    """What to answer, in turn: a table, or the name of a failure; the last one repeats. `asked` keeps what it was asked."""

    url: str = ""
    answers: list[bytes | str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> bytes | str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    sinim: FakeSinim
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.sinim.asked.append({name: values[0] for name, values in parse_qs(address.query).items()})
        browser = self.headers.get("User-Agent", "").startswith("Mozilla/")
        if address.path != PATH:
            self.send_error(404)
        elif not (browser and self.headers.get("Referer") and self.headers.get("X-Requested-With")):
            self.give(ERROR_PAGE, "text/html; charset=iso-8859-1")
        else:
            self.answer(self.sinim.next_answer())

    def answer(self, what: bytes | str) -> None:
        if isinstance(what, bytes):
            self.give(what)
        elif what.isdecimal():
            self.send_error(int(what))
        elif what == "page":
            self.give(ERROR_PAGE, "text/html; charset=iso-8859-1")
        elif what == "silence":
            self.sinim.stopping.wait(30)
            self.close_connection = True
        elif what == "cut":
            self.give(b"<?xml", length=10_000)
            self.close_connection = True
        elif what == "trickle":
            self.trickle()

    def give(self, body: bytes, kind: str = "application/vnd.ms-excel", length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def trickle(self) -> None:
        """A byte now and then: never silent for long, never done."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.close_connection = True
        while not self.sinim.stopping.wait(0.02):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it
        """Tests are quiet."""


@contextmanager
def running(*answers: bytes | str) -> Iterator[FakeSinim]:
    """A SINIM on a port of its own, in a thread."""
    sinim = FakeSinim(answers=list(answers))
    handler = type("BoundHandler", (Handler,), {"sinim": sinim})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    sinim.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield sinim
    finally:
        sinim.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def nobody_listens() -> str:
    """An address at which no server answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    server.server_close()
    return address
