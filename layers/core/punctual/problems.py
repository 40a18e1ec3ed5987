"""Expected failures, as a client meets them: RFC 9457 problems with a stable `code`.

Codes are documented and never renamed. `detail` says what to do next and holds no secret and no caption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a request. `param` is a JSON pointer into the body, or the name of a query parameter."""

    param: str
    rule: str
    message: str


class Problem(Exception):
    status = 400

    def __init__(self, code: str, detail: str, *, errors: Sequence[Fault] = (), more: Mapping[str, Any] | None = None):
        """`more` are members of this problem alone."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.more = more or {}

    def body(self) -> dict[str, object]:
        found: dict[str, object] = {
            "type": "about:blank",
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            found["errors"] = [asdict(error) for error in self.errors]
        return {**found, **self.more}


class BadRequest(Problem):
    status = 400


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class PreconditionFailed(Problem):
    status = 412


class TooLarge(Problem):
    status = 413


class Invalid(Problem):
    """The request was understood and breaks rules; `errors` names all of them."""

    status = 422

    def __init__(self, errors: Sequence[Fault], *, code: str = "invalid_request"):
        count = len(errors)
        detail = errors[0].message if count == 1 else f"{count} things are wrong with this request; see errors."
        super().__init__(code, detail, errors=errors)


class Unavailable(Problem):
    """A platform that this request needs did not play along; trying again may help."""

    status = 502
