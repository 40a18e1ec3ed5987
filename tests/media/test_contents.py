"""Files of the bucket, read by ranges: what is there, what is gone, what was replaced, and what passes."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError

from punctual.media.contents import Contents, StoredContent
from punctual.providers.outcomes import Rejected, RetryLater
from tests.memory.s3 import MemoryS3
from tests.shelves import Addressed, facts_of

CONTENT = bytes(range(256)) * 10
PATH = "media/ws_1/med_1/original"


class Watched:
    """The bucket, and what was asked of it; `spoils` are what befalls the next answers."""

    def __init__(self) -> None:
        self.bucket = MemoryS3("bucket")
        self.bucket.objects[PATH] = CONTENT
        self.asked: list[dict[str, str]] = []
        self.spoils: list[Callable[[dict[str, Any]], Any]] = []

    def get_object(self, **asked: str) -> dict[str, Any]:
        self.asked.append(asked)
        found = self.bucket.get_object(**asked)
        return self.spoils.pop(0)(found) if self.spoils else found


class Broken(io.BytesIO):
    """A body that stops in the middle."""

    def __init__(self, error: Exception):
        super().__init__()
        self._error = error

    def read(self, size: int | None = -1, /) -> bytes:
        raise self._error


def unavailable(answer: dict[str, Any]) -> Any:
    about: Any = {"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    raise ClientError(about, "GetObject")


def short(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "Body": Broken(IncompleteReadError(actual_bytes=1, expected_bytes=2))}


def silent(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "Body": Broken(ReadTimeoutError(endpoint_url="s3"))}


@pytest.fixture
def s3() -> Watched:
    return Watched()


def content(s3: Watched, whole: bytes = CONTENT) -> StoredContent:
    return Contents(s3, "bucket", Addressed()).of(PATH, facts_of(whole, kind="image", type="image/png"))


def test_a_range_is_read_and_nothing_else(s3: Watched) -> None:
    file = content(s3)
    assert file.read(0, 100) == CONTENT[:100]
    assert file.read(2500, 100) == CONTENT[2500:], "fewer at the end"
    assert [each["Range"] for each in s3.asked] == ["bytes=0-99", "bytes=2500-2559"]
    assert file.read(2560, 10) == file.read(3000, 1) == b""
    assert len(s3.asked) == 2, "what lies beyond the end is not asked for"


def test_its_address_says_the_type_that_it_was_found_to_be(s3: Watched) -> None:
    assert content(s3).url() == f"https://files.example/{PATH}?type=image%2Fpng"


def test_all_reads_are_of_the_object_that_the_first_one_met(s3: Watched) -> None:
    file = content(s3)
    file.read(0, 100)
    s3.bucket.objects[PATH] = CONTENT[::-1]
    with pytest.raises(Rejected) as raised:
        file.read(100, 100)
    assert raised.value.code == "media_gone"


@pytest.mark.parametrize("size", [10, 2559, 2561])
def test_an_object_of_another_size_is_not_the_one_that_was_looked_at(s3: Watched, size: int) -> None:
    s3.bucket.objects[PATH] = bytes(size)
    with pytest.raises(Rejected):
        content(s3).read(20, 100)


def test_one_that_is_gone_is_not_waited_for(s3: Watched) -> None:
    s3.bucket.objects.clear()
    with pytest.raises(Rejected) as raised:
        content(s3).read(0, 10)
    assert raised.value.code == "media_gone"
    assert len(s3.asked) == 1


@pytest.mark.parametrize("spoil", [unavailable, short, silent])
def test_what_passes_is_tried_again_and_what_does_not_comes_later(s3: Watched, spoil: Any) -> None:
    s3.spoils = [spoil, spoil]
    assert content(s3).read(0, 10) == CONTENT[:10]
    s3.spoils = [spoil] * 3
    with pytest.raises(RetryLater) as raised:
        content(s3).read(0, 10)
    assert raised.value.code == "media_unreadable"
    assert len(s3.asked) == 6
