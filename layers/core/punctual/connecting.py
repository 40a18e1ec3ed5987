"""Connecting accounts: by OAuth (start, authorize, callback), or by credentials.

start      a one-time state, bound to workspace, provider, server and return URL
authorize  binds it to the browser that is sent on to the platform
callback   the same browser, once: code → grant → channel
"""

import hmac
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr, ValidationError

from punctual.channels import Channel, Channels
from punctual.grants import Grants
from punctual.logins import Logins
from punctual.oauth_states import OAuthState, OAuthStates, digest, new_ticket, state_of
from punctual.platform_apps import PlatformApps
from punctual.problems import BadRequest, Fault, Forbidden, Invalid, Problem, Unavailable
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import App, Callback, Consent, Provider
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater
from punctual.return_urls import is_registered, with_result
from punctual.validation import faults
from punctual.workspaces import Workspaces

log = logging.getLogger(__name__)

_INTERRUPTED = {"error": "interrupted", "message": "Connecting was interrupted. Start it again."}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Where the browser goes from the authorize page, and the secret its cookie must hold when it comes back."""

    url: str
    browser: str


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a callback ended. `return_url` already carries the result; without one, show a page."""

    provider: str
    channels: tuple[Channel, ...] = ()
    error: str | None = None
    message: str = ""
    return_url: str | None = None


class Connecting:
    def __init__(
        self,
        *,
        workspaces: Workspaces,
        channels: Channels,
        grants: Grants,
        states: OAuthStates,
        apps: PlatformApps,
        providers: Providers,
    ):
        self._workspaces = workspaces
        self._channels = channels
        self._grants = grants
        self._states = states
        self._apps = apps
        self._providers = providers
        self._logins = Logins(channels, grants)

    def start(self, workspace_id: str, provider_id: str, body: Mapping[str, Any], own_url: str) -> str:
        """The authorize page's URL; `body` holds `return_url` and the provider's connect fields."""
        provider = self._oauth(provider_id)
        given = dict(body)
        return_url = given.pop("return_url", None)
        fields = _fields(provider.spec.connect_fields, given, self._unregistered(workspace_id, return_url))
        server = provider.server(fields, own_url)
        redirect_uri = callback_url(own_url, provider_id)
        self._app(workspace_id, provider, server, redirect_uri)
        ticket = new_ticket()
        self._states.create(
            ticket,
            workspace_id=workspace_id,
            provider=provider_id,
            server=server,
            redirect_uri=redirect_uri,
            return_url=return_url,
        )
        return f"{own_url}/v1/oauth/{provider_id}/authorize?{urlencode({'ticket': ticket})}"

    def authorize(self, provider_id: str, ticket: str, browser: str | None) -> Sending:
        """`browser` is the secret of the cookie this browser already has, if any: two tabs share one."""
        state = state_of(ticket)
        found = self._known(provider_id, state)
        secret = browser or secrets.token_urlsafe(32)
        if not self._states.bind(state, secret):
            raise BadRequest("state_used", "This connection was already finished. Start it again.")
        provider = self._oauth(provider_id)
        consent = Consent(
            app=self._app(found.workspace_id, provider, found.server, found.redirect_uri),
            redirect_uri=found.redirect_uri,
            state=state,
            code_challenge=create_s256_code_challenge(found.code_verifier),
            server=found.server,
        )
        return Sending(url=provider.authorization_url(consent), browser=secret)

    def callback(self, provider_id: str, query: Mapping[str, str], browser: str | None) -> Ending:
        """Finish a connection, or show again how it finished. Raises Problem where nothing may be finished."""
        state = query.get("state", "")
        found = self._known(provider_id, state)
        if not browser or not found.browser or not hmac.compare_digest(digest(browser), found.browser):
            raise Forbidden(
                "other_browser", "This connection was begun in another browser. Start it again in this one."
            )
        provider = self._oauth(provider_id)
        expected = provider.issuer(found.server)
        if expected is not None and query.get("iss") != expected:
            raise BadRequest("issuer_mismatch", "The answer does not come from the platform that was asked.")
        code = query.get("code", "")
        if not code and not query.get("error"):
            raise BadRequest("callback_incomplete", "The platform sent neither a code nor an error.")
        if not self._states.consume(state, code):
            return self._again(found, state, code)
        outcome = _INTERRUPTED
        try:
            outcome = self._finish(provider, found, query)
        finally:
            self._states.settle(state, outcome)
        return self._ending(found, outcome)

    def login(self, workspace_id: str, provider_id: str, credentials: Mapping[str, Any]) -> list[Channel]:
        """Connect by credentials; they are used once and never stored."""
        provider = self._provider(provider_id)
        if "credentials" not in provider.spec.connect:
            raise BadRequest("wrong_connection", f"{provider.spec.name} is connected by OAuth: use its start call.")
        fields = _fields(provider.spec.credentials, credentials, (), prefix="/credentials")
        try:
            login = provider.login(fields)
        except (Rejected, Reconnect) as error:
            raise Invalid([Fault(param="/credentials", rule=error.code, message=error.sentence)]) from error
        except (RetryLater, OutcomeUnknown) as error:
            raise _unavailable(error) from error
        return self._logins.store(workspace_id, provider, login, None)

    def disconnect(self, channel: Channel) -> bool:
        """Forget the channel, and its grant if no other channel needs it; whether the platform confirmed its end."""
        stored = self._grants.get(channel.grant_id) if channel.grant_id else None
        revoked = False
        if stored and stored.channel_ids == (channel.id,):
            try:
                self._provider(channel.provider).revoke(*self._grants.open(stored))
                revoked = True
            except (ProviderError, UnknownProviderProblem) as error:
                log.warning("not revoked", extra={"channel_id": channel.id, "code": error.code})
        self._channels.delete(channel)
        if stored:
            self._grants.leave(stored.id, channel.id)
        return revoked

    def _finish(self, provider: Provider, found: OAuthState, query: Mapping[str, str]) -> dict[str, Any]:
        name = provider.spec.name
        if query.get("error"):
            denied = query["error"] == "access_denied"
            message = f"{name} was not connected: the request was declined." if denied else f"{name} reported an error."
            return {"error": "access_denied" if denied else "platform_error", "message": message}
        app = self._app(found.workspace_id, provider, found.server, found.redirect_uri)
        callback = Callback(
            app=app,
            redirect_uri=found.redirect_uri,
            code=query["code"],
            code_verifier=SecretStr(found.code_verifier),
            server=found.server,
        )
        try:
            login = provider.authenticate(callback)
        except ProviderError as error:
            log.warning("code not exchanged", extra={"provider": provider.spec.id, "code": error.code})
            if error.platform_code == "invalid_client":
                self._apps.drop(provider.spec.id, found.server, found.redirect_uri)
            return {"error": error.code, "message": f"{name} was not connected. {error.sentence} Start it again."}
        channels = self._logins.store(found.workspace_id, provider, login, app)
        return {"channel_ids": [channel.id for channel in channels]}

    def _again(self, found: OAuthState, state: str, code: str) -> Ending:
        current = self._states.find(state) or found
        if current.code is None or not hmac.compare_digest(current.code, digest(code)):
            raise BadRequest("state_used", "This connection was already finished. Start it again.")
        if current.outcome is None:
            raise BadRequest("state_in_use", "This connection is being finished. Reload this page in a moment.")
        return self._ending(current, current.outcome)

    def _ending(self, found: OAuthState, outcome: Mapping[str, Any]) -> Ending:
        ids = outcome.get("channel_ids", [])
        channels = [self._channels.get(found.workspace_id, channel_id) for channel_id in ids]
        error = outcome.get("error")
        result = {"provider": found.provider, **({"error": error} if error else {"channel_id": ",".join(ids)})}
        return Ending(
            provider=found.provider,
            channels=tuple(channel for channel in channels if channel),
            error=error,
            message=outcome.get("message", ""),
            return_url=with_result(found.return_url, result) if found.return_url else None,
        )

    def _known(self, provider_id: str, state: str) -> OAuthState:
        found = self._states.find(state) if state else None
        if found is None:
            raise BadRequest("state_unknown", "This connection is unknown or older than ten minutes. Start it again.")
        if found.provider != provider_id:
            raise BadRequest(
                "state_of_other_provider", "This connection was begun with another provider. Start it again."
            )
        return found

    def _app(self, workspace_id: str, provider: Provider, server: str, redirect_uri: str) -> App:
        try:
            return self._apps.find(workspace_id, provider, server, redirect_uri)
        except Rejected as error:
            raise Invalid([Fault(param="/server", rule=error.code, message=error.sentence)]) from error
        except ProviderError as error:
            raise _unavailable(error) from error

    def _unregistered(self, workspace_id: str, url: Any) -> list[Fault]:
        workspace = self._workspaces.get(workspace_id) if url is not None else None
        if url is None or (workspace and is_registered(url, workspace.return_urls)):
            return []
        message = "This return URL is not registered for the workspace."
        return [Fault(param="/return_url", rule="return_url.registered", message=message)]

    def _oauth(self, provider_id: str) -> Provider:
        provider = self._provider(provider_id)
        if "oauth" not in provider.spec.connect:
            detail = f"{provider.spec.name} is connected with credentials: POST /v1/channels."
            raise BadRequest("wrong_connection", detail)
        return provider

    def _provider(self, provider_id: str) -> Provider:
        return known_provider(self._providers, provider_id)


def known_provider(providers: Providers, provider_id: str) -> Provider:
    try:
        return providers.get(provider_id)
    except UnknownProvider as error:
        detail = f"There is no provider of that name. Known: {', '.join(providers.ids())}."
        raise UnknownProviderProblem("unknown_provider", detail) from error


class UnknownProviderProblem(Problem):
    status = 404


def _unavailable(error: ProviderError) -> Unavailable:
    seconds = error.retry_after if isinstance(error, RetryLater) else None
    return Unavailable("platform_unavailable", error.sentence, retry_after=ceil(seconds) if seconds else None)


def callback_url(own_url: str, provider_id: str) -> str:
    """The exact redirect URI to register with the platform."""
    return f"{own_url}/v1/oauth/{provider_id}/callback"


def _fields(model: type[Any], given: Mapping[str, Any], wrong: Sequence[Fault], prefix: str = "") -> Any:
    """What was given, unless something in it or beside it (`wrong`) is."""
    try:
        fields = model.model_validate(dict(given))
    except ValidationError as error:
        raise Invalid([*wrong, *faults(error, prefix)]) from error
    if wrong:
        raise Invalid(wrong)
    return fields
