"""How the sandbox takes a file: in parts of its own size, and it says which ones it has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from punctual.providers.feeding import Part, Upload, UploadLost
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Processing, Rejected, RetryLater
from punctual.providers.talking import answer

Handle = Mapping[str, Any]


class SandboxUpload(Upload):
    """`ask` makes a call below `/api`; `text` is the post's, whose script the sandbox plays."""

    is_processed = True

    def __init__(self, attachment: Attachment, ask: Callable[..., httpx.Response], text: str):
        super().__init__(attachment)
        self._ask = ask
        self._text = text

    def begin(self) -> Handle:
        file = self.attachment
        asked = {"type": file.type, "bytes": file.bytes, "text": self._text}
        found = answer(self._ask("POST", "uploads", json=asked))
        handle = {"id": found.get("id"), "part_bytes": found.get("part_bytes")}
        if not isinstance(handle["id"], str) or not isinstance(handle["part_bytes"], int):
            raise _unreadable()
        return handle

    def end_of(self, handle: Handle, start: int) -> int:
        return start + int(handle["part_bytes"])

    def received(self, handle: Handle) -> int:
        found = answer(self._told("GET", f"uploads/{handle['id']}")).get("received")
        if not isinstance(found, list):
            raise _unreadable()
        there = 0
        while there + 1 in found:
            there += 1
        return there * int(handle["part_bytes"])

    def send(self, handle: Handle, part: Part) -> None:
        number = part.start // int(handle["part_bytes"]) + 1
        binary = {"Content-Type": "application/octet-stream"}
        self._told("PUT", f"uploads/{handle['id']}/parts/{number}", content=part.read(), headers=binary)

    def finish(self, handle: Handle, results: Sequence[Any]) -> Any:
        body = {"sha256": self.attachment.sha256} if self.attachment.sha256 else {}
        found = answer(self._told("POST", f"uploads/{handle['id']}/finish", json=body)).get("media_id")
        if not isinstance(found, str):
            raise _unreadable()
        return found

    def settled(self, media_id: Any) -> Any:
        response = self._told("GET", f"uploads/{media_id}")
        if answer(response).get("status") != "ready":
            after = response.headers.get("Retry-After", "")
            raise Processing(retry_after=float(after) if after.isascii() and after.isdigit() else None)
        return media_id

    def _told(self, method: str, path: str, **sent: Any) -> httpx.Response:
        try:
            return self._ask(method, path, **sent)
        except Rejected as error:
            if error.platform_code == "no_such_upload":
                raise UploadLost() from error
            raise


def _unreadable() -> RetryLater:
    return RetryLater("The sandbox's answer could not be read.", code="unreadable_answer")
