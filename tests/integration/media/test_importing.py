"""Imports: one object and one end, whatever the host does, whoever dies, and however often a message comes."""

import hashlib
import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from punctual.guarded_http import GuardedHttp
from punctual.media.importing import LEASE, WAITS, Importing
from punctual.media.library import Library, Media
from punctual.media.storage import Limits, Storage
from punctual.media.storing import Storing
from punctual.media.uploads import MAX_BYTES
from punctual.messages import MediaMessage, Queue
from punctual.tables import Table
from tests.integration.killing import Fate, Fated, When
from tests.integration.moved_clock import FakeQueue, Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.faults import Faulty, conflict, outage, throttle
from tests.memory.s3 import MemoryS3
from tests.memory.s3_uploads import LEAST_PART
from tests.template import create_tables

WORKSPACE, URL = "ws_A", "https://files.example/a-secret.jpg?token=a-secret"
PICTURE = b"a picture"
FILM = bytes(range(256)) * (LEAST_PART // 256) + b"the end"
"""Two parts."""
WORKS_FOR = timedelta(seconds=540)


class Host:
    """Answers with what a test says, and counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.addresses = ["93.184.215.14"]
        self.respond: Callable[[], httpx.Response] = lambda: httpx.Response(200, content=PICTURE)
        self.meanwhile: Callable[[], object] = lambda: None

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers["host"])
        self.meanwhile()
        return self.respond()

    async def resolve(self, host: str, port: int) -> list[str]:
        return [host] if host[0].isdigit() else self.addresses

    def says(self, status: int = 200, content: bytes = PICTURE, **headers: str) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.respond = lambda: httpx.Response(status, content=content, headers=given)


class Sending(httpx.AsyncByteStream):
    """A body in pieces, which ends with an error where there is one."""

    def __init__(self, *pieces: bytes, error: Exception | None = None):
        self.pieces = pieces
        self.error = error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.error:
            raise self.error


class Stage:
    def __init__(self, limits: Limits = Limits()):  # noqa: B008 - frozen
        self.clock, self.host, self.limits = MovedClock(), Host(), limits
        self.memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.memory)
        self.s3 = MemoryS3("bucket")
        self.sqs = FakeQueue(self.clock, lambda _: None)
        self.library = Library(self.table(), self.clock.now)
        self.storage = Storage(self.table(), limits, self.clock.now)
        made = self.library.new(WORKSPACE, status="importing", source_url=URL, next_at=self.clock.now())
        self.made = self.library.store(made, beside=self.storage.admitting(WORKSPACE, 0))

    def table(self, client: Any = None) -> Table:
        return Table(client or self.memory, "WorkTable")

    def importer(self, wrap: Callable[[Any], Any] = lambda client: client, s3: Any = None) -> Importing:
        table = self.table(wrap(self.memory))
        return Importing(
            library=Library(table, self.clock.now),
            storage=Storage(table, self.limits, self.clock.now),
            storing=Storing(wrap(s3 or self.s3), "bucket", part_bytes=LEAST_PART),
            http=GuardedHttp(transport=httpx.MockTransport(self.host.answer), resolve=self.host.resolve),
            probing=Queue(wrap(self.sqs), "MediaQueue"),
            now=self.clock.now,
        )

    def come(self, importer: Importing | None = None) -> str:
        """The message."""
        message = MediaMessage(workspace_id=WORKSPACE, media_id=self.made.id)
        return (importer or self.importer()).advance(message, self.clock.now() + WORKS_FOR)

    def later(self, wait: timedelta = LEASE) -> None:
        self.clock.run_until(self.clock.now() + wait)

    @property
    def media(self) -> Media:
        found = self.library.get(WORKSPACE, self.made.id)
        assert found
        return found

    def assert_it_has_arrived(self, content: bytes) -> None:
        media = self.media
        assert self.s3.objects == {media.received: content}
        assert self.s3.uploads == {}
        assert (media.status, media.bytes_held, media.tries) == ("probing", len(content), 0)
        assert (media.source_url, media.upload_id, media.busy_until) == (None, None, None)
        assert media.next_at
        assert self.clock.now() - LEASE <= media.next_at <= self.clock.now() + timedelta(minutes=1)
        assert self.storage.usage(WORKSPACE).bytes == len(content)

    def assert_it_is_refused(self, code: str) -> None:
        media = self.media
        assert media.refusal
        assert (media.status, media.refusal.code) == ("refused", code)
        assert "secret" not in media.refusal.message
        assert "files.example" not in media.refusal.message
        assert (media.source_url, media.upload_id, media.busy_until) == (None, None, None)
        assert media.next_at == self.media.updated_at.replace(microsecond=media.next_at.microsecond)
        assert self.sqs.sent == [{"workspace_id": WORKSPACE, "media_id": media.id}]
        assert self.s3.uploads == {}
        assert self.storage.usage(WORKSPACE).bytes == 0


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("content", [PICTURE, FILM, FILM[:LEAST_PART], FILM[:LEAST_PART] * 2])
def test_a_file_arrives_whole_and_is_handed_on_to_be_looked_into(stage: Stage, content: bytes) -> None:
    stage.host.says(content=content, Content_Type="image/jpeg")
    assert stage.come() == "probing"
    stage.assert_it_has_arrived(content)
    assert stage.sqs.sent == [{"workspace_id": WORKSPACE, "media_id": stage.made.id}]
    assert stage.media.declared_type is None, "hosts are often wrong about it"


class HashingS3:
    """What S3 keeps is not this process's memory."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def create_multipart_upload(self, **given: Any) -> dict[str, str]:
        return {"UploadId": "upload"}

    def upload_part(self, **given: Any) -> dict[str, str]:
        self.digest.update(given["Body"])
        return {"ETag": "part"}

    def complete_multipart_upload(self, **given: Any) -> None:
        """Joined."""


def test_no_more_than_a_few_parts_are_held_of_a_large_file(stage: Stage) -> None:
    megabyte, s3 = bytes(range(256)) * 4096, HashingS3()
    stage.host.respond = lambda: httpx.Response(200, stream=Sending(*[megabyte] * 100))
    tracemalloc.start()
    stage.come(stage.importer(s3=s3))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stage.media.bytes_held == 100 * len(megabyte)
    assert s3.digest.digest() == hashlib.sha256(megabyte * 100).digest()
    assert peak < 5 * LEAST_PART


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("not found", {"status": 404}, "url_failed"),
    ("forbidden", {"status": 403}, "url_failed"),
    ("no content", {"status": 204, "content": b""}, "url_failed"),
    ("a part", {"status": 206}, "url_failed"),
    ("a redirect to nowhere", {"status": 302}, "url_failed"),
    ("a redirect in a circle", {"status": 302, "Location": URL}, "url_failed"),
    ("a redirect into the network", {"status": 302, "Location": "https://169.254.169.254/"}, "url_refused"),
    ("a redirect to http", {"status": 302, "Location": "http://files.example/"}, "url_refused"),
    ("a page", {"Content_Type": "Text/HTML; charset=utf-8"}, "url_failed"),
    ("nothing", {"content": b""}, "empty"),
    ("too much", {"Content_Length": str(MAX_BYTES + 1)}, "too_large"),
    ("nonsense", {"content": b"", "Content_Encoding": "gzip, gzip"}, "url_failed"),
]


@pytest.mark.parametrize(("says", "code"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_no_other_try_mends_is_refused_at_once(
    stage: Stage, says: dict[str, Any], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stage.host.says(**says)
    assert stage.come() == "refused"
    stage.assert_it_is_refused(code)
    assert "secret" not in caplog.text
    assert stage.s3.objects == {}


def test_a_host_that_is_not_public_is_refused_and_not_called(stage: Stage) -> None:
    stage.host.addresses = ["93.184.215.14", "10.0.0.1"]
    assert stage.come() == "refused"
    stage.assert_it_is_refused("url_refused")
    assert stage.host.asked == []


BROKEN: dict[str, Callable[[], httpx.Response]] = {
    "500": lambda: httpx.Response(500),
    "503": lambda: httpx.Response(503),
    "429": lambda: httpx.Response(429),
    "408": lambda: httpx.Response(408),
    "425": lambda: httpx.Response(425),
    "unreachable": lambda: _raise(httpx.ConnectError("x")),
    "too slow": lambda: _raise(httpx.ReadTimeout("x")),
    "cut off": lambda: httpx.Response(200, stream=Sending(FILM, error=httpx.RemoteProtocolError("x"))),
    "slow in the middle": lambda: httpx.Response(200, stream=Sending(FILM, error=httpx.ReadTimeout("x"))),
}


def _raise(error: Exception) -> httpx.Response:
    raise error


@pytest.mark.parametrize("respond", BROKEN.values(), ids=BROKEN)
def test_what_may_pass_is_tried_again_later_and_not_for_ever(stage: Stage, respond: Callable[[], Any]) -> None:
    stage.host.respond = respond
    for tries, wait in enumerate(WAITS, start=1):
        assert stage.come() == "waits"
        media = stage.media
        assert (media.status, media.tries, media.source_url) == ("importing", tries, URL)
        assert media.next_at == media.busy_until
        assert media.updated_at == stage.made.updated_at, "nobody is told of it"
        assert stage.come() == "left", "a message that comes earlier"
        assert len(stage.host.asked) == tries
        assert (stage.s3.objects, stage.s3.uploads) == ({}, {})
        stage.later(wait)
    assert stage.come() == "refused"
    stage.assert_it_is_refused("url_failed")
    assert len(stage.host.asked) == 1 + len(WAITS)


def test_what_came_back_is_fetched(stage: Stage) -> None:
    stage.host.says(503)
    assert stage.come() == "waits"
    stage.later(WAITS[0])
    stage.host.says(content=FILM)
    assert stage.come() == "probing"
    stage.assert_it_has_arrived(FILM)


@pytest.mark.parametrize(("said", "seconds"), [("600", 600), ("5", 60), ("9" * 9, 3600), ("soon", 60), ("٦٠٠", 60)])
def test_a_host_that_says_when_to_come_back_is_heard_within_an_hour(stage: Stage, said: str, seconds: int) -> None:
    stage.host.respond = lambda: httpx.Response(429, headers=[(b"Retry-After", said.encode())])
    stage.come()
    assert stage.media.next_at
    assert abs((stage.media.next_at - stage.clock.now()).total_seconds() - seconds) < 1


def test_a_message_that_comes_twice_fetches_once(stage: Stage) -> None:
    second: list[str] = []
    stage.host.meanwhile = lambda: second.append(stage.come())
    assert stage.come() == "probing"
    assert second == ["left"]
    assert stage.come() == "left"
    assert len(stage.host.asked) == 1
    stage.assert_it_has_arrived(PICTURE)
    assert len(stage.sqs.sent) == 1


def test_a_message_of_no_media_does_nothing(stage: Stage) -> None:
    message = MediaMessage(workspace_id="ws_B", media_id=stage.made.id)
    assert stage.importer().advance(message, stage.clock.now() + WORKS_FOR) == "gone"


@pytest.mark.parametrize("content", [PICTURE, FILM])
def test_one_that_is_deleted_meanwhile_stays_so_and_leaves_no_upload(stage: Stage, content: bytes) -> None:
    stage.host.says(content=content)
    stage.host.meanwhile = lambda: stage.library.change(stage.media, status="deleted")
    assert stage.come() == "left"
    assert stage.media.status == "deleted"
    assert stage.s3.uploads == {}
    assert stage.sqs.sent == []


def test_one_that_gets_another_name_meanwhile_arrives_all_the_same(stage: Stage) -> None:
    stage.host.says(content=FILM)
    stage.host.meanwhile = lambda: stage.library.change(stage.media, file_name="harbour.mp4")
    assert stage.come() == "probing"
    stage.assert_it_has_arrived(FILM)
    assert stage.media.file_name == "harbour.mp4"


def test_a_workspace_without_room_is_not_given_a_file() -> None:
    stage = Stage(Limits(bytes=10))
    stage.host.says(content=b"x" * 11)
    assert stage.come() == "refused"
    stage.assert_it_is_refused("storage_full")
    fitting = Stage(Limits(bytes=10))
    fitting.host.says(content=b"x" * 10)
    assert fitting.come() == "probing"
    fitting.assert_it_has_arrived(b"x" * 10)


def test_a_workspace_that_is_full_does_not_call_the_host() -> None:
    stage = Stage(Limits(bytes=10))
    stage.library.create(WORKSPACE, status="ready", bytes_held=10, beside=stage.storage.admitting(WORKSPACE, 10))
    assert stage.come() == "refused"
    assert stage.media.refusal
    assert stage.media.refusal.code == "storage_full"
    assert stage.host.asked == []


def test_room_that_others_took_meanwhile_is_taken() -> None:
    stage = Stage(Limits(bytes=10))

    def take() -> None:
        stage.library.create(WORKSPACE, status="ready", bytes_held=5, beside=stage.storage.admitting(WORKSPACE, 5))

    stage.host.meanwhile = take
    assert stage.come() == "refused"
    assert stage.media.refusal
    assert stage.media.refusal.code == "storage_full"
    assert stage.storage.usage(WORKSPACE).bytes == 5


def test_a_transaction_that_met_another_one_is_tried_again(stage: Stage) -> None:
    met: list[str] = []

    def once(name: str, _: Any) -> Any:
        if name == "transact_write_items" and not met:
            met.append(name)
            return conflict(1)
        return None

    assert stage.come(stage.importer(lambda client: Faulty(client, once))) == "probing"
    assert met
    stage.assert_it_has_arrived(PICTURE)


@pytest.mark.parametrize("broken", ["upload_part", "create_multipart_upload", "complete_multipart_upload"])
def test_a_fault_of_the_bucket_is_no_try_of_the_host(stage: Stage, broken: str) -> None:
    stage.host.says(content=FILM)
    faults = stage.importer(lambda client: Faulty(client, lambda name, _: outage() if name == broken else None))
    for _ in range(2 + len(WAITS)):
        with pytest.raises(Exception, match="connect"):
            stage.come(faults)
        assert (stage.media.status, stage.media.tries) == ("importing", 0)
        assert stage.come() == "left"
        stage.later(WAITS[0])
    assert stage.come() == "probing"
    stage.assert_it_has_arrived(FILM)


def test_a_file_that_kills_its_workers_ends_refused(stage: Stage) -> None:
    def die() -> None:
        raise Killed

    stage.host.meanwhile = die
    for _ in range(1 + len(WAITS)):
        with pytest.raises(Killed):
            stage.come()
        assert stage.come() == "left"
        stage.later()
    assert stage.come() == "refused"
    stage.assert_it_is_refused("url_failed")


class Death(Fate):
    """Whoever is dead cleans nothing up."""

    def meet(self, name: str, call: Callable[[], Any]) -> Any:
        if self.died_in:
            raise Killed(name)
        return super().meet(name, call)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("content", [PICTURE, FILM], ids=["picture", "film"])
def test_a_worker_may_die_anywhere_and_the_end_is_the_same(content: bytes, when: When) -> None:
    """What it leaves of an upload that the row did not know yet, the bucket's rule ends."""
    names: list[str] = []
    for at in range(1, 50):
        stage, fate = Stage(), Death(at=at, when=when)
        stage.host.says(content=content)
        try:
            stage.come(stage.importer(lambda client, fate=fate: Fated(client, fate)))
        except Killed:
            names.append(fate.died_in)
            unknown = {name for name in stage.s3.uploads if name != stage.media.upload_id}
            stage.later()
            if stage.media.status == "importing":
                assert stage.come() == "probing"
            assert not unknown or "upload_part" not in fate.names
            for name in unknown:
                del stage.s3.uploads[name]
            stage.assert_it_has_arrived(content)
        else:
            break
    assert fate.calls == at - 1
    assert {"put_object"} <= set(names) or {"upload_part", "complete_multipart_upload"} <= set(names)


def test_an_upload_that_nobody_knows_any_more_is_no_success(stage: Stage) -> None:
    """Ended by who took over: the object is not there."""

    def gone(name: str, given: Any) -> Any:
        if name == "complete_multipart_upload":
            stage.s3.uploads.clear()
        return None

    stage.host.says(content=FILM)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        stage.come(stage.importer(lambda client: Faulty(client, gone)))
    assert stage.media.status == "importing"


def test_an_upload_in_parts_that_cannot_be_ended_now_is_ended_later(stage: Stage) -> None:
    begun = stage.s3.create_multipart_upload(Bucket="bucket", Key=stage.made.received, ContentType="")
    stage.library.change(stage.made, upload_id=begun["UploadId"], tries=1)
    faults = stage.importer(
        lambda client: Faulty(client, lambda name, _: throttle("SlowDown") if "abort" in name else None)
    )
    with pytest.raises(ClientError, match="SlowDown"):
        stage.come(faults)
    assert (stage.media.upload_id, stage.media.tries) == (begun["UploadId"], 1)
    assert stage.come() == "probing"
    stage.assert_it_has_arrived(PICTURE)


def test_who_comes_back_after_its_lease_leaves_the_media_to_who_took_over(stage: Stage) -> None:
    def take_over() -> None:
        if len(stage.host.asked) == 1:
            stage.later()
            stage.host.says(503)
            with ThreadPoolExecutor(1) as another:
                assert another.submit(stage.come).result() == "waits"
            stage.host.says(content=PICTURE)

    stage.host.meanwhile = take_over
    assert stage.come() == "left"
    assert (stage.media.status, stage.media.tries) == ("importing", 2)
    assert stage.sqs.sent == []
