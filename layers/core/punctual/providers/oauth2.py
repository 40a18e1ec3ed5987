"""OAuth 2.0 as RFC 6749, 7636 and 9700 want it; a provider overrides only what its platform does otherwise."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from authlib.common.urls import add_params_to_uri
from pydantic import SecretStr

from punctual.providers import token_answers
from punctual.providers.base import Account, App, Callback, Consent, Grant, Login, Provider
from punctual.providers.client_auth import proven
from punctual.providers.outcomes import (
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    ScopesMissing,
    Unauthorized,
)


class OAuth2Provider(Provider):
    # Connecting

    def authorization_url(self, consent: Consent) -> str:
        asked = {
            "response_type": "code",
            self.spec.client_id_param: consent.app.client_id,
            "redirect_uri": consent.redirect_uri,
            "scope": self.scope(),
            "state": consent.state,
            **self.auth_params(consent),
        }
        url: str = add_params_to_uri(self.url(self.spec.authorize_url, consent.server), list(asked.items()))
        return url

    def auth_params(self, consent: Consent) -> dict[str, str]:
        if not self.spec.pkce:
            return {}
        return {"code_challenge": consent.code_challenge, "code_challenge_method": "S256"}

    def url(self, template: str, server: str) -> str:
        return template.format(server=server, version=self.api_version)

    def scope(self) -> str:
        return self.spec.scope_separator.join((*self.spec.scopes, *self.spec.optional_scopes))

    def authenticate(self, callback: Callback) -> Login:
        grant = self.exchange(callback)
        if missing := self.missing_scopes(grant):
            raise ScopesMissing(self.spec.name, missing)
        accounts = self.accounts(grant)
        return Login(grant=grant, accounts=accounts, id=self.login_id(accounts))

    def login_id(self, accounts: tuple[Account, ...]) -> str | None:
        """`Login.id`: a login that holds one account is taken to be that account's."""
        return accounts[0].id if len(accounts) == 1 else None

    def exchange(self, callback: Callback) -> Grant:
        """The grant that a code stands for. Platforms that give a short-lived token first go on to the lasting one."""
        verifier = {"code_verifier": callback.code_verifier.get_secret_value()} if self.spec.pkce else {}
        fields = {
            "grant_type": "authorization_code",
            "code": callback.code,
            "redirect_uri": callback.redirect_uri,
            **verifier,
        }
        try:
            return self.token(fields, callback.app, server=callback.server)
        except Reconnect as error:
            sentence = f"{self.spec.name} did not take its own code: it came too late, or was used before."
            raise Reconnect(
                sentence, code="code_refused", status=error.status, platform_code=error.platform_code
            ) from error

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        raise NotImplementedError

    def missing_scopes(self, grant: Grant) -> tuple[str, ...]:
        return tuple(scope for scope in self.spec.scopes if not self.covers(grant.scopes, scope))

    def covers(self, granted: Collection[str], needed: str) -> bool:
        """Whether it is among them; platforms whose broad scopes hold narrow ones override it."""
        return needed in granted

    # The life of a grant

    def can_refresh(self, grant: Grant) -> bool:
        return grant.refresh_token is not None

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        if app is None or grant.refresh_token is None:
            raise Reconnect(f"{self.spec.name} gave no way to renew this connection.", code="no_refresh_token")
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": grant.refresh_token.get_secret_value(),
            **self.refresh_params(grant),
        }
        return self.token(fields, app, server=grant.server, previous=grant)

    def refresh_params(self, grant: Grant) -> dict[str, str]:
        return {}

    def revoke(self, grant: Grant, app: App | None) -> None:
        """RFC 7009. With a refresh token its access tokens end too; where there is none, no hint is needed."""
        if not self.spec.revoke_url or app is None:
            return
        fields = {"token": grant.access_token.get_secret_value()}
        if grant.refresh_token:
            fields = {"token": grant.refresh_token.get_secret_value(), "token_type_hint": "refresh_token"}
        data, headers = self._proven(fields, app, grant.server)
        self.call("POST", self.url(self.spec.revoke_url, grant.server), data=data, headers=headers)

    # The token endpoint

    def token(
        self,
        fields: Mapping[str, str],
        app: App | None,
        *,
        server: str,
        previous: Grant | None = None,
        url: str | None = None,
        method: str | None = None,
    ) -> Grant:
        """What a token endpoint gives for these fields; without an app, nothing proves that it is ours who asks.

        `url` and `method` are those of another endpoint than the Spec's, as of Meta's for tokens that last.
        """
        sent, headers = self._proven(fields, app, server) if app else (dict(fields), {})
        method = method or self.spec.token_method
        content: dict[str, Any] = {"params": sent} if method == "GET" else {"data": sent}
        url = url or self.url(self.spec.token_url, server)
        try:
            response = self.call(method, url, headers=headers, **content)
        except (Rejected, Unauthorized) as error:
            raise self.token_error(error) from error
        given = token_answers.fields(response)
        code = self.platform_code(response)
        if code and not given.get("access_token"):  # an error in a success, as of GitHub and Slack
            sentence = f"{self.spec.name} gave no token."
            raise self.token_error(Rejected(sentence, code="refused", status=response.status_code, platform_code=code))
        return self.grant(given, server, previous)

    def _proven(self, fields: Mapping[str, str], app: App, server: str) -> tuple[dict[str, str], dict[str, str]]:
        return proven(
            fields,
            app,
            by=self.spec.token_auth,
            audience=self.audience(server),
            now=self.now(),
            id_param=self.spec.client_id_param,
        )

    def audience(self, server: str) -> str:
        """Whom a signed proof of ours is for: the issuer, or else the token endpoint.

        Only the issuer is safe with several servers: https://datatracker.ietf.org/doc/draft-ietf-oauth-rfc7523bis/
        """
        return self.issuer(server) or self.url(self.spec.token_url, server)

    def token_error(self, error: ProviderError) -> ProviderError:
        """RFC 6749 section 5.2: only `invalid_grant` says that the grant is dead; the rest is ours to mend."""
        if error.platform_code in ("invalid_grant", *self.spec.dead_grant_codes):
            return Reconnect(
                f"{self.spec.name} ended this connection.",
                code="grant_dead",
                status=error.status,
                platform_code=error.platform_code,
            )
        return RetryLater(error.sentence, code="token_endpoint", status=error.status, platform_code=error.platform_code)

    def grant(self, given: Mapping[str, Any], server: str, previous: Grant | None) -> Grant:
        """A token answer as a grant; what a refresh does not send again is kept from the previous one."""
        token = token_answers.token(given.get("access_token"))
        kind = given.get("token_type")  # Meta sends none
        if token is None or (kind is not None and str(kind).lower() != self.spec.token_type.lower()):
            raise RetryLater(f"{self.spec.name} sent no access token that can be used.", code="unreadable_answer")
        refresh = token_answers.token(given.get("refresh_token"))
        granted = self.granted(given)
        if granted is None:  # the same as asked for, or as before: RFC 6749 sections 5.1 and 6
            granted = previous.scopes if previous else (*self.spec.scopes, *self.spec.optional_scopes)
        return Grant(
            access_token=SecretStr(token),
            refresh_token=SecretStr(refresh) if refresh else (previous.refresh_token if previous else None),
            expires_at=self._after(token_answers.lifetime(given.get("expires_in"))),
            renewable_until=self._after(token_answers.renewable_for(given))
            or (previous.renewable_until if previous else None),
            scopes=granted,
            server=server,
            extra=previous.extra if previous else {},
        )

    def granted(self, given: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The scopes that a token answer names, where it does."""
        return token_answers.scopes(given.get("scope"))

    def _after(self, life: timedelta | None) -> datetime | None:
        return self.now() + life if life else None
