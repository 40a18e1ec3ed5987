"""How a connection ends: the platform sends the browser back, and the code becomes a login."""

import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from punctual.channels import Channel, Channels
from punctual.connecting.choosing import Choosing, Offered
from punctual.connecting.connection_secrets import ConnectionSecrets
from punctual.connecting.connections import Connection, Connections, Outcome, digest
from punctual.connecting.kept_logins import KeptLogin, KeptLogins
from punctual.connecting.registrations import Registrations
from punctual.connecting.starting import kept_by, known, used
from punctual.connecting.storing import Storing
from punctual.problems import BadRequest, Forbidden
from punctual.providers.base import App, Callback, Login, Provider, Spec
from punctual.providers.outcomes import ProviderError
from punctual.return_urls import with_result

log = logging.getLogger(__name__)

_INTERRUPTED = Outcome(code="interrupted", message="Connecting was interrupted. Start it again.")
OTHER_ACCOUNT = "This is another account than the channel's. Sign in as the channel's account and start again."


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a callback ended, or where it waits for a choice. `return_url` already carries the result; without one, show
    a page."""

    provider: str
    channels: tuple[Channel, ...] = ()
    offered: tuple[Offered, ...] = ()
    """Accounts to choose from, on a page of ours."""
    error: str | None = None
    message: str = ""
    return_url: str | None = None


class Finishing:
    def __init__(
        self,
        channels: Channels,
        connections: Connections,
        secrets: ConnectionSecrets,
        registrations: Registrations,
        storing: Storing,
        choosing: Choosing,
    ):
        self._channels = channels
        self._connections = connections
        self._secrets = secrets
        self._logins = KeptLogins(secrets)
        self._registrations = registrations
        self._storing = storing
        self._choosing = choosing

    def callback(self, provider_id: str, query: Mapping[str, str], browser: str | None) -> Ending:
        """Finish a connection, or show again how it finished. Raises Problem where nothing may be finished."""
        state = query.get("state", "")
        found = known(self._connections.of_state(state), provider_id)
        _same_browser(found, browser)
        provider = self._registrations.oauth(provider_id)
        if not _comes_from_whom_was_asked(provider, found, query):
            raise BadRequest("issuer_mismatch", "The answer does not come from the platform that was asked.")
        code = query.get("code", "")
        if not code and not query.get("error"):
            raise BadRequest("callback_incomplete", "The platform sent neither a code nor an error.")
        if not self._connections.consume(found, code):
            return self._again(found, state, code)
        outcome: Outcome | None = _INTERRUPTED
        try:
            outcome = self._finish(provider, found, query)
        finally:
            if outcome:
                self._connections.settle(found, outcome)
        return self._ending(found, outcome) if outcome else self._offer(self._connections.offer(found))

    def choose(self, provider_id: str, state: str, account_ids: Sequence[str], browser: str | None) -> Ending:
        """What the person chose on our page. None chosen: the page is shown again. Raises Problem."""
        found = known(self._connections.of_state(state), provider_id)
        _same_browser(found, browser)
        if not account_ids and found.status == "choosing":
            return replace(self._offer(found), message="Choose at least one account.")
        return self._ending(found, self._choosing.connect(found, account_ids))

    def _finish(self, provider: Provider, found: Connection, query: Mapping[str, str]) -> Outcome | None:
        """None: the person must choose."""
        name = provider.spec.name
        if query.get("error"):
            denied = query["error"] == "access_denied"
            message = f"{name} was not connected: the request was declined." if denied else f"{name} reported an error."
            return Outcome(code="access_denied" if denied else "platform_error", message=message)
        app = self._registrations.app(found.workspace_id, provider, found.server, found.redirect_uri)
        try:
            login = provider.authenticate(self._callback(found, app, query["code"]))
        except ProviderError as error:
            log.warning("code not exchanged", extra={"provider": provider.spec.id, "code": error.code})
            if error.platform_code == "invalid_client":
                self._registrations.forget(provider, found.server, found.redirect_uri)
            return Outcome(code=error.code, message=f"{name} was not connected. {error.sentence} Start it again.")
        return self._take(found, login, app)

    def _take(self, found: Connection, login: Login, app: App) -> Outcome | None:
        account_ids = [account.id for account in login.accounts]
        if found.channel_id:
            return self._reconnect(found, login, app)
        if not account_ids:
            return no_accounts(self._registrations.provider(found.provider).spec)
        if len(account_ids) > 1:
            self._logins.keep(found, KeptLogin(login=login, app=app))
            return None
        return self._storing.connect(found, login, app, account_ids)

    def _reconnect(self, found: Connection, login: Login, app: App) -> Outcome:
        channel = self._channels.get(found.workspace_id, found.channel_id or "")
        if channel is None:
            return Outcome(
                code="channel_deleted", message="The channel was deleted meanwhile. Connect it as a new one."
            )
        if channel.account.id not in {account.id for account in login.accounts}:
            return Outcome(code="other_account", message=OTHER_ACCOUNT)
        return self._storing.connect(found, login, app, [channel.account.id])

    def _callback(self, found: Connection, app: App, code: str) -> Callback:
        return Callback(
            app=app,
            redirect_uri=found.redirect_uri,
            code=code,
            code_verifier=found.code_verifier,
            server=found.server,
            kept=kept_by(self._secrets, found),
        )

    def _again(self, found: Connection, state: str, code: str) -> Ending:
        current = self._connections.of_state(state) or found
        if current.code is None or not hmac.compare_digest(current.code, digest(code)):
            raise used()
        if current.status == "choosing":
            return self._offer(current)
        if current.outcome is None:
            raise BadRequest("state_in_use", "This connection is being finished. Reload this page in a moment.")
        return self._ending(current, current.outcome)

    def _offer(self, found: Connection) -> Ending:
        """On a page of ours, or by the program that the person goes back to."""
        if found.choose == "api":
            message = "Go back to where you came from, and choose there what to connect."
            result = {"connection_id": found.id, "status": "choosing"}
            return Ending(
                provider=found.provider, message=message, return_url=back(found.return_url, found.provider, result)
            )
        return Ending(provider=found.provider, offered=tuple(self._choosing.offered(found)))

    def _ending(self, found: Connection, outcome: Outcome) -> Ending:
        ids = outcome.channel_ids
        channels = [self._channels.get(found.workspace_id, channel_id) for channel_id in ids]
        result = {"error": outcome.code} if outcome.code else {"channel_id": ",".join(ids)}
        return Ending(
            provider=found.provider,
            channels=tuple(channel for channel in channels if channel),
            error=outcome.code,
            message=outcome.message,
            return_url=back(found.return_url, found.provider, result),
        )


def _comes_from_whom_was_asked(provider: Provider, found: Connection, query: Mapping[str, str]) -> bool:
    """By `iss` (RFC 9207), and by the redirect URI's own query, which platforms must keep (RFC 6749 section 3.1.2)."""
    expected = provider.issuer(found.server)
    own = parse_qsl(urlsplit(found.redirect_uri).query)
    return (expected is None or query.get("iss") == expected) and all(query.get(name) == value for name, value in own)


def no_accounts(spec: Spec) -> Outcome:
    return Outcome(
        code="no_accounts",
        message=f"This {spec.name} login holds no account to post to. {spec.no_accounts}".strip(),
    )


def back(return_url: str | None, provider_id: str, result: Mapping[str, str]) -> str | None:
    """Where the person goes on, with what it came to."""
    return with_result(return_url, {"provider": provider_id, **result}) if return_url else None


def _same_browser(found: Connection, browser: str | None) -> None:
    if not browser or not found.browser or not hmac.compare_digest(digest(browser), found.browser):
        raise Forbidden("other_browser", "This connection was begun in another browser. Start it again in this one.")
