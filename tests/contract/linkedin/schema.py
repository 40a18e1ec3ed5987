"""Holds a request to what LinkedIn documents: path, query, headers, credentials and body, nothing unknown in any."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

import httpx
from jsonschema import Draft202012Validator

from tests.contract.linkedin import bodies
from tests.contract.linkedin.bodies import Schema

API, SITE = "api.linkedin.com", "www.linkedin.com"
_ALWAYS_ALLOWED = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host", "user-agent"}
)
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_POST_KEY = "urn%3Ali%3A(share|ugcPost)%3A[0-9]+"
_THREAD_KEY = r"(urn%3Ali%3A(share|ugcPost|activity)%3A[0-9]+|urn%3Ali%3Acomment%3A%28[A-Za-z0-9%]+%29)"
_RESTLI: dict[str, Schema] = {"x-restli-protocol-version": {"const": "2.0.0"}}
_VERSIONED: dict[str, Schema] = {"linkedin-version": {"pattern": "^20[0-9]{2}(0[1-9]|1[0-2])$"}, **_RESTLI}
_NUMBER: Schema = {"pattern": "^[0-9]{1,3}$"}
_PAGE: dict[str, Schema] = {"start": {"pattern": "^[0-9]+$"}, "count": _NUMBER}
_ROLES = (
    "ADMINISTRATOR|DIRECT_SPONSORED_CONTENT_POSTER|RECRUITING_POSTER|CONTENT_ADMIN|CONTENT_ADMINISTRATOR"
    "|LEAD_CAPTURE_ADMINISTRATOR|LEAD_GEN_FORMS_MANAGER|ANALYST|CURATOR"
)
_ACL: dict[str, Schema] = {
    "role": {"pattern": f"^({_ROLES})$"},
    "state": {"enum": ["APPROVED", "REQUESTED", "REJECTED", "REVOKED"]},
}
_UPLOADED = "application/octet-stream|image/(jpeg|png|gif)|video/mp4|application/pdf"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call; `path` is a pattern of the path as it is sent, percent signs and all."""

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    host: str = API
    query: Mapping[str, Schema] = field(default_factory=dict)
    optional_query: Mapping[str, Schema] = field(default_factory=dict)
    any_query: bool = False
    headers: Mapping[str, Schema] = field(default_factory=lambda: _VERSIONED)
    optional_headers: Mapping[str, Schema] = field(default_factory=dict)
    restli_method: str = ""
    """What `X-RestLi-Method` says, if it is there."""
    token: Literal["needed", "allowed", "forbidden"] = "needed"
    body: Schema | None = None
    content_type: str = _JSON
    """A pattern."""
    is_file: bool = False


def _uploads(kind: str, begin: Schema) -> tuple[Call, Call]:
    action = {"action": {"const": "initializeUpload"}}
    return (
        Call(name=f"{kind}: initializeUpload", method="POST", path=f"/rest/{kind}s", query=action, body=begin),
        Call(name=f"{kind}: status", method="GET", path=f"/rest/{kind}s/urn%3Ali%3A{kind}%3A[A-Za-z0-9_-]+"),
    )


def _file(name: str, path: str, token: Literal["needed", "allowed", "forbidden"]) -> Call:
    return Call(
        name=name,
        method="PUT",
        host=SITE,
        path=f"/dms-uploads/[^/]+/{path}",
        any_query=True,  # it is signed; a caller repeats the URL as it was given
        headers={},
        token=token,
        is_file=True,
        content_type=_UPLOADED,
    )


def _oauth(name: str, body: Schema) -> Call:
    path = f"/oauth/v2/{name}"
    return Call(
        name=name, method="POST", host=SITE, path=path, headers={}, token="forbidden", body=body, content_type=_FORM
    )


_THREAD = f"/rest/socialActions/{_THREAD_KEY}/comments"
CALLS = (
    _oauth("accessToken", bodies.TOKEN),
    _oauth("revoke", bodies.REVOKE),
    Call(name="userinfo", method="GET", path="/v2/userinfo", headers={}, optional_headers=_VERSIONED),
    Call(name="me", method="GET", path="/v2/me", headers={}, optional_headers=_VERSIONED),
    Call(
        name="organizationAcls",
        method="GET",
        path="/rest/organizationAcls",
        query={"q": {"const": "roleAssignee"}},
        optional_query={**_ACL, **_PAGE},
        restli_method="FINDER",
    ),
    Call(name="organization", method="GET", path="/rest/organizations/[0-9]+"),
    Call(
        name="organizationalEntityAcls",
        method="GET",
        path="/v2/organizationalEntityAcls",
        query={"q": {"const": "roleAssignee"}},
        optional_query={**_ACL, **_PAGE, "projection": {"minLength": 1}},
        headers=_RESTLI,
        optional_headers=_VERSIONED,
    ),
    *_uploads("image", bodies.BEGIN_IMAGE),
    *_uploads("video", bodies.BEGIN_VIDEO),
    *_uploads("document", bodies.BEGIN_DOCUMENT),
    Call(
        name="video: finalizeUpload",
        method="POST",
        path="/rest/videos",
        query={"action": {"const": "finalizeUpload"}},
        body=bodies.FINISH_VIDEO,
    ),
    # "requires a valid OAuth token [...] different than the upload video call which doesn't accept an OAuth token":
    # https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/vector-asset-api
    _file("image: bytes", "uploaded-image/0", "needed"),
    _file("document: bytes", "ads-uploadedDocument/0", "allowed"),
    _file("video: part", "uploadedVideo", "forbidden"),
    Call(name="post: create", method="POST", path="/rest/posts", body=bodies.CREATE_POST, restli_method="CREATE"),
    Call(
        name="post: get",
        method="GET",
        path=f"/rest/posts/{_POST_KEY}",
        optional_query={"viewContext": {"enum": ["READER", "AUTHOR"]}},
    ),
    Call(
        name="posts: by author",
        method="GET",
        path="/rest/posts",
        query={"q": {"const": "author"}, "author": bodies.ACTOR},
        optional_query={**_PAGE, "sortBy": {"enum": ["LAST_MODIFIED", "CREATED"]}, "isDsc": {"const": "false"}},
        restli_method="FINDER",
    ),
    Call(name="post: delete", method="DELETE", path=f"/rest/posts/{_POST_KEY}", restli_method="DELETE"),
    Call(name="comment: create", method="POST", path=_THREAD, body=bodies.CREATE_COMMENT),
    Call(name="comments", method="GET", path=_THREAD, optional_query=_PAGE),
    Call(name="comment: delete", method="DELETE", path=f"{_THREAD}/[0-9]+", optional_query={"actor": bodies.ACTOR}),
)


def violations(request: httpx.Request) -> list[str]:
    """Sentences that say what is not documented; they quote names, never values."""
    path, _, query = request.url.raw_path.decode().partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    known = [call for call in CALLS if call.method == request.method and re.fullmatch(call.path, path)]
    known = [call for call in known if call.host == request.url.host and request.url.scheme == "https"]
    told_apart = [call for call in known if _is_meant(call, dict(pairs))] or known
    if not told_apart:
        return [f"{request.method} {'/'.join(path.split('/')[:3])}: not a documented call"]
    call = told_apart[0]
    return [
        *_query(call, pairs, query),
        *_headers(call, request),
        *_credentials(call, request),
        *_body(call, request),
    ]


def _is_meant(call: Call, query: Mapping[str, str]) -> bool:
    """Whether its action is the one that is asked for: several share a path."""
    return call.query.get("action", {}).get("const") == query.get("action")


def _query(call: Call, pairs: list[tuple[str, str]], raw: str) -> Iterator[str]:
    if call.any_query:
        return
    schemas = {**call.query, **call.optional_query}
    given = dict(pairs)
    if len(given) != len(pairs):
        yield "query: a parameter is there more than once"
    if "urn:li:" in raw:
        yield "query: a URN is not percent-encoded"
    yield from (f"query: {name} is unknown" for name in sorted(given.keys() - schemas.keys()))
    yield from (f"query: {name} is missing" for name in call.query if name not in given)
    for name in schemas.keys() & given.keys():
        yield from _broken(given[name], schemas[name], f"query {name}")


def _headers(call: Call, request: httpx.Request) -> Iterator[str]:
    given = {name.lower() for name in request.headers}
    schemas = {**call.optional_headers, **call.headers}
    known = _ALWAYS_ALLOWED | schemas.keys() | ({"x-restli-method"} if call.restli_method else set())
    yield from (f"header: {name} is unknown" for name in sorted(given - known))
    yield from (f"header: {name} is missing" for name in call.headers if name not in given)
    for name in schemas.keys() & given:
        yield from _broken(request.headers[name], schemas[name], f"header {name}")
    if request.headers.get("X-RestLi-Method", call.restli_method) != call.restli_method:
        yield "header: x-restli-method is another method's"


def _credentials(call: Call, request: httpx.Request) -> Iterator[str]:
    credentials = request.headers.get("Authorization")
    if credentials is None and call.token == "needed":
        yield "header: authorization is missing"
    elif credentials is not None and call.token == "forbidden":
        yield "header: authorization is not taken here"
    elif credentials is not None and not re.fullmatch("Bearer [!-~]+", credentials):
        yield "header: authorization is no bearer token"


def _body(call: Call, request: httpx.Request) -> Iterator[str]:
    content = request.read()
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if call.body is None and not call.is_file:
        if content:
            yield "body: none is taken here"
    elif not content:
        yield "body: missing"
    elif call.is_file:
        if kind and not re.fullmatch(call.content_type, kind):
            yield f"body: {kind} is not taken here"
    elif kind != call.content_type:
        yield f"body: {kind or 'a body without a type'} is not taken here"
    else:
        yield from _fields(call, content)


def _fields(call: Call, content: bytes) -> Iterator[str]:
    try:
        if call.content_type == _FORM:
            pairs = parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True)
            body: Any = dict(pairs)
            if len(body) != len(pairs):
                yield "body: a field is there more than once"
        else:
            body = json.loads(content)
    except ValueError:
        yield "body: not what its media type says"
        return
    yield from _broken(body, call.body or {}, "body")


def _broken(value: Any, schema: Schema, name: str) -> Iterator[str]:
    for error in Draft202012Validator(schema).iter_errors(value):
        yield f"{name}: {error.json_path} breaks {error.validator}"
