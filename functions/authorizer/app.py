"""Bearer keys → workspace, key and scopes. The answer is cached for the time that the template names."""

from functools import cache
from typing import Any

from edge import clients
from edge.environment import Environment
from punctual import clock
from punctual.api_keys import ApiKeys


class AuthorizerEnvironment(Environment):
    keys_table: str


@cache
def api_keys() -> ApiKeys:
    return ApiKeys(clients.table(AuthorizerEnvironment.read().keys_table), clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    scheme, _, secret = event.get("headers", {}).get("authorization", "").partition(" ")
    key = api_keys().find(secret.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        return {"isAuthorized": False}
    found = {"workspace_id": key.workspace_id, "key_id": key.id, "scopes": " ".join(key.scopes)}
    return {"isAuthorized": True, "context": found}
