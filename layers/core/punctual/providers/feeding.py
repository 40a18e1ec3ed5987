"""A file's bytes on their way to a platform: bit by bit, never whole in memory.

Platforms that take a file in one request get an `AttachmentFile`. For those that take it in parts a provider says its
dialect (`Upload`), and `upload` does the rest: what is done is kept before the next part goes, so that whoever goes on
after a crash, or when time was up, sends no finished part again.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

from punctual.providers.media import Attachment
from punctual.providers.outcomes import RetryLater
from punctual.providers.posting import Keep, Outgoing

BLOCK_BYTES = 1024 * 1024
"""How far an `AttachmentFile` reads ahead."""


class UploadLost(RetryLater):
    """The platform no longer has the upload that was begun: it is begun anew."""

    def __init__(self) -> None:
        super().__init__("The platform gave up an upload that had been begun.", code="upload_lost")


def pieces(attachment: Attachment, size: int, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """What is from `start` on, in order, each with where it begins. Raises RetryLater."""
    while start < attachment.bytes:
        part = Part(attachment, start, min(start + size, attachment.bytes))
        yield start, part.read()
        start = part.end


class AttachmentFile(io.BufferedReader):
    """An attachment, or its bytes from `start` to `end`, as a file for httpx (`files=` or `content=`); a block of it
    is in memory. Reading raises RetryLater."""

    def __init__(self, attachment: Attachment, start: int = 0, end: int | None = None):
        whole = attachment.bytes if end is None else end
        super().__init__(_Window(attachment, start, whole), BLOCK_BYTES)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise ValueError("say how much to read: it may be larger than the memory")
        return super().read(size)


@dataclass(frozen=True)
class Part:
    """Bytes of an attachment; `start` tells which part of the upload it is."""

    attachment: Attachment
    start: int
    end: int

    def read(self) -> bytes:
        """Raises RetryLater, rather than answer fewer."""
        found = self.attachment.content.read(self.start, self.end - self.start)
        if len(found) != self.end - self.start:
            raise RetryLater("A file of this post could not be read to its end.", code="media_unreadable")
        return found

    def file(self) -> AttachmentFile:
        """For parts that are too large to be read at once."""
        return AttachmentFile(self.attachment, self.start, self.end)


class Upload:
    """How one platform takes a file: as it stands here, in one request, of whose answer `send` makes the file's id.

    What hooks answer is kept as JSON, and must stay small: handle and results are written again with every part.

    All may be called a second time where the answer to the first was lost, and may raise any ProviderError.
    """

    is_processed = False
    """Whether the platform is at work on a file once it has it whole: then `settled` is asked."""
    part_seconds: float | None = None
    """What sending one part may take, where that is not what the Spec gives a call."""

    def __init__(self, attachment: Attachment):
        self.attachment = attachment

    def begin(self) -> Mapping[str, Any]:
        """The handle: what the other calls must know of this upload."""
        return {}

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        """Where the part that begins at `start` ends; beyond the file's end: it is the last one."""
        return self.attachment.bytes

    def received(self, handle: Mapping[str, Any]) -> int | None:
        """How many bytes from the first on the platform has, where it can be asked; it is when an upload that was begun
        before is gone on with: the answer to its last part may have been lost. None: parts are counted here."""
        return None

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        """One part, up to its end; what `finish` needs of the answer, or None. Raises UploadLost."""
        raise NotImplementedError

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        """What posts call the file, once all parts are there. Raises UploadLost."""
        return results[-1]

    def settled(self, media_id: Any) -> Any:
        """What posts call the file, once the platform is through with it. Raises Processing while it is not."""
        return media_id


def upload(post: Outgoing, keep: Keep, dialect: Callable[[Attachment], Upload]) -> list[Any]:
    """For `prepare`: all media of the part, in their order, as its post will call them. Raises ProviderError."""
    return [
        _Uploading(keep, name, dialect(attachment), post.prepared.get(name, {})).run()
        for name, attachment in zip(_names(), post.media, strict=False)
    ]


def uploaded(post: Outgoing) -> list[Any]:
    """For `publish` and `find`: what `upload` answered. Raises RetryLater where it never did."""
    kept = [post.prepared[name] for name in takewhile(lambda name: name in post.prepared, _names())]
    if len(kept) < len(post.media) or not all("id" in each for each in kept):
        raise RetryLater("This post's files are not uploaded.", code="not_prepared")
    return [each["id"] for each in kept]


def forgetting(post: Outgoing) -> dict[str, None]:
    """For `Unprepared`: what `upload` kept of the part's media, which it then uploads anew."""
    return {name: None for name, _ in zip(_names(), post.media, strict=False)}


class _Uploading:
    """One file; `state` is what was kept of it: nothing yet, a handle and how much was sent, or the file's id."""

    def __init__(self, keep: Keep, name: str, dialect: Upload, state: Mapping[str, Any]):
        self._keep = keep
        self._name = name
        self._dialect = dialect
        self._state = dict(state)

    def run(self) -> Any:
        try:
            if "id" not in self._state:
                self._send()
                self._note(id=self._dialect.finish(self._state["handle"], self._state["results"]))
            if self._dialect.is_processed and "settled" not in self._state:
                self._keep.yield_if_late()
                self._note(id=self._dialect.settled(self._state["id"]), settled=True)
        except UploadLost:
            self._note()
            raise
        return self._state["id"]

    def _send(self) -> None:
        self._keep.yield_if_late()
        handle, sent, results = self._begun()
        while sent < self._dialect.attachment.bytes:
            self._keep.yield_if_late(self._dialect.part_seconds)
            end = min(self._dialect.end_of(handle, sent), self._dialect.attachment.bytes)
            result = self._dialect.send(handle, Part(self._dialect.attachment, sent, end))
            sent, results = end, results if result is None else [*results, result]
            self._note(handle=handle, sent=sent, results=results)
        self._keep.yield_if_late()

    def _begun(self) -> tuple[Mapping[str, Any], int, list[Any]]:
        if "handle" not in self._state:
            self._note(handle=dict(self._dialect.begin()), sent=0, results=[])
            return self._state["handle"], 0, []
        handle, results = self._state["handle"], self._state["results"]
        received = self._dialect.received(handle)
        return handle, self._state["sent"] if received is None else received, results

    def _note(self, **state: Any) -> None:
        self._keep(**{self._name: state})
        self._state = state


class _Window(io.RawIOBase):
    """Some of an attachment's bytes, as Python's own files are."""

    def __init__(self, attachment: Attachment, start: int, end: int):
        self._content = attachment.content
        self._start = start
        self._length = end - start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), self._length - self._at)
        found = self._content.read(self._start + self._at, wanted) if wanted > 0 else b""
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _names() -> Iterator[str]:
    """Of what is kept of each file."""
    return (f"media_{place}" for place in count())
