"""Media from upload to end under a moved clock: a bucket and tables in memory, the sweep, and a workshop without files.

house.upload(b"a picture")        received, and its message sent
house.clock.run(minutes=2)        messages arrive, the sweeper runs each minute
house.media(id)                   its row now
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from punctual import due
from punctual.deliveries import Deliveries
from punctual.media.facts import Facts
from punctual.media.files import Files, bench, sha256
from punctual.media.library import Library, Media
from punctual.media.needs import Needs
from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused
from punctual.media.renditions import Rendition, Renditions
from punctual.media.storage import Limits, Storage
from punctual.media.tending import Tending
from punctual.media.tools import Tools, Workshop
from punctual.media.uses import Uses
from punctual.messages import MediaMessage, Queue
from punctual.posts import Posts
from punctual.states import PostStatus
from punctual.sweeping import Sweeping
from punctual.tables import Table, transact
from tests.integration.moved_clock import FakeQueue, Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.s3 import MemoryS3
from tests.template import create_tables

BUCKET = "MediaBucket"
WORKSPACE = "ws_01KJ0000000000000000000000"
WORKS_FOR = timedelta(seconds=240)
PICTURE = b"a picture"


class PaperWorkshop:
    """Believes what a file's first words say of it: `here` is a place, `broken` and `bomb` are refused."""

    def __init__(self, clock: MovedClock, seconds: float = 5):
        self._clock = clock
        self._seconds = seconds
        self.renders = 0

    def probe(self, path: Path, declared_type: str | None) -> Facts:
        self._clock.sleep(self._seconds)
        content = path.read_bytes()
        if content.startswith(b"broken"):
            raise Refused("unreadable", "The file ends too early.")
        kind, mime = ("video", "video/mp4") if content.startswith(b"film") else ("image", "image/jpeg")
        return Facts(
            kind=kind,  # type: ignore[arg-type]
            type=mime,
            bytes=len(content),
            sha256=sha256(path),
            width=640,
            height=480,
            duration_ms=4_000 if kind == "video" else None,
            has_location=b"here" in content,
        )

    def clean(self, path: Path, target: Path, facts: Facts) -> None:
        target.write_bytes(path.read_bytes().replace(b"here", b""))

    def render(self, path: Path, recipe: Recipe, facts: Facts, target: Path) -> Facts:
        self._clock.sleep(self._seconds)
        self.renders += 1
        if recipe.max_bytes == 1:
            raise Refused("cannot_fit", "It could not be brought below 1 byte.")
        content = b"made of " + path.read_bytes()
        target.write_bytes(content)
        return replace(facts, kind=recipe.kind, type=recipe.type, bytes=len(content), sha256=sha256(target))


@dataclass
class House:
    disk: Path
    wrap: Callable[[str, Any], Any] = lambda _, client: client
    """Around each client that whoever tends uses, by its service's name."""
    unused_days: int = 30
    sweep_seconds: int = 60
    clock: MovedClock = field(default_factory=MovedClock)

    def __post_init__(self) -> None:
        self.memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.memory)
        now, self.table = self.clock.now, Table(self.memory, "WorkTable")
        self.library, self.renditions = Library(self.table, now), Renditions(self.table, now)
        self.storage, self.uses = Storage(self.table, Limits(), now), Uses(self.table)
        self.deliveries = Deliveries(self.table)
        self.posts = Posts(self.table, self.deliveries, now)
        self.s3 = MemoryS3(BUCKET)
        self.workshop = PaperWorkshop(self.clock)
        self.known: set[str] = set()
        """Media whose shards are swept."""
        self.outcomes: list[str] = []
        self.sqs = FakeQueue(self.clock, self._receive, visibility_seconds=960, most=100)
        self.imports = FakeQueue(self.clock, lambda _: None)
        self.queue = Queue(self.sqs, "MediaQueue")
        nothing: Any = NoPreflight()
        self.sweeping = Sweeping(self.table, self.posts, self.queue, self.queue, nothing, now)
        self.tending = self.worker()
        self.clock.every(self.sweep_seconds, self._sweep)

    def worker(self, workshop: Workshop | None = None, **replaced: Any) -> Tending:
        now, table = self.clock.now, Table(self.wrap("dynamodb", self.memory), "WorkTable", self.clock.sleep)
        deliveries = Deliveries(table)
        files = Files(self.wrap("s3", self.s3), BUCKET)
        tools = {
            "library": Library(table, now),
            "renditions": Renditions(table, now),
            "needs": Needs(Uses(table), Posts(table, deliveries, now), deliveries),
            "storage": Storage(table, Limits(), now),
            "files": files,
            "workshop": workshop or self.workshop,
            "imports": Queue(self.wrap("sqs", self.imports), "ImportQueue"),
            "bench": partial(bench, files, self.disk),
            "now": now,
            "unused_for": timedelta(days=self.unused_days) if self.unused_days else None,
            **replaced,
        }
        return Tending(Tools(**tools))

    def upload(self, content: bytes, **declared: Any) -> str:
        """As `complete` leaves it; its message is on the way."""
        given = {"declared_bytes": len(content), "bytes_held": len(content), "next_at": self.later(minutes=1)}
        media = self.library.new(WORKSPACE, status="probing", **{**given, **declared})
        self.library.store(media, beside=self.storage.admitting(WORKSPACE, media.bytes_held))
        self.s3.objects[media.received] = content
        self.send(media.id)
        return media.id

    def ready(self, content: bytes = PICTURE) -> str:
        media_id = self.upload(content)
        self.clock.run(minutes=2)
        assert self.media(media_id).status == "ready"
        return media_id

    def use(self, media_id: str, post_id: str, status: PostStatus = PostStatus.SCHEDULED) -> None:
        """A post that names it."""
        at = self.clock.now().isoformat()
        post = {
            "pk": post_id,
            "sk": "post",
            "id": post_id,
            "workspace_id": WORKSPACE,
            "status": status.value,
            "text": "",
            "targets": [],
            "created_at": at,
            "updated_at": at,
        }
        uses = self.uses.changing(WORKSPACE, post_id, [], [media_id])
        transact(self.memory, [self.table.putting(post), *uses])

    def delete(self, media_id: str) -> None:
        """As the API does."""
        seen = self.media(media_id)
        beside = self.storage.counting(seen, 0)
        self.library.change(seen, beside=beside, status="deleted", bytes_held=0, next_at=self.later(seconds=90))

    def send(self, media_id: str) -> None:
        self.known.add(media_id)
        self.queue.send(MediaMessage(workspace_id=WORKSPACE, media_id=media_id))

    def later(self, **span: float) -> Any:
        return self.clock.now() + timedelta(**span)

    def media(self, media_id: str) -> Media:
        found = self.library.get(WORKSPACE, media_id)
        assert found, "the media is gone"
        return found

    def made(self, media_id: str) -> list[Rendition]:
        return self.renditions.of(WORKSPACE, media_id)

    def objects(self, media_id: str) -> dict[str, bytes]:
        """By their names in its folder."""
        folder = f"media/{WORKSPACE}/{media_id}/"
        return {name.removeprefix(folder): each for name, each in self.s3.objects.items() if name.startswith(folder)}

    def stored_bytes(self) -> int:
        return self.storage.usage(WORKSPACE).bytes

    def rows(self, media_id: str) -> list[str]:
        found = self.memory.scan(TableName="WorkTable")["Items"]
        return [row["sk"] for row in found if media_id in row["sk"]]

    def is_at_rest(self) -> bool:
        """Nothing is overdue, and nothing is left on the disk."""
        soon = self.clock.now() + due.SWEEP
        waiting = [each for shard in range(due.SHARDS) for each in due.overdue(self.table, shard, soon, 10)]
        return not waiting and not list(self.disk.glob("punctual-media-*"))

    def _sweep(self) -> None:
        shards = {due.clock(each, self.clock.now())["due_shard"] for each in self.known}
        self.sweeping.sweep(200, shards or range(due.SHARDS))

    def _receive(self, body: str) -> None:
        message = MediaMessage.model_validate_json(body)
        try:
            self.outcomes.append(self.tending.advance(message, self.clock.now() + WORKS_FOR))
        except (ClientError, BotoCoreError) as error:
            raise Killed from error


class NoPreflight:
    """No post is due here."""

    def round(self) -> Any:
        return None
