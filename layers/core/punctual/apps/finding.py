"""Our registration with a platform: the workspace's own, else the stack's, else one that Punctual makes itself."""

from collections.abc import Mapping

from punctual.apps.deployment import DeploymentApps, command
from punctual.apps.registered import RegisteredApps
from punctual.apps.workspace import WorkspaceApps
from punctual.problems import BadRequest, Problem
from punctual.providers.base import App, Provider, Spec
from punctual.sealing import Vault
from punctual.tables import Table


class PlatformApps:
    """Without `deployment` nothing is set for the stack."""

    def __init__(self, table: Table, vault: Vault, deployment: DeploymentApps | None = None):
        self._own = WorkspaceApps(table, vault)
        self._deployment = deployment
        self._registered = RegisteredApps(table, vault)

    def find(self, workspace_id: str, provider: Provider, server: str, redirect_uri: str) -> App:
        """One that was set, else one that is made on first use, where the platform lets programs register.

        Raises BadRequest, which says what to set, where none was; what `DeploymentApps.find` and `register_app` raise.
        """
        name = provider.spec.id
        known = self._set(workspace_id, provider) or self._registered.get(name, server, redirect_uri)
        if known:
            return known
        made = provider.register_app(server, redirect_uri)
        if made is None:
            raise _missing(provider.spec, redirect_uri)
        return self._registered.keep(name, server, redirect_uri, made)

    def can_find(self, workspace_id: str, provider: Provider) -> bool:
        """Without asking the platform."""
        registers = type(provider).register_app is not Provider.register_app
        try:
            return registers or self._set(workspace_id, provider) is not None
        except Problem:
            return False

    def public(self, provider: str, server: str, redirect_uri: str) -> Mapping[str, str] | None:
        """`App.public` of a registration that Punctual made; None: there is none. Opens nothing."""
        return self._registered.public(provider, server, redirect_uri)

    def drop(self, provider: str, server: str, redirect_uri: str) -> None:
        """The server knows the registration that Punctual made no more; what was set by people stays."""
        self._registered.drop(provider, server, redirect_uri)

    def _set(self, workspace_id: str, provider: Provider) -> App | None:
        if provider.spec.app_fields is None:
            return None
        own = self._own.find(workspace_id, provider.spec.id)
        return own or (self._deployment.find(provider) if self._deployment else None)


def _missing(spec: Spec, redirect_uri: str) -> BadRequest:
    fields = spec.app_fields.model_fields if spec.app_fields else {}
    needed = " and ".join(name for name, field in fields.items() if field.is_required())
    sentences = (
        f"There is no app for {spec.name}, neither the workspace's own nor the stack's.",
        f"Register one there, with the redirect URI {redirect_uri}.",
        spec.setup,
        f"Then set its {needed}: for this workspace by PUT /v1/workspace/apps/{spec.id},",
        f"or for the whole stack by `{command(spec.id)}`.",
    )
    return BadRequest("app_missing", " ".join(filter(None, sentences)))
