"""Bearer keys → workspace, key and scopes. API Gateway keeps the answer for as long as the template says
(`ReauthorizeEvery`): so much longer a key that was revoked or has expired may be answered."""

import logging
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from edge import clients
from edge.environment import Environment
from punctual import clock
from punctual.api_keys import ApiKey, ApiKeys
from punctual.clock import to_text
from punctual.tables import Table

log = logging.getLogger("punctual.authorizer")

REFUSED = {"isAuthorized": False}


class AuthorizerEnvironment(Environment):
    keys_table: str


@cache
def environment() -> AuthorizerEnvironment:
    return AuthorizerEnvironment.read()


@cache
def api_keys() -> ApiKeys:
    return ApiKeys(clients.table(environment().keys_table), clock.now)


@cache
def uses() -> ApiKeys:
    """The same keys, for what must not hold up a request."""
    return ApiKeys(Table(clients.hasty_dynamodb(), environment().keys_table), clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    scheme, _, secret = event.get("headers", {}).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return REFUSED
    key = api_keys().find(secret.strip())
    if key is None:
        return REFUSED
    _note_use(key)
    return {"isAuthorized": True, "context": _context(key)}


def _note_use(key: ApiKey) -> None:
    """Nobody waits for it longer than a second, and nobody is refused for it."""
    try:
        uses().note_use(key)
    except (BotoCoreError, ClientError) as error:
        log.warning("use of a key not noted", extra={"key_id": key.id, "fault": type(error).__name__})


def _context(key: ApiKey) -> dict[str, str]:
    """What functions know of their caller: see `edge.http.Caller`."""
    found = {"workspace_id": key.workspace_id, "key_id": key.id, "scopes": " ".join(key.scopes)}
    return found | ({"expires_at": to_text(key.expires_at)} if key.expires_at else {})
