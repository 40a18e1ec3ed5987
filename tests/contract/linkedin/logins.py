"""Who a call is made for: consent, codes, tokens that last sixty days, and refresh tokens that only some apps get.

https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from tests.contract.linkedin.refusals import Refused, refused

AUTHORIZE = "https://www.linkedin.com/oauth/v2/authorization"
CODE_MINUTES = 30
TOKEN_DAYS = 60
REFRESH_DAYS = 365
SELF_SERVE = frozenset({"openid", "profile", "email", "w_member_social"})
COMMUNITY = frozenset(
    {"r_basicprofile", "w_member_social", "w_organization_social", "r_organization_social", "rw_organization_admin"}
)
"""Of an app that LinkedIn approved; `r_member_social` is closed, and few have it."""
MISMATCH = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
    "Or authorization code expired. Or external member binding exists"
)
DEAD = "The provided authorization grant or refresh token is invalid, expired or revoked."


@dataclass(kw_only=True)
class Allowed:
    """What one member let the app do; its tokens end together."""

    member: str
    scopes: frozenset[str]
    is_revoked: bool = False


@dataclass(frozen=True, kw_only=True)
class Code:
    allowed: Allowed
    redirect_uri: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Token:
    allowed: Allowed
    ends_at: datetime


class Logins:
    """`refuses_refresh_with`: the error's code for a dead refresh token, of which there are reports of two."""

    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.app = {"client_id": "86vhj2q7ukf83q", "client_secret": f"WPL_AP1.{secrets.token_urlsafe(12)}.MTk2=="}
        self.redirect_uri = "https://punctual.example/v1/oauth/linkedin/callback"
        self.products = SELF_SERVE | COMMUNITY
        self.refreshes = False
        self.refuses_refresh_with = "invalid_grant"
        self.names_token_type = True
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, Token] = {}
        self.allowed: list[Allowed] = []

    def ask(self, authorization_url: str, member: str, *, denies: bool) -> dict[str, str]:
        """The query of the callback. What LinkedIn shows as a page of its own, without going back, is an assertion."""
        url = urlsplit(authorization_url)
        asked = dict(parse_qsl(url.query, strict_parsing=True))
        assert f"{url.scheme}://{url.netloc}{url.path}" == AUTHORIZE
        assert asked.keys() == {"response_type", "client_id", "redirect_uri", "state", "scope"}, sorted(asked)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == self.app["client_id"]
        assert asked["redirect_uri"] == self.redirect_uri
        assert asked["state"]
        back = {**dict(parse_qsl(urlsplit(self.redirect_uri).query)), "state": asked["state"]}
        scopes = frozenset(asked["scope"].split(" "))
        if not scopes <= self.products:
            return back | {"error": "unauthorized_scope_error", "error_description": "Scope is not authorized"}
        if denies:
            return back | {"error": "user_cancelled_authorize", "error_description": "The user cancelled"}
        self._end_other_scopes(member, scopes)
        allowed = Allowed(member=member, scopes=scopes)
        self.allowed.append(allowed)
        code = f"AQ{secrets.token_urlsafe(90)}"
        ends_at = self.now() + timedelta(minutes=CODE_MINUTES)
        self.codes[code] = Code(allowed=allowed, redirect_uri=asked["redirect_uri"], ends_at=ends_at)
        return back | {"code": code}

    def _end_other_scopes(self, member: str, scopes: frozenset[str]) -> None:
        """A consent to other scopes ends the tokens of those before it."""
        for allowed in self.allowed:
            if allowed.member == member and allowed.scopes != scopes:
                allowed.is_revoked = True

    def token(self, request: httpx.Request) -> httpx.Response:
        form = fields_of(request)
        kind = self._required(form, "grant_type")
        if kind not in ("authorization_code", "refresh_token"):
            raise said(400, "unsupported_grant_type", "Grant type is not supported")
        if kind == "authorization_code":
            code, redirect_uri = self._required(form, "code"), self._required(form, "redirect_uri")
            self._check_client(form)
            return self._exchange(code, redirect_uri)
        refresh_token = self._required(form, "refresh_token")
        self._check_client(form)
        return self._refresh(refresh_token)

    def _exchange(self, code: str, redirect_uri: str) -> httpx.Response:
        held = self.codes.pop(code, None)
        if held is None:
            raise said(401, "invalid_request", "Unable to retrieve access token: authorization code not found")
        if held.redirect_uri != redirect_uri or held.ends_at <= self.now() or held.allowed.is_revoked:
            raise said(400, "invalid_redirect_uri", MISMATCH)
        if not self.refreshes:
            return self._grant(held.allowed, None)
        refresh_token = f"AQ{secrets.token_urlsafe(260)}"
        ends_at = self.now() + timedelta(days=REFRESH_DAYS)
        self.refresh_tokens[refresh_token] = Token(allowed=held.allowed, ends_at=ends_at)
        return self._grant(held.allowed, refresh_token)

    def _refresh(self, refresh_token: str) -> httpx.Response:
        held = self.refresh_tokens.get(refresh_token)
        if held is None or held.allowed.is_revoked or held.ends_at <= self.now():
            raise said(400, self.refuses_refresh_with, DEAD)
        return self._grant(held.allowed, refresh_token)

    def _grant(self, allowed: Allowed, refresh_token: str | None) -> httpx.Response:
        """An access token outlives no refresh token, whose end stays where the first consent put it."""
        now = self.now()
        ends_at = now + timedelta(days=TOKEN_DAYS)
        body: dict[str, Any] = {"scope": ",".join(sorted(allowed.scopes))}
        if refresh_token:
            until = self.refresh_tokens[refresh_token].ends_at
            ends_at = min(ends_at, until)
            body |= {"refresh_token": refresh_token, "refresh_token_expires_in": int((until - now).total_seconds())}
        access_token = f"AQ{secrets.token_urlsafe(260)}"
        self.tokens[access_token] = Token(allowed=allowed, ends_at=ends_at)
        body |= {"access_token": access_token, "expires_in": int((ends_at - now).total_seconds())}
        if self.names_token_type:
            body["token_type"] = "Bearer"
        if "openid" in allowed.scopes:
            body["id_token"] = f"eyJ6aXAiOiJSUzI1NiJ9.{secrets.token_urlsafe(90)}.{secrets.token_urlsafe(90)}"
        return httpx.Response(200, json=body)

    def revoke(self, request: httpx.Request) -> httpx.Response:
        form = fields_of(request)
        token = self._required(form, "token")
        self._check_client(form)
        for held in (self.tokens.get(token), self.refresh_tokens.get(token)):
            if held:
                held.allowed.is_revoked = True
        return httpx.Response(200)

    def end_all(self) -> None:
        """The member took the app off the list of those that may act."""
        for allowed in self.allowed:
            allowed.is_revoked = True

    def _required(self, form: dict[str, str], name: str) -> str:
        if not form.get(name):
            raise said(400, "invalid_request", f'A required parameter "{name}" is missing')
        return form[name]

    def _check_client(self, form: dict[str, str]) -> None:
        own = {name: self._required(form, name) for name in ("client_id", "client_secret")}
        if own != self.app:
            raise said(401, "invalid_client", "Client authentication failed")

    def of(self, request: httpx.Request) -> Allowed:
        """Who lets the app make this call."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not value:
            raise refused(401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token", serviceErrorCode=65604)
        held = self.tokens.get(value)
        if held is None:
            raise refused(401, "INVALID_ACCESS_TOKEN", "Invalid access token", serviceErrorCode=65600)
        if held.allowed.is_revoked:
            message = "The token used in the request has been revoked by the user"
            raise refused(401, "REVOKED_ACCESS_TOKEN", message, serviceErrorCode=65601)
        if held.ends_at <= self.now():
            message = "The token used in the request has expired"
            raise refused(401, "EXPIRED_ACCESS_TOKEN", message, serviceErrorCode=65602)
        return held.allowed


def said(status: int, error: str, description: str) -> Refused:
    """OAuth's own form of a refusal."""
    return Refused(httpx.Response(status, json={"error": error, "error_description": description}))


def fields_of(request: httpx.Request) -> dict[str, str]:
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return {}
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
