"""A small Mastodon: apps, consent, tokens and statuses as docs.joinmastodon.org describes them, kept in memory.

`CompatibleSide` differs as other servers of the fediverse do: see each line of it.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from tests.contract.mastodon.files import Files, failed

KEY_SECONDS = 3600
WINDOW = timedelta(minutes=5)
GRANT_REFUSED = "The provided authorization grant is invalid, expired, revoked or was issued to another client."


class FarSide:
    """`answer` is an `httpx.MockTransport` handler; `consent` is what the person does in a browser."""

    honours_keys = True
    verifies_pkce = True
    version = "4.4.1"
    bad_token = (401, "The access token is invalid")
    has_source = True
    max_characters = 500
    preferred_visibility = "public"
    statuses_in_a_window = 300

    def __init__(self, now: Callable[[], datetime], *, host: str = "mastodon.example", domain: str = "example.social"):
        self.now = now
        self.origin = f"https://{host}"
        self.domain = domain
        self.seen: list[httpx.Request] = []
        self.consents: list[str] = []
        self.apps: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        self.statuses: list[dict[str, Any]] = []
        self.files = Files(self.origin)
        self.keys: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.calls_left = 300
        self.configuration: dict[str, Any] = {}
        self.disabled = False
        self.loses_answers = False
        self.copies_lag = False
        self.answers_next: list[httpx.Response] = []
        self.routes: dict[tuple[str, str], Callable[[httpx.Request], httpx.Response]] = {
            ("GET", "/.well-known/oauth-authorization-server"): self.metadata,
            ("POST", "/api/v1/apps"): self.register,
            ("POST", "/oauth/token"): self.token,
            ("POST", "/oauth/revoke"): self.revoke,
            ("GET", "/api/v2/instance"): self.instance,
            ("GET", "/api/v1/accounts/verify_credentials"): self.for_user(self.verify),
            ("GET", "/api/v1/accounts/14715/statuses"): self.for_user(self.timeline),
            ("POST", "/api/v1/statuses"): self.for_user(self.post),
            ("POST", "/api/v2/media"): self.for_user(self.files.upload),
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.answers_next:
            return self.answers_next.pop(0)
        if request.url.path.startswith("/api"):
            if self.calls_left <= 0:
                return self.too_many()
            self.calls_left -= 1
        path = request.url.path
        if path.endswith("/source") and self.has_source:
            return self.for_user(self.source)(request)
        if request.method == "GET" and path.startswith("/api/v1/media/"):
            return self.for_user(self.files.show)(request)
        if request.method == "DELETE" and path.startswith("/api/v1/statuses/"):
            return self.for_user(self.delete)(request)
        route = self.routes.get((request.method, path))
        return route(request) if route else failed(404, "Record not found")

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]:
        """The query of the callback that the person's browser is sent to."""
        self.consents.append(authorization_url)
        url = urlsplit(authorization_url)
        asked = dict(parse_qsl(url.query))
        app = self.apps[asked["client_id"]]
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{self.origin}/oauth/authorize"
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] in app["redirect_uris"]
        assert set(asked["scope"].split()) <= set(app["scopes"])
        own = dict(parse_qsl(urlsplit(asked["redirect_uri"]).query))
        if denies:
            return {**own, "error": "access_denied", "state": asked["state"]}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {**own, "code": code, "state": asked["state"]}

    def metadata(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"issuer": f"{self.origin}/", "code_challenge_methods_supported": ["S256"]})

    def register(self, request: httpx.Request) -> httpx.Response:
        fields = sent(request)
        if not fields.get("client_name") or not fields.get("redirect_uris"):
            return failed(422, "Validation failed: Redirect URI can't be blank")
        uris = fields["redirect_uris"]
        number = len(self.apps)
        app = {
            "client_id": f"client-{number}",
            "client_secret": f"secret-of-client-{number}",
            "client_secret_expires_at": 0,
            "name": fields["client_name"],
            "redirect_uris": uris if isinstance(uris, list) else uris.split("\n"),
            "scopes": fields.get("scopes", "read").split(),
        }
        self.apps[app["client_id"]] = app
        return httpx.Response(200, json=app)

    def token(self, request: httpx.Request) -> httpx.Response:
        fields = sent(request)
        if not self.knows_client(fields):
            return failed(401, "invalid_client", error_description="Client authentication failed.")
        asked = self.codes.pop(fields.get("code", ""), None)
        if not asked or fields["client_id"] != asked["client_id"] or fields["redirect_uri"] != asked["redirect_uri"]:
            return failed(400, "invalid_grant", error_description=GRANT_REFUSED)
        challenge = asked.get("code_challenge")
        if self.verifies_pkce and challenge and challenge != s256(fields.get("code_verifier", "")):
            return failed(400, "invalid_grant", error_description=GRANT_REFUSED)
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = asked["scope"]
        created_at = int(self.now().timestamp())
        given = {"access_token": token, "token_type": "Bearer", "scope": asked["scope"], "created_at": created_at}
        return httpx.Response(200, json=given)

    def revoke(self, request: httpx.Request) -> httpx.Response:
        fields = sent(request)
        if not self.knows_client(fields):
            return failed(403, "unauthorized_client", error_description="You are not authorized to revoke this token")
        self.tokens.pop(fields["token"], None)
        return httpx.Response(200, json={})

    def knows_client(self, fields: dict[str, Any]) -> bool:
        app = self.apps.get(fields.get("client_id", ""))
        return bool(app) and app["client_secret"] == fields.get("client_secret")

    def for_user(self, route: Callable[[httpx.Request], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
        def guarded(request: httpx.Request) -> httpx.Response:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.tokens:
                return failed(*self.bad_token)
            if self.disabled:
                return failed(403, "Your login is currently disabled")
            return route(request)

        return guarded

    def verify(self, request: httpx.Request) -> httpx.Response:
        account = {"id": "14715", "username": "kim", "acct": "kim", "display_name": "Kim", "url": f"{self.origin}/@kim"}
        return httpx.Response(200, json=account)

    def instance(self, request: httpx.Request) -> httpx.Response:
        statuses = {"max_characters": self.max_characters, "characters_reserved_per_url": 23}
        configuration = {**self.configuration, "statuses": {**statuses, **self.configuration.get("statuses", {})}}
        given = {"domain": self.domain, "version": self.version, "configuration": configuration}
        return httpx.Response(200, json=given)

    def post(self, request: httpx.Request) -> httpx.Response:
        if "write:statuses" not in self.tokens[request.headers["Authorization"].removeprefix("Bearer ")].split():
            return failed(403, "This action is outside the authorized scopes")
        key = request.headers.get("Idempotency-Key") if self.honours_keys else None
        status, until = self.keys.get(key or "", (None, self.now()))
        if status is None or until <= self.now():
            fields = sent(request)
            if not self.shows(fields.get("in_reply_to_id")):
                return failed(404, "The post you are trying to reply to does not appear to exist.")
            problem = self.refusal(fields)
            if problem:
                return failed(422, problem)
            if len(self.statuses) >= self.statuses_in_a_window:
                return self.too_many()
            status = self.store(fields)
            if key:
                self.keys[key] = (status, self.now() + timedelta(seconds=KEY_SECONDS))
        if self.loses_answers:
            raise httpx.ReadError("the connection broke", request=request)
        left = self.statuses_in_a_window - len(self.statuses)
        return httpx.Response(200, json=status, headers=self.limit(left, timedelta(hours=3)))

    def shows(self, number: str | None) -> bool:
        """The newest status is not there for its answer while the copies of the database lag."""
        shown = self.statuses[1:] if self.copies_lag else self.statuses
        return number is None or number in {status["id"] for status in shown}

    def refusal(self, fields: dict[str, Any]) -> str | None:
        text = fields.get("status", "").strip()
        if problem := self.files.refusal(fields.get("media_ids", [])):
            return problem
        if not text and not fields.get("media_ids"):
            return "Validation failed: Text can't be blank"
        if len(text) + len(fields.get("spoiler_text", "")) > self.max_characters:
            return f"Validation failed: Text character limit of {self.max_characters} exceeded: {text}"
        return None

    def store(self, fields: dict[str, Any]) -> dict[str, Any]:
        number = str(110000000000000000 + len(self.statuses))
        status = {
            "id": number,
            "created_at": self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "url": f"{self.origin}/@kim/{number}",
            "uri": f"{self.origin}/users/kim/statuses/{number}",
            "content": f"<p>{escape(fields['status'])}</p>",
            "visibility": fields.get("visibility", self.preferred_visibility),
            "spoiler_text": fields.get("spoiler_text", ""),
            "application": self.application(),
            "in_reply_to_id": fields.get("in_reply_to_id"),
            "reblog": None,
            "text": fields["status"].strip(),
            "media_attachments": self.files.attach(fields.get("media_ids", [])),
        }
        self.statuses.insert(0, status)
        return status

    def application(self) -> dict[str, Any] | None:
        return {"name": self.apps["client-0"]["name"], "website": None} if self.apps else None

    def timeline(self, request: httpx.Request) -> httpx.Response:
        limit = min(int(request.url.params.get("limit", 20)), 40)
        return httpx.Response(200, json=[{**status, "text": None} for status in self.statuses[:limit]])

    def source(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.split("/")[-2]
        for status in self.statuses:
            if status["id"] == number:
                return httpx.Response(200, json={key: status[key] for key in ("id", "text", "spoiler_text")})
        return failed(404, "Record not found")

    def delete(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.split("/")[-1]
        found = [status for status in self.statuses if status["id"] == number]
        self.statuses = [status for status in self.statuses if status["id"] != number]
        return httpx.Response(200, json=found[0]) if found else failed(404, "Record not found")

    def too_many(self) -> httpx.Response:
        return httpx.Response(429, json={"error": "Too many requests"}, headers=self.limit(0, WINDOW))

    def limit(self, left: int, window: timedelta) -> dict[str, str]:
        reset = (self.now() + window).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset}


class CompatibleSide(FarSide):
    honours_keys = False  # https://github.com/pixelfed/pixelfed/issues/3581
    verifies_pkce = False
    version = "2.7.2 (compatible; Pixelfed 0.11.5)"
    bad_token = (400, "The access token is invalid")

    def __init__(self, now: Callable[[], datetime], **names: str):
        super().__init__(now, **names)
        del self.routes["GET", "/.well-known/oauth-authorization-server"]
        self.routes["POST", "/api/v1/media"] = self.routes.pop(("POST", "/api/v2/media"))
        self.routes["GET", "/api/v1/instance"] = self.routes.pop(("GET", "/api/v2/instance"))

    def instance(self, request: httpx.Request) -> httpx.Response:
        """The form from before `configuration` was, with the limit where Pleroma has it, and `uri` as a URL."""
        return httpx.Response(200, json={"uri": self.origin, "version": self.version, "max_toot_chars": 5000})

    def application(self) -> None:
        return None


def sent(request: httpx.Request) -> dict[str, Any]:
    if request.headers["Content-Type"] == "application/json":
        return dict(json.loads(request.content))
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
