"""OAuth 2.0 as RFC 6749, 7636 and 9700 want it; a provider overrides only what its platform does otherwise."""

from datetime import timedelta
from typing import Any

from authlib.oauth2.auth import encode_client_secret_basic
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from pydantic import SecretStr

from punctual.providers.base import Account, App, Callback, Consent, Grant, Login, Provider, answer
from punctual.providers.outcomes import ProviderError, Reconnect, Rejected, RetryLater, Unauthorized


class OAuth2Provider(Provider):
    def authorization_url(self, consent: Consent) -> str:
        return prepare_grant_uri(
            self.spec.authorize_url.format(server=consent.server),
            client_id=consent.app.client_id,
            response_type="code",
            redirect_uri=consent.redirect_uri,
            scope=self.scope(),
            state=consent.state,
            **self.auth_params(consent),
        )

    def auth_params(self, consent: Consent) -> dict[str, str]:
        if not self.spec.pkce:
            return {}
        return {"code_challenge": consent.code_challenge, "code_challenge_method": "S256"}

    def scope(self) -> str:
        return " ".join(self.spec.scopes)

    def authenticate(self, callback: Callback) -> Login:
        grant = self._token(
            {
                "grant_type": "authorization_code",
                "code": callback.code,
                "redirect_uri": callback.redirect_uri,
                **({"code_verifier": callback.code_verifier} if self.spec.pkce else {}),
            },
            callback.app,
            server=callback.server,
        )
        return Login(grant=grant, accounts=self.accounts(grant))

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        raise NotImplementedError

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        if app is None or grant.refresh_token is None:
            raise Reconnect(f"{self.spec.name} gave no way to renew this connection.", code="no_refresh_token")
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": grant.refresh_token.get_secret_value(),
            **self.refresh_params(grant),
        }
        return self._token(fields, app, server=grant.server, previous=grant)

    def refresh_params(self, grant: Grant) -> dict[str, str]:
        return {}

    def revoke(self, grant: Grant, app: App | None) -> None:
        if not self.spec.revoke_url or app is None:
            return
        token = grant.refresh_token or grant.access_token
        data, headers = self._authenticated({"token": token.get_secret_value()}, app)
        self.call("POST", self.spec.revoke_url.format(server=grant.server), data=data, headers=headers)

    def _token(self, fields: dict[str, str], app: App, *, server: str, previous: Grant | None = None) -> Grant:
        data, headers = self._authenticated(fields, app)
        try:
            response = self.call("POST", self.spec.token_url.format(server=server), data=data, headers=headers)
        except (Rejected, Unauthorized) as error:
            raise self.token_error(error) from error
        return self.grant(answer(response), server, previous)

    def _authenticated(self, fields: dict[str, str], app: App) -> tuple[dict[str, str], dict[str, str]]:
        """The form and headers with our client's own proof, in the place the platform wants it."""
        secret = app.client_secret.get_secret_value() if app.client_secret else ""
        if self.spec.token_auth == "client_secret_basic":  # noqa: S105 - the name of a method
            _, headers, _ = encode_client_secret_basic(_Client(app.client_id, secret), "POST", "", {}, "")
            return fields, headers
        proof = {"client_id": app.client_id}
        if self.spec.token_auth == "client_secret_post":  # noqa: S105 - the name of a method
            proof["client_secret"] = secret
        return {**fields, **proof}, {}

    def token_error(self, error: ProviderError) -> ProviderError:
        """RFC 6749 section 5.2: only `invalid_grant` says that the grant is dead; the rest is ours to mend."""
        if error.platform_code == "invalid_grant":
            return Reconnect(
                f"{self.spec.name} ended this connection.",
                code="grant_dead",
                status=error.status,
                platform_code="invalid_grant",
            )
        return RetryLater(error.sentence, code="token_endpoint", status=error.status, platform_code=error.platform_code)

    def grant(self, given: dict[str, Any], server: str, previous: Grant | None) -> Grant:
        """A token answer as a grant; what a refresh does not send again is kept from the previous one."""
        token = given.get("access_token")
        if not isinstance(token, str) or not token:
            raise RetryLater(f"{self.spec.name} sent no access token.", code="unreadable_answer")
        refresh = given.get("refresh_token")
        seconds = given.get("expires_in")
        scopes = tuple(str(given["scope"]).split()) if given.get("scope") else None
        return Grant(
            access_token=SecretStr(token),
            refresh_token=SecretStr(refresh) if refresh else (previous.refresh_token if previous else None),
            expires_at=self.now() + timedelta(seconds=int(seconds)) if seconds is not None else None,
            scopes=scopes or (previous.scopes if previous else self.spec.scopes),
            server=server,
            extra=previous.extra if previous else {},
        )


class _Client:
    """What Authlib's encoder reads of a client."""

    def __init__(self, client_id: str, client_secret: str):
        self.client_id = client_id
        self.client_secret = client_secret
