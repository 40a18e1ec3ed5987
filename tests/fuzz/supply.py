"""What a call needs to succeed: real ids, a channel, a time to come. What the generator made up stays otherwise."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import httpx
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from punctual.deliveries import Deliveries
from punctual.states import DeliveryStatus
from punctual.tables import Table
from tests.fuzz.hooks import HookSupply
from tests.integration.api.tenant import Tenant
from tests.sandbox_bridge import form

Upload = Callable[[Mapping[str, Any], bytes], httpx.Response]
"""Sends a form to the bucket, with a file."""
Browser = Callable[[], httpx.Client]
Delivery = tuple[str, str]
_TIMINGS = ("scheduled_at", "schedule", "draft")
_NOBODY, _EACH = "127.0.0.1:9", 10
_A_MONTH = 60 * 24 * 30
_LONG_TEXT = 280
"""The sandbox takes 500 characters; what is longer is left to chance."""
_AN_APP = {"client_id": "invented", "client_secret": "invented"}


class Supply:
    """`work` is the table, for deliveries in states that take time to come about. `credentials` connect a channel
    without OAuth, where a platform answers that has none."""

    def __init__(
        self,
        tenant: Tenant,
        browser: Browser,
        work: Table,
        upload: Upload,
        credentials: Mapping[str, Any] | None = None,
    ):
        self.channel = tenant.connect("standing")
        self.post = tenant.posted("A standing post", self.channel, in_minutes=10 * _A_MONTH)
        self._tenant = tenant
        self._admin, self._browser = tenant.with_scopes("read", "write", "admin"), browser
        states = (DeliveryStatus.UNCONFIRMED, DeliveryStatus.ERROR)
        self._unsettled, self._failed = (settled(tenant, Deliveries(work), each) for each in states)
        self._upload, self._credentials = upload, credentials
        self._number, self._hooks = count(1), HookSupply(tenant)
        self.media = self._media()
        self.calendar = tenant.api.post("/v1/calendars", json={}).json()["url"].rpartition("/")[2]

    def prepare(self, case: Case, name: str, chance: random.Random) -> None:
        """Half of the valid cases get all that they need; those that break a rule elsewhere, an id that exists."""
        if case.meta is None:
            return
        if not case.meta.generation.mode.is_positive:
            self._give_standing(case)
        elif chance.random() < 0.5:
            self._give_all(case, name, chance)
        self._spare(case, name, chance)
        if not self._credentials:
            self._stay_here(case, name)

    def _stay_here(self, case: Case, name: str) -> None:
        """No real platform is called: nobody listens there."""
        body = case.body if isinstance(case.body, dict) else {}
        is_elsewhere = case.path_parameters.get("provider") not in ("sandbox", None)
        if name == "start_connecting" and (is_elsewhere or isinstance(body.get("server"), str)):
            body["server"] = _NOBODY
        if name == "connect_channel" and isinstance(body.get("credentials"), dict):
            body["credentials"]["server"] = f"http://{_NOBODY}"

    def _give_all(self, case: Case, name: str, chance: random.Random) -> None:
        for header in ("If-Match", "Idempotency-Key"):
            case.headers.pop(header, None)
        if case.query:
            case.query.pop("cursor", None)
        if self._hooks.give(case, name, chance):
            return
        if recipe := getattr(self, f"_for_{name}", None):
            recipe(case, chance)
        elif "media_id" in case.path_parameters:
            case.path_parameters["media_id"] = self._media(in_parts="parts" in case.path)
        elif "post_id" in case.path_parameters:
            case.path_parameters["post_id"] = self._posted()["id"]
        elif "channel_id" in case.path_parameters:
            case.path_parameters["channel_id"] = self.channel

    def _give_standing(self, case: Case) -> None:
        given = {"post_id": self.post["id"], "channel_id": self.channel, "media_id": self.media}
        given["delivery_id"] = self.post["deliveries"][0]["id"]
        if case.meta is None or not case.meta.is_negative_at(ParameterLocation.PATH):
            case.path_parameters.update({name: given[name] for name in given.keys() & case.path_parameters.keys()})

    def _spare(self, case: Case, name: str, chance: random.Random) -> None:
        """What others need is not deleted; the generator knows its id from answers."""
        if name == "delete_channel" and case.path_parameters.get("channel_id") == self.channel:
            self._for_delete_channel(case, chance)
        if name == "delete_post" and case.path_parameters.get("post_id") == self.post["id"]:
            self._for_delete_post(case, chance)
        if name == "delete_media" and case.path_parameters.get("media_id") == self.media:
            case.path_parameters["media_id"] = self._media()

    def _posted(self) -> dict[str, Any]:
        return self._tenant.posted(f"Fuzzed {next(self._number)}", self.channel, in_minutes=self._minutes())

    def _media(self, *, in_parts: bool = False) -> str:
        body = {"content_type": "image/png", "bytes": 20, "multipart": in_parts}
        return str(self._tenant.api.post("/v1/media", json=body).json()["id"])

    def _for_create_media(self, case: Case, chance: random.Random) -> None:
        """Half are uploads, half imports."""
        source = chance.choice([{"content_type": "image/png", "bytes": 20}, {"url": f"https://{_NOBODY}/a.png"}])
        said = {name: case.body[name] for name in ("file_name", "alt_text") if name in case.body}
        case.body = {**said, **source}

    def _for_sign_parts(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["media_id"] = self._media(in_parts=True)
        case.body["numbers"] = [1]

    def _for_complete_media(self, case: Case, chance: random.Random) -> None:
        made = self._tenant.api.post("/v1/media", json={"content_type": "image/png", "bytes": 20}).json()
        self._upload(made["upload"], bytes(20))
        case.path_parameters["media_id"] = made["id"]

    def _for_delete_post(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["post_id"] = self._tenant.drafted(f"Draft {next(self._number)}", self.channel)["id"]

    def _use_the_open_app(self) -> None:
        """An app that a call has invented for the workspace is none that the sandbox knows."""
        self._admin.api.delete("/v1/workspace/apps/sandbox")

    def _for_put_app(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["provider"] = "sandbox"
        case.body = dict(_AN_APP)

    def _for_delete_app(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["provider"] = "sandbox"
        self._admin.api.put("/v1/workspace/apps/sandbox", json=_AN_APP)

    def _for_delete_channel(self, case: Case, chance: random.Random) -> None:
        self._use_the_open_app()
        case.path_parameters["channel_id"] = self._tenant.connect(f"guest{next(self._number)}")

    def _for_change_post(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["post_id"] = self._posted()["id"]
        self._complete(case.body, chance)

    def _for_create_post(self, case: Case, chance: random.Random) -> None:
        self._complete(case.body, chance)

    _for_validate_post = _for_preview_post = _for_create_post

    def _for_create_batch(self, case: Case, chance: random.Random) -> None:
        for post in case.body["posts"]:
            self._complete(post, chance)

    def _for_split_text(self, case: Case, chance: random.Random) -> None:
        case.body["channel_ids"] = [self.channel]
        case.body.pop("providers", None)

    def _for_duplicate_post(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["post_id"] = self._posted()["id"]
        if isinstance(case.body, dict):
            self._time(case.body, chance)
            case.body["allow_duplicate"] = True

    def _for_retry_channel(self, case: Case, chance: random.Random) -> None:
        case.body["channel_id"] = self.channel
        case.body["since"] = self._tenant.later(-_A_MONTH)
        for name in ("until", "cursor"):
            case.body.pop(name, None)

    def _for_resolve_delivery(self, case: Case, chance: random.Random) -> None:
        self._give(case, self._unsettled)
        if case.body.get("url") is not None:
            case.body["url"] = "https://social.example/1"

    def _for_retry_delivery(self, case: Case, chance: random.Random) -> None:
        self._give(case, self._failed)

    def _for_start_connecting(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["provider"] = "sandbox"
        case.body = {}

    def _for_get_client_metadata(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["provider"] = "bluesky"

    def _for_connect_channel(self, case: Case, chance: random.Random) -> None:
        if self._credentials:
            case.body.pop("channel_id", None)
            case.body.update(self._credentials)

    def _for_get_provider(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["provider"] = "sandbox"

    def _for_show_calendar(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["token"] = self.calendar

    def _for_get_timeliness(self, case: Case, chance: random.Random) -> None:
        for name in ("from", "to"):
            case.query.pop(name, None)

    def _for_get_connection(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["connection_id"] = self._tenant.api.post("/v1/oauth/sandbox/start", json={}).json()["id"]

    def _for_choose_accounts(self, case: Case, chance: random.Random) -> None:
        started = self._tenant.api.post("/v1/oauth/sandbox/start", json={"choose": "api"}).json()
        self._tenant.finish(started["authorization_url"], handle=f"guest{next(self._number)}", teams="2")
        accounts = self._tenant.api.get(f"/v1/connections/{started['id']}").json()["accounts"]
        case.path_parameters["connection_id"] = started["id"]
        case.body["account_ids"] = [account["id"] for account in accounts[:2]]

    def _for_create_connect_link(self, case: Case, chance: random.Random) -> None:
        case.body["providers"] = ["sandbox"]
        for name in ("return_url", "channel_id"):
            case.body.pop(name, None)

    def _for_get_connect_link(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["link_id"] = self._link()["id"]

    _for_revoke_connect_link = _for_get_connect_link

    def _for_show_connect_link(self, case: Case, chance: random.Random) -> None:
        case.path_parameters["token"] = self._link()["url"].rpartition("/")[2]

    def _for_follow_connect_link(self, case: Case, chance: random.Random) -> None:
        self._for_show_connect_link(case, chance)
        case.path_parameters["provider"] = "sandbox"
        case.body = {"way": "oauth"}

    def _for_choose_accounts_in_browser(self, case: Case, chance: random.Random) -> None:
        started = self._tenant.api.post("/v1/oauth/sandbox/start", json={}).json()
        with self._browser() as browser:
            handle = f"guest{next(self._number)}"
            said = self._tenant.finish(started["authorization_url"], browser=browser, handle=handle, teams="1")
            case.path_parameters["provider"] = "sandbox"
            _, hidden = form(said.text)
            case.body = {"state": hidden["state"], "account": [hidden["account"]]}
            case.cookies.update({cookie.name: cookie.value or "" for cookie in browser.cookies.jar})

    def _link(self) -> dict[str, Any]:
        made: dict[str, Any] = self._tenant.api.post("/v1/connect-links", json={}).json()
        return made

    def _for_show_consent(self, case: Case, chance: random.Random) -> None:
        self._use_the_open_app()
        case.path_parameters["provider"] = "sandbox"
        case.query.update(httpx.URL(self._tenant.start()).params)

    def _for_finish_connecting(self, case: Case, chance: random.Random) -> None:
        self._use_the_open_app()
        with self._browser() as browser:
            back = httpx.URL(self._tenant.consented(browser, handle=f"guest{next(self._number)}"))
            case.path_parameters["provider"] = "sandbox"
            case.query.clear()
            case.query.update(back.params)
            case.cookies.update({cookie.name: cookie.value or "" for cookie in browser.cookies.jar})

    def _give(self, case: Case, deliveries: list[Delivery]) -> None:
        if deliveries:
            case.path_parameters["post_id"], case.path_parameters["delivery_id"] = deliveries.pop()

    def _complete(self, body: Any, chance: random.Random) -> None:
        """A post that the sandbox takes, with what the generator gave it beside."""
        if not isinstance(body, dict):
            return
        text = body.get("text")
        body["text"] = text[:_LONG_TEXT] if isinstance(text, str) and text.strip() else f"Fuzzed {next(self._number)}"
        body["targets"] = [{"channel_id": self.channel}]
        body["allow_duplicate"] = True
        for name in ("overrides", "thread", "first_comment", "timezone"):
            body.pop(name, None)
        self._time(body, chance)

    def _time(self, body: dict[str, Any], chance: random.Random) -> None:
        for name in _TIMINGS:
            body.pop(name, None)
        at = self._tenant.later(self._minutes())
        body.update(chance.choice([{"scheduled_at": at}, {"scheduled_at": at}, {"draft": True}]))

    def _minutes(self) -> int:
        """Another one each time: a channel takes only so many posts at one second."""
        return _A_MONTH + next(self._number)


def settled(tenant: Tenant, deliveries: Deliveries, status: DeliveryStatus) -> list[Delivery]:
    """As the publisher leaves them; each to be used once."""
    channel = tenant.connect(status.lower())
    found = []
    for number in range(_EACH):
        post = tenant.posted(f"{status} {number}", channel, in_minutes=_A_MONTH + number)
        (seen,) = deliveries.of_post(post["id"])
        sent_at = datetime.fromisoformat(post["created_at"])
        deliveries.write(seen, status=status, sending_at=sent_at if status == DeliveryStatus.UNCONFIRMED else None)
        found.append((post["id"], seen.id))
    return found
