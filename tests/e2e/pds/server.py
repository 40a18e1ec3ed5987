"""The real Bluesky server (PDS) and directory (PLC) on free loopback ports, for as long as a test wants them."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest

from tests.e2e.pds.install import HERE, PdsUnavailable, installed

DEFAULT_CACHE = Path(__file__).parents[3] / ".punctual" / "pds"
"""Another folder may be named by PUNCTUAL_PDS_CACHE; it keeps some 560 MB."""
START_SECONDS = 60
ADMIN_PASSWORD = "admin-of-a-test"
PASSWORD = "password-of-a-test"


@dataclass(frozen=True, kw_only=True)
class Pds:
    url: str
    plc_url: str

    def make_account(self, handle: str) -> tuple[str, str, str]:
        """A new account `<name>.test` (3 to 18 characters before the dot): identifier, app password, DID."""
        email = f"{handle.partition('.')[0]}@example.com"
        made = self.call("server.createAccount", json={"handle": handle, "email": email, "password": PASSWORD})
        app_password = self.call("server.createAppPassword", token=made["accessJwt"], json={"name": "punctual"})[
            "password"
        ]
        return handle, app_password, made["did"]

    def records(self, did: str) -> list[dict[str, Any]]:
        """Every post of the account (at most 100), newest first: uri, cid and value, read without any credentials."""
        query = {"repo": did, "collection": "app.bsky.feed.post", "limit": "100"}
        return self.call("repo.listRecords", params=query)["records"]

    def owner(self, handle: str) -> str:
        """An access token of the account itself, with more rights than an app password gives."""
        return self.call("server.createSession", json={"identifier": handle, "password": PASSWORD})["accessJwt"]

    def take_down(self, did: str) -> None:
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": did}
        body = {"subject": subject, "takedown": {"applied": True}}
        self.call("admin.updateSubjectStatus", json=body, auth=("admin", ADMIN_PASSWORD))

    def call(self, method: str, *, token: str = "", **content: Any) -> dict[str, Any]:
        """`com.atproto.<method>`, as a query where it has `params`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        verb = "GET" if "params" in content else "POST"
        url = f"{self.url}/xrpc/com.atproto.{method}"
        with httpx.Client(trust_env=False, timeout=30) as client:
            response = client.request(verb, url, headers=headers, **content)
        response.raise_for_status()
        return response.json() if response.content else {}


@contextmanager
def required(environ: Mapping[str, str] = os.environ) -> Iterator[Pds]:
    """For a fixture: where there can be no PDS the test is skipped and says why; with CI=true it fails."""
    try:
        with running(Path(environ.get("PUNCTUAL_PDS_CACHE") or DEFAULT_CACHE)) as pds:
            yield pds
    except PdsUnavailable as error:
        reason = f"no Bluesky server here: {error}"
        if environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def running(cache: Path = DEFAULT_CACHE) -> Iterator[Pds]:
    """Installs what is missing (minutes, the first time), starts both servers (seconds), and leaves nothing running."""
    node, folder = installed(cache)
    copy(HERE / "server.mjs", folder)
    pds_port, plc_port = _free_ports()
    pds = Pds(url=f"http://localhost:{pds_port}", plc_url=f"http://127.0.0.1:{plc_port}")
    with tempfile.TemporaryDirectory(prefix="pds-") as data:
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            "NODE_ENV": "production",
            "PDS_PORT": str(pds_port),
            "PLC_PORT": str(plc_port),
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
            "DATA": data,
        }
        with _process([str(node), "server.mjs"], folder, env, Path(data) / "server.log") as process:
            _await(pds, process, Path(data) / "server.log")
            yield pds


@contextmanager
def _process(command: list[str], folder: Path, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process group of its own, ended by its id; it also ends by itself when this process is gone."""
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
        )
        try:
            yield process
        finally:
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(pds: Pds, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise PdsUnavailable(f"it ended with {process.returncode}: {log.read_text()[-1000:]}")
            with suppress(httpx.TransportError):
                if client.get(f"{pds.url}/xrpc/_health").is_success:
                    return
            time.sleep(0.1)
    raise PdsUnavailable(f"it did not answer within {START_SECONDS} s: {log.read_text()[-1000:]}")


def _free_ports() -> list[int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return [one.getsockname()[1], other.getsockname()[1]]
