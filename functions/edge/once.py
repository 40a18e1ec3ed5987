"""Creations under an Idempotency-Key: made once, answered the same for a day.

A key is a client's own text of up to 255 characters. Where nothing was created (the request broke a rule, or failed)
nothing is remembered, and the key may be used again.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call
from punctual.idempotency import Answer, Idempotency, Request, Taken
from punctual.problems import BadRequest, Problem
from punctual.tables import Item

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[!-~]{1,255}")
_ROUNDS = 20
_PAUSE_SECONDS = 0.1

Headers: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, str]]
Made = TypeVar("Made")


def asked(call: Call, *, hashing: str = "", **path: str) -> Request | None:
    """The request under its key; None where the client gave none. Raises BadRequest.

    `hashing` names a member of the body that is secret: kept for comparison as a hash that is slow to guess from.
    """
    key = call.header(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        detail = f"{HEADER} takes 1 to 255 printable ASCII characters without spaces."
        raise BadRequest("invalid_idempotency_key", detail)
    body = call.json
    if hashing in body:
        body = {**body, hashing: _slowly(json.dumps(body[hashing], sort_keys=True), salt=call.workspace_id + key)}
    content = json.dumps([call.operation.name, path, body], sort_keys=True)
    return Request(workspace_id=call.workspace_id, key=key, content=content)


def _slowly(text: str, salt: str) -> str:
    return hashlib.scrypt(text.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()


def made(
    idempotency: Idempotency,
    request: Request | None,
    create: Callable[[Callable[[Made], Item] | None], Made],
    answer: Callable[[Made], Answer],
) -> tuple[Answer, bool]:
    """What the creation is answered, and whether it was before: it and its record are one transaction. `create` is
    given what makes the record's operation, and raises Taken where that fails."""
    if request is None:
        return answer(create(None)), False
    for _ in range(_ROUNDS):
        before = idempotency.answer(request)
        if before:
            return before, True
        try:
            written = create(lambda each: idempotency.recording(request, answer(each)))
        except Taken:
            time.sleep(_PAUSE_SECONDS)
            continue
        except Problem:
            before = idempotency.answer(request)
            if before is None:
                raise
            return before, True  # what stood in its way is what this very request has made meanwhile
        return answer(written), False
    raise TimeoutError("another request with this key neither ended nor failed")


def made_outside(
    idempotency: Idempotency, request: Request | None, create: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """As `made`, of a creation that calls outside: while it runs, others with its key are told to wait."""
    if request is None:
        return create(), False
    before = idempotency.answer(request)
    if before:
        return before, True
    idempotency.begin(request)
    try:
        said = create()
    except BaseException:
        idempotency.release(request)
        raise
    idempotency.finish(request, said)
    return said, False


def replied(said: Answer, is_replayed: bool, headers: Mapping[str, str]) -> Response[str]:
    told = {**headers, REPLAYED: "true"} if is_replayed else headers
    return http.answer(said.status, said.body, headers=told)
