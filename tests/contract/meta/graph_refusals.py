"""How Meta's Graph APIs refuse a call: the envelope that all of them share."""

from secrets import token_urlsafe
from typing import Any

import httpx


class Refused(Exception):
    """A call that the platform does not carry out; `kind` is the `type` of the envelope."""

    def __init__(
        self,
        message: str,
        code: int,
        subcode: int | None = None,
        *,
        status: int = 400,
        kind: str = "OAuthException",
        transient: bool = False,
        title: str = "",
    ):
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"message": message, "type": kind, "code": code}
        if subcode is not None:
            self.error |= {"error_subcode": subcode, "is_transient": transient}
        if transient:
            self.error["is_transient"] = True
        if title:
            self.error |= {"error_user_title": title, "error_user_msg": message}

    def body(self) -> dict[str, Any]:
        return {"error": {**self.error, "fbtrace_id": f"A{token_urlsafe(16)}"}}

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, json=self.body())


class LoginRefused(Refused):
    """The token endpoints of the login windows have a form of their own.

    https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login
    """

    def body(self) -> dict[str, Any]:
        return {"error_type": "OAuthException", "code": self.status, "error_message": self.error["message"]}


def bad_parameter(message: str, *, kind: str = "OAuthException") -> Refused:
    return Refused(f"(#100) {message}", 100, kind=kind)


def not_permitted(scope: str) -> Refused:
    """Which of 10 and 200 to 299 it is, no document of these two platforms says."""
    return Refused(f"(#10) Application does not have the {scope} permission for this action", 10, status=403)


def not_there(number: str, verb: str = "get") -> Refused:
    message = f"Unsupported {verb} request. Object with ID '{number}' does not exist, cannot be loaded due to missing "
    return Refused(f"{message}permissions, or does not support this operation.", 100, 33, kind="GraphMethodException")


def expired() -> Refused:
    return Refused("Error validating access token: Session has expired", 190, 463)


def too_many_calls() -> Refused:
    return Refused("(#4) Application request limit reached", 4, status=403, transient=True)
