"""The Graph API in general: versions, tokens, envelopes, usage headers, and faults to be set by a test.

A platform of Meta's adds its `routes`. What they refuse is raised (`Refused`), and answered here.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx

from tests.contract.failure import Failure
from tests.contract.meta.params import Params
from tests.contract.meta.refusals import Refused, missing
from tests.contract.shown import Shown

VERSION = re.compile(r"/v\d+\.\d+(?=/)")
Handler = Callable[["Call"], Any]


@dataclass
class Token:
    """`kind` is user, page or app; `profile` is what `me` is with it. `death` is subcode and message of its end."""

    kind: str
    profile: str
    scopes: frozenset[str]
    made_at: datetime
    expires_at: datetime | None = None
    is_long: bool = False
    death: tuple[int, str] | None = None
    value: str = field(default_factory=lambda: f"EAAG{secrets.token_hex(40)}")


@dataclass
class Call:
    request: httpx.Request
    params: Params
    ids: Mapping[str, str]
    token: Token | None = None

    @property
    def caller(self) -> Token:
        assert self.token is not None
        return self.token


@dataclass(frozen=True)
class Route:
    """`path` is a pattern of what comes after the version. `is_open`: no token is asked for."""

    operation: str | Callable[["Call"], str]
    method: str
    path: str
    handle: Handler
    host: str = r"graph\.facebook\.com"
    is_open: bool = False

    def name(self, call: Call) -> str:
        return self.operation if isinstance(self.operation, str) else self.operation(call)


class GraphSide:
    """`answer` is an `httpx.MockTransport` handler."""

    HOSTS: ClassVar[tuple[str, ...]] = ("graph.facebook.com",)
    OPERATIONS: ClassVar[frozenset[str]] = frozenset()
    PUBLISHING: ClassVar[frozenset[str]] = frozenset()
    FAILURES: ClassVar[Mapping[str, Failure]] = {}
    use_case = "pages"
    use_case_code = 80001
    """Of a page's token that asked too often."""
    requires_proof = False
    """Whether the app is set to take no call without `appsecret_proof`."""

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        self.now = now
        self.fetch = fetch or _nothing
        self.seen: list[httpx.Request] = []
        self.app = {"client_id": "1029384756102938", "client_secret": secrets.token_hex(16)}
        self.redirect_uri = "https://punctual.example/v1/oauth/callback"
        self.tokens: dict[str, Token] = {}
        self.fail_next: list[tuple[str, Failure]] = []
        self.loses_answer_of: set[str] = set()
        self.cuts: set[str] = set()
        self.calls: dict[str, list[datetime]] = {}
        self.allowed = {"user": 200, "app": 200, "page": 4800}
        """Calls in an hour; of a page, in a day."""
        self.processing_seconds = 0
        self.listing_lag_seconds = 0
        self.made = 0
        self.routes: list[Route] = []

    @property
    def posts(self) -> list[Shown]:
        """What readers can see now, oldest first."""
        return []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        try:
            call, route = self.understood(request)
            name = route.name(call)
        except Refused as refused:
            return httpx.Response(refused.status, json=refused.body)
        if name in self.cuts:
            self.cuts.discard(name)
            self.cut(name, call)
            raise httpx.ReadError("the connection broke", request=request)
        response = self.failing(name) or self.carried_out(call, route)
        if name in self.loses_answer_of:
            self.loses_answer_of.discard(name)
            raise httpx.ReadError("the connection broke", request=request)
        usage = self.usage(call.token) if call.token else {}
        response.headers.update({key: value for key, value in usage.items() if key not in response.headers})
        return response

    def cut(self, operation: str, call: Call) -> None:
        """What was done of a call that broke off: nothing, unless it brought bytes."""

    def failing(self, operation: str) -> httpx.Response | None:
        for number, (name, failure) in enumerate(self.fail_next):
            if name == operation:
                del self.fail_next[number]
                return failure.response()
        return None

    def carried_out(self, call: Call, route: Route) -> httpx.Response:
        try:
            if not route.is_open:
                call.token = self.authorized(call)
                self.count(call.token)
            found = route.handle(call)
        except Refused as refused:
            headers = {"WWW-Authenticate": 'OAuth "Facebook Platform" "invalid_token"'}
            is_dead = refused.body["error"]["code"] == 190
            return httpx.Response(refused.status, json=refused.body, headers=headers if is_dead else {})
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    def understood(self, request: httpx.Request) -> tuple[Call, Route]:
        """A version may be left out: then the app's oldest is meant."""
        host, path = request.headers["Host"], VERSION.sub("", request.url.path, count=1).strip("/")
        params = Params(request)
        known = [route for route in self.routes if re.fullmatch(route.host, host)]
        matching = [(route, found) for route in known if (found := re.fullmatch(route.path, path))]
        for route, found in matching:
            if route.method == request.method:
                return Call(request, params, found.groupdict()), route
        if matching:
            raise missing(path.partition("/")[0], request.method.lower())
        raise Refused(2500, f"Unknown path components: /{path}")

    def authorized(self, call: Call) -> Token:
        scheme, _, given = call.request.headers.get("Authorization", "").partition(" ")
        value = call.params.text("access_token") or (given if scheme in ("Bearer", "OAuth") else "")
        if not value:
            raise Refused(104, "An access token is required to request this resource.")
        token = self.app_token() if value == self.app_token().value else self.tokens.get(value)
        if token is None:
            raise Refused(190, "Invalid OAuth access token - Cannot parse access token")
        if died := self.death_of(token):
            raise Refused(190, died[1], died[0])
        self.check_proof(call, value)
        return token

    def check_proof(self, call: Call, token: str) -> None:
        """https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
        proof = call.params.text("appsecret_proof")
        expected = hmac.digest(self.app["client_secret"].encode(), token.encode(), hashlib.sha256).hex()
        if (proof or self.requires_proof) and not hmac.compare_digest(proof, expected):
            what = "Invalid appsecret_proof provided in the API argument"
            raise Refused(100, what if proof else "API calls from the server require an appsecret_proof argument")

    def death_of(self, token: Token) -> tuple[int, str] | None:
        if token.death:
            return token.death
        if token.expires_at and token.expires_at <= self.now():
            return 463, f"Error validating access token: Session has expired on {token.expires_at:%A, %d-%b-%y}."
        return None

    def app_token(self) -> Token:
        value = f"{self.app['client_id']}|{self.app['client_secret']}"
        return Token("app", self.app["client_id"], frozenset(), self.now(), value=value)

    def mint(self, kind: str, profile: str, scopes: frozenset[str], lasts: timedelta | None, **more: Any) -> Token:
        expires_at = self.now() + lasts if lasts else None
        token = Token(kind, profile, scopes, self.now(), expires_at, **more)
        self.tokens[token.value] = token
        return token

    def count(self, token: Token) -> None:
        window = timedelta(days=1) if token.kind == "page" else timedelta(hours=1)
        recent = [when for when in self.calls.get(token.profile, []) if when > self.now() - window]
        self.calls[token.profile] = recent
        if len(recent) >= self.allowed[token.kind]:
            code, what = {"page": (self.use_case_code, "page"), "user": (17, "user")}.get(token.kind, (4, "app"))
            raise Refused(code, f"There have been too many calls to this {what}.")
        recent.append(self.now())

    def usage(self, token: Token) -> dict[str, str]:
        """https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers"""
        share = 100 * len(self.calls.get(token.profile, [])) // self.allowed[token.kind]
        used = {"call_count": share, "total_cputime": share // 2, "total_time": share // 2}
        if token.kind != "page":
            return {"X-App-Usage": json.dumps(used)}
        minutes = 60 if share >= 100 else 0
        case = [{"type": self.use_case, **used, "estimated_time_to_regain_access": minutes}]
        return {"X-Business-Use-Case-Usage": json.dumps({token.profile: case})}

    def needs(self, token: Token, *scopes: str) -> None:
        lacking = [scope for scope in scopes if scope not in token.scopes]
        if lacking:
            raise Refused(200, f"Permissions error: requires {', '.join(lacking)}")

    def number(self) -> str:
        self.made += 1
        return str(122_000_000_000_000_000 + self.made)


def _nothing(url: str) -> bytes:
    raise LookupError(url)


def stamp(moment: datetime) -> str:
    """As the platform writes a time: +0000, without a colon."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def listed(nodes: list[dict[str, Any]], call: Call, default: int = 25) -> dict[str, Any]:
    """A page of a list, with the address of the next, which has the token in it, as the platform's does."""
    limit = min(call.params.whole("limit", default) or default, 100)
    start = int(call.params.text("after") or 0)
    shown, end = nodes[start : start + limit], start + limit
    if not shown:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(nodes):
        kept = {**call.params.given, "access_token": call.caller.value, "limit": str(limit), "after": str(end)}
        paging["next"] = str(call.request.url.copy_with(params=kept))
    return {"data": shown, "paging": paging}
