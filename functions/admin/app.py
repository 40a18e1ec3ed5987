"""Workspaces and API keys, for the person who runs the stack; invoked directly, not on the API."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge import clients
from edge.environment import Environment
from punctual import clock
from punctual.api_keys import ApiKey, ApiKeys, Scope
from punctual.validation import faults
from punctual.workspaces import Workspaces


class AdminEnvironment(Environment):
    work_table: str
    keys_table: str


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CreateWorkspace(_Action):
    action: Literal["create_workspace"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    return_urls: tuple[Annotated[str, Field(pattern="^https?://[^/]")], ...] = ()


class CreateKey(_Action):
    action: Literal["create_key"]
    workspace_id: str
    name: Annotated[str, Field(min_length=1, max_length=100)] = "key"
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("read", "write")


class ListKeys(_Action):
    action: Literal["list_keys"]
    workspace_id: str


class RevokeKey(_Action):
    action: Literal["revoke_key"]
    workspace_id: str
    key_id: str


Action = Annotated[CreateWorkspace | CreateKey | ListKeys | RevokeKey, Field(discriminator="action")]
_ACTIONS: TypeAdapter[CreateWorkspace | CreateKey | ListKeys | RevokeKey] = TypeAdapter(Action)
_KEYS = TypeAdapter(list[ApiKey])


@cache
def stores() -> tuple[Workspaces, ApiKeys]:
    env = AdminEnvironment.read()
    return Workspaces(clients.table(env.work_table), clock.now), ApiKeys(clients.table(env.keys_table), clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"error": …, "errors": […]}` where the event is wrong: an invocation that raises would hide why."""
    try:
        action = _ACTIONS.validate_python(event)
    except ValidationError as error:
        return {"error": "invalid_request", "errors": [vars(fault) for fault in faults(error)]}
    return _do(action, *stores())


def _do(
    action: CreateWorkspace | CreateKey | ListKeys | RevokeKey, workspaces: Workspaces, keys: ApiKeys
) -> dict[str, Any]:
    if isinstance(action, CreateWorkspace):
        return {"workspace_id": workspaces.create(action.name, action.return_urls).id}
    if workspaces.get(action.workspace_id) is None:
        return {"error": "not_found", "errors": [{"param": "/workspace_id", "message": "There is no such workspace."}]}
    if isinstance(action, CreateKey):
        key, secret = keys.create(action.workspace_id, action.name, action.scopes)
        return {"key_id": key.id, "key": secret, "scopes": list(key.scopes)}
    if isinstance(action, ListKeys):
        return {"keys": _KEYS.dump_python(keys.of_workspace(action.workspace_id), mode="json")}
    return {"revoked": keys.revoke(action.workspace_id, action.key_id)}
