"""API keys and people's tokens → workspace, caller and scopes. API Gateway keeps the answer for as long as the template
says (`ReauthorizeEvery`): so much longer what was revoked or has expired may be answered."""

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from authorizer.environment import environment
from edge import clients
from punctual import clock
from punctual.api_keys import ApiKey, ApiKeys
from punctual.clock import to_text
from punctual.tables import Table

log = logging.getLogger("punctual.authorizer")

REFUSED = {"isAuthorized": False}


@cache
def api_keys() -> ApiKeys:
    return ApiKeys(clients.table(environment().keys_table), clock.now)


@cache
def uses() -> ApiKeys:
    """The same keys, for what must not hold up a request."""
    return ApiKeys(Table(clients.hasty_dynamodb(), environment().keys_table), clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    scheme, _, given = event.get("headers", {}).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return REFUSED
    secret = given.strip()
    is_token = bool(environment().jwt_issuer) and secret.count(".") == 2  # a key has no dots
    return _person(secret) if is_token else _program(secret)


def _program(secret: str) -> dict[str, Any]:
    key = api_keys().find(secret)
    if key is None:
        return REFUSED
    _note_use(key)
    return _authorized(key.workspace_id, key.id, key.scopes, key.expires_at)


def _person(token: str) -> dict[str, Any]:
    from authorizer import people

    found = people.find(token)
    return _authorized(found.workspace_id, found.id, found.scopes, found.expires_at) if found else REFUSED


def _note_use(key: ApiKey) -> None:
    """Nobody waits for it longer than a second, and nobody is refused for it."""
    try:
        uses().note_use(key)
    except (BotoCoreError, ClientError) as error:
        log.warning("use of a key not noted", extra={"key_id": key.id, "fault": type(error).__name__})


def _authorized(workspace_id: str, key_id: str, scopes: Iterable[str], expires_at: datetime | None) -> dict[str, Any]:
    """What functions know of their caller: see `edge.http.Caller`."""
    found = {"workspace_id": workspace_id, "key_id": key_id, "scopes": " ".join(scopes)}
    ends = {"expires_at": to_text(expires_at)} if expires_at else {}
    return {"isAuthorized": True, "context": {**found, **ends}}
