"""How LinkedIn says no: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling"""

from typing import Any

import httpx


class Refused(Exception):
    """Raised where a call is found wanting, with what it is answered."""

    def __init__(self, response: httpx.Response):
        super().__init__(response.status_code)
        self.response = response


def refused(status: int, code: str, message: str, **more: Any) -> Refused:
    return Refused(httpx.Response(status, json={"status": status, "code": code, "message": message, **more}))


def bad_request(status: int, message: str, code: str, description: str) -> Refused:
    return Refused(httpx.Response(status, json=bad_request_body(status, message, code, description)))


def bad_request_body(status: int, message: str, code: str, description: str) -> dict[str, Any]:
    """The form in which the content service says it: without a code at the top."""
    return {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"com.linkedin.content.common.exception.BadRequestResponseException: {message}",
        "errorDetails": {"inputErrors": [{"description": description, "input": {}, "code": code}]},
        "status": status,
    }


def denied(what: str) -> Refused:
    return refused(403, "ACCESS_DENIED", f"Not enough permissions to access: {what}", serviceErrorCode=100)
