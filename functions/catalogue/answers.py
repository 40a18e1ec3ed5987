"""Providers as the API answers them."""

from typing import Any, Literal

from typing_extensions import TypedDict

from edge.answers import KeyId, Time, WorkspaceId
from punctual.clock import to_text
from punctual.connecting import callback_url
from punctual.providers.base import Provider
from punctual.workspaces import Workspace


class ConnectAnswer(TypedDict):
    method: Literal["oauth", "credentials"]
    """`oauth`: `POST /v1/oauth/{provider}/start`; `credentials`: `POST /v1/channels`."""
    fields: dict[str, Any]
    """JSON Schema of what that call takes."""
    redirect_uri: str | None
    """To register with the platform."""
    scopes: list[str]
    setup: str | None
    """How the person who runs Punctual registers the app; null: nothing has to be registered."""


class TextLimit(TypedDict):
    max: int
    counted_in: str


class LimitsAnswer(TypedDict):
    text: TextLimit


class ProviderAnswer(TypedDict):
    """A kind of platform."""

    id: str
    name: str
    docs_url: str
    connect: ConnectAnswer
    limits: LimitsAnswer
    settings: dict[str, Any]
    """JSON Schema of a target's `settings`."""
    duplicate_protection: str | None


class ProviderPage(TypedDict):
    data: list[ProviderAnswer]
    next_cursor: None


class WorkspaceAnswer(TypedDict):
    id: WorkspaceId
    name: str | None
    paused_at: Time | None
    """Null: publishing goes on."""


class KeyAnswer(TypedDict):
    id: KeyId
    scopes: list[str]


class StackAnswer(TypedDict):
    paused: bool


class MeAnswer(TypedDict):
    workspace: WorkspaceAnswer
    key: KeyAnswer
    stack: StackAnswer


class HealthAnswer(TypedDict):
    status: Literal["ok"]
    version: str


def workspace_answer(workspace_id: str, workspace: Workspace | None) -> WorkspaceAnswer:
    paused_at = workspace.paused_at if workspace else None
    return {
        "id": workspace_id,
        "name": workspace.name if workspace else None,
        "paused_at": to_text(paused_at) if paused_at else None,
    }


def provider_answer(provider: Provider, own_url: str) -> ProviderAnswer:
    spec = provider.spec
    return {
        "id": spec.id,
        "name": spec.name,
        "docs_url": spec.docs_url,
        "connect": {
            "method": spec.connect,
            "fields": spec.connect_fields.model_json_schema(),
            "redirect_uri": callback_url(own_url, spec.id) if spec.connect == "oauth" else None,
            "scopes": list(spec.scopes),
            "setup": spec.setup or None,
        },
        "limits": {"text": {"max": spec.max_text, "counted_in": spec.counted_in}},
        "settings": spec.settings.model_json_schema(),
        "duplicate_protection": spec.duplicate_protection or None,
    }
