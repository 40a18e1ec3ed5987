"""What may go wrong with a call of a far side, at a test's wish."""

from collections.abc import Callable

import httpx

from tests.contract.failure import Failure
from tests.contract.meta.graph_refusals import response_of
from tests.contract.meta.refusals import Refused


class Faults:
    """Calls have names: those of `fail_next` and `cuts` are not carried out, those of `loses_answer_of` are."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []
        self.fail_next: list[tuple[str, Failure]] = []
        self.loses_answer_of: set[str] = set()
        self.cuts: set[str] = set()

    def carry_out(self, operation: str, request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
        if operation in self.cuts:
            self.cuts.remove(operation)
            raise httpx.ReadError("the connection broke", request=request)
        for number, (name, failure) in enumerate(self.fail_next):
            if name == operation:
                del self.fail_next[number]
                return failure.response()
        try:
            response = call()
        except Refused as refused:
            response = response_of(refused)
        if operation in self.loses_answer_of:
            self.loses_answer_of.remove(operation)
            raise httpx.ReadError("the connection broke", request=request)
        return response
