"""What a workspace may store and how many files it may take: counted with the media's rows, whoever comes at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from punctual.media.library import Library, Media, MediaFilter
from punctual.media.receiving import Declared, Receiving
from punctual.media.storage import Limits, Storage, Usage
from punctual.media.uploads import Uploads
from punctual.messages import Queue
from punctual.problems import Problem
from punctual.tables import ConditionFailed, Table
from tests.integration.moved_clock import FakeQueue, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.s3 import MemoryS3
from tests.template import create_tables

WORKSPACE = "ws_01K00000000000000000000000"


@dataclass
class Place:
    limits: Limits
    clock: MovedClock = field(default_factory=MovedClock)

    def __post_init__(self) -> None:
        self.dynamodb: Any = MemoryDynamoDB()
        self.table = Table(self.dynamodb, create_tables(self.dynamodb)["WorkTable"])
        self.bucket = MemoryS3("bucket")
        self.library = Library(self.table, self.clock.now)
        self.storage = Storage(self.table, self.limits, self.clock.now)
        queue = Queue(FakeQueue(self.clock, lambda _: None), "queue")
        self.receiving = Receiving(
            library=self.library,
            storage=self.storage,
            uploads=Uploads(self.bucket, "bucket", self.clock.now),
            probing=queue,
            importing=queue,
            now=self.clock.now,
        )

    def declare(self, size: int = 100, *, in_parts: bool = False) -> Media:
        return self.receiving.declare(WORKSPACE, Declared(type="image/png", bytes=size, in_parts=in_parts))

    def media(self) -> list[Media]:
        return self.library.page(WORKSPACE, MediaFilter(), 100, None)[0]

    def is_true(self) -> bool:
        """What is counted is what the rows say."""
        return self.storage.usage(WORKSPACE).bytes == sum(each.bytes_held for each in self.media())


def refusal(place: Place, size: int = 100) -> Problem:
    with pytest.raises(Problem) as refused:
        place.declare(size)
    return refused.value


def test_a_file_that_does_not_fit_is_refused_with_what_there_is_and_what_is_used() -> None:
    place = Place(Limits(bytes=1000))
    place.declare(900)
    problem = refusal(place, 101)
    assert (problem.code, problem.status) == ("storage_full", 409)
    assert problem.more["usage"] == {"limit": 1000, "used": 900, "wanted": 101}
    assert "0 GB" in problem.detail
    place.declare(100)
    assert refusal(place, 1).more["usage"]["used"] == 1000
    assert place.is_true()


def test_a_file_larger_than_all_room_is_refused_where_there_is_none_yet() -> None:
    place = Place(Limits(bytes=1000))
    assert refusal(place, 1001).code == "storage_full"
    with pytest.raises(ConditionFailed):
        place.library.create(WORKSPACE, status="importing", beside=place.storage.admitting(WORKSPACE, 1001))


def test_so_many_files_are_taken_a_day_and_again_the_next_one() -> None:
    place = Place(Limits(files_a_day=2))
    place.declare()
    place.receiving.fetch(WORKSPACE, "https://example.com/a", file_name=None, alt_text="")
    problem = refusal(place)
    assert (problem.code, problem.status) == ("too_many_files", 429)
    assert problem.more["usage"] == {"limit": 2, "used": 2, "wanted": 1}
    assert problem.retry_after == 8 * 3600, "it is 16 o'clock"
    place.clock.run(hours=8)
    place.declare()
    assert place.storage.usage(WORKSPACE) == Usage(bytes=200, files_today=1)


def test_the_count_of_a_day_expires_with_it() -> None:
    place = Place(Limits(files_a_day=2))
    place.declare()
    (row,) = (row for row in place.table.scan(10).items if row["sk"].startswith("media_day#"))
    assert row["sk"] == "media_day#2026-11-22"
    assert row["expires_epoch"] == int((place.clock.now() + timedelta(days=2)).timestamp())


def test_without_limits_everything_is_counted_all_the_same() -> None:
    place = Place(Limits())
    for _ in range(3):
        place.declare(10**12)
    assert place.storage.usage(WORKSPACE) == Usage(bytes=3 * 10**12, files_today=3)


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(bytes=1000, files_a_day=50), "storage_full"), (Limits(bytes=5000, files_a_day=10), "too_many_files")],
)
def test_of_many_at_once_as_many_are_taken_as_there_is_room_for(limits: Limits, code: str) -> None:
    place = Place(limits)

    def one(_: int) -> str:
        try:
            place.declare(100)
        except Problem as problem:
            return problem.code
        return "taken"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(24)))
    assert (outcomes.count("taken"), outcomes.count(code)) == (10, 14)
    assert len(place.media()) == 10
    assert place.is_true()


@pytest.mark.parametrize(
    ("limits", "code", "used"),
    [(Limits(bytes=1000), "storage_full", 950), (Limits(files_a_day=1), "too_many_files", 1)],
)
def test_room_that_was_there_when_it_was_asked_for_may_be_gone_when_it_is_taken(
    limits: Limits, code: str, used: int
) -> None:
    place = Place(limits)
    write = place.dynamodb.transact_write_items

    def after_another(**request: Any) -> Any:
        place.dynamodb.transact_write_items = write
        place.declare(950)
        return write(**request)

    place.dynamodb.transact_write_items = after_another
    with pytest.raises(Problem) as refused:
        place.declare(100, in_parts=True)
    assert (refused.value.code, refused.value.more["usage"]["used"]) == (code, used)
    assert not place.bucket.uploads, "what is not let in leaves no upload behind"
    assert place.is_true()


def test_another_transaction_at_work_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    place, refused = Place(Limits(bytes=1000)), 0
    write = place.dynamodb.transact_write_items

    def conflicting(**request: Any) -> Any:
        nonlocal refused
        refused += 1
        if refused < 5:
            raise ConditionFailed([2])
        return write(**request)

    place.dynamodb.transact_write_items = conflicting
    place.declare()
    assert len(place.media()) == 1
    refused = -100
    assert refusal(place).code == "changed_meanwhile"


def test_what_a_media_holds_is_counted_as_it_changes_and_given_back_once() -> None:
    place = Place(Limits(bytes=1000))
    media = place.declare(400)
    smaller = place.library.change(media, beside=place.storage.counting(media, 300), bytes_held=300)
    with_rendition = place.library.change(smaller, beside=place.storage.counting(smaller, 1200), bytes_held=1200)
    assert place.storage.usage(WORKSPACE).bytes == 1200, "what posts need is made, whatever the limit is"
    gone = place.library.change(
        with_rendition, beside=place.storage.counting(with_rendition, 0), bytes_held=0, status="expired"
    )
    with pytest.raises(ConditionFailed):
        place.library.change(with_rendition, beside=place.storage.counting(with_rendition, 0), bytes_held=0)
    assert place.storage.counting(gone, 0) == []
    assert place.storage.usage(WORKSPACE).bytes == 0


def test_an_import_grows_as_far_as_there_is_room() -> None:
    place = Place(Limits(bytes=1000))
    place.declare(400)
    media = place.receiving.fetch(WORKSPACE, "https://example.com/a", file_name=None, alt_text="")
    with pytest.raises(ConditionFailed) as failed:
        place.library.change(media, beside=place.storage.growing(media, 601), bytes_held=601)
    assert failed.value.failed == (1,)
    grown = place.library.change(media, beside=place.storage.growing(media, 600), bytes_held=600)
    place.library.change(grown, beside=place.storage.growing(grown, 500), bytes_held=500)
    assert place.storage.usage(WORKSPACE).bytes == 900
    assert place.is_true()
