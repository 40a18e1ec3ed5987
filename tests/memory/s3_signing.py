"""Requests that somebody else may make of the bucket in memory: signed, until a time, and for one thing exactly.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, urlencode

_SECRET = b"of the bucket"
_UNSIGNED = frozenset({"x-amz-signature", "policy", "file"})
_DATE = "%Y%m%dT%H%M%SZ"
LONGEST_SECONDS = 7 * 24 * 3600


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str = ""):
        super().__init__(message or code)
        self.status = status
        self.code = code


def url(
    host: str, key: str, operation: str, dated: float, lasts: int, headers: Mapping[str, int], **params: object
) -> str:
    query = {name: str(value) for name, value in params.items()}
    query |= {"X-Amz-Date": datetime.fromtimestamp(dated, UTC).strftime(_DATE), "X-Amz-Expires": str(lasts)}
    if headers:
        query["X-Amz-SignedHeaders"] = json.dumps(headers, sort_keys=True)
    return f"https://{host}/{key}?{urlencode({**query, 'X-Amz-Signature': _signature([operation, key, query])})}"


def checked(operation: str, key: str, query: str, now: float, headers: Mapping[str, str]) -> dict[str, str]:
    """The URL's own parameters. Raises Refused."""
    given = dict(parse_qsl(query))
    signature = given.pop("X-Amz-Signature", "")
    if not hmac.compare_digest(signature, _signature([operation, key, given])):
        raise Refused(403, "SignatureDoesNotMatch")
    dated = datetime.strptime(given.pop("X-Amz-Date"), _DATE).replace(tzinfo=UTC).timestamp()
    if now > dated + int(given.pop("X-Amz-Expires")):
        raise Refused(403, "AccessDenied", "Request has expired")
    signed = json.loads(given.pop("X-Amz-SignedHeaders", "{}"))
    if any(headers.get(name) != str(value) for name, value in signed.items()):
        raise Refused(403, "SignatureDoesNotMatch")
    return given


def policy(bucket: str, key: str, fields: Mapping[str, str], conditions: Sequence[Any], ends: float) -> dict[str, str]:
    """As boto3 makes it of a form: the fields are sent as they are, the conditions are what S3 holds them to."""
    expiration = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stated = {"expiration": expiration, "conditions": [*conditions, {"bucket": bucket}, {"key": key}]}
    encoded = base64.b64encode(json.dumps(stated).encode()).decode()
    return {**fields, "key": key, "policy": encoded, "x-amz-signature": _signature(encoded)}


def form(content_type: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """What a form sent, and its file, which must come last."""
    sent = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, bytes] = {}
    for part in sent.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            if "file" in fields:
                raise Refused(400, "InvalidArgument", "fields after the file are ignored")
            content = part.get_payload(decode=True)
            fields[name] = content if isinstance(content, bytes) else b""
    if "file" not in fields:
        raise Refused(400, "InvalidArgument", "POST requires exactly one file upload per request.")
    return {name: value.decode() for name, value in fields.items() if name != "file"}, fields["file"]


def check_form(bucket: str, fields: Mapping[str, str], size: int, now: float) -> None:
    """Raises Refused."""
    encoded = fields.get("policy", "")
    if not hmac.compare_digest(fields.get("x-amz-signature", ""), _signature(encoded)):
        raise Refused(403, "SignatureDoesNotMatch")
    stated = json.loads(base64.b64decode(encoded))
    if now > datetime.fromisoformat(stated["expiration"]).timestamp():
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    named: set[str] = set()
    for condition in stated["conditions"]:
        if isinstance(condition, dict):
            ((name, value),) = condition.items()
            if {**fields, "bucket": bucket}.get(name) != value:
                raise Refused(403, "AccessDenied", f"Invalid according to Policy: {name}")
            named.add(name)
        else:
            kind, least, most = condition
            assert kind == "content-length-range"
            if not least <= size <= most:
                raise Refused(400, "EntityTooLarge" if size > most else "EntityTooSmall")
    if set(fields) - named - _UNSIGNED:
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Extra input fields")


def _signature(stated: object) -> str:
    return hmac.new(_SECRET, json.dumps(stated).encode(), hashlib.sha256).hexdigest()
