"""The whole document, from every function's operations."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from typing_extensions import TypedDict

from edge.answers import ProblemAnswer
from edge.operations import Media, Operation
from local.emulator import ROOT
from local.openapi import functions, parameters, responses, sharing, webhooks
from local.openapi.examples import named
from local.openapi.schemas import Key, Mode, Schemas
from local.problems import LocalError
from punctual import VERSION

FILE = ROOT / "functions" / "catalogue" / "openapi.json"
_TAGS = {
    "Posts": "Written once for many channels, due at a second.",
    "Media": "Files that posts carry: uploaded straight to the bucket, or imported.",
    "Calendars": "Posts in calendar apps, by links that can be revoked.",
    "Channels": "Connected accounts.",
    "Connecting": "Connecting accounts by OAuth: one call, then the person's browser.",
    "Apps": "Registrations with platforms that a workspace brings itself.",
    "Events": "What happened, in order, and who did it.",
    "Webhooks": "The same events, sent to you: signed, tried again, and logged.",
    "Workspace": "What concerns all of a workspace's posts.",
    "Catalogue": "What this Punctual can do, and whose key or token this is.",
}


_BEARER = (
    "`Authorization: Bearer pk_…`: a program's key. Or a person's JWT, where this deployment takes those of an OpenID "
    "Connect issuer."
)


class GatewayAnswer(TypedDict):
    """What API Gateway says before, or instead of, Punctual."""

    message: str


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    every = _ordered([each for these in functions.operations().values() for each in these])
    schemas = Schemas({**_kinds(every), **webhooks.kinds()})
    sent = webhooks.every(schemas)
    paths: dict[str, Any] = {}
    for operation in every:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    shared = sharing.shared_responses(paths)
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": "/", "description": "This deployment; `GET /v1/openapi.json` has its whole address."}],
        "security": [{"ApiKey": []}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "webhooks": sent,
        "components": {
            "securitySchemes": {"ApiKey": {"type": "http", "scheme": "bearer", "description": _BEARER}},
            "parameters": {**parameters.shared(), **webhooks.headers()},
            "headers": responses.headers(),
            "responses": shared,
            "schemas": sharing.without_unused(schemas.components, paths, shared, sent),
        },
    }


def _info() -> dict[str, Any]:
    return {
        "title": "Punctual",
        "version": VERSION,
        "summary": "A scheduler for social posts: once, and on the second.",
        "description": Path(__file__).with_name("description.md").read_text(),
        "license": {"name": "MIT", "identifier": "MIT"},
    }


def _ordered(every: Sequence[Operation]) -> list[Operation]:
    tags = list(_TAGS)
    unknown = {each.tag for each in every} - _TAGS.keys()
    if unknown:
        raise LocalError(f"Describe the tag {', '.join(sorted(unknown))} in local/openapi/document.py.")
    return sorted(every, key=lambda each: (tags.index(each.tag), each.path.split("/"), each.method))


def _kinds(every: Sequence[Operation]) -> dict[Key, tuple[Mode, Any]]:
    found: dict[Key, tuple[Mode, Any]] = {
        ("", "problem"): ("serialization", ProblemAnswer),
        ("", "gateway"): ("serialization", GatewayAnswer),
    }
    for each in every:
        if each.body:
            found[each.name, "body"] = ("validation", each.body)
        if each.form:
            found[each.name, "body"] = ("validation", each.form)
        if each.query:
            found[each.name, "query"] = ("validation", each.query)
        for status, kind in each.answers.items():
            if kind is not None and not isinstance(kind, Media):
                found[each.name, str(status)] = ("serialization", kind)
    return found


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    taken = parameters.of(operation, schemas)
    found: dict[str, Any] = {"operationId": operation.name, "tags": [operation.tag], "summary": operation.summary}
    scope = f"Needs a key with the scope `{operation.scope}`." if operation.scope else ""
    found["description"] = "\n\n".join(filter(None, [operation.description, scope]))
    if operation.scope is None:
        found["security"] = []
    if taken:
        found["parameters"] = taken
    if sent := operation.body or operation.form:
        content = {"schema": schemas.of((operation.name, "body")), **named(operation.name).sent()}
        kind = "application/json" if operation.body else "application/x-www-form-urlencoded"
        found["requestBody"] = {"required": _is_needed(sent), "content": {kind: content}}
    found["responses"] = responses.of(operation, schemas)
    return {name: value for name, value in found.items() if value != ""}


def _is_needed(body: type[BaseModel]) -> bool:
    """Nothing sent is an empty object."""
    try:
        body.model_validate({})
    except ValidationError:
        return True
    return False
