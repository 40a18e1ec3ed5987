"""Consent and tokens of X, by https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code.

What a second use of a refresh token does is not in the documents; it is what developers saw:
https://github.com/gptme/gptme-contrib/issues/285 and https://github.com/trypostit/trypost/issues/126.
"""

import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.contract.x.side_answers import unauthorized

AUTHORIZE = "https://x.com/i/oauth2/authorize"
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
SCOPES = frozenset({"offline.access", "tweet.moderate.write", "users.email", "media.write", "space.read"}) | {
    f"{what}.{way}"
    for what in ("tweet", "users", "follows", "mute", "like", "list", "block", "bookmark", "dm")
    for way in ("read", "write")
} - {"users.write"}
CODE_SECONDS, ACCESS_SECONDS = 30, 7200
REFRESH_DAYS = 182
"""Six months, as reported."""


class ConsentRefused(Exception):
    """The person sees that something went wrong, and is sent nowhere."""


@dataclass(frozen=True)
class Person:
    id: str
    username: str
    name: str
    subscription_type: str = "None"
    verified_type: str = "none"

    @property
    def is_premium(self) -> bool:
        return self.subscription_type != "None"


@dataclass
class Code:
    asked: dict[str, str]
    person: Person
    until: datetime


@dataclass
class Token:
    """`family`: of all that came from one consent."""

    family: int
    kind: str
    person: Person
    scope: str
    until: datetime
    is_dead: bool = False
    is_spent: bool = False


class TokenRefused(Exception):
    def __init__(self, error: str, why: str, status: int = 400):
        super().__init__(error)
        self.response = httpx.Response(status, json={"error": error, "error_description": why})


class SignIn:
    """`refresh_ends_access`: whether the older access token dies as well; nobody says."""

    def __init__(self, now: Callable[[], datetime], app: dict[str, str]):
        self.now = now
        self.app = app
        self.redirect_uri = ""
        self.refresh_ends_access = False
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.families = 0

    def consent(self, url: str, person: Person, *, denies: bool) -> dict[str, str]:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        asked = dict(pairs)
        self._check_consent(f"{parts.scheme}://{parts.netloc}{parts.path}", pairs, asked)
        own = dict(parse_qsl(urlsplit(self.redirect_uri).query))
        if denies:
            return {**own, "error": "access_denied", "state": asked["state"]}
        code = made_up("ac", self.now())
        self.codes[code] = Code(asked, person, self.now() + timedelta(seconds=CODE_SECONDS))
        return {**own, "state": asked["state"], "code": code}

    def _check_consent(self, where: str, pairs: list[tuple[str, str]], asked: dict[str, str]) -> None:
        checks = {
            f"the address is {AUTHORIZE}": where == AUTHORIZE,
            "each parameter comes once, and is known": sorted(asked) == sorted(name for name, _ in pairs)
            and set(asked) <= set(ASKED),
            "none is missing or empty": all(asked.get(name) for name in ASKED),
            "response_type is code": asked.get("response_type") == "code",
            "client_id is the app's": asked.get("client_id") == self.app["client_id"],
            "redirect_uri is exactly the registered one": asked.get("redirect_uri") == self.redirect_uri,
            "scopes are known": set(asked.get("scope", "").split(" ")) <= SCOPES,
            "state has at most 500 characters": len(asked.get("state", "")) <= 500,
            "the challenge's method is S256 or plain": asked.get("code_challenge_method") in ("S256", "plain"),
            "an S256 challenge has 43 characters": asked.get("code_challenge_method") != "S256"
            or len(asked.get("code_challenge", "")) == 43,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise ConsentRefused("; ".join(broken))

    def token(self, request: httpx.Request) -> httpx.Response:
        form = self._form(request)
        wanted = {"authorization_code": self._exchange, "refresh_token": self._refresh}
        if not form.get("grant_type"):
            raise TokenRefused("invalid_request", "Missing required parameter [grant_type].")
        if form["grant_type"] not in wanted:
            raise TokenRefused("unsupported_grant_type", "Value passed for the grant type was invalid.")
        return wanted[form["grant_type"]](form)

    def _form(self, request: httpx.Request) -> dict[str, str]:
        if request.headers.get("Content-Type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
            raise TokenRefused("invalid_request", "Missing required parameter [grant_type].")
        form = dict(parse_qsl(request.content.decode()))
        if not self._knows(request.headers.get("Authorization", "")):
            raise TokenRefused("unauthorized_client", "Missing valid authorization header", 401)
        if form.get("client_id", self.app["client_id"]) != self.app["client_id"]:
            raise TokenRefused("invalid_request", "Value passed for the client id was invalid.")
        return form

    def _knows(self, header: str) -> bool:
        scheme, _, value = header.partition(" ")
        try:
            given = b64decode(value, validate=True).decode()
        except ValueError:
            return False
        return scheme == "Basic" and given == f"{self.app['client_id']}:{self.app['client_secret']}"

    def _exchange(self, form: dict[str, str]) -> httpx.Response:
        for name in ("code", "redirect_uri", "code_verifier"):
            if not form.get(name):
                raise TokenRefused("invalid_request", f"Missing required parameter [{name}].")
        code = self.codes.pop(form["code"], None)
        if code is None or code.until <= self.now():
            raise TokenRefused("invalid_request", "Value passed for the authorization code was invalid.")
        if form["redirect_uri"] != code.asked["redirect_uri"]:
            why = "Value passed for the redirect uri did not match the uri of the authorization code."
            raise TokenRefused("invalid_request", why)
        verifier = form["code_verifier"]
        is_plain = code.asked["code_challenge_method"] == "plain"
        if (verifier if is_plain else s256(verifier)) != code.asked["code_challenge"]:
            why = "Value passed for the code verifier did not match the code challenge."
            raise TokenRefused("invalid_request", why)
        self.families += 1
        return self._give(self.families, code.person, code.asked["scope"])

    def _refresh(self, form: dict[str, str]) -> httpx.Response:
        token = self.tokens.get(form.get("refresh_token", ""))
        if token is None or token.kind != "rt" or token.is_dead or token.until <= self.now():
            raise TokenRefused("invalid_request", "Value passed for the token was invalid.")
        if token.is_spent:
            self._end(token.family)
            raise TokenRefused("invalid_request", "Value passed for the token was invalid.")
        token.is_spent = True
        if self.refresh_ends_access:
            self._end(token.family, "at")
        return self._give(token.family, token.person, token.scope)

    def _end(self, family: int, kind: str = "") -> None:
        for token in self.tokens.values():
            token.is_dead = token.is_dead or (token.family == family and kind in ("", token.kind))

    def _give(self, family: int, person: Person, scope: str) -> httpx.Response:
        given: dict[str, Any] = {"token_type": "bearer", "expires_in": ACCESS_SECONDS, "scope": scope}
        given["access_token"] = self._new(family, "at", person, scope, timedelta(seconds=ACCESS_SECONDS))
        if "offline.access" in scope.split():
            given["refresh_token"] = self._new(family, "rt", person, scope, timedelta(days=REFRESH_DAYS))
        return httpx.Response(200, json=given)

    def _new(self, family: int, kind: str, person: Person, scope: str, lasts: timedelta) -> str:
        name = made_up(kind, self.now())
        self.tokens[name] = Token(family, kind, person, scope, self.now() + lasts)
        return name

    def revoke(self, request: httpx.Request) -> httpx.Response:
        """Of what was never a token too (RFC 7009, section 2.2); the documents tell only of the one that is named."""
        form = self._form(request)
        if not form.get("token"):
            raise TokenRefused("invalid_request", "Missing required parameter [token].")
        if found := self.tokens.get(form["token"]):
            found.is_dead = True
        return httpx.Response(200, json={"revoked": True})

    def disconnect(self, person: Person) -> None:
        """The person takes the app's access away, on X's own page."""
        for token in self.tokens.values():
            token.is_dead = token.is_dead or token.person.id == person.id

    def bearer(self, request: httpx.Request) -> Token:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        token = self.tokens.get(value) if scheme.lower() == "bearer" else None
        if token is None or token.kind != "at" or token.is_dead or token.until <= self.now():
            raise unauthorized()
        return token


def made_up(kind: str, at: datetime) -> str:
    """As in the documents' examples."""
    text = f"{secrets.token_urlsafe(36)[:48]}:{int(at.timestamp() * 1000)}:1:0:{kind}:1"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
