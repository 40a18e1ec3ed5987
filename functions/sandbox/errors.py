"""What the network answers instead of what was asked for.

    Refusal         JSON {"error": code, "message": …}
    └── OAuthRefusal    JSON {"error": code, "error_description": …}, as RFC 6749 section 5.2 has it
    AnswerLost      the request was carried out, and the answer to it stops in the middle

None of them quotes what it was sent.
"""

from collections.abc import Mapping


class Refusal(Exception):
    explained_in = "message"

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.body = {"error": code, self.explained_in: message}


class OAuthRefusal(Refusal):
    explained_in = "error_description"


class AnswerLost(Exception):
    pass


def unauthorized(code: str, message: str) -> Refusal:
    return Refusal(401, code, message, {"WWW-Authenticate": f'Bearer realm="sandbox", error="{code}"'})


def invalid_grant(message: str) -> OAuthRefusal:
    return OAuthRefusal(400, "invalid_grant", message)
