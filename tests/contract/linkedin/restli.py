"""What Rest.li asks of any call: a version, its protocol, keys that are percent-encoded, bodies of the right shape.

https://learn.microsoft.com/en-us/linkedin/marketing/versioning
https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/protocol-version
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import httpx
from jsonschema import Draft202012Validator, ValidationError

from tests.contract.linkedin.bodies import Schema
from tests.contract.linkedin.refusals import refused

_LONG = frozenset({"maxLength", "minLength"})


def check_version(request: httpx.Request, oldest: str, newest: str) -> None:
    version = request.headers.get("LinkedIn-Version")
    if version is None:
        message = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
        raise refused(400, "VERSION_MISSING", message)
    if not re.fullmatch(r"20\d{2}(0[1-9]|1[0-2])", version):
        raise refused(400, "ILLEGAL_ARGUMENT", "The version is not of the form YYYYMM")
    if not oldest <= version <= newest:
        raise refused(426, "NONEXISTENT_VERSION", f"Requested version {version}01 is not active")


def check_protocol(request: httpx.Request) -> None:
    if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
        raise refused(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables")


def key(segment: str) -> str:
    """What a path's segment names; in Rest.li's own grammar colons and parentheses are syntax."""
    if re.search("[:(),']", segment):
        raise refused(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables")
    return unquote(segment)


def parameters(request: httpx.Request, needed: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    given = dict(request.url.params)
    if "urn:li:" in request.url.query.decode():
        raise refused(400, "ILLEGAL_ARGUMENT", "Syntax exception in query parameters")
    for name in needed:
        if name not in given:
            raise refused(400, "PARAM_MISSING", f"Parameter {name} is required")
    if unknown := given.keys() - {*needed, *known}:
        raise refused(400, "QUERY_PARAM_NOT_ALLOWED", f"Query parameters {sorted(unknown)} are not allowed")
    return given


def page(given: dict[str, str], items: list[dict[str, Any]]) -> httpx.Response:
    start, count = int(given.get("start", 0)), int(given.get("count", 10))
    if not 1 <= count <= 100:
        raise refused(400, "ILLEGAL_ARGUMENT", "count is out of range")
    paging = {"start": start, "count": count, "links": [], "total": len(items)}
    return httpx.Response(200, json={"paging": paging, "elements": items[start : start + count]})


def body(request: httpx.Request, schema: Schema) -> dict[str, Any]:
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        raise refused(415, "UNSUPPORTED_MEDIA_TYPE", "The request body is of a media type that is not taken")
    try:
        given = json.loads(request.content)
    except ValueError:
        raise refused(400, "ILLEGAL_ARGUMENT", "Invalid JSON") from None
    errors = list(Draft202012Validator(schema).iter_errors(given))
    if any(error.validator in _LONG for error in errors):
        raise refused(400, "FIELD_LENGTH_TOO_LONG", "The length of a field is out of range")
    if errors:
        raise refused(422, "UNPROCESSABLE_ENTITY", "\n".join(_line(error) for error in errors))
    return dict(given)


def _line(error: ValidationError) -> str:
    """https://community.n8n.io has `ERROR :: /author :: field is required but not found and has no default value`"""
    where = "".join(f"/{part}" for part in error.absolute_path)
    if error.validator == "required":
        absent = next(name for name in error.validator_value if name not in error.instance)
        return f"ERROR :: {where}/{absent} :: field is required but not found and has no default value"
    if error.validator == "additionalProperties":
        unknown = next(name for name in error.instance if name not in error.schema["properties"])
        return f"ERROR :: {where}/{unknown} :: unrecognized field found but not allowed"
    if error.validator in ("enum", "const"):
        return f'ERROR :: {where} :: "{error.instance}" is not an enum symbol'
    return f"ERROR :: {where} :: cannot be coerced to what the field takes"
