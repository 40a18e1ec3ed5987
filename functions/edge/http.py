"""The HTTP edge: who calls, what they sent, and how answers look."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel, ValidationError

from punctual.ids import PERSON_PREFIX
from punctual.problems import BadRequest, Forbidden, Invalid, TooLarge
from punctual.validation import faults

MAX_BODY_BYTES = 256 * 1024
"""What may be sent can be stored: a DynamoDB item holds 400 KB."""
JSON = "application/json"
_MOST_FIELDS = 2000

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose key or token this is. Scopes are enforced here: the authorizer's cache spans routes."""

    workspace_id: str
    key_id: str
    """Of a person who comes with a token: theirs."""
    scopes: frozenset[str]
    expires_at: str | None = None

    @property
    def is_person(self) -> bool:
        return self.key_id.startswith(PERSON_PREFIX)

    def needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Forbidden(
                "missing_scope", f"This {'token' if self.is_person else 'API key'} lacks the scope {scope}."
            )


def answer(status: int, body: Any, content_type: str = JSON, headers: Mapping[str, str] | None = None) -> Response[str]:
    """As short as it can be: an answer may have 6 MB. Half a surrogate, which has no UTF-8, stays an escape."""
    text = json.dumps(body, ensure_ascii=False).encode(errors="backslashreplace").decode()
    return Response(status_code=status, content_type=content_type, body=text, headers=dict(headers or {}))


def caller(app: APIGatewayHttpResolver) -> Caller:
    given: Any = app.current_event.raw_event["requestContext"]["authorizer"]["lambda"]
    return Caller(
        workspace_id=given["workspace_id"],
        key_id=given["key_id"],
        scopes=frozenset(given["scopes"].split(" ")),
        expires_at=given.get("expires_at"),
    )


def body(app: APIGatewayHttpResolver, max_bytes: int = MAX_BODY_BYTES) -> dict[str, Any]:
    """The JSON object that was sent; nothing sent is an empty one."""
    event: APIGatewayProxyEventV2 = app.current_event
    try:
        text = event.decoded_body or ""
        if len(text.encode()) > max_bytes:
            raise TooLarge("body_too_large", f"The body of this request may hold at most {max_bytes} bytes.")
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise BadRequest("malformed_json", "The request body is not valid JSON.") from error
    if not isinstance(found, dict):
        raise BadRequest("malformed_json", "The request body must be a JSON object.")
    return found


def form(app: APIGatewayHttpResolver, max_bytes: int = MAX_BODY_BYTES) -> dict[str, str]:
    """What a form sent; of a name that came twice, the last. Anything else is an empty one."""
    return {name: values[-1] for name, values in form_lists(app, max_bytes).items()}


def form_lists(app: APIGatewayHttpResolver, max_bytes: int = MAX_BODY_BYTES) -> dict[str, list[str]]:
    """As `form`, with everything that came under a name."""
    event: APIGatewayProxyEventV2 = app.current_event
    try:
        text = event.decoded_body or ""
        if len(text.encode()) > max_bytes:
            raise TooLarge("body_too_large", f"The body of this request may hold at most {max_bytes} bytes.")
        return parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}


def parsed(model: type[Model], given: Mapping[str, Any]) -> Model:
    """JSON as its model, with every fault of it. Raises Invalid."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise Invalid(faults(error)) from error


def own_url(app: APIGatewayHttpResolver, configured: str) -> str:
    """Punctual's public address, without a slash at the end."""
    if configured:
        return configured.rstrip("/")
    context: Any = app.current_event.raw_event["requestContext"]
    stage = "" if context["stage"] == "$default" else f"/{context['stage']}"
    return f"https://{context['domainName']}{stage}"


def is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")


def query(app: APIGatewayHttpResolver) -> dict[str, str]:
    return dict(app.current_event.query_string_parameters or {})


def parsed_query(model: type[Model], app: APIGatewayHttpResolver) -> Model:
    """As `parsed`; the faults of a query name its parameters."""
    try:
        return model.model_validate(query(app))
    except ValidationError as error:
        raise Invalid([replace(fault, param=fault.param.removeprefix("/")) for fault in faults(error)]) from error


def cookie(app: APIGatewayHttpResolver, name: str) -> str | None:
    """From the `cookies` array (API Gateway) or the Cookie header (emulators)."""
    event: Any = app.current_event.raw_event
    given = [*event.get("cookies", []), *event.get("headers", {}).get("cookie", "").split(";")]
    for pair in given:
        key, _, value = pair.strip().partition("=")
        if key == name and value:
            return str(value)
    return None


def request_id(app: APIGatewayHttpResolver) -> str:
    """As API Gateway's log has it, and as every problem names it."""
    context: Any = app.current_event.raw_event.get("requestContext", {})
    return str(context.get("requestId", ""))
