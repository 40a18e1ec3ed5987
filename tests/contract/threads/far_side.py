"""A small Threads: its login and its API, kept in memory.

After Meta's Postman collection (fbsamples/threads_api) and https://developers.facebook.com/documentation/threads
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.contract.meta.asked import token_of
from tests.contract.meta.faults import Faults
from tests.contract.meta.graph_refusals import too_many_calls
from tests.contract.meta.long_lived_tokens import LongLivedTokens, callback
from tests.contract.meta.params import Params
from tests.contract.meta.refusals import Refused
from tests.contract.shown import Shown
from tests.contract.threads.failures import FAILURES
from tests.contract.threads.profile import Profile, Scopes

DAY = timedelta(hours=24)
API_HOSTS = ("graph.threads.net", "graph.threads.com")
WINDOW_HOSTS = ("www.threads.com", "threads.com", "www.threads.net", "threads.net")
SCOPES = frozenset(
    {
        "threads_basic",
        "threads_content_publish",
        "threads_delete",
        "threads_keyword_search",
        "threads_location_tagging",
        "threads_manage_insights",
        "threads_manage_mentions",
        "threads_manage_replies",
        "threads_profile_discovery",
        "threads_read_replies",
    }
)
LOGIN = {"token", "exchange", "refresh", "debug_token"}
OF_CONTAINERS = {"create_container", "create_and_publish", "container_status", "publish"}
OF_POSTS = {"post", "list", "list_replies", "repost", "delete"}
OPERATIONS = frozenset({"me", "quota", "location_search", "location"} | LOGIN | OF_CONTAINERS | OF_POSTS)
PUBLISHING = frozenset({"publish", "create_and_publish", "repost"})
Call: TypeAlias = Callable[[], httpx.Response]
Act: TypeAlias = Callable[[dict[str, str], Scopes], httpx.Response]


class ThreadsSide(Faults):
    """One app, one account (`profile`, with the switches of what its documents leave open)."""

    HOSTS = (*API_HOSTS, *WINDOW_HOSTS)
    OPERATIONS = OPERATIONS
    PUBLISHING = PUBLISHING
    FAILURES = FAILURES

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__()
        self.now = now
        self.app = {"client_id": "990602627938098", "client_secret": "a1b2c3d4e5f60718293a4b5c6d7e8f90"}
        self.redirect_uri = "https://punctual.example/v1/oauth/callback"
        self.tokens = LongLivedTokens(now, self.app, prefix="THAA", grant="th")
        self.profile = Profile(now, fetch or _nothing)
        self.user_id_is_number = False
        self.calls_allowed = 48_000
        self.calls: list[datetime] = []

    @property
    def posts(self) -> list[Shown]:
        return self.profile.shelf.posts

    @property
    def processing_seconds(self) -> int:
        """How long files are worked on; `profile.containers` has more such times."""
        return self.profile.containers.processing_seconds

    @processing_seconds.setter
    def processing_seconds(self, seconds: int) -> None:
        self.profile.containers.processing_seconds = seconds

    @property
    def listing_lag_seconds(self) -> int:
        return self.profile.shelf.listing_lag_seconds

    @listing_lag_seconds.setter
    def listing_lag_seconds(self, seconds: int) -> None:
        self.profile.shelf.listing_lag_seconds = seconds

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.headers["host"] not in API_HOSTS:
            return httpx.Response(404, text="<!DOCTYPE html>")
        operation, call = self._route(request, Params(request).given)
        response = self.carry_out(operation, request, call)
        response.headers.setdefault("X-App-Usage", self._usage())
        return response

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]:
        """The query of the callback that the person's browser is sent to."""
        url = urlsplit(authorization_url)
        asked = dict(parse_qsl(url.query))
        assert (url.scheme, url.path) == ("https", "/oauth/authorize")
        assert url.netloc in WINDOW_HOSTS
        assert asked["redirect_uri"] == self.redirect_uri
        return callback(self.tokens, asked, SCOPES, needs="threads_basic", denies=denies)

    def _route(self, request: httpx.Request, asked: dict[str, str]) -> tuple[str, Call]:
        match (request.method, request.url.path):
            case ("POST", "/oauth/access_token"):
                return "token", lambda: self._token(asked)
            case ("GET", "/access_token"):
                return "exchange", lambda: self.tokens.exchange(asked, token_of(request, asked))
            case ("GET", "/refresh_access_token"):
                return "refresh", lambda: self.tokens.refresh(asked, token_of(request, asked))
        parts = re.sub(r"^/v1\.0(?=/)", "", request.url.path).strip("/").split("/")
        if parts[0] in ("me", self.profile.account["id"]):
            operation, act = self._of_profile(request.method, parts[1:], asked)
        else:
            operation, act = self._of_node(request.method, parts, asked)
        return operation, lambda: self._permitted(request, asked, act)

    def _of_profile(self, method: str, parts: list[str], asked: dict[str, str]) -> tuple[str, Act]:
        publishes = asked.get("auto_publish_text") == "true"
        acts: dict[tuple[str, ...], tuple[str, Act]] = {
            ("GET",): ("me", self.profile.me),
            ("POST", "threads"): ("create_and_publish" if publishes else "create_container", self.profile.create),
            ("POST", "threads_publish"): ("publish", self.profile.publish),
            ("GET", "threads"): ("list", self.profile.listed),
            ("GET", "replies"): ("list_replies", self.profile.replies),
            ("GET", "threads_publishing_limit"): ("quota", self.profile.quota),
        }
        return acts.get((method, *parts), ("unknown", _unknown))

    def _of_node(self, method: str, parts: list[str], asked: dict[str, str]) -> tuple[str, Act]:
        profile = self.profile
        match (method, *parts):
            case ("GET", "debug_token"):
                return "debug_token", self._debug
            case ("GET", "location_search"):
                return "location_search", profile.search
            case ("POST", number, "repost"):
                return "repost", lambda asked, scopes: profile.repost(number, asked, scopes)
            case ("DELETE", number):
                return "delete", lambda asked, scopes: profile.delete(number, asked, scopes)
            case ("GET", number) if number in profile.containers.kept:
                return "container_status", lambda asked, scopes: profile.status(number, asked, scopes)
            case ("GET", number) if number in profile.places:
                return "location", lambda asked, scopes: profile.place(number, asked, scopes)
            case ("GET", number):
                asks_for_status = "status" in asked.get("fields", "").split(",")
                name = "container_status" if asks_for_status else "post"
                return name, lambda asked, scopes: profile.post(number, asked, scopes)
        return "unknown", _unknown

    def _permitted(self, request: httpx.Request, asked: dict[str, str], act: Act) -> httpx.Response:
        scopes = self.tokens.valid(token_of(request, asked)).scopes
        self.calls = [each for each in self.calls if self.now() - each < DAY]
        if len(self.calls) >= self.calls_allowed:
            raise too_many_calls()
        self.calls.append(self.now())
        return act(asked, scopes)

    def _usage(self) -> str:
        percent = 100 * len(self.calls) // self.calls_allowed
        return json.dumps({"call_count": percent, "total_cputime": percent // 2, "total_time": percent // 2})

    def _token(self, asked: dict[str, str]) -> httpx.Response:
        text, _ = self.tokens.redeem(asked)
        number: Any = self.profile.account["id"]
        user_id = int(number) if self.user_id_is_number else number
        return httpx.Response(200, json={"access_token": text, "user_id": user_id})

    def _debug(self, asked: dict[str, str], scopes: Scopes) -> httpx.Response:
        token = self.tokens.tokens.get(asked.get("input_token", ""))
        given: dict[str, Any] = {"type": "USER", "is_valid": bool(token and token.expires_at > self.now())}
        if token:
            times = {"issued_at": int(token.made_at.timestamp()), "expires_at": int(token.expires_at.timestamp())}
            given |= {**times, "scopes": sorted(token.scopes), "user_id": self.profile.account["id"]}
        return httpx.Response(200, json={"data": given})


def _unknown(asked: dict[str, str], scopes: Scopes) -> httpx.Response:
    raise Refused(2500, "Unknown path components")


def _nothing(url: str) -> bytes:
    raise LookupError("nothing is there")
