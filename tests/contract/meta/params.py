"""What a call of the Graph API brings: a query, and a form, parts or JSON; and which fields it asks for."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.contract.meta.refusals import Refused
from tests.contract.multipart import parts_of

TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Params:
    """Lists may be JSON, words with commas between, or `name[0]`, `name[1]` as PHP has them."""

    def __init__(self, request: httpx.Request):
        self.files: dict[str, bytes] = {}
        self.given: dict[str, str] = dict(request.url.params.multi_items())
        kind = request.headers.get("Content-Type", "").partition(";")[0]
        if kind == "application/x-www-form-urlencoded":
            self.given |= dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        elif kind == "application/json":
            self.given |= {name: _text(value) for name, value in json.loads(request.content).items()}
        elif kind == "multipart/form-data":
            for part in parts_of(request):
                if part.file_name is None:
                    self.given[part.name] = part.data.decode()
                else:
                    self.files[part.name] = part.data

    def text(self, name: str, default: str = "") -> str:
        return self.given.get(name, default)

    def needed(self, name: str) -> str:
        if not self.given.get(name):
            raise Refused(100, f"The parameter {name} is required")
        return self.given[name]

    def flag(self, name: str, default: bool) -> bool:
        value = self.given.get(name)
        if value is None:
            return default
        if value.lower() not in TRUTH:
            raise Refused(100, f"Param {name} must be a boolean")
        return TRUTH[value.lower()]

    def whole(self, name: str, default: int | None = None) -> int | None:
        value = self.given.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d+", value):
            raise Refused(100, f"Param {name} must be an integer")
        return int(value)

    def one_of(self, name: str, values: set[str], default: str = "") -> str:
        """In any case of letters, as the samples of the platform have them."""
        value = self.given.get(name, default)
        if value.upper() not in {each.upper() for each in values | {default}}:
            raise Refused(100, f"Param {name} must be one of {{{', '.join(sorted(values))}}}")
        return value.upper()

    def things(self, name: str) -> list[Any]:
        numbered = [value for key, value in self.given.items() if re.fullmatch(rf"{re.escape(name)}\[\d*\]", key)]
        if numbered:
            return [_thing(value) for value in numbered]
        value = self.given.get(name, "")
        if value.startswith("["):
            try:
                found = json.loads(value)
            except ValueError:
                raise Refused(100, f"Param {name} must be an array") from None
            return list(found)
        return [each.strip() for each in value.split(",")] if value else []

    def thing(self, name: str) -> dict[str, Any]:
        found = _thing(self.given.get(name, "{}"))
        if not isinstance(found, dict):
            raise Refused(100, f"Param {name} must be an object")
        return found


def asked(text: str) -> dict[str, str]:
    """Fields by name, with what is asked of each in braces: `id,picture{url}` is {"id": "", "picture": "url"}."""
    found, depth, name, inner = {}, 0, "", ""
    for letter in f"{text},":
        if letter == "," and depth == 0:
            found[re.sub(r"\..*", "", name.strip())] = inner
            name, inner = "", ""
            continue
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0:
            name += letter if letter != "}" else ""
        elif not (letter == "{" and depth == 1):
            inner += letter
    return {name: inner for name, inner in found.items() if name}


def picked(node: dict[str, Any], fields: str, kind: str, default: tuple[str, ...]) -> dict[str, Any]:
    """What was asked of a node, and its id always. A field that is None is known, and has nothing to say."""
    wanted = asked(fields) or dict.fromkeys(default, "")
    for name in wanted:
        if name not in node:
            raise Refused(100, f"Tried accessing nonexisting field ({name}) on node type ({kind})")
    shown = {name: _inner(node[name], inner) for name, inner in wanted.items() if node[name] is not None}
    return {**shown, "id": node["id"]}


def _inner(value: Any, fields: str) -> Any:
    if isinstance(value, dict) and "id" in value:
        return picked(value, fields, "node", ("id",))
    if isinstance(value, dict) and set(value) == {"data"} and isinstance(value["data"], dict) and fields:
        return {"data": {name: value["data"][name] for name in asked(fields) if name in value["data"]}}
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _thing(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
