"""How the APIs of Threads and of Instagram with its own login refuse, beside what all of Meta's do (`refusals`)."""

from typing import Any

import httpx

from tests.contract.meta.refusals import Refused


class LoginRefused(Refused):
    """The token endpoints of the login windows have a form of their own.

    https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login
    """

    def __init__(self, message: str):
        super().__init__(400, message)
        self.status = 400
        self.body: dict[str, Any] = {"error_type": "OAuthException", "code": 400, "error_message": message}


def response_of(refused: Refused) -> httpx.Response:
    return httpx.Response(refused.status, json=refused.body)


def bad_parameter(message: str, **more: Any) -> Refused:
    return Refused(100, message, **more)


def not_permitted(scope: str) -> Refused:
    """Which of 10 and 200 to 299 it is, no document of these two platforms says."""
    return Refused(10, f"Application does not have the {scope} permission for this action")


def expired() -> Refused:
    return Refused(190, "Error validating access token: Session has expired", 463)


def too_many_calls() -> Refused:
    return Refused(4, "Application request limit reached", is_transient=True, status=403)
