"""Holds a request to what Meta publishes of its Graph API: nodes, edges, parameters by name and type, and fields.

The specification has names and types only: https://github.com/facebook/facebook-business-sdk-codegen. A request names a
node by its number: which kind it is follows from the edge, or `kinds` says so; else one kind that allows it is enough.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import httpx

from tests.contract.contracts import load
from tests.contract.meta.params import Params, asked
from tests.contract.meta.unlisted import CALLS, EDGES, ENUMS, FIELDS, VALUES, Call

HOSTS: dict[str, tuple[str, ...]] = {
    "graph.facebook.com": (
        *("User", "Page", "PagePost", "Photo", "AdVideo", "Comment"),
        *("IGUser", "IGMedia", "IGComment", "IGContainer"),
    ),
    "graph-video.facebook.com": ("Page",),
    "graph.instagram.com": ("IGUserForIGOnlyAPI", "IGMediaForIGOnlyAPI", "IGComment", "IGContainer"),
}
ME = {"User", "Page", "IGUserForIGOnlyAPI"}
ALIASES = {"Media": "IGMediaForIGOnlyAPI", "Picture": "ProfilePictureSource"}
OF_INSTAGRAM = {"Comment": "IGComment"}
"""What graph.instagram.com's files call by a name that Facebook's have for something else."""
TOKENS = {  # calls of graph.instagram.com that the specification keeps in files of their own
    "access_token": "IGAccessTokenForIGOnlyAPI",
    "refresh_access_token": "IGRefreshAccessTokenForIGOnlyAPI",
}
EVERYWHERE = {"access_token": "string", "appsecret_proof": "string", "fields": "string"}
OF_LISTS = {"limit": "unsigned int", "after": "string", "before": "string"}
ALWAYS = {
    *("accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host"),
    *("user-agent", "transfer-encoding"),
}
FILES = {("videos", "source"), ("videos", "video_file_chunk")}
"""Strings to the specification, files to the reference: https://developers.facebook.com/docs/video-api/guides/publishing"""
VERSION = re.compile(r"(^|/)v\d+\.\d+/")


def violations(request: httpx.Request, kinds: Mapping[str, str] | None = None) -> list[str]:
    """Sentences that say what the contract does not allow; they quote names, never values. `kinds` are nodes' own."""
    path = VERSION.sub(r"\1", request.url.path.lstrip("/"), count=1)
    for call in CALLS:
        if (call.method, call.host) == (request.method, request.url.host) and re.fullmatch(call.path, path):
            return list(_of_call(request, call))
    if request.url.host not in HOSTS:
        return [f"{request.method} {request.url.host} is not in the contract"]
    node, _, edge = path.partition("/")
    if request.url.host == "graph.instagram.com" and node in TOKENS and not edge:
        return list(_against(request, TOKENS[node], _api(TOKENS[node], "GET", ""), needs_version=False))
    found = [(name, _api(name, request.method, edge)) for name in _kinds(request, node, edge, kinds or {})]
    answers = [list(_against(request, name, api)) for name, api in found if api is not None]
    where = f"{request.method} {'/'.join(['{node}', edge]) if edge else '{node}'}"
    return min(answers, key=len) if answers else [f"{where} is not in the contract"]


def _kinds(request: httpx.Request, node: str, edge: str, kinds: Mapping[str, str]) -> list[str]:
    known = HOSTS[request.url.host]
    if node in kinds:
        return [kinds[node]]
    if node == "me":
        return [name for name in known if name in ME]
    if re.fullmatch(r"\d+(_\d+)+", node):
        return [name for name in known if name in ("PagePost", "Comment")]
    return [name for name in known if name != "User" or edge in ("accounts", "permissions")] if node.isdecimal() else []


@cache
def _spec(name: str) -> dict[str, Any]:
    own: dict[str, Any] = {} if name in FIELDS and name not in _NODES else load("meta", f"meta/{name}.json")
    fields = {field["name"]: field["type"] for field in own.get("fields", [])}
    fields |= dict.fromkeys(FIELDS.get(name, ()), "string") | {"id": "string"}
    edges = {
        api["endpoint"]: api["return"] for api in own.get("apis", []) if api["method"] == "GET" and "endpoint" in api
    }
    return {"apis": [*own.get("apis", []), *EDGES.get(name, [])], "fields": edges | fields | _pictures(edges)}


def _pictures(edges: dict[str, str]) -> dict[str, str]:
    """`picture{url}`: https://developers.facebook.com/docs/graph-api/reference/page/picture/"""
    return {"picture": "ProfilePictureSource"} if "picture" in edges else {}


def _api(name: str, method: str, edge: str) -> dict[str, Any] | None:
    """One edge, or the node itself; what is listed by hand is added to it."""
    found = [api for api in _spec(name)["apis"] if api["method"] == method and _is(api, edge)]
    if not found:
        return None
    params = [param for api in found for param in api["params"]]
    return {"edge": edge, "method": method, "return": found[0].get("return", name), "params": params}


def _is(api: dict[str, Any], edge: str) -> bool:
    return api["endpoint"] == edge if "endpoint" in api else not edge


def _against(
    request: httpx.Request, name: str, api: dict[str, Any] | None, *, needs_version: bool = True
) -> Iterator[str]:
    assert api is not None
    edge = api["edge"]
    yield from _common(request, needs_version)
    if request.method == "POST" and edge == "videos" and request.url.host != "graph-video.facebook.com":
        yield "videos go to graph-video.facebook.com"  # https://developers.facebook.com/docs/video-api/guides/publishing
    yield from (f"header: {each} is unknown" for each in sorted(_headers(request) - ALWAYS))
    types = {param["name"]: VALUES.get((edge, param["name"]), param["type"]) for param in api["params"]}
    own = {**EVERYWHERE, **(OF_LISTS if request.method == "GET" and edge else {}), **types}
    params = Params(request)
    yield from _named(params, own, {param["name"] for param in api["params"] if param.get("required")})
    for given in params.files:
        if given in own and own[given] != "file" and (edge, given) not in FILES:
            yield f"{given} is no file"
    returned = name if api["return"] == "#get" or not edge else api["return"]
    if request.url.host == "graph.instagram.com":
        returned = OF_INSTAGRAM.get(returned, returned)
    yield from _fields(params.text("fields"), returned)


def _common(request: httpx.Request, needs_version: bool) -> Iterator[str]:
    if needs_version and not VERSION.search(request.url.path.lstrip("/")):
        yield "no version in the path"
    token = Params(request).text("access_token")
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    if not token and scheme not in ("Bearer", "OAuth"):
        yield "no access token"


def _of_call(request: httpx.Request, call: Call) -> Iterator[str]:
    if call.needs_token:
        yield from _common(request, call.needs_version)
    elif call.needs_version and not VERSION.search(request.url.path.lstrip("/")):
        yield "no version in the path"
    given = _headers(request)
    yield from (f"header: {each} is unknown" for each in sorted(given - ALWAYS - call.headers))
    yield from (f"header: {each} is missing" for each in sorted(call.needed_headers - given))
    if call.takes_bytes and not request.headers.get("Authorization", "").startswith("OAuth "):
        yield "header: authorization is not OAuth"
    more = EVERYWHERE if call.needs_token else {}
    yield from _named(Params(request), {**more, **call.params}, set(call.needed))


def _named(params: Params, types: dict[str, str], required: set[str]) -> Iterator[str]:
    given = {re.sub(r"\[.*", "", name): name for name in [*params.given, *params.files]}
    yield from (f"{name} is unknown" for name in sorted(given.keys() - types.keys()))
    yield from (f"{name} is missing" for name in sorted(required - given.keys()))
    for name, written in given.items():
        if name in types and written in params.given:
            value: Any = params.things(name) if written != name else params.given[name]
            if (problem := _unreadable(value, types[name])) is not None:
                yield f"{name}: {problem}"


def _unreadable(value: Any, kind: str) -> str | None:
    """Why a value cannot be read as a type; None: it can."""
    if kind in ENUMS:
        is_one = isinstance(value, str) and value.upper() in {each.upper() for each in ENUMS[kind]}
        return None if is_one else "not one of its values"  # samples of the reference have them in small letters
    if kind == "list" or kind.startswith("list<"):
        return _unreadable_list(value, kind.removeprefix("list").strip("<>") or "string")
    if kind.endswith("_enum_param") or kind.startswith("page_"):
        return f"the values of {kind} are not known here"
    return None if _reads(value, kind) else f"no {kind}"


def _unreadable_list(value: Any, inner: str) -> str | None:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.startswith("[") else value.split(",")
        except ValueError:
            return "no list"
    if not isinstance(value, list):
        return "no list"
    return next((problem for each in value if (problem := _unreadable(each, inner)) is not None), None)


def _reads(value: Any, kind: str) -> bool:
    text = value if isinstance(value, str) else json.dumps(value)
    if kind in ("int", "unsigned int"):
        return re.fullmatch(r"\d+" if kind.startswith("unsigned") else r"-?\d+", text) is not None
    if kind == "float":
        return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
    if kind == "bool":
        return text in ("true", "false", "1", "0")
    if kind == "datetime":
        return text.isdecimal() or _is_time(text)
    if kind in ("Object", "map"):
        return isinstance(_parsed(value), dict) or (kind == "Object" and text.isdecimal())  # a node by its number
    return isinstance(value, str) and kind == "string"


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _fields(text: str, name: str) -> Iterator[str]:
    """Of nodes that are in the specification, by name; of others, what is listed by hand."""
    name = ALIASES.get(name, name)
    if name not in _KNOWN:
        return
    known = _spec(name)["fields"]
    for field, inner in asked(text).items():
        if field not in known:
            yield f"fields: {field} is unknown of {name}"
        elif inner:
            yield from _fields(inner, re.sub(r"list<(.*)>", r"\1", known[field]))


def _headers(request: httpx.Request) -> set[str]:
    return {name.lower() for name in request.headers}


_NODES = {name for names in HOSTS.values() for name in names} - {"IGContainer"}
_KNOWN = _NODES | set(FIELDS) | set(TOKENS.values()) | {"VideoStatus"}
