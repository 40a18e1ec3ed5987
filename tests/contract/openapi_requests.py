"""Holds a request to an OpenAPI contract: path, method, query, headers, credentials and body, nothing unknown in any.

jsonschema does the schemas. openapi-core is not used: it has no httpx requests, and lets unknown fields pass.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contract.multipart import parts_of

_DOCUMENT = "urn:contract"
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_PARTS = "multipart/form-data"
_ALWAYS_ALLOWED = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host", "user-agent"}
)


class OpenApiRequests:
    """`forms_are_json`: the contract writes down as JSON what the platform also takes as a form."""

    def __init__(self, document: dict[str, Any], *, forms_are_json: bool = False):
        self._document = document
        self._forms_are_json = forms_are_json
        self._registry = Registry().with_resource(_DOCUMENT, DRAFT202012.create_resource(document))
        servers = document.get("servers") or [{"url": ""}]
        self._base = urlsplit(servers[0]["url"]).path.rstrip("/")

    def violations(self, request: httpx.Request) -> list[str]:
        """Sentences that say what the contract does not allow; they quote names, never values."""
        path = request.url.path.removeprefix(self._base)
        pointer = self._operation(request.method, path)
        if pointer is None:
            return [f"{request.method} {path} is not in the contract"]
        operation = self._at(pointer)
        return [
            *self._query(request, pointer),
            *self._headers(request, pointer),
            *self._credentials(request, operation),
            *self._body(request, pointer),
        ]

    def _operation(self, method: str, path: str) -> tuple[str, ...] | None:
        """Where the operation is; a path that is spelled out comes before one with a parameter."""
        for template in sorted(self._document["paths"], key=lambda name: name.count("{")):
            pattern = re.sub(r"\\\{[^/{}]+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                known = method.lower() in self._document["paths"][template]
                return ("paths", template, method.lower()) if known else None
        return None

    def _query(self, request: httpx.Request, pointer: tuple[str, ...]) -> Iterator[str]:
        given: dict[str, list[str]] = {}
        for name, value in request.url.params.multi_items():
            given.setdefault(name.removesuffix("[]"), []).append(value)
        known = self._parameters(pointer, "query")
        yield from (f"query: {name} is unknown" for name in given.keys() - known.keys())
        for name, where in known.items():
            if name in given:
                schema, values = self._resolved((*where, "schema")), given[name]
                if self._at(where).get("explode") is False:  # a list in one value, with commas
                    values = [each for value in values for each in value.split(",")]
                yield from self._refused(_typed(values, schema), (*where, "schema"), f"query {name}")
            elif self._at(where).get("required"):
                yield f"query: {name} is missing"

    def _headers(self, request: httpx.Request, pointer: tuple[str, ...]) -> Iterator[str]:
        known = {name.lower(): where for name, where in self._parameters(pointer, "header").items()}
        given = {name.lower() for name in request.headers}
        yield from (f"header: {name} is unknown" for name in given - known.keys() - _ALWAYS_ALLOWED)
        for name, where in known.items():
            schema = self._resolved((*where, "schema"))
            if name in given and schema.get("type") != "object":  # no header is an object: a slip of the contract
                yield from self._refused(_typed([request.headers[name]], schema), (*where, "schema"), f"header {name}")
            elif name not in given and self._at(where).get("required"):
                yield f"header: {name} is missing"

    def _credentials(self, request: httpx.Request, operation: dict[str, Any]) -> Iterator[str]:
        wanted = operation.get("security", self._document.get("security", []))
        if wanted and {} not in wanted and not request.headers.get("Authorization"):
            yield "header: authorization is missing"

    def _body(self, request: httpx.Request, pointer: tuple[str, ...]) -> Iterator[str]:
        where = self._pointer((*pointer, "requestBody")) if "requestBody" in self._at(pointer) else None
        if not request.content:
            if where and self._at(where).get("required"):
                yield "body: missing"
            return
        kind = request.headers.get("Content-Type", "").partition(";")[0]
        offered = self._at((*where, "content")) if where else {}
        as_json = kind == _FORM and kind not in offered and self._forms_are_json
        if kind not in offered and not (as_json and _JSON in offered):
            yield f"body: {kind or 'a body'} is not taken here"
            return
        schema = (*where, "content", _JSON if as_json else kind, "schema")
        try:
            body = json.loads(request.content) if kind == _JSON else self._form(_pairs(request, kind), schema)
        except ValueError:
            yield "body: not what its media type says"
            return
        yield from self._refused(body, schema, "body")

    def _form(self, pairs: list[tuple[str, str]], schema: tuple[str, ...]) -> dict[str, Any]:
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name.removesuffix("[]"), []).append(value)
        known = self._resolved(schema).get("properties", {})
        return {name: _typed(values, known.get(name, {})) for name, values in given.items()}

    def _parameters(self, pointer: tuple[str, ...], place: str) -> dict[str, tuple[str, ...]]:
        """Each parameter's name and where it is; an operation's own go before its path's."""
        found = {}
        for owner in (pointer[:-1], pointer):
            for number in range(len(self._at(owner).get("parameters", []))):
                where = self._pointer((*owner, "parameters", str(number)))
                parameter = self._at(where)
                if parameter["in"] == place:
                    found[parameter["name"].removesuffix("[]")] = where
        return found

    def _refused(self, value: Any, where: tuple[str, ...], name: str) -> Iterator[str]:
        kinds = self._resolved(where).get("oneOf")
        if kinds:  # which of them it is, each tells by its own fields: with others it is none
            own = self._pointer(where)
            schema = {"oneOf": [_closed((*own, "oneOf", str(number))) for number in range(len(kinds))]}
        else:
            schema = _closed(where)
        checker = Draft202012Validator(schema, registry=self._registry, format_checker=FormatChecker())
        for error in checker.iter_errors(value):
            yield f"{name}: {error.json_path} breaks {error.validator}"

    def _at(self, pointer: tuple[str, ...]) -> Any:
        found: Any = self._document
        for part in pointer:
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found

    def _pointer(self, pointer: tuple[str, ...]) -> tuple[str, ...]:
        """Where it really is: references followed."""
        found = self._at(pointer)
        while isinstance(found, dict) and "$ref" in found:
            parts = found["$ref"].removeprefix("#/").split("/")
            pointer = tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
            found = self._at(pointer)
        return pointer

    def _resolved(self, pointer: tuple[str, ...]) -> dict[str, Any]:
        return dict(self._at(self._pointer(pointer)))


def _closed(where: tuple[str, ...]) -> dict[str, Any]:
    """The schema there, without fields that it does not name."""
    fragment = "/".join(part.replace("~", "~0").replace("/", "~1") for part in where)
    return {"$ref": f"{_DOCUMENT}#/{fragment}", "unevaluatedProperties": False}


def _pairs(request: httpx.Request, kind: str) -> list[tuple[str, str]]:
    if kind == _PARTS:
        return [(part.name, part.data.decode("latin-1")) for part in parts_of(request)]
    return parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True)


def _typed(values: list[str], schema: dict[str, Any]) -> Any:
    """Text as the schema's type, where it can be read as that; else the text, for the schema to refuse."""
    kind = schema.get("type")
    if kind == "array":
        return [_typed([value], schema.get("items", {})) for value in values]
    value = values[0] if len(values) == 1 else values
    try:
        if kind in ("integer", "number"):
            return int(value) if kind == "integer" else float(value)
        return {"true": True, "false": False}[value] if kind == "boolean" else value
    except (KeyError, TypeError, ValueError):
        return value
