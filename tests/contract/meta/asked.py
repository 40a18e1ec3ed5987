"""What a call of Threads asks for, beside what all calls of Graph APIs do (`params`)."""

import json
from typing import Any

import httpx

from tests.contract.meta.graph_refusals import bad_parameter
from tests.contract.meta.refusals import Refused


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
