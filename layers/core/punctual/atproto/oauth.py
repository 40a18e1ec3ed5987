"""Sessions that a person's consent opens: OAuth as the AT Protocol wants it, with pushed requests and proofs of keys.

https://atproto.com/specs/oauth
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator

from punctual.atproto.dpop import Dpop, Nonces
from punctual.atproto.identity import Identity
from punctual.atproto.keys import new_key
from punctual.atproto.lookups import Lookups
from punctual.providers.base import App, Callback, Consent, Grant, Provider, answer
from punctual.providers.client_auth import proven
from punctual.providers.outcomes import ProviderError, Reconnect, Rejected, RetryLater, ScopesMissing, Unauthorized

ASKING_SECONDS = 8.0
"""For pushing a request and for exchanging its code: a person waits."""

# https://atproto.com/specs/oauth#tokens-and-session-lifetime, and what the only server there is makes of it:
# https://github.com/bluesky-social/atproto/blob/d6296a1/packages/oauth/oauth-provider/src/oauth-constants.ts#L36
PUBLIC_SESSION = timedelta(days=14)
CONFIDENTIAL_SESSION = timedelta(days=730)


class Tokens(BaseModel):
    """A token endpoint's answer."""

    access_token: SecretStr = Field(min_length=1)
    refresh_token: SecretStr | None = None
    token_type: Literal["dpop"]
    expires_in: int = Field(gt=0, lt=10**9)
    scope: str
    sub: str = Field(pattern="^did:")

    @field_validator("token_type", mode="before")
    @classmethod
    def in_any_case(cls, given: Any) -> Any:
        return given.lower() if isinstance(given, str) else given


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Whom a token endpoint hears: our client, with a session's key, at one issuer."""

    app: App
    issuer: str
    key: SecretStr


class OAuth:
    """Of one provider: `nonces` are what its servers gave."""

    def __init__(self, provider: Provider, lookups: Lookups, nonces: Nonces):
        self._provider = provider
        self._lookups = lookups
        self._nonces = nonces

    def begin(self, server: str, name: str | None) -> tuple[str, dict[str, str]]:
        """Who will give the tokens, and what must be known again when they are asked for.

        The key is made once a connection, not once a page: a person who opens it twice may consent on either.
        """
        kept = {"key": new_key().get_secret_value()}
        if name:
            account = self._lookups.identity_of(name, server)
            server = _home(account)
            kept |= {"did": account.did, "name": name}
        issuer = self._lookups.issuer(server)
        self._lookups.authorization_server(issuer)
        return issuer, kept

    def authorization_url(self, consent: Consent, scope: str) -> str:
        """All that is asked for goes to the server itself; the person's browser carries a name for it."""
        server = self._lookups.authorization_server(consent.server)
        fields = {
            "response_type": "code",
            "redirect_uri": consent.redirect_uri,
            "scope": scope,
            "state": consent.state,
            "code_challenge": consent.code_challenge,
            "code_challenge_method": "S256",
            **({"login_hint": consent.kept["name"]} if "name" in consent.kept else {}),
        }
        asker = Asker(app=consent.app, issuer=server.issuer, key=SecretStr(consent.kept["key"]))
        pushed = answer(self._ask(server.par_url, fields, asker, ASKING_SECONDS)).get("request_uri")
        if not isinstance(pushed, str) or not pushed:
            raise RetryLater("The server's answer could not be read.", code="unreadable_answer")
        query = urlencode({"client_id": consent.app.client_id, "request_uri": pushed}, quote_via=quote)
        return f"{server.authorize_url}{'&' if '?' in server.authorize_url else '?'}{query}"

    def authenticate(self, callback: Callback) -> tuple[Grant, Identity, str]:
        """The grant, whose it is, and the account's handle."""
        server = self._lookups.authorization_server(callback.server)
        asker = Asker(app=callback.app, issuer=server.issuer, key=SecretStr(callback.kept["key"]))
        tokens = self._exchanged(server.token_url, callback, asker)
        life = CONFIDENTIAL_SESSION if callback.app.private_key else PUBLIC_SESSION
        extra = {"key": callback.kept["key"], "issuer": server.issuer, "did": tokens.sub}
        grant = self._grant(tokens, extra, renewable_until=self._provider.now() + life)
        try:
            if missing := self._provider.missing_scopes(grant):
                raise ScopesMissing(self._provider.spec.name, missing)
            account = self._vouched(tokens.sub, callback)
        except ProviderError:
            with suppress(ProviderError):
                self.revoke(grant, callback.app)
            raise
        home = _home(account)
        return replace(grant, server=home), account, self._lookups.handle(account, home)

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        """Whatever may fail without harm comes first: the refresh token is good for one call."""
        if app is None or grant.refresh_token is None:
            raise Reconnect("This session cannot be renewed; connect again.", code="no_refresh_token")
        asker = _asker(grant, app)
        home = self._home_now(grant)
        try:
            url = self._lookups.authorization_server(asker.issuer).token_url
        except (Rejected, RetryLater) as error:  # and not as that call broken off, which would be another matter
            raise RetryLater(error.sentence, code="refresh_refused", status=error.status) from error
        fields = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token.get_secret_value()}
        tokens = self._tokens(url, fields, asker)
        if tokens.sub != grant.extra["did"]:
            raise Reconnect("The server gave tokens of another account; connect again.", code="other_account")
        return self._grant(tokens, grant.extra, renewable_until=grant.renewable_until, server=home)

    def revoke(self, grant: Grant, app: App | None) -> None:
        """The whole session ends, whichever of its tokens is named."""
        url = self._lookups.authorization_server(grant.extra["issuer"]).revoke_url
        if url and app:
            token = grant.refresh_token or grant.access_token
            self._ask(url, {"token": token.get_secret_value()}, _asker(grant, app), ASKING_SECONDS)

    def auth(self, grant: Grant) -> httpx.Auth:
        return Dpop(SecretStr(grant.extra["key"]), self._nonces, self._provider.now, grant.access_token)

    def _vouched(self, did: str, callback: Callback) -> Identity:
        """A server may name whom it likes: that it speaks for the account is for the account's own server to say."""
        if did != callback.kept.get("did", did):
            raise Rejected("Another account was signed in than the one that was named.", code="other_account")
        account = self._lookups.identity(did)
        if self._lookups.issuer(_home(account)) != callback.server:
            raise Rejected("This sign-in does not speak for the account that it named.", code="other_server")
        return account

    def _home_now(self, grant: Grant) -> str:
        """Behind bsky.social an account may be moved from one server to another, and its session stays good."""
        try:
            home = _home(self._lookups.identity(grant.extra["did"]))
            moved = home != grant.server and self._lookups.issuer(home) == grant.extra["issuer"]
        except ProviderError:
            return grant.server
        return home if moved else grant.server

    def _exchanged(self, url: str, callback: Callback, asker: Asker) -> Tokens:
        fields = {
            "grant_type": "authorization_code",
            "code": callback.code,
            "redirect_uri": callback.redirect_uri,
            "code_verifier": callback.code_verifier.get_secret_value(),
        }
        try:
            return self._tokens(url, fields, asker, ASKING_SECONDS)
        except Reconnect as error:
            sentence = "The server did not take its own code: it came too late, or was used before."
            raise Reconnect(sentence, code="code_refused", status=error.status) from error

    def _tokens(self, url: str, fields: Mapping[str, str], asker: Asker, seconds: float | None = None) -> Tokens:
        try:
            return Tokens.model_validate(answer(self._ask(url, fields, asker, seconds)))
        except ValidationError:
            raise RetryLater("The server sent no usable tokens.", code="unreadable_answer") from None

    def _grant(self, tokens: Tokens, extra: Mapping[str, str], **more: Any) -> Grant:
        return Grant(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=self._provider.now() + timedelta(seconds=tokens.expires_in),
            scopes=tuple(tokens.scope.split()),
            extra=extra,
            **more,
        )

    def _ask(self, url: str, fields: Mapping[str, str], asker: Asker, seconds: float | None) -> httpx.Response:
        """RFC 6749 section 5.2: only `invalid_grant` says that the grant is dead; the rest is for us to mend."""
        by = self._provider.spec.token_auth if asker.app.private_key else "none"
        data, headers = proven(fields, asker.app, by=by, audience=asker.issuer, now=self._provider.now())
        auth = Dpop(asker.key, self._nonces, self._provider.now)
        try:
            return self._provider.call("POST", url, auth=auth, seconds=seconds, data=data, headers=headers)
        except (Rejected, Unauthorized) as error:
            if error.status is None:
                raise
            if error.platform_code != "invalid_grant":
                raise RetryLater(error.sentence, code="token_endpoint", status=error.status) from error
            sentence = "The account's server ended this connection."
            raise Reconnect(sentence, code="grant_dead", status=error.status) from error


def by_consent(grant: Grant) -> bool:
    """Whether OAuth gave it; else an app password did."""
    return "key" in grant.extra


def _asker(grant: Grant, app: App) -> Asker:
    return Asker(app=app, issuer=grant.extra["issuer"], key=SecretStr(grant.extra["key"]))


def _home(account: Identity) -> str:
    if account.home is None:
        raise Rejected("This account names no server that keeps it.", code="account_unknown")
    return account.home
