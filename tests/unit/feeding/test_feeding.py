"""From a file to a platform: pieces, files for httpx, and uploads that go on where they stopped."""

import io
import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from punctual.providers.base import Account, Outgoing
from punctual.providers.feeding import (
    BLOCK_BYTES,
    AttachmentFile,
    Part,
    Upload,
    UploadLost,
    pieces,
    upload,
    uploaded,
)
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Processing, RetryLater, Unfinished
from tests.unit.feeding.platforms import LinkedIn, Meta, Numbered, Rupload, TikTok, YouTube

CONTENT = bytes(range(256)) * 41  # 10,496 bytes


@dataclass
class Stored:
    """A file, and every range of it that was read."""

    whole: bytes = CONTENT
    reads: list[tuple[int, int]] = field(default_factory=list)

    def read(self, start: int, length: int) -> bytes:
        self.reads.append((start, length))
        return self.whole[start : start + length]

    def url(self) -> str:
        return "https://files.example/x"


def attached(content: Any = None, size: int = len(CONTENT)) -> Attachment:
    return Attachment(
        media_id="med_1", kind="video", type="video/mp4", bytes=size, width=1, height=1, content=content or Stored()
    )


def outgoing(*media: Attachment, prepared: Mapping[str, Any] | None = None) -> Outgoing:
    return Outgoing(
        delivery_id="dlv_1",
        key="dlv_1.0.1",
        text="",
        settings=None,
        due_at=datetime(2026, 11, 22, tzinfo=UTC),
        account=Account(id="1", handle="ada"),
        media=media,
        prepared=prepared or {},
    )


class Kept:
    """`Keep`: dies at the nth write, before or after it; out of time where `late` says so."""

    def __init__(self, dies_at: int = 0, *, after: bool = False, late_after: int = 1_000_000):
        self.prepared: dict[str, Any] = {}
        self.writes = 0
        self._dies_at = dies_at
        self._after = after
        self._late_after = late_after

    def __call__(self, **results: Any) -> None:
        self.writes += 1
        dies = self.writes == self._dies_at
        if dies and not self._after:
            raise KeyboardInterrupt
        self.prepared |= results
        if dies:
            raise KeyboardInterrupt

    def yield_if_late(self, seconds: float | None = None) -> None:
        if self.writes >= self._late_after:
            raise Unfinished()


def test_pieces_come_in_order_and_each_is_read_when_it_is_wanted() -> None:
    stored = Stored()
    found = pieces(attached(stored), 4096)
    assert next(found) == (0, CONTENT[:4096])
    assert stored.reads == [(0, 4096)], "no piece before its time"
    assert [(start, len(piece)) for start, piece in found] == [(4096, 4096), (8192, 2304)]
    assert b"".join(piece for _, piece in pieces(attached(), 1000, 500)) == CONTENT[500:]


def test_a_file_that_ends_too_soon_is_not_sent_on() -> None:
    with pytest.raises(RetryLater) as raised:
        list(pieces(attached(size=len(CONTENT) + 1), 4096))
    assert raised.value.code == "media_unreadable"


def test_a_file_reads_seeks_and_tells_as_pythons_own_do() -> None:
    ours, theirs = AttachmentFile(attached()), io.BytesIO(CONTENT)
    for do in (
        lambda file: file.read(10),
        lambda file: file.tell(),
        lambda file: file.seek(-6, io.SEEK_END),
        lambda file: file.read(100),
        lambda file: file.read(1),
        lambda file: file.seek(300),
        lambda file: file.seek(5, io.SEEK_CUR),
        lambda file: file.read(7),
        lambda file: file.tell(),
    ):
        assert do(ours) == do(theirs)
    with AttachmentFile(attached(), 100, 200) as window:
        assert window.seek(0, io.SEEK_END) == 100
        window.seek(0)
        assert window.read(1000) == CONTENT[100:200]


def test_a_file_reads_ahead_by_one_block_and_never_everything() -> None:
    stored = Stored(bytes(5 * BLOCK_BYTES))
    file = AttachmentFile(attached(stored, len(stored.whole)))
    for _ in range(100):
        file.read(1000)
    assert [length for _, length in stored.reads] == [BLOCK_BYTES]
    for asked in (-1, None):
        with pytest.raises(ValueError, match="larger than the memory"):
            file.read(asked)


@pytest.mark.parametrize("field_of", ["files", "content"])
def test_httpx_sends_it_with_its_length_and_without_holding_it(field_of: str) -> None:
    given = {"file": ("a.mp4", AttachmentFile(attached()), "video/mp4")} if field_of == "files" else None
    content = None if given else AttachmentFile(attached())
    request = httpx.Request("POST", "https://x.example/", files=given, content=content)
    assert "transfer-encoding" not in request.headers
    assert isinstance(request.stream, httpx.SyncByteStream)
    sent = b"".join(request.stream)
    assert len(sent) == int(request.headers["content-length"])
    assert CONTENT in sent


DIALECTS = [Numbered, LinkedIn, YouTube, TikTok, Rupload, Meta]


@pytest.mark.parametrize("kind", DIALECTS)
def test_an_upload_arrives_whole_and_is_done_once(kind: type[Any]) -> None:
    platform, keep = kind(CONTENT), Kept()
    post = outgoing(attached())
    assert upload(post, keep, platform.upload) == [platform.name]
    assert platform.whole() == CONTENT
    assert not platform.twice
    again = replace(post, prepared=keep.prepared)
    calls = platform.calls
    assert upload(again, keep, platform.upload) == [platform.name] == uploaded(again)
    assert platform.calls == calls, "what is done is skipped"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", DIALECTS)
def test_whoever_goes_on_after_a_crash_sends_no_finished_part_again(kind: type[Any], after: bool) -> None:
    """Before the write that keeps a part, the platform has it and we do not know: those that can be asked are."""
    for dies_at in range(1, 100):
        platform, keep = kind(CONTENT), Kept(dies_at, after=after)
        post = outgoing(attached())
        try:
            upload(post, keep, platform.upload)
        except KeyboardInterrupt:
            post = replace(post, prepared=dict(keep.prepared))
            assert upload(post, keep, platform.upload) == [platform.name]
        else:
            break
        assert platform.whole() == CONTENT, dies_at
        lost = 1 if not platform.can_be_asked and not after else 0
        assert len(platform.twice) <= lost, dies_at
    assert dies_at > 3


def test_out_of_time_between_two_parts_it_goes_on_later() -> None:
    platform, keep, post = YouTube(CONTENT), Kept(late_after=3), outgoing(attached())
    with pytest.raises(Unfinished):
        upload(post, keep, platform.upload)
    assert 0 < len(platform.whole()) < len(CONTENT)
    upload(replace(post, prepared=dict(keep.prepared)), Kept(), platform.upload)
    assert platform.whole() == CONTENT
    assert not platform.twice


def test_an_upload_that_the_platform_gave_up_begins_anew() -> None:
    platform, keep, post = YouTube(CONTENT), Kept(late_after=3), outgoing(attached())
    with pytest.raises(Unfinished):
        upload(post, keep, platform.upload)
    platform.forget()
    post = replace(post, prepared=dict(keep.prepared))
    keep._late_after = 1_000_000
    with pytest.raises(UploadLost):
        upload(post, keep, platform.upload)
    assert upload(replace(post, prepared=keep.prepared), keep, platform.upload) == [platform.name]
    assert platform.whole() == CONTENT


def test_a_platform_at_work_on_it_is_asked_again_and_told_nothing_twice() -> None:
    platform, keep, post = Meta(CONTENT), Kept(), outgoing(attached())
    platform.working = 2
    for _ in range(2):
        with pytest.raises(Processing):
            upload(post, keep, platform.upload)
        post = replace(post, prepared=dict(keep.prepared))
    assert upload(post, keep, platform.upload) == [platform.name]
    assert platform.finished == 1


def test_what_is_kept_of_a_thousand_parts_is_small() -> None:
    platform, keep = Numbered(bytes(1000), part_bytes=1), Kept()
    post = outgoing(attached(Stored(bytes(1000)), 1000))
    largest = 0

    class Measured(Upload):
        def __init__(self, attachment: Attachment):
            super().__init__(attachment)
            self._of = platform.upload(attachment)

        def begin(self) -> Mapping[str, Any]:
            return self._of.begin()

        def end_of(self, handle: Mapping[str, Any], start: int) -> int:
            return self._of.end_of(handle, start)

        def send(self, handle: Mapping[str, Any], part: Part) -> Any:
            nonlocal largest
            largest = max(largest, len(repr(keep.prepared)))
            return self._of.send(handle, part)

        def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
            return self._of.finish(handle, results)

    upload(post, keep, Measured)
    assert platform.calls > 1000
    assert largest < 150


@dataclass
class Made:
    """A file that is nowhere: its bytes are made when they are read."""

    def read(self, start: int, length: int) -> bytes:
        return bytes(length)

    def url(self) -> str:
        return ""


class Forgetful(Upload):
    """Sends parts nowhere."""

    def begin(self) -> Mapping[str, Any]:
        return {}

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        return start + BLOCK_BYTES

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        assert part.read()

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        return "file"


def test_memory_does_not_grow_with_the_file() -> None:
    """In a process with everything else in it: make bench-upload."""
    peaks = []
    for blocks in (4, 64):
        tracemalloc.start()
        upload(outgoing(attached(Made(), blocks * BLOCK_BYTES)), Kept(), Forgetful)
        file = AttachmentFile(attached(Made(), blocks * BLOCK_BYTES))
        while file.read(65_536):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 3 * BLOCK_BYTES
    assert max(peaks) - min(peaks) < BLOCK_BYTES / 2


def test_several_files_are_uploaded_in_their_order_and_each_is_kept_by_itself() -> None:
    keep, platforms = Kept(), iter([Numbered(CONTENT, name="a"), Numbered(CONTENT, name="b")])
    post = outgoing(attached(), attached())
    assert upload(post, keep, lambda each: next(platforms).upload(each)) == ["a", "b"]
    assert uploaded(replace(post, prepared=keep.prepared)) == ["a", "b"]
    assert uploaded(replace(post, media=(), prepared=keep.prepared)) == ["a", "b"], "also when its media are gone"


@pytest.mark.parametrize("prepared", [{}, {"media_0": {"handle": {}, "sent": 5, "results": []}}, {"media_0": {}}])
def test_a_post_whose_files_are_not_uploaded_is_not_published(prepared: dict[str, Any]) -> None:
    with pytest.raises(RetryLater) as raised:
        uploaded(outgoing(attached(), prepared=prepared))
    assert raised.value.code == "not_prepared"
