"""A web server with a page of each kind that a link may lead to. `asked` keeps (method, path) of every question."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class FakePages:
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """`/404` answers 404 and so on; `/to/URL` leads there, `/blank` badly written; `/round` leads to itself; `/head` refuses
    HEAD; `/silent` says nothing; `/slow` says a letter now and then; `/broken` hangs up; anything else is a page."""

    pages: FakePages

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.pages.asked.append((self.command, self.path))
        if path[1:].isdecimal():
            self.give(int(path[1:]))
        elif path.startswith("/to/"):
            self.give(302, Location=self.path.removeprefix("/to/"))
        elif path == "/blank":
            self.give(302, Location="/una página")
        elif path == "/round":
            self.give(301, Location="/round")
        elif path == "/head" and self.command == "HEAD":
            self.give(501)
        elif path == "/silent":
            self.pages.stopping.wait(30)
        elif path == "/slow":
            self.trickle()
        elif path != "/broken":
            self.give(200)

    def do_HEAD(self) -> None:
        self.do_GET()

    def give(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def trickle(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        while not self.pages.stopping.wait(0.02):
            try:
                self.wfile.write(b"x")
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it
        """Tests are quiet."""


@contextmanager
def running() -> Iterator[FakePages]:
    """The pages on a port of their own, in a thread."""
    pages = FakePages()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"pages": pages}))
    server.daemon_threads = True
    pages.url = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield pages
    finally:
        pages.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
