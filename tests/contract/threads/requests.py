"""Holds a request to Meta's Postman collection of Threads: path, method, parameters and what they may be.

What the collection does not have, and its documents do, is listed here with where it is.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.contract.contracts import load

COLLECTION = "threads/threads-api.postman_collection.json"
FORM = "application/x-www-form-urlencoded"
DOCUMENTS = "https://developers.facebook.com/documentation/threads"

HOSTS = {"graph.threads.net", "graph.threads.com"}  # DOCUMENTS/overview; the collection has the first
VERSION = re.compile(r"^/v1\.0(?=/)")  # in every example of DOCUMENTS; the collection has none
UNVERSIONED = {"/oauth/access_token", "/access_token", "/refresh_access_token"}  # DOCUMENTS/get-started
TOKEN = "access_token"  # DOCUMENTS/posts has it in the query, the collection in the header Authorization
REQUIRED = {
    "POST /oauth/access_token": {"client_id", "client_secret", "code", "grant_type", "redirect_uri"},
    "GET /access_token": {"grant_type", "client_secret"},
    "GET /refresh_access_token": {"grant_type"},
    "POST /me/threads": {"media_type"},  # DOCUMENTS/posts: "Required."
    "POST /me/threads_publish": {"creation_id"},
    "GET /debug_token": {"input_token"},
}
WHOLE = {"reply_to_id", "quote_post_id", "creation_id", "location_id"}  # identifiers, numbers in every answer
URLS = {"image_url", "video_url", "link_attachment", "redirect_uri"}  # "URL" in DOCUMENTS/posts
LISTED = {"media_type", "reply_control"}  # the collection's variables hold all values
NUMBERS = {"latitude", "longitude"}  # "float" in DOCUMENTS/reference/location-search


@dataclass
class Operation:
    """`examples` of each parameter, as the collection has them."""

    needs_token: bool
    examples: dict[str, list[str]] = field(default_factory=dict)


def violations(request: httpx.Request) -> list[str]:
    """Sentences that say what the contract does not allow; they quote names, never values."""
    if request.url.scheme != "https" or request.url.host not in HOSTS:
        return ["the host is not in the contract"]
    path = VERSION.sub("", request.url.path)
    name = _name(request.method, path)
    if name is None or (path in UNVERSIONED and path != request.url.path):
        return [f"{request.method} {request.url.path} is not in the contract"]
    return [*_body(request), *_parameters(request, name, _operations()[name])]


def _name(method: str, path: str) -> str | None:
    """A number is a post, a container or a place, or a profile's own for `me`: DOCUMENTS/posts."""
    first, *rest = path.strip("/").split("/")
    names = [f"{method} /{'/'.join([each, *rest])}" for each in (("{}", "me") if first.isdecimal() else (first,))]
    return next((name for name in names if name in _operations()), None)


def _body(request: httpx.Request) -> Iterator[str]:
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if request.content and (kind != FORM or request.method == "GET"):
        yield f"body: {kind or 'a body'} is not taken here"


def _parameters(request: httpx.Request, name: str, operation: Operation) -> Iterator[str]:
    pairs = request.url.params.multi_items()
    if request.headers.get("Content-Type", "").startswith(FORM):
        pairs = [*pairs, *parse_qsl(request.content.decode(), keep_blank_values=True)]
    given = dict(pairs)
    for each in sorted({each for each, _ in pairs if [other for other, _ in pairs].count(each) > 1}):
        yield f"parameter {each}: given more than once"
    if operation.needs_token and TOKEN not in given and not request.headers.get("Authorization"):
        yield "no access token"
    yield from (f"parameter {each} is missing" for each in sorted(REQUIRED.get(name, set()) - given.keys()))
    for each, value in given.items():
        if each == TOKEN and operation.needs_token:
            continue
        if each not in operation.examples:
            yield f"parameter {each} is unknown"
        elif problem := _problem(each, value, operation.examples[each]):
            yield f"parameter {each}: {problem}"


def _problem(name: str, value: str, examples: list[str]) -> str | None:
    filled = [text for text in map(_filled, examples) if text]
    if name in LISTED:
        allowed = {each.strip() for each in _variables()[name].split(",")}
        return None if value in allowed else "not one that there is"
    if name == "grant_type":
        return None if value in filled else "not one that there is"
    if name == "children":
        return None if re.fullmatch(r"\d+(,\d+){1,19}", value) else "not 2 to 20 identifiers"
    if name == "fields":
        known = set(_names(",".join(filled)))
        return None if set(_names(value)) <= known else "names what is not there"
    return _problem_of_type(name, value, filled)


def _problem_of_type(name: str, value: str, examples: list[str]) -> str | None:
    checks: list[tuple[bool, Callable[[str], Any], str]] = [
        (name in WHOLE or name == "limit", lambda text: re.fullmatch(r"\d+", text), "no number"),
        (name in NUMBERS, lambda text: re.fullmatch(r"-?\d+(\.\d+)?", text), "no number"),
        (name in URLS, _is_url, "no URL"),
        (bool({"true", "false"} & set(examples)), lambda text: text in ("true", "false"), "neither true nor false"),
        (any(each[0] == "{" for each in examples), lambda text: isinstance(_json(text), dict), "no JSON object"),
        (any(each[0] == "[" for each in examples), lambda text: isinstance(_json(text), list), "no JSON list"),
    ]
    return next((problem for holds, check, problem in checks if holds and not check(value)), None)


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _names(fields: str) -> list[str]:
    """Names of fields, those in braces with them."""
    return [each for each in re.split(r"[,{}]", fields) if each]


@cache
def _operations() -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for item in _items(_collection()["item"]):
        request = item["request"]
        path = "/".join("{}" if part.startswith("{{") else part for part in request["url"]["path"]).rstrip("/")
        name = f"{request['method']} /{path}"
        is_open = (request.get("auth") or {}).get("type") == "noauth"
        operation = found.setdefault(name, Operation(needs_token=not is_open))
        for each in request["url"].get("query", []):
            operation.examples.setdefault(each["key"], []).append(each["value"] or "")
    return found


def _items(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield from _items(item["item"]) if "item" in item else (item,)


def _filled(example: str) -> str:
    """With what the collection's variables hold."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: _variables().get(found[1], ""), example)


@cache
def _variables() -> dict[str, str]:
    return {each["key"]: each["value"] for each in _collection()["variable"]}


def _collection() -> Any:
    return load("threads", COLLECTION)
