"""Tokens of Threads and of Instagram's own login: a code gives one for an hour, that gives one for 60 days.

https://developers.facebook.com/docs/threads/get-started/long-lived-tokens/
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.contract.meta.graph_refusals import LoginRefused, bad_parameter, expired
from tests.contract.meta.refusals import Refused

CODE_LIVES = timedelta(hours=1)
SHORT_LIVES = timedelta(hours=1)
LONG_LIVES = timedelta(days=60)
REFRESHABLE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Token:
    scopes: frozenset[str]
    made_at: datetime
    expires_at: datetime
    is_long_lived: bool


class LongLivedTokens:
    """`prefix` begins every token, `grant` the names of the grant types: `th`, `ig`.

    A token that was exchanged or refreshed lives on until its own end: no document says that it dies.
    """

    def __init__(self, now: Callable[[], datetime], app: Mapping[str, str], *, prefix: str, grant: str):
        self.now = now
        self.app = app
        self.prefix = prefix
        self.grant = grant
        self.codes: dict[str, tuple[frozenset[str], str, datetime]] = {}
        self.tokens: dict[str, Token] = {}

    def code_for(self, scopes: Iterable[str], redirect_uri: str) -> str:
        code = f"AQ{token_urlsafe(48)}"
        self.codes[code] = (frozenset(scopes), redirect_uri, self.now() + CODE_LIVES)
        return code

    def redeem(self, asked: Mapping[str, str]) -> tuple[str, Token]:
        self._know_app(asked)
        if asked.get("grant_type") != "authorization_code":
            raise LoginRefused("Invalid grant_type")
        scopes, redirect_uri, until = self.codes.get(asked.get("code", ""), (frozenset(), "", self.now()))
        if until <= self.now():
            raise LoginRefused("Matching code was not found or was already used")
        if asked.get("redirect_uri") != redirect_uri:
            raise LoginRefused("Error validating verification code. Please make sure your redirect_uri is identical")
        del self.codes[asked["code"]]
        return self._issue(scopes, SHORT_LIVES, is_long_lived=False)

    def exchange(self, asked: Mapping[str, str], text: str) -> httpx.Response:
        self._grant_type(asked, f"{self.grant}_exchange_token")
        if asked.get("client_secret") != self.app["client_secret"]:
            raise Refused(1, "Error validating client secret.")
        token = self.valid(text)
        if token.is_long_lived:
            raise bad_parameter("Session key invalid: only short-lived tokens are exchanged")
        return self._given(token.scopes)

    def refresh(self, asked: Mapping[str, str], text: str) -> httpx.Response:
        """Which error a token gets that is too young, no document says."""
        self._grant_type(asked, f"{self.grant}_refresh_token")
        token = self.valid(text)
        if not token.is_long_lived or self.now() - token.made_at < REFRESHABLE_AFTER:
            raise bad_parameter("Cannot refresh: only long-lived tokens that are at least 24 hours old")
        return self._given(token.scopes)

    def valid(self, text: str) -> Token:
        token = self.tokens.get(text)
        if token is None:
            raise Refused(190, "Invalid OAuth access token - Cannot parse access token")
        if token.expires_at <= self.now():
            raise expired()
        return token

    def revoke_all(self) -> None:
        """The person removes the app from their account."""
        self.tokens.clear()

    def _know_app(self, asked: Mapping[str, str]) -> None:
        if {name: asked.get(name) for name in ("client_id", "client_secret")} != dict(self.app):
            raise LoginRefused("Error validating client")

    def _grant_type(self, asked: Mapping[str, str], wanted: str) -> None:
        if asked.get("grant_type") != wanted:
            raise bad_parameter("Param grant_type is not one that this endpoint takes")

    def _given(self, scopes: frozenset[str]) -> httpx.Response:
        text, _ = self._issue(scopes, LONG_LIVES, is_long_lived=True)
        seconds = int(LONG_LIVES.total_seconds())
        return httpx.Response(200, json={"access_token": text, "token_type": "bearer", "expires_in": seconds})

    def _issue(self, scopes: frozenset[str], lives: timedelta, *, is_long_lived: bool) -> tuple[str, Token]:
        now = self.now()
        token = Token(scopes=scopes, made_at=now, expires_at=now + lives, is_long_lived=is_long_lived)
        text = f"{self.prefix}{token_hex(24)}{token_urlsafe(48)}"
        self.tokens[text] = token
        return text, token


def callback(
    tokens: LongLivedTokens, asked: Mapping[str, str], known: frozenset[str], *, needs: str, denies: bool
) -> dict[str, str]:
    """The query that the browser comes back with, of a consent whose address and redirect URI were looked at."""
    assert asked["client_id"] == tokens.app["client_id"]
    assert asked["response_type"] == "code"
    scopes = asked["scope"].replace(" ", ",").split(",")
    assert set(scopes) <= known, "the platform has no such scope"
    assert needs in scopes, "no call is allowed without it"
    own = dict(parse_qsl(urlsplit(asked["redirect_uri"]).query))
    state = {"state": asked["state"]} if "state" in asked else {}
    if denies:
        reason = {"error_reason": "user_denied", "error_description": "The user denied your request"}
        return {**own, "error": "access_denied", **reason, **state}
    return {**own, "code": tokens.code_for(scopes, asked["redirect_uri"]), **state}
