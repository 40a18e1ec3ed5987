"""A server of our own that speaks TLS 1.3 and wants a certificate of ours, which it says once the handshake is over."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from punctual.guarded_http import GuardedHttp, client
from tests.bluesky_oauth.site import HOST, certify


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    certificate, key = certify(tmp_path)
    monkeypatch.setattr(client, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED

    over = Event()

    def serve() -> None:
        accepted, _ = listening.accept()
        with context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False) as connection:
            with suppress(ssl.SSLError):
                connection.do_handshake()
            over.wait(10)  # a connection that is closed at once is reset before its client reads

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join(5)


def test_an_alert_after_the_handshake_is_an_error_of_the_connection(port: int) -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    http = GuardedHttp(allow_private=True, resolve=here)
    with pytest.raises(httpx.ReadError) as raised:
        http.send(httpx.Request("POST", f"https://{HOST}:{port}/", content=b"{}"), seconds=5)
    assert isinstance(raised.value.__cause__, ssl.SSLError)
