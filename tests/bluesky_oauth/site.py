"""Our own address as the account's server sees it: over TLS, under a name that leads to this machine."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "scheduler.internal"
"""A `.test` name is refused as a client's."""


@dataclass
class Site:
    """`answer` says what is served; a gateway's, for instance."""

    url: str
    answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(404)
    fetched: list[str] = field(default_factory=list)

    def serve(self, path: str) -> httpx.Response:
        self.fetched.append(path)
        return self.answer(httpx.Request("GET", f"{self.url}{path}"))


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate of the host's own, and its key; good in the simulated weeks too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime.now(UTC) + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


@contextmanager
def serving(certificate: Path, key: Path) -> Iterator[Site]:
    """On a port of its own: servers remember what a client's document said for some minutes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answered = site.serve(self.path)
            self.send_response(answered.status_code)
            self.send_header("Content-Type", answered.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(answered.content)))
            self.end_headers()
            self.wfile.write(answered.content)

        def log_message(self, *_: object) -> None:
            """Nothing to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        site = Site(url=f"https://{HOST}:{server.server_port}")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield site
        server.shutdown()
        thread.join()
