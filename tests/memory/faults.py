"""Any client, failing as its policy says.

    client = Faulty(MemoryDynamoDB(), policy)

`policy(operation_name, kwargs)` is asked once for each call, by the method's name (`put_item`), and answers None or a
fault. A fault gets the operation's name, its arguments and the call itself: it decides whether the call is carried out,
and what the caller hears of it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeAlias

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.memory.refusals import client_error, transaction_canceled

Call: TypeAlias = Callable[[], Any]
Fault: TypeAlias = Callable[[str, Mapping[str, Any], Call], Any]

_ENDPOINT = "https://memory.invalid/"


class Policy(Protocol):
    def __call__(self, operation_name: str, kwargs: dict[str, Any], /) -> Fault | None: ...


class Faulty:
    def __init__(self, client: Any, policy: Policy):
        self._client = client
        self.policy = policy

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self._call, name, found) if callable(found) else found

    def _call(self, name: str, method: Callable[..., Any], **kwargs: Any) -> Any:
        fault = self.policy(name, kwargs)
        return fault(name, kwargs, partial(method, **kwargs)) if fault else method(**kwargs)


def throttle(code: str = "ProvisionedThroughputExceededException") -> Fault:
    """Or ThrottlingException."""

    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        raise client_error(_title(name), code, "The level of configured throughput was exceeded.")

    return fault


def conflict(*places: int) -> Fault:
    """With another transaction. `places` of a transaction's operations met it; the first, if none is named."""

    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        message = "Transaction is ongoing for the item"
        if name != "transact_write_items":
            raise client_error(_title(name), "TransactionConflictException", message)
        met = {"Code": "TransactionConflict", "Message": message}
        count = range(len(kwargs["TransactItems"]))
        raise transaction_canceled([met if place in (places or (0,)) else {"Code": "None"} for place in count])

    return fault


def outage() -> Fault:
    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        raise EndpointConnectionError(endpoint_url=_ENDPOINT)

    return fault


def lost_acknowledgement() -> Fault:
    """The call is carried out, or refused; nobody hears which."""

    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        with suppress(ClientError):
            call()
        raise ReadTimeoutError(endpoint_url=_ENDPOINT)

    return fault


def stall(seconds: float, sleep: Callable[[float], None], *, after: bool = False) -> Fault:
    """The call, late; or carried out at once, with a late answer."""

    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        if not after:
            sleep(seconds)
        answer = call()
        if after:
            sleep(seconds)
        return answer

    return fault


def die(error: type[BaseException], *, after: bool = False) -> Fault:
    """The caller ends here. `error` had better be no Exception, lest somebody catch it."""

    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        if after:
            call()
        raise error

    return fault


def _title(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))
