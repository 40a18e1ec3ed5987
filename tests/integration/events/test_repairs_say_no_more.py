"""What is told from the table is what the stream would have told, or less: nothing that never was, on real rows."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from pydantic import TypeAdapter

from punctual.drafts import PostChange
from punctual.events import kinds
from punctual.events.changes import Change, from_record
from punctual.events.kinds import Said
from punctual.events.types import EVENT_TYPES
from punctual.tables import Item, Table
from tests.integration.world import World
from tests.memory.stream_filters import passing
from tests.memory.streams import Stream
from tests.template import resources

TEXT, HANDLE = "nobody's business", "ada_nobodys_business"
THREAD = [{"text": f"{TEXT}, two"}, {"text": f"{TEXT}, three"}]


@pytest.fixture(scope="module")
def changes() -> list[Change]:
    """Posts that go out, are edited, refused, tried again, held, taken down, and channels that come and go."""
    world = World()
    stream = Stream(world.dynamodb, "WorkTable", clock=lambda: world.clock.now().timestamp())
    world.run_sweeper()
    world.run_refresher()
    ada, bob = world.connect(HANDLE, lifetime="300"), world.connect("bob", lifetime="300")
    world.post(TEXT, ada, bob, in_minutes=10, thread=THREAD)
    world.post(f"{TEXT} [sandbox:refuse=1]", ada, bob, in_minutes=12)
    edited = world.post(TEXT, ada, in_minutes=100, external_id="order-1")
    world.writing.edit(world.workspace_id, edited.post.id, PostChange.model_validate({"scheduled_at": None}))
    world.writing.publish(world.workspace_id, edited.post.id)
    cancelled = world.post(TEXT, ada, bob, in_minutes=200)
    world.clock.run(minutes=20)
    channel = world.channels.get(world.workspace_id, bob.id)
    assert channel
    world.disconnecting().disconnect(channel, "hold", world.clock.now() + timedelta(minutes=1))
    world.post(TEXT, ada, bob, in_minutes=5)
    world.clock.run(minutes=10)
    world.connect("bob", lifetime="300")
    world.pauses.pause(world.workspace_id)
    world.clock.run(minutes=2)
    world.pauses.resume(world.workspace_id)
    world.writing.cancel(world.workspace_id, cancelled.post.id)
    world.clock.run(minutes=15)
    return [from_record(record) for record in stream.records]


def test_every_event_of_theirs_is_as_its_type_says(changes: list[Change]) -> None:
    told = [said for rows in by_item(changes) for place in range(1, len(rows)) for said in step(rows, place - 1, place)]
    assert len({said.type for said in told}) > 18
    for said in told:
        TypeAdapter(EVENT_TYPES[said.type].data).validate_python(said.data, strict=True)
        assert TEXT not in str(said.data)
        assert HANDLE not in str(said.data)


@pytest.mark.parametrize(
    ("one_by_one", "at_once"),
    [
        (
            "scheduled ready publishing part_published part_published completed",
            "scheduled part_published part_published completed",
        ),
        ("scheduled ready publishing error", "scheduled error"),
        ("connected disconnected reconnected", "connected"),
        ("paused resumed", ""),
        ("scheduled drafted scheduled completed", "scheduled completed"),
    ],
)
def test_a_life_is_told_one_by_one_and_at_once(changes: list[Change], one_by_one: str, at_once: str) -> None:
    lives = {
        " ".join(name(said) for place in range(1, len(rows)) for said in step(rows, place - 1, place)): rows
        for rows in by_item(changes)
    }
    rows = lives[one_by_one]
    assert " ".join(name(said) for said in step(rows, 0, len(rows) - 1)) == at_once


def test_of_many_changes_at_once_no_event_is_told_that_none_of_them_made(changes: list[Change]) -> None:
    for rows in by_item(changes):
        steps = [[said.type for said in step(rows, place - 1, place)] for place in range(1, len(rows))]
        for begin in range(len(rows)):
            for end in range(begin + 2, len(rows)):
                at_once = Counter(said.type for said in step(rows, begin, end))
                one_by_one = Counter(type_ for each in steps[begin:end] for type_ in each)
                assert at_once - one_by_one <= edited(rows[begin], rows[end]), rows[end]


def test_the_filter_lets_them_all_through(changes: list[Change]) -> None:
    events = resources("AWS::Serverless::Function")["EventsFunction"]["Properties"]["Events"]
    (source,) = (each["Properties"] for each in events.values() if each["Type"] == "DynamoDB")
    wants = passing(source)
    for change in changes:
        record = {"dynamodb": {"Keys": {"pk": {"S": change.pk}, "sk": {"S": change.sk}}}}
        assert wants(record) or kinds.of({"pk": change.pk, "sk": change.sk}) is None, change.sk


def by_item(changes: list[Change]) -> list[list[Item | None]]:
    """What each became, one after the other; first nothing, and without its end."""
    found: dict[tuple[str, str], list[Item | None]] = {}
    for change in changes:
        if kinds.of({"pk": change.pk, "sk": change.sk}) and change.new:
            found.setdefault((change.pk, change.sk), [change.old]).append(change.new)
    return list(found.values())


def name(said: Said) -> str:
    return said.type.partition(".")[2]


def step(rows: list[Item | None], begin: int, end: int) -> list[Said]:
    before, after = rows[begin], rows[end]
    assert after
    kind, no_table = kinds.of(after), cast("Table", None)
    assert kind
    change = Change(pk=after["pk"], sk=after["sk"], at=datetime.now(UTC), new=after)
    return list(kind.changed(kind.facts(before) if before else None, kind.facts(after), change, no_table))


def edited(before: Item | None, after: Item | None) -> Counter[str]:
    """Two edits that led back to the same status are one: its status is what it was."""
    revs = {(row or {}).get("rev") for row in (before, after)}
    return Counter({"post.updated": 1} if len(revs) > 1 else {})
