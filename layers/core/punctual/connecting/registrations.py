"""Providers as requests name them, and our registrations with their platforms."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from punctual.apps.finding import PlatformApps
from punctual.problems import BadRequest, Fault, Invalid, NotFound, Problem, Unavailable
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import App, Provider
from punctual.providers.outcomes import ProviderError, Rejected, RetryLater


class UnknownProviderProblem(Problem):
    status = 404


class Registrations:
    def __init__(self, apps: PlatformApps, providers: Providers):
        self._apps = apps
        self._providers = providers

    def provider(self, provider_id: str) -> Provider:
        """Raises UnknownProviderProblem."""
        return known_provider(self._providers, provider_id)

    def oauth(self, provider_id: str) -> Provider:
        """Raises UnknownProviderProblem, BadRequest."""
        provider = self.provider(provider_id)
        if "oauth" not in provider.spec.connect:
            detail = f"{provider.spec.name} is connected with credentials: POST /v1/channels."
            raise BadRequest("wrong_connection", detail)
        return provider

    def known(self) -> list[str]:
        return self._providers.ids()

    def connectable(self, workspace_id: str) -> list[str]:
        """Those that this workspace can connect: by credentials, or by an app that is there or made when needed."""
        return [name for name in self.known() if self._is_connectable(workspace_id, self.provider(name))]

    def _is_connectable(self, workspace_id: str, provider: Provider) -> bool:
        return "credentials" in provider.spec.connect or self._apps.can_find(workspace_id, provider)

    def app(self, workspace_id: str, provider: Provider, server: str, redirect_uri: str) -> App:
        try:
            return self._apps.find(workspace_id, provider, provider.registered_at(server), redirect_uri)
        except Rejected as error:
            raise Invalid([Fault(param="/server", rule=error.code, message=error.sentence)]) from error
        except ProviderError as error:
            raise unavailable(error) from error

    def client_metadata(self, provider_id: str, own_url: str) -> Mapping[str, Any]:
        """What platforms read of us at our own address. Raises NotFound before there is anything to read."""
        provider = self.provider(provider_id)
        redirect_uri = callback_url(provider.own_url(own_url), provider_id)
        public = self._apps.public(provider_id, provider.registered_at(""), redirect_uri)
        document = provider.client_metadata(redirect_uri, public) if public else None
        if document is None:
            raise NotFound("not_found", f"{provider.spec.name} has nothing to read here.")
        return document

    def forget(self, provider: Provider, server: str, redirect_uri: str) -> None:
        """The server does not know it any more; the next connection registers anew. One that is good for all servers
        stays: others' connections live by it, and one server's word is not enough."""
        if where := provider.registered_at(server):
            self._apps.drop(provider.spec.id, where, redirect_uri)


def known_provider(providers: Providers, provider_id: str) -> Provider:
    try:
        return providers.get(provider_id)
    except UnknownProvider as error:
        detail = f"There is no provider of that name. Known: {', '.join(providers.ids())}."
        raise UnknownProviderProblem("unknown_provider", detail) from error


def callback_url(own_url: str, provider_id: str) -> str:
    """The exact redirect URI to register with the platform."""
    return f"{own_url}/v1/oauth/{provider_id}/callback"


def unavailable(error: ProviderError) -> Unavailable:
    seconds = error.retry_after if isinstance(error, RetryLater) else None
    return Unavailable("platform_unavailable", error.sentence, retry_after=ceil(seconds) if seconds else None)
