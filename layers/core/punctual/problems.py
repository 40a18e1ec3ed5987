"""Expected failures, as a client meets them: RFC 9457 problems with a stable `code`.

Codes are documented in `problem_types`. `detail` says what is wrong this time and holds no secret and no caption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from punctual.problem_types import DOCUMENTED_AT, PROBLEM_TYPES


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a request. `param` is a JSON pointer into the body ("" is all of it; any other begins with
    a slash), or else the name of a query parameter or of a header."""

    param: str
    rule: str
    message: str


class Problem(Exception):
    """A code that is not among the problem types is a KeyError: what is not documented is not answered."""

    status: int

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        more: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ):
        """`more` are members of this problem alone; `retry_after` are seconds, where more is known than usually."""
        super().__init__(detail)
        self.code = code
        self.about = PROBLEM_TYPES[code]
        self.status = self.about.status
        self.detail = detail
        self.errors = tuple(errors) or self._usual_error()
        self.more = more or {}
        self.retry_after = retry_after or self.about.retry_after

    def body(self, request_id: str | None = None) -> dict[str, object]:
        """https://www.rfc-editor.org/rfc/rfc9457"""
        found: dict[str, object] = {
            "type": f"{DOCUMENTED_AT}#{self.code}",
            "title": self.about.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "retryable": self.about.retryable,
            "remediation": self.about.remediation,
        }
        if request_id is not None:
            found["request_id"] = request_id
        if self.errors:
            found["errors"] = [asdict(error) for error in self.errors]
        return {**found, **self.more}

    def _usual_error(self) -> tuple[Fault, ...]:
        param = self.about.param
        return (Fault(param=param, rule=self.code, message=self.detail),) if param else ()


class BadRequest(Problem):
    status = 400


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class Gone(Problem):
    status = 410


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


class NotReady(Problem):
    """What whoever runs the stack has set up cannot be reached."""

    status = 503
