"""Trying again what AWS refused for a moment: only what may be done twice, and only until a deadline."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from punctual.clock import Now

Answer = TypeVar("Answer")

_PASSING = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


def is_passing(error: BaseException) -> bool:
    """Whether AWS may well do later what it did not do, or did without our hearing of it."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"]["Code"] in _PASSING or status >= 500
    return isinstance(error, NotConnected | HTTPClientError)


def patiently(what: Callable[[], Answer], *, until: datetime, now: Now, sleep: Callable[[float], None]) -> Answer:
    """What `what` answers. Raises its last error when the next try would begin after `until`."""

    def too_late(state: RetryCallState) -> bool:
        return now() + timedelta(seconds=state.upcoming_sleep) > until

    again = Retrying(
        retry=retry_if_exception(is_passing),
        stop=too_late,
        wait=wait_random_exponential(multiplier=0.05, max=2),
        sleep=sleep,
        reraise=True,
    )
    return again(what)
