"""The real Bluesky server (PDS) and directory (PLC) on free loopback ports, for as long as a test wants them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.npm import serving
from tests.npm.packages import CACHES, ServerUnavailable, installed

HERE = Path(__file__).parent
DEFAULT_CACHE = CACHES / "pds"
"""Another folder may be named by PUNCTUAL_PDS_CACHE; it keeps some 560 MB."""
ADMIN_PASSWORD = "admin-of-a-test"
PASSWORD = "password-of-a-test"


@dataclass(frozen=True, kw_only=True)
class Pds:
    url: str
    plc_url: str
    clock_url: str

    def move_clock(self, to: datetime, client: httpx.Client) -> None:
        """The time of day of both servers; it goes on from there by itself."""
        client.post(self.clock_url, content=str(int(to.timestamp() * 1000))).raise_for_status()

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

    def blob(self, did: str, blob: Mapping[str, Any]) -> bytes:
        """What a record refers to, as anybody downloads it."""
        params = {"did": did, "cid": blob["ref"]["$link"]}
        with httpx.Client(trust_env=False, timeout=30) as client:
            response = client.get(f"{self.url}/xrpc/com.atproto.sync.getBlob", params=params)
        response.raise_for_status()
        return response.content

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


def install(environ: Mapping[str, str] = os.environ) -> None:
    """Ahead of time; where it cannot be, `required` says why."""
    with suppress(ServerUnavailable):
        installed(_cache(environ), HERE / "package.json")


@contextmanager
def required(environ: Mapping[str, str] = os.environ, **started: Any) -> Iterator[Pds]:
    """For a fixture: where there can be no PDS the test is skipped and says why; with CI=true it fails."""
    with serving.required("Bluesky server", environ), running(_cache(environ), **started) as pds:
        yield pds


def _cache(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("PUNCTUAL_PDS_CACHE") or DEFAULT_CACHE)


@contextmanager
def running(
    cache: Path = DEFAULT_CACHE, *, loopback_names: Sequence[str] = (), trusts: Path | None = None
) -> Iterator[Pds]:
    """Both servers: their start takes seconds, what has to be installed minutes.

    They take `loopback_names` for this machine, and the certificate at `trusts` for a good one.
    """
    pds_port, plc_port, clock_port = serving.free_ports(3)
    pds = Pds(
        url=f"http://localhost:{pds_port}",
        plc_url=f"http://127.0.0.1:{plc_port}",
        clock_url=f"http://127.0.0.1:{clock_port}",
    )
    env = {
        "PDS_PORT": str(pds_port),
        "PLC_PORT": str(plc_port),
        "CLOCK_PORT": str(clock_port),
        "LOOPBACK_NAMES": ",".join(loopback_names),
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        **({"NODE_EXTRA_CA_CERTS": str(trusts)} if trusts else {}),
    }
    with serving.running(HERE, cache, env, f"{pds.url}/xrpc/_health", after=("clock.mjs", "hosts.mjs")):
        yield pds
