"""Idempotency keys: a creation is recorded in the transaction that makes it, with the answer that was given.

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
"""

import hashlib
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual.clock import Now
from punctual.problems import Conflict, Problem
from punctual.tables import ConditionFailed, Item, Table

LASTS = timedelta(hours=24)
_LEASE = timedelta(seconds=40)
"""Longer than a function that creates outside may run."""
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 8 * 2**20}]
"""An answer repeats a post's texts for each delivery, far apart: packed, it fits wherever the post did."""


class Mismatch(Problem):
    status = 422

    def __init__(self) -> None:
        detail = "This Idempotency-Key was used for another request. Take a new key for a new request."
        super().__init__("idempotency_mismatch", detail)


class InFlight(Conflict):
    def __init__(self) -> None:
        detail = "The first request with this Idempotency-Key is still running. Ask again in a moment."
        super().__init__("idempotency_in_flight", detail)


class Taken(Exception):
    """The creation was recorded by somebody else meanwhile: nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request under a client's key. `content` is what another request with the key must equal."""

    workspace_id: str
    key: str = field(repr=False)
    content: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.content.encode(errors="surrogatepass")).hexdigest()

    def item_key(self) -> dict[str, str]:
        return {"pk": f"idempotency#{self.workspace_id}", "sk": hashlib.sha256(self.key.encode()).hexdigest()}

    def part(self, place: int) -> "Request":
        """One of the creations that this request asks for."""
        return Request(workspace_id=self.workspace_id, key=f"{self.key}#{place}", content=self.content)


class Idempotency:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def answer(self, request: Request) -> Answer | None:
        """What this request was answered before. Raises Mismatch, InFlight."""
        item = self._table.get(request.item_key())
        if item is None or self._is_over(item):
            return None
        if item["fingerprint"] != request.fingerprint:
            raise Mismatch()
        if "answer" not in item:
            raise InFlight()
        body = lzma.decompress(bytes(item["answer"]), format=lzma.FORMAT_RAW, filters=_FILTERS)
        return Answer(status=int(item["status"]), body=json.loads(body))

    def check(self, requests: Sequence[Request]) -> None:
        """Whether none of their keys was used for anything else. Raises Mismatch."""
        wanted = {tuple(request.item_key().values()): request.fingerprint for request in requests}
        for item in self._table.get_all([request.item_key() for request in requests]):
            if not self._is_over(item) and item["fingerprint"] != wanted[item["pk"], item["sk"]]:
                raise Mismatch()

    def recording(self, request: Request, answer: Answer) -> Item:
        """For the transaction that creates: it fails where the key was used meanwhile."""
        return self._table.putting(self._record(request, answer), self._is_free())

    def begin(self, request: Request) -> None:
        """Of a creation that calls outside. Raises InFlight."""
        item = {**self._row(request), "expires_epoch": self._ends(_LEASE)}
        try:
            self._table.put(item, self._is_free())
        except ConditionFailed:
            raise InFlight() from None

    def finish(self, request: Request, answer: Answer) -> None:
        self._table.put(self._record(request, answer))

    def release(self, request: Request) -> None:
        """Nothing was created."""
        self._table.delete(request.item_key(), Attr("answer").not_exists())

    def _record(self, request: Request, answer: Answer) -> Item:
        text = json.dumps(answer.body, ensure_ascii=False).encode(errors="surrogatepass")
        packed = lzma.compress(text, format=lzma.FORMAT_RAW, filters=_FILTERS)
        return {
            **self._row(request),
            "status": answer.status,
            "answer": packed,
            "expires_epoch": self._ends(LASTS),
        }

    def _row(self, request: Request) -> Item:
        return {**request.item_key(), "fingerprint": request.fingerprint}

    def _ends(self, after: timedelta) -> int:
        return int((self._now() + after).timestamp())

    def _is_over(self, item: Item) -> bool:
        return int(item["expires_epoch"]) <= self._now().timestamp()

    def _is_free(self) -> ConditionBase:
        return Attr("pk").not_exists() | Attr("expires_epoch").lte(int(self._now().timestamp()))
