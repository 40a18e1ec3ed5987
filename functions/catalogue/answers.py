"""Providers as the API answers them."""

from typing import Any

from punctual.clock import to_text
from punctual.connecting import callback_url
from punctual.providers.base import Provider
from punctual.workspaces import Workspace


def workspace_answer(workspace_id: str, workspace: Workspace | None) -> dict[str, Any]:
    paused_at = workspace.paused_at if workspace else None
    return {
        "id": workspace_id,
        "name": workspace.name if workspace else None,
        "paused_at": to_text(paused_at) if paused_at else None,
    }


def provider_answer(provider: Provider, own_url: str) -> dict[str, Any]:
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
