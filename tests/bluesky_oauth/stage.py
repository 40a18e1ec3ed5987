"""Punctual's real handlers on one side, the real Bluesky server on the other, and one clock for both.

stage.account("ada.test")         a new account of the server
stage.connect(account)            start, authorize, consent and callback; the channel's id
stage.deployed.clock.run(days=1)  whatever is due happens, here and there
stage.said                        every call to the server, with its answer
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from punctual.grants.grants import Grants
from punctual.providers.base import App, Grant
from punctual.providers.bluesky import Bluesky
from punctual.sealing import Vault
from tests.e2e.pds.consent import Person
from tests.e2e.pds.server import Pds
from tests.integration.api.deployed import Deployed


@dataclass(frozen=True, kw_only=True)
class Member:
    handle: str
    did: str


@dataclass(frozen=True, kw_only=True)
class Said:
    at: datetime
    method: str
    path: str
    form: dict[str, str]
    status: int
    code: str

    @property
    def is_refresh(self) -> bool:
        return self.form.get("grant_type") == "refresh_token"


class Stage:
    """`own_url` is where Punctual is. In `outages` the server is not reached; `missed` counts the calls that would."""

    def __init__(self, patch: pytest.MonkeyPatch, pds: Pds, own_url: str, wire: httpx.Client):
        self.pds = pds
        self.own_url = own_url.replace("localhost", "127.0.0.1")
        self.said: list[Said] = []
        self.outages: list[tuple[datetime, datetime]] = []
        self.missed = 0
        patch.setattr(Bluesky, "plc_directory", pds.plc_url)
        self.deployed = Deployed(patch, PublicUrl=own_url, AllowPrivateNetworks="true")
        for url in (pds.url, pds.plc_url):
            self.deployed.hosts[urlsplit(url).netloc] = self.forward
        self.tenant = self.deployed.tenant()
        self._wire = wire
        self._told: datetime | None = None

    def account(self, handle: str) -> Member:
        _, _, did = self.pds.make_account(handle)
        return Member(handle=handle, did=did)

    def page(self, browser: httpx.Client, **fields: Any) -> str:
        """Where our authorize page sends the person."""
        sent_on = browser.get(self.tenant.start("bluesky", server=self.pds.url, **fields))
        assert sent_on.status_code == 303, sent_on.text
        return str(sent_on.headers["Location"])

    def back(self, browser: httpx.Client, query: dict[str, str]) -> httpx.Response:
        return browser.get(f"{self.own_url}/v1/oauth/bluesky/callback", params=query)

    def connect(self, member: Member, **fields: Any) -> str:
        browser = self.deployed.client()
        page = self.page(browser, handle=member.handle, return_url="https://app.example/done", **fields)
        came = self.back(browser, Person(page).consents(member.handle, member.did))
        assert came.status_code == 303, came.text
        return str(httpx.URL(came.headers["Location"]).params["channel_id"])

    def channel(self, channel_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.tenant.api.get(f"/v1/channels/{channel_id}").json()
        return found

    def health(self, channel_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.tenant.api.get(f"/v1/channels/{channel_id}/health").json()
        return found

    def texts(self, member: Member) -> list[str]:
        """Oldest first."""
        return [record["value"]["text"] for record in reversed(self.pds.records(member.did))]

    def grant(self) -> tuple[Grant, App | None]:
        """The only one there is."""
        (item,) = [item for item in self.deployed.items("GrantsTable") if item["sk"] == "grant"]
        grants = Grants(
            self.deployed.table("GrantsTable"), Vault(self.deployed.kms, "GrantsKey.Arn"), self.deployed.clock.now
        )
        stored = grants.get(item["pk"])
        assert stored
        return grants.open(stored)

    def forward(self, request: httpx.Request) -> httpx.Response:
        """To the real server, which first hears what time it is."""
        now = self.deployed.clock.now()
        if any(start <= now < end for start, end in self.outages):
            self.missed += 1
            raise httpx.ConnectError("nobody answers for a while", request=request)
        if now != self._told:
            self.pds.move_clock(now, self._wire)
            self._told = now
        url = f"http://{request.headers['Host']}{request.url.raw_path.decode()}"
        answered = self._wire.request(request.method, url, headers=request.headers, content=request.content)
        self._note(request, answered, now)
        return httpx.Response(answered.status_code, headers=_plain(answered), content=answered.content)

    def _note(self, request: httpx.Request, answered: httpx.Response, now: datetime) -> None:
        is_form = request.headers.get("Content-Type") == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(request.content.decode())) if is_form else {}
        is_json = answered.headers.get("Content-Type", "").startswith("application/json")
        code = str(answered.json().get("error", "")) if is_json else ""
        self.said.append(
            Said(
                at=now,
                method=request.method,
                path=request.url.path,
                form=form,
                status=answered.status_code,
                code=code,
            )
        )


def _plain(answered: httpx.Response) -> dict[str, str]:
    """Without what spoke of the body as it was on the wire."""
    left_out = ("content-encoding", "content-length", "transfer-encoding", "connection")
    return {name: value for name, value in answered.headers.items() if name not in left_out}
