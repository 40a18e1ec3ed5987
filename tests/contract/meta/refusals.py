"""How the Graph API refuses: https://developers.facebook.com/docs/graph-api/guides/error-handling"""

from typing import Any

from tests.contract.failure import Failure, Meaning

HANDLING = "https://developers.facebook.com/docs/graph-api/guides/error-handling"
RATES = "https://developers.facebook.com/docs/graph-api/overview/rate-limiting"
KNOWN = "general knowledge of the Graph API, in no document that we saw"
SEEN = "seen by others who publish there, in no document of the platform"
FORBIDDEN = {3, 10, *range(200, 300)}
"""Codes that come with 403; the documents name no HTTP status, what is known of others is 400."""


class Refused(Exception):
    def __init__(self, code: int, message: str, subcode: int | None = None, **more: Any):
        super().__init__(f"{code}/{subcode}: {message}")
        self.status = more.pop("status", 403 if code in FORBIDDEN else 400)
        self.body = envelope(code, message, subcode, **more)


def envelope(code: int, message: str, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    """`type` and `is_transient` may be given; the number is as the platform writes it, before the message too."""
    said = message if code in (1, 2, 190) or code < 0 else f"(#{code}) {message}"
    found: dict[str, Any] = {
        "message": said,
        "type": "OAuthException",
        "code": code,
        "is_transient": False,
        "fbtrace_id": "A6LJylpZRKw2xKLFsAP-cJh",
        **more,
    }
    if subcode is not None:
        titles = {"error_user_title": "It could not be done", "error_user_msg": message}
        found |= {"error_subcode": subcode, **titles}
    return {"error": found}


def failure(
    operation: str, code: int, subcode: int | None = None, *, means: Meaning, source: str = HANDLING, **more: Any
) -> Failure:
    """`message`, `type`, `is_transient`, `status` and `headers` may be given."""
    status = more.pop("status", 403 if code in FORBIDDEN else 400)
    headers = more.pop("headers", {})
    body = envelope(code, more.pop("message", "It did not work."), subcode, **more)
    return Failure(operation=operation, status=status, headers=headers, body=body, means=means, source=source)


def missing(node: str, verb: str = "get") -> Refused:
    """One answer for what is not there, may not be seen, or has no such verb."""
    message = (
        f"Unsupported {verb} request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation"
    )
    return Refused(100, message, 33, type="GraphMethodException")
