"""The store of media: what is written, on condition of what, and how the list is read."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from punctual import due
from punctual.media.facts import Facts
from punctual.media.library import Library, Media, MediaFilter, key
from punctual.problems import BadRequest
from punctual.tables import Change, ConditionFailed, Table
from tests.integration.moved_clock import MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

WORKSPACE = "ws_01K00000000000000000000000"
FACTS = Facts(kind="image", type="image/png", bytes=1, sha256="00", width=1, height=1)


@dataclass
class Store:
    clock: MovedClock = field(default_factory=MovedClock)
    dynamodb: Any = field(default_factory=MemoryDynamoDB)

    def __post_init__(self) -> None:
        names = create_tables(self.dynamodb)
        self.table = Table(self.dynamodb, names["WorkTable"])
        self.library = Library(self.table, self.clock.now)

    def media(self, **given: Any) -> Media:
        self.clock.run(seconds=1)
        return self.library.create(WORKSPACE, **{"status": "uploading", **given})

    def item(self, media: Media) -> dict[str, Any]:
        return self.table.get(key(WORKSPACE, media.id)) or {}


@pytest.fixture
def store() -> Store:
    return Store()


def test_what_is_written_is_read_again(store: Store) -> None:
    made = store.media(declared_bytes=5, alt_text="A cat", next_at=store.clock.now() + timedelta(hours=1))
    changed = store.library.change(made, status="ready", facts=FACTS, declared_bytes=None)
    assert store.library.get(WORKSPACE, made.id) == changed
    assert (changed.version, changed.facts, changed.declared_bytes, changed.alt_text) == (2, FACTS, None, "A cat")
    assert store.library.get("ws_01K00000000000000000000001", made.id) is None


def test_a_clock_stands_in_the_index_until_it_is_taken_away(store: Store) -> None:
    made = store.media(next_at=store.clock.now() + timedelta(hours=1))
    shard = store.item(made)["due_shard"]
    moved = store.library.change(made, next_at=store.clock.now() + timedelta(hours=2))
    (found,) = due.overdue(store.table, shard, store.clock.now() + timedelta(hours=3), 10)
    assert (found.sk, found.rev, found.next_at) == (f"media#{made.id}", 2, store.item(moved)["next_at"])
    store.library.change(moved, next_at=None)
    assert not list(due.overdue(store.table, shard, store.clock.now() + timedelta(hours=3), 10))


def test_one_that_gets_a_clock_later_stands_in_the_index_too(store: Store) -> None:
    moved = store.library.change(store.media(), next_at=store.clock.now() + timedelta(hours=1))
    assert list(due.overdue(store.table, store.item(moved)["due_shard"], store.clock.now() + timedelta(hours=2), 10))


def test_who_saw_an_older_one_changes_nothing(store: Store) -> None:
    made = store.media()
    store.library.change(made, alt_text="the first")
    with pytest.raises(ConditionFailed):
        store.library.change(made, alt_text="the second")
    with pytest.raises(ConditionFailed):
        store.library.change(made, alt_text="the second", beside=[store.table.putting({"pk": WORKSPACE, "sk": "x"})])
    assert store.item(made)["alt_text"] == "the first"
    assert store.table.get({"pk": WORKSPACE, "sk": "x"}) is None


def test_a_lost_acknowledgement_of_its_own_is_no_conflict(store: Store) -> None:
    """botocore sends a write again whose answer did not come."""
    made, update = store.media(), store.dynamodb.update_item

    def sent_twice(**request: Any) -> Any:
        update(**request)
        return update(**request)

    store.dynamodb.update_item = sent_twice
    assert store.library.change(made, tries=1).version == 2
    assert store.item(made)["tries"] == 1


def test_what_stands_beside_it_happens_in_the_same_transaction_or_not_at_all(store: Store) -> None:
    row = {"pk": WORKSPACE, "sk": "x"}
    beside = store.table.updating(row, Change(add={"count": 1}), Attr("pk").exists())
    with pytest.raises(ConditionFailed) as failed:
        store.media(beside=[beside])
    assert failed.value.failed == (1,)
    assert store.library.page(WORKSPACE, MediaFilter(), 10, None) == ([], None)
    store.table.put(row)
    made = store.media(beside=[beside])
    store.library.change(made, status="probing", beside=[beside])
    assert (store.table.get(row) or {})["count"] == 2
    assert store.item(made)["status"] == "probing"


def test_the_list_is_read_page_by_page_in_both_directions(store: Store) -> None:
    made = [store.media(status=status, facts=facts).id for status, facts in _SORTS]
    assert _listed(store, MediaFilter()) == made[:-1]
    assert _listed(store, MediaFilter(), oldest_first=False) == made[-2::-1]
    assert _listed(store, MediaFilter(status="ready")) == made[1:3]
    assert _listed(store, MediaFilter(kind="image")) == [made[1], made[2]]
    assert _listed(store, MediaFilter(status="deleted")) == []


def test_a_cursor_is_of_its_own_list_only(store: Store) -> None:
    for _ in range(3):
        store.media()
    _, cursor = store.library.page(WORKSPACE, MediaFilter(), 1, None)
    for wanted, oldest_first in ((MediaFilter(status="ready"), True), (MediaFilter(), False)):
        with pytest.raises(BadRequest):
            store.library.page(WORKSPACE, wanted, 1, cursor, oldest_first=oldest_first)
    with pytest.raises(BadRequest):
        store.library.page("ws_01K00000000000000000000001", MediaFilter(), 1, cursor)


def test_an_id_that_stands_already_is_never_overwritten(store: Store) -> None:
    made = store.media()
    with pytest.raises(ClientError) as refused:
        store.dynamodb.transact_write_items(TransactItems=[store.library.putting(made)])
    assert refused.value.response["Error"]["Code"] == "TransactionCanceledException"


_SORTS: tuple[tuple[str, Facts | None], ...] = (
    ("uploading", None),
    ("ready", FACTS),
    ("ready", FACTS),
    ("refused", None),
    ("deleted", FACTS),
)


def _listed(store: Store, wanted: MediaFilter, *, oldest_first: bool = True) -> list[str]:
    found, cursor, pages = list[str](), None, 0
    while pages < 20:
        page, cursor = store.library.page(WORKSPACE, wanted, 2, cursor, oldest_first=oldest_first)
        found, pages = [*found, *(media.id for media in page)], pages + 1
        if cursor is None:
            return found
    raise AssertionError("the list has no end")
