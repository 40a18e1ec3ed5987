"""What is said of one problem of the API; `problem_types` has them all."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ProblemType:
    status: int
    title: str
    remediation: str
    retryable: bool = False
    """Whether the same request, unchanged, may succeed later."""
    retry_after: int | None = None
    """Seconds, where they are known beforehand."""
    param: str | None = None
    """The header or query parameter at fault, where it is always the same one."""


def conflict(title: str, remediation: str, **more: int) -> ProblemType:
    """`retry_after` makes it one of a moment."""
    return ProblemType(
        status=409, title=title, remediation=remediation, retryable=bool(more), retry_after=more.get("retry_after")
    )


def connecting(title: str, remediation: str, status: int = 400) -> ProblemType:
    return ProblemType(status=status, title=title, remediation=remediation)
