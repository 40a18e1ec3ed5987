"""What the upload path talks to, on loopback: S3's GetObject, and the sandbox's own function behind HTTP.

    python -m tests.benchmarks.uploading.far_side        says its address in a line of JSON; serves until its input ends

Neither keeps a file: S3 makes what is asked for, and the sandbox's storage looks whether it got just that.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import httpx

from punctual.tables import Table
from sandbox.app import answer
from sandbox.network import PART_BYTES, Network
from tests.benchmarks.uploading.content import content
from tests.memory.dynamodb import MemoryDynamoDB
from tests.sandbox_bridge import to_event, to_response
from tests.template import create_tables

BUCKET = "/media/"


class Comparing:
    """A `Storage` that knows what must come."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    def put(self, name: str, given: bytes) -> None:
        start = (int(name.rpartition("/")[2]) - 1) * PART_BYTES
        assert given == content(start, start + len(given)), "not what was read"
        self._sizes[name] = len(given)

    def get(self, name: str) -> bytes:
        start = (int(name.rpartition("/")[2]) - 1) * PART_BYTES
        return content(start, start + self._sizes[name])


class FarSide(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network
    turn = Lock()

    def do_GET(self) -> None:
        if self.path.startswith(BUCKET):
            self._object()
        else:
            self._sandbox()

    def do_POST(self) -> None:
        self._sandbox()

    def do_PUT(self) -> None:
        self._sandbox()

    def log_message(self, *_: object) -> None:
        pass

    def _object(self) -> None:
        """Its key is its size."""
        size = int(self.path.rpartition("/")[2])
        first, last = (int(each) for each in re.findall(r"\d+", self.headers["range"]))
        body = content(first, min(last + 1, size))
        where = f"bytes {first}-{first + len(body) - 1}/{size}"
        self._say(206, {"ETag": '"made"', "Content-Range": where, "Content-Type": "video/mp4"}, body)

    def _sandbox(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = f"http://{self.headers['host']}{self.path}"
        request = httpx.Request(self.command, url, headers=list(self.headers.items()), content=body)
        event = to_event(request, httpx.URL(self.network.public_url), self.network.now())
        with self.turn:
            found = to_response(answer(event, None, self.network))
        self._say(found.status_code, dict(found.headers), found.content)

    def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            if name.lower() not in ("content-length", "transfer-encoding") or name == "Content-Length":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Workers are killed, and then somebody hangs up; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as it was given


def main() -> None:
    tables = MemoryDynamoDB()
    create_tables(tables)
    server = Server(("127.0.0.1", 0), FarSide)
    address = f"http://127.0.0.1:{server.server_port}"
    FarSide.network = Network(table=Table(tables, "SandboxTable"), public_url=address, storage=Comparing())
    Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"address": address}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
