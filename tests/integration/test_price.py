"""What one text post on one channel asks of AWS, from its creation to its completion; its price: docs/decisions.md.

These numbers are a promise: whoever makes a post dearer changes them here, and the price there.
"""

from collections import Counter
from typing import Any

from punctual.events.changes import from_record
from punctual.events.feed import Feed
from punctual.events.telling import Telling
from punctual.states import DeliveryStatus
from punctual.tables import Table
from tests.integration.api.streaming import Streaming
from tests.integration.counting import Bill, Counted
from tests.integration.world import World
from tests.media.rows import Rows
from tests.shelves import PNG, filled
from tests.template import ROOT

CALLS = Counter(
    {
        "scheduler.create_schedule": 1,
        "sqs.send_message_batch": 1,
        "sqs.send_message": 2,
        "dynamodb.transact_write_items": 1,
        "dynamodb.get_item": 12,
        "dynamodb.batch_get_item": 5,
        "dynamodb.query": 5,
        "dynamodb.put_item": 2,
        "dynamodb.update_item": 10,
        "kms.decrypt": 2,
    }
)
WRITE_UNITS, READ_UNITS, MESSAGES = 52, 27.0, 4
BYTES = 56_000
"""Of JSON between us and AWS, requests and answers together."""


MORE_CALLS = Counter(
    {
        "dynamodb.batch_get_item": 4,
        "dynamodb.update_item": 4,
        "s3.get_object": 1,
    }
)
"""That a picture adds which goes to the platform as it is, in one part."""
MORE_WRITE_UNITS, MORE_READ_UNITS = 13, 4.0
EVENT_CALLS = Counter(
    {
        "dynamodb.get_item": 8,
        "dynamodb.batch_get_item": 5,
        "dynamodb.transact_write_items": 3,
        "dynamodb.query": 1,
    }
)
"""That telling what became of it makes."""
EVENTS, EVENT_INVOCATIONS, EVENT_WRITE_UNITS, EVENT_READ_UNITS = 6, 5, 28, 16.0


def test_a_text_post_costs_what_was_decided() -> None:
    spent = _spent()
    assert spent.calls == CALLS
    assert (spent.write_units, spent.read_units) == (WRITE_UNITS, READ_UNITS)
    assert spent.bytes < BYTES


def test_the_events_of_a_text_post_cost_what_was_decided() -> None:
    """Told as the stream is polled: what was written within a quarter of a second is told at once."""
    told, invoked = Bill(), list[int]()
    world = World()
    client = Counted("dynamodb", world.dynamodb, told)
    events = Table(client, "EventsTable")
    telling = Telling(
        work=Table(client, "WorkTable"), events=events, feed=Feed(events, world.clock.now), now=world.clock.now
    )

    def invoke(function: str, event: dict[str, Any]) -> None:
        if function == "EventsFunction":
            invoked.append(len(event["Records"]))
            telling.tell([from_record(record) for record in event["Records"]])

    channel = world.connect("ada", lifetime="86400")
    Streaming(world.dynamodb, "WorkTable", world.clock, invoke)
    world.run_sweeper()
    world.post("x" * 280, channel, in_minutes=180)
    world.clock.run(minutes=182)
    assert (told.calls, len(invoked)) == (EVENT_CALLS, EVENT_INVOCATIONS)
    assert (told.write_units, told.read_units) == (EVENT_WRITE_UNITS, EVENT_READ_UNITS)
    assert len(Feed(events, world.clock.now).read(world.workspace_id, None, 50).events) == EVENTS


def test_a_picture_adds_what_was_decided() -> None:
    text, picture = _spent(), _spent(pictures=1)
    assert picture.calls - text.calls == MORE_CALLS
    assert picture.write_units - text.write_units == MORE_WRITE_UNITS
    assert picture.read_units - text.read_units == MORE_READ_UNITS


def test_media_are_read_once_however_many_targets_and_lists_name_them() -> None:
    bill = Bill()
    world = World(wrap=lambda service, client: Counted(service, client, bill))
    channels = [world.connect(name, lifetime="86400") for name in ("ada", "bob", "cid")]
    files = Rows(world.work, world.workspace_id, world.clock.now)
    one, two = files.ready(), files.ready()
    media, thread = [{"id": one}, {"id": two}], [{"media": [{"id": one}]}]
    counts = {}
    for name, more in (("text", {}), ("media", {"media": media, "thread": thread})):
        before = bill.copy()
        world.post("Hello", *channels, in_minutes=180, **more)
        counts[name] = bill.calls - before.calls
    assert counts["media"] - counts["text"] == Counter({"dynamodb.batch_get_item": 1})


def test_the_price_is_written_down_with_the_numbers_it_comes_from() -> None:
    decisions = (ROOT / "docs/decisions.md").read_text()
    text = (f"{WRITE_UNITS} write units", f"{READ_UNITS} read units", "2 KMS calls", f"{MESSAGES} messages")
    picture = (f"adds {MORE_WRITE_UNITS} write units", f"{MORE_READ_UNITS} read units")
    events = (f"{EVENTS} events", f"{EVENT_WRITE_UNITS} write units", f"{EVENT_READ_UNITS} read units")
    for number in (*text, *picture, *events):
        assert number in decisions, number


def _spent(pictures: int = 0) -> Bill:
    """From the creation of a post to its completion."""
    bill, swept = Bill(), Bill()
    world = World(wrap=lambda service, client: Counted(service, client, bill))
    channel = world.connect("ada", lifetime="86400")
    files = [world.files.ready(world.workspace_id, filled(PNG, 60_000)) for _ in range(pictures)]
    world.publishing = world.worker(shelf=world.files.shelf(s3=Counted("s3", world.files.s3, bill)))
    world.clock.every(60, lambda: _swept(world, bill, swept))
    start = bill.copy()
    written = world.post("x" * 280, channel, in_minutes=180, media=[{"id": each.id} for each in files])
    world.clock.run(minutes=182)
    end = bill.copy()
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert len(world.sqs.sent) == MESSAGES
    return Bill(
        calls=end.calls - start.calls - swept.calls,
        bytes=end.bytes - start.bytes - swept.bytes,
        read_units=end.read_units - start.read_units - swept.read_units,
        write_units=end.write_units - start.write_units,
    )


def _swept(world: World, bill: Bill, swept: Bill) -> None:
    """Looking every minute whether something is overdue belongs to the idle price; what it then does, to the post's."""
    before = bill.copy()
    found = world.sweeping.sweep(200, world.shards)
    swept.calls["dynamodb.query"] += len(world.shards)
    swept.read_units += len(world.shards) / 2
    if not found.woken and not found.looked:
        swept.bytes += bill.bytes - before.bytes
