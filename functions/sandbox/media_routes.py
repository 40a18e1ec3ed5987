"""Uploads, and the files that came of them; app.py describes it."""

import base64
import re
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from sandbox import attaching, files, publishing
from sandbox.errors import Refusal
from sandbox.requests import Body, Router, wrong

_RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")
_NUMBER = re.compile(r"[0-9]{1,5}")

router = Router()


class UploadBody(Body):
    type: str
    bytes: int = Field(gt=0)
    text: str = Field(default="", max_length=20_000, repr=False)


class FinishBody(Body):
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


@router.post("/sandbox/api/uploads")
def begin() -> Response[str]:
    call, holder, asked = router.call(), router.maker(), router.read(UploadBody)
    with publishing.uploading(call, holder, asked.text, router.header("Sandbox-Play")):
        made = files.create(call, holder.account.id, type=asked.type, bytes=asked.bytes, text=asked.text)
    return router.json({"id": made.id, "part_bytes": made.part_bytes}, 201)


@router.put("/sandbox/api/uploads/<file_id>/parts/<number>")
def put_part(file_id: str, number: str) -> Response[str]:
    call, holder = router.call(), router.maker()
    file = files.get(call.table, file_id, holder.account.id)
    event = router.current_event
    body = event.body or ""
    content = base64.b64decode(body) if event.is_base64_encoded else body.encode()
    with publishing.uploading(call, holder, file.text, router.header("Sandbox-Play")):
        files.put_part(call, file, int(number) if _NUMBER.fullmatch(number) else 0, content)
    return router.json({"part": int(number)}, 201)


@router.get("/sandbox/api/uploads/<file_id>")
def get(file_id: str) -> Response[str]:
    call = router.call()
    file = files.get(call.table, file_id, router.holder().account.id)
    found = files.received(call.table, file.id)
    status = _status(file) if file.is_finished else "receiving"
    answer = {"id": file.id, "bytes": file.bytes, "status": status, "received": found.numbers}
    return _said({**answer, "sent_again": found.sent_again}, file)


@router.post("/sandbox/api/uploads/<file_id>/finish")
def finish(file_id: str) -> Response[str]:
    call, holder, asked = router.call(), router.maker(), router.read(FinishBody)
    file = files.get(call.table, file_id, holder.account.id)
    with publishing.uploading(call, holder, file.text, router.header("Sandbox-Play")) as told:
        file = files.finish(call, file, asked.sha256, seconds=told.processing)
    return _said({"media_id": file.id, "status": _status(file)}, file)


@router.get("/sandbox/media/<file_id>")
def show(file_id: str) -> Response[bytes]:
    """To anyone. What is larger than an answer may be comes by ranges, each cut to that."""
    call = router.call()
    file = attaching.ready(call, file_id)
    headers = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
    asked = router.header("Range")
    if not asked:
        if file.bytes > call.network.part_bytes:
            raise Refusal(
                413, "range_needed", f"An answer has at most {call.network.part_bytes} bytes: ask for a range."
            )
        return Response(200, file.type, files.read(call, file, 0, file.bytes), headers)
    start, end = _bounds(asked, file.bytes, call.network.part_bytes)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.bytes}"
    return Response(206, file.type, files.read(call, file, start, end), headers)


def _bounds(asked: str, size: int, most: int) -> tuple[int, int]:
    form = _RANGE.fullmatch(asked)
    if not form:
        wrong("bad_range")
    start = int(form[1])
    if start >= size:
        raise Refusal(416, "no_such_range", "The file ends before.", {"Content-Range": f"bytes */{size}"})
    last = int(form[2]) if form[2] else size - 1
    return start, max(start + 1, min(last + 1, size, start + most))


def _said(answer: dict[str, Any], file: files.File) -> Response[str]:
    is_waited_for = answer["status"] == "processing"
    return router.waiting(answer, until=file.ready_at) if is_waited_for else router.json(answer)


def _status(file: files.File) -> str:
    return "ready" if file.is_ready(router.call().now()) else "processing"
