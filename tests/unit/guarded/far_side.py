"""A real server on this machine, and names that lead wherever a test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from punctual.guarded_http.addresses import Resolve

Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class FarSide:
    """`connections` counts those that were opened, whether or not anything was asked."""

    port: int
    connections: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(respond: Respond, host: str = "127.0.0.1") -> Iterator[FarSide]:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def process_request(self, request, client_address) -> None:
            side.connections += 1
            super().process_request(request, client_address)

        def handle_error(self, request, client_address) -> None:
            """A connection that the client closed is what some tests are about."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            side.asked.append((self.command, self.path))
            side.headers.append(dict(self.headers))
            self.close_connection = True
            respond(self)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

        def log_message(self, *args: object) -> None:
            """Tests say what was asked."""

    server = Server((host, 0), Handler)
    side = FarSide(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def body_of(handler: BaseHTTPRequestHandler, take: Callable[[bytes], object]) -> None:
    """Read a request's body, a little at a time."""
    if handler.headers.get("Transfer-Encoding") == "chunked":
        while size := int(handler.rfile.readline(), 16):
            take(handler.rfile.read(size))
            handler.rfile.readline()
        handler.rfile.readline()
        return
    left = int(handler.headers.get("Content-Length") or 0)
    while left and (some := handler.rfile.read(min(left, 65_536))):
        left -= len(some)
        take(some)


def answer(handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def leading_to(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve
