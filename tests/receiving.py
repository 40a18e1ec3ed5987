"""A receiver of webhooks on loopback, at a free port, that takes whatever comes and remembers when it came.

with receiving() as receiver:
    api.post("/v1/webhooks", json={"url": receiver.url})
    receiver.wait(lambda got: any(each.event["type"] == "post.completed" for each in got), seconds=30)
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Received:
    at: float
    """A Unix time."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Receiver:
    def __init__(self, url: str):
        self.url = url
        self._got: list[Received] = []
        self._came = threading.Condition()

    def take(self, received: Received) -> None:
        with self._came:
            self._got.append(received)
            self._came.notify_all()

    @property
    def got(self) -> Sequence[Received]:
        with self._came:
            return tuple(self._got)

    def wait(self, is_enough: Callable[[Sequence[Received]], bool], *, seconds: float) -> Sequence[Received]:
        end = time.monotonic() + seconds
        with self._came:
            while not is_enough(self._got):
                left = end - time.monotonic()
                types = [each.event["type"] for each in self._got]
                assert left > 0, f"not within {seconds} s; there came {types}"
                self._came.wait(left)
            return tuple(self._got)


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.take(Received(at=time.time(), headers=dict(self.headers), body=body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
