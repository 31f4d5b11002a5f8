"""A scanner that speaks clamd's INSTREAM over TCP or a Unix socket, on loopback, and may be told to misbehave."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The harmless file that every scanner takes for a virus, in two parts so that none takes this file for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Scan(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        mode = self.server.mode
        if mode == "hang up":
            return
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(length)
            if mode == "limit" and len(content) > 1000:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(content)
        found = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        if mode == "half":
            self.wfile.write(found[:5])
        elif mode == "silent":
            self.server.done.wait(5)
        elif mode == "garbage":
            self.wfile.write(b"HTTP/1.1 200 OK\0")
        else:
            self.wfile.write(found + b"\0")


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def scanner(mode: str = "", *, path: Path | None = None) -> Iterator[Any]:
    """A running scanner; `.url` is what `CLAMAV_URL` takes, `.seen` what it was sent, `.mode` may be changed meanwhile."""
    server: Any = _Unix(str(path), _Scan) if path else _Tcp(("127.0.0.1", 0), _Scan)
    server.mode, server.seen, server.done = mode, [], threading.Event()
    server.url = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
