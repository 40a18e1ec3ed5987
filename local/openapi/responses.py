"""What operations answer: successes, problems of ours, and what API Gateway says itself."""

from typing import Any

from edge.operations import Media, Operation
from edge.serving import PROBLEM_JSON
from local.openapi.examples import named
from local.openapi.parameters import path_names
from local.openapi.schemas import Schemas
from local.problems import LocalError
from punctual.problem_types import PROBLEM_TYPES

_JSON = "application/json"
_PHRASES = {
    200: "Done.",
    201: "Made.",
    202: "Accepted; what it became is seen by looking at it again.",
    204: "Done; there is nothing to tell.",
    207: "Done, each for itself.",
    303: "Go on at `Location`.",
    304: "Nothing has changed since the answer that had this `ETag`.",
}
_HEADERS = {
    "Location": ("Where to look at what was made, or to go on.", {"type": "string"}),
    "ETag": ("Which version this is: a post's revision, for `If-Match`; else for `If-None-Match`.", {"type": "string"}),
    "Idempotent-Replayed": ("`true`: this is the first request's answer.", {"const": "true"}),
    "Link": ('Where there is more: `<…>; rel="next"` (RFC 8288).', {"type": "string"}),
    "RateLimit": ("What is left, and until when (draft-ietf-httpapi-ratelimit-headers).", {"type": "string"}),
    "RateLimit-Policy": ("How much there is (draft-ietf-httpapi-ratelimit-headers).", {"type": "string"}),
    "Retry-After": ("Seconds to wait.", {"type": "string", "pattern": "^[0-9]+$"}),
}
_ALWAYS_THERE = ("Location", "ETag")
_OPEN = {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
_GUARDED = {401: "Unauthorized", 403: "Forbidden"}
_WITH_BODY = {413: "Request Entity Too Large"}
_WITH_PATH = {404: "Not Found"}


def headers() -> dict[str, Any]:
    return {
        name: {"description": text, "required": name in _ALWAYS_THERE, "schema": schema}
        for name, (text, schema) in _HEADERS.items()
    }


def of(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    found: dict[int, dict[str, Any]] = {}
    for status in operation.answers:
        found[status] = _success(operation, status, schemas)
    for status, codes in sorted(_by_status(_codes(operation)).items()):
        _add_problems(found.setdefault(status, _refusal(operation)), codes)
    for status, message in sorted(_gateways(operation).items()):
        _add_gateways(found.setdefault(status, _refusal(operation)), message)
    return {str(status): _ordered(found[status]) for status in sorted(found)}


def _success(operation: Operation, status: int, schemas: Schemas) -> dict[str, Any]:
    kind = operation.answers[status]
    names = [*operation.headers, *(["Location"] if status == 303 else [])] if status < 400 else []
    optional = ["Idempotent-Replayed"] if operation.takes_idempotency_key else []
    content: dict[str, Any] = {}
    if isinstance(kind, Media):
        content = {each: {"schema": {"type": "string"}} for each in kind.content_types}
    elif kind is not None:
        schema = schemas.of((operation.name, str(status)))
        content = {_JSON: {"schema": schema, **named(operation.name).answer(status)}}
    description = _PHRASES.get(status, "A page that says what is wrong.")
    always = {name: _header(name) for name in names}
    return {"description": description, "headers": {**_references(operation, *optional), **always}, "content": content}


def _refusal(operation: Operation) -> dict[str, Any]:
    return {"description": "", "headers": _references(operation), "content": {}}


def _references(operation: Operation, *names: str) -> dict[str, Any]:
    limits = ("RateLimit", "RateLimit-Policy") if operation.scope else ()
    return {name: _header(name) for name in (*names, *limits)}


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _codes(operation: Operation) -> set[str]:
    """Those that any such operation may meet, and its own."""
    found = {"internal_error", *operation.problems, *_of_callers(operation)}
    if operation.body:
        found |= {"malformed_json", "body_too_large", "invalid_request"}
    if operation.form:
        found.add("body_too_large")
    if operation.query and operation.scope:
        found.add("invalid_request")
    names = path_names(operation)
    if names:
        found.add("no_such_route")
    if any(name.endswith("_id") for name in names):
        found.add("not_found")
    if operation.takes_idempotency_key:
        found |= {"invalid_idempotency_key", "idempotency_mismatch", "idempotency_in_flight"}
    if operation.takes_if_match:
        found.add("version_mismatch")
    unknown = sorted(found - PROBLEM_TYPES.keys())
    if unknown:
        raise LocalError(f"{operation.name}: {', '.join(unknown)} is not in layers/core/punctual/problem_types.py.")
    return found


def _of_callers(operation: Operation) -> set[str]:
    if not operation.scope:
        return set()
    anybody = {"missing_scope", "rate_limited", "unknown_workspace"}
    return anybody if operation.scope == "read" else anybody | {"workspace_deleting"}


def _by_status(codes: set[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(PROBLEM_TYPES[code].status, []).append(code)
    return found


def _add_problems(response: dict[str, Any], codes: list[str]) -> None:
    lines = [f"- `{code}`: {PROBLEM_TYPES[code].title}." for code in codes]
    response["description"] = "\n".join(filter(None, [response["description"], *lines]))
    response["content"][PROBLEM_JSON] = {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}
    response["x-problem-codes"] = codes
    if any(PROBLEM_TYPES[code].retryable for code in codes):
        response["headers"]["Retry-After"] = _header("Retry-After")


def _gateways(operation: Operation) -> dict[int, str]:
    return {
        **_OPEN,
        **(_GUARDED if operation.scope else {}),
        **(_WITH_BODY if operation.body or operation.form else {}),
        **(_WITH_PATH if path_names(operation) else {}),
    }


def _add_gateways(response: dict[str, Any], message: str) -> None:
    line = f"- API Gateway itself: `{message}`."
    response["description"] = "\n".join(filter(None, [response["description"], line]))
    schema = {"$ref": "#/components/schemas/GatewayAnswer"}
    response["content"].setdefault(_JSON, {"schema": schema, "example": {"message": message}})


def _ordered(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if value}
