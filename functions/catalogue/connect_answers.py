"""How accounts of a provider are connected, as the API answers it."""

from typing import Any

from typing_extensions import TypedDict

from punctual.connecting import callback_url
from punctual.providers.base import Provider, Spec
from punctual.providers.notices import SendsNotices
from punctual.providers.terms import ConnectWay


class NoticesAnswer(TypedDict):
    """Addresses to register with the platform, which tells there that a person left."""

    deauthorize_uri: str
    data_deletion_uri: str


class OAuthWay(TypedDict):
    """`POST /v1/oauth/{provider}/start`."""

    fields: dict[str, Any]
    """JSON Schema of what that call takes beside what it takes for every provider."""
    redirect_uri: str
    """To register with the platform."""
    scopes: list[str]
    """Without each of these nothing is connected."""
    optional_scopes: list[str]
    """Asked for as well, and done without."""
    notices: NoticesAnswer | None
    """Null: the platform sends none."""
    app_fields: dict[str, Any] | None
    """JSON Schema of the app that may be set, for the workspace by `PUT /v1/workspace/apps/{provider}`; null: none."""
    setup: str | None
    """How an app is registered; null: none has to be."""


class CredentialsWay(TypedDict):
    """`POST /v1/channels`."""

    fields: dict[str, Any]
    """JSON Schema of its `credentials`."""


class ConnectAnswer(TypedDict):
    methods: list[ConnectWay]
    """The recommended one first."""
    oauth: OAuthWay | None
    credentials: CredentialsWay | None


def connect_answer(provider: Provider, own_url: str) -> ConnectAnswer:
    spec = provider.spec
    hears = isinstance(provider, SendsNotices)
    oauth: OAuthWay = {
        "fields": spec.connect_fields.model_json_schema(),
        "redirect_uri": callback_url(provider.own_url(own_url), spec.id),
        "scopes": list(spec.scopes),
        "optional_scopes": list(spec.optional_scopes),
        "notices": _notices(spec, own_url) if hears else None,
        "app_fields": spec.app_fields.model_json_schema() if spec.app_fields else None,
        "setup": spec.setup or None,
    }
    credentials: CredentialsWay = {"fields": spec.credentials.model_json_schema()}
    return {
        "methods": list(spec.connect),
        "oauth": oauth if "oauth" in spec.connect else None,
        "credentials": credentials if "credentials" in spec.connect else None,
    }


def _notices(spec: Spec, own_url: str) -> NoticesAnswer:
    base = f"{own_url}/v1/oauth/{spec.id}"
    return {"deauthorize_uri": f"{base}/deauthorize", "data_deletion_uri": f"{base}/data-deletion"}
