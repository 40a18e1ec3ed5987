"""What a call to one of Meta's Graph APIs asks for: parameters may be in the query or in the body."""

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.contract.meta.graph_refusals import bad_parameter
from tests.contract.meta.refusals import Refused
from tests.contract.multipart import parts_of


def parameters(request: httpx.Request) -> dict[str, str]:
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    given = dict(request.url.params.multi_items())
    if kind == "application/json":
        sent = json.loads(request.content)
        return given | {name: each if isinstance(each, str) else json.dumps(each) for name, each in sent.items()}
    if kind == "multipart/form-data":
        return given | {part.name: part.data.decode() for part in parts_of(request)}
    return given | dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def token_of(request: httpx.Request, asked: dict[str, str]) -> str:
    """Takes `access_token` out of what is asked."""
    given = asked.pop("access_token", "")
    text = request.headers.get("Authorization", "").removeprefix("Bearer ") or given
    if not text:
        raise Refused(104, "An access token is required to request this resource.")
    return text


def flag(asked: dict[str, str], name: str) -> bool:
    value = asked.get(name, "false")
    if value not in ("true", "false"):
        raise bad_parameter(f"Param {name} must be a boolean")
    return value == "true"


def structure(asked: dict[str, str], name: str, kind: type) -> Any:
    try:
        value = json.loads(asked[name])
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise bad_parameter(f"Param {name} must be a valid JSON {'array' if kind is list else 'object'}")
    return value


def known(asked: dict[str, str], names: frozenset[str]) -> None:
    """Whether Meta refuses what it does not know, or overlooks it, is not documented: here nothing is overlooked."""
    for name in asked:
        if name not in names:
            raise bad_parameter(f"Param {name} is not allowed")


def chosen(given: dict[str, Any], fields: str, *, of: str = "") -> dict[str, Any]:
    """The fields that were asked for, and the id; those that have no value are left out."""
    names = [name.partition("{")[0] for name in top_level(fields)] if fields else []
    for name in names:
        if name not in given:
            raise bad_parameter(f"Tried accessing nonexisting field ({name}){of}")
    return {name: given[name] for name in dict.fromkeys([*names, "id"]) if given[name] not in (None, "", [])}


def top_level(fields: str) -> list[str]:
    """The names between the commas that no braces enclose."""
    found, depth = [""], 0
    for each in fields:
        depth += {"{": 1, "}": -1}.get(each, 0)
        if each == "," and depth == 0:
            found.append("")
        else:
            found[-1] += each
    return found
