"""Workspaces, API keys and pausing, for the person who runs the stack; invoked directly, not on the API."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import TypeAdapter, ValidationError

from admin import actions
from admin.actions import ACTIONS, Action, OfStack, OfWorkspace
from edge import clients
from edge.environment import Environment
from edge.logs import logger
from punctual import clock, removals
from punctual.acting import OPERATOR, Actor, acting
from punctual.api_keys import ApiKey, ApiKeys
from punctual.clock import to_text
from punctual.events.feed import Feed
from punctual.issuing_keys import IssuingKeys, NotRotated
from punctual.messages import Queue
from punctual.pauses import Pauses
from punctual.removals import Removals
from punctual.validation import faults
from punctual.workspaces import Workspaces

log = logger("admin")


class AdminEnvironment(Environment):
    work_table: str
    keys_table: str
    events_table: str
    removal_queue_url: str


@dataclass(frozen=True, kw_only=True)
class Stores:
    workspaces: Workspaces
    keys: ApiKeys
    issuing: IssuingKeys
    pauses: Pauses
    removals: Removals
    removal_queue: Queue


_KEY = TypeAdapter(ApiKey)


@cache
def stores() -> Stores:
    env = AdminEnvironment.read()
    work, keys = clients.table(env.work_table), clients.table(env.keys_table)
    return Stores(
        workspaces=Workspaces(work, clock.now),
        keys=ApiKeys(keys, clock.now),
        issuing=IssuingKeys(keys, Feed(clients.table(env.events_table), clock.now), clock.now),
        pauses=Pauses(work, clock.now),
        removals=Removals(work, clock.now),
        removal_queue=clients.queue(env.removal_queue_url),
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`{"error": …, "errors": […]}` where the event is wrong: an invocation that raises would hide why."""
    try:
        action = ACTIONS.validate_python(event)
    except ValidationError as error:
        return {"error": "invalid_request", "errors": [vars(fault) for fault in faults(error)]}
    with acting(Actor(key_id=OPERATOR, request_id=context.aws_request_id)):
        return _done(action)


def _done(action: Action) -> dict[str, Any]:
    if isinstance(action, OfStack):
        return _of_stack(action, stores())
    workspace = stores().workspaces.get(action.workspace_id)
    if workspace is None:
        return _refused("not_found", "There is no such workspace.", "/workspace_id")
    if workspace.deleting_at and isinstance(action, actions.CreateKey | actions.RotateKey):
        return _refused("being_deleted", "The workspace is being deleted: it gets no more keys.", "/workspace_id")
    done = _of_workspace(action, stores())
    if isinstance(action, actions.CreateKey | actions.RotateKey | actions.RevokeKey) and "error" not in done:
        _stir(action.workspace_id)
    return done


def _stir(workspace_id: str) -> None:
    """The feed has an event of a key: webhooks are to be sent it now. What was done to the key stays done."""
    try:
        stores().workspaces.stir(workspace_id)
    except (BotoCoreError, ClientError) as error:
        log.warning("webhooks not woken", extra={"workspace_id": workspace_id, "fault": type(error).__name__})


def _of_stack(action: OfStack, on: Stores) -> dict[str, Any]:
    match action:
        case actions.CreateWorkspace():
            on.pauses.know_table()
            return {"workspace_id": on.workspaces.create(action.name, action.return_urls).id}
        case actions.PauseStack():
            on.pauses.pause_stack()
            return _state(on.pauses)
        case actions.ResumeStack():
            was_consent = on.pauses.resume_stack()
            return {"was_consent_after_restore": was_consent, **_state(on.pauses)}
        case actions.StackState():
            return _state(on.pauses)


def _of_workspace(action: OfWorkspace, on: Stores) -> dict[str, Any]:
    workspace_id = action.workspace_id
    match action:
        case actions.CreateKey():
            days = action.expires_in_days
            expires_at = clock.now() + timedelta(days=days) if days else None
            return _made(*on.issuing.create(workspace_id, action.name, action.scopes, expires_at))
        case actions.ListKeys():
            return {"keys": [_listed(key) for key in on.keys.of_workspace(workspace_id)]}
        case actions.RevokeKey():
            return {"revoked": on.issuing.revoke(workspace_id, action.key_id)}
        case actions.RotateKey():
            return _rotated(action, on.issuing)
        case actions.PauseWorkspace():
            return {"workspace_id": workspace_id, "paused_at": to_text(on.pauses.pause(workspace_id))}
        case actions.ResumeWorkspace():
            on.pauses.resume(workspace_id)
            return {"workspace_id": workspace_id, "paused_at": None}
        case actions.DeleteWorkspace():
            begun_at = removals.request(on.removals, on.removal_queue, workspace_id)
            return {"workspace_id": workspace_id, "deleting_at": to_text(begun_at)}


def _rotated(action: actions.RotateKey, keys: IssuingKeys) -> dict[str, Any]:
    try:
        made = keys.rotate(action.workspace_id, action.key_id, timedelta(hours=action.overlap_hours))
    except NotRotated as error:
        return _refused("not_rotated", str(error))
    return _made(*made) if made else _refused("not_found", "The workspace has no such key.")


def _refused(error: str, message: str, param: str = "/key_id") -> dict[str, Any]:
    return {"error": error, "errors": [{"param": param, "message": message}]}


def _made(key: ApiKey, secret: str) -> dict[str, Any]:
    expires_at = to_text(key.expires_at) if key.expires_at else None
    return {"key_id": key.id, "key": secret, "scopes": list(key.scopes), "expires_at": expires_at}


def _listed(key: ApiKey) -> dict[str, Any]:
    return {**_KEY.dump_python(key, mode="json"), "status": key.status(clock.now())}


def _state(pauses: Pauses) -> dict[str, Any]:
    """`awaits_consent`: the table was restored from a backup, and nothing is published until the stack is resumed."""
    stack = pauses.stack()
    return {
        "paused": pauses.stack_is_paused(),
        "paused_at": to_text(stack.paused_at) if stack.paused_at else None,
        "awaits_consent": pauses.needs_consent(),
        "restored_at": to_text(stack.restored_at) if stack.restored_at else None,
    }
