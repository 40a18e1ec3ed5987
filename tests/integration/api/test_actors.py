"""Whose request a change was: marked on what it writes, told with its event, and left alone by whatever works on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from punctual import acting
from punctual.deliveries import Deliveries
from punctual.events import kinds
from punctual.events.changes import Change, from_record
from punctual.events.event import Event
from punctual.events.feed import Feed
from punctual.posts import Posts
from punctual.states import DeliveryStatus
from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_connect_links import consented, made
from tests.integration.api.uploading import PNG, declared, posted, uploaded
from tests.memory.streams import Stream

Arranged = Callable[[], httpx.Response]


class Watch:
    """The work table's stream, from now on."""

    def __init__(self, deployed: Deployed):
        self._stream = Stream(deployed.dynamodb, "WorkTable", clock=lambda: deployed.clock.now().timestamp())

    def seen(self) -> list[Change]:
        """What was written since it was asked last."""
        records, self._stream.records = self._stream.records, []
        return [from_record(record) for record in records]


@pytest.fixture
def watch(deployed: Deployed) -> Iterator[Watch]:
    listeners = deployed.dynamodb.tables["WorkTable"].listeners
    before = list(listeners)
    yield Watch(deployed)
    listeners[:] = before


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def key_of(tenant: Tenant) -> str:
    return str(tenant.api.get("/v1/me").json()["key"]["id"])


def post_url(post: dict[str, Any], *more: str) -> str:
    return "/".join(["/v1/posts", post["id"], *more])


def delivery_url(post: dict[str, Any], what: str) -> str:
    return post_url(post, "deliveries", post["deliveries"][0]["id"], what)


def settled(deployed: Deployed, tenant: Tenant, channel: str, status: DeliveryStatus) -> dict[str, Any]:
    """A post whose publishing ended so, some time ago."""
    post = tenant.posted("Hello", channel, in_minutes=20)
    deployed.clock.run(minutes=18)
    table = deployed.table("WorkTable")
    deliveries = Deliveries(table)
    (seen,) = deliveries.of_post(post["id"])
    deliveries.write(seen, status=status)
    Posts(table, deliveries, deployed.clock.now).roll_up(post["id"])
    return post


class Requests:
    """Each makes what is needed first, and answers the request itself."""

    def __init__(self, deployed: Deployed, tenant: Tenant, channel: str):
        self.deployed = deployed
        self.tenant = tenant
        self.channel = channel
        self.api = tenant.api

    def create(self) -> Arranged:
        return lambda: self.tenant.post("Hello", self.channel)

    def create_batch(self) -> Arranged:
        post = {"text": "Hello", "targets": [{"channel_id": self.channel}], "draft": True}
        return lambda: self.api.post("/v1/posts/batch", json={"posts": [post, post]})

    def duplicate(self) -> Arranged:
        post = self.tenant.posted("Hello", self.channel)
        return lambda: self.api.post(post_url(post, "duplicate"), json={})

    def edit(self) -> Arranged:
        post = self.tenant.posted("Hello", self.channel)
        return lambda: self.api.patch(post_url(post), json={"text": "Hello again"})

    def publish(self) -> Arranged:
        post = self.tenant.posted("Hello", self.channel)
        return lambda: self.api.post(post_url(post, "publish"))

    def cancel(self) -> Arranged:
        post = self.tenant.posted("Hello", self.channel)
        return lambda: self.api.post(post_url(post, "cancel"))

    def delete(self) -> Arranged:
        post = self.tenant.drafted("Hello", self.channel)
        return lambda: self.api.delete(post_url(post))

    def retry(self) -> Arranged:
        post = settled(self.deployed, self.tenant, self.channel, DeliveryStatus.ERROR)
        return lambda: self.api.post(delivery_url(post, "retry"))

    def retry_all(self) -> Arranged:
        settled(self.deployed, self.tenant, self.channel, DeliveryStatus.ERROR)
        span = {"since": self.tenant.later(-60), "until": self.tenant.later(60)}
        return lambda: self.api.post("/v1/posts/retry", json={"channel_id": self.channel, **span})

    def resolve(self) -> Arranged:
        post = settled(self.deployed, self.tenant, self.channel, DeliveryStatus.UNCONFIRMED)
        found = {"outcome": "published", "platform_id": "1", "url": "https://social.example/1"}
        return lambda: self.api.post(delivery_url(post, "resolve"), json=found)

    def withdraw(self) -> Arranged:
        post = self.tenant.posted("One", self.channel, in_minutes=1, thread=[{"text": "Two"}])
        self.deployed.clock.run(minutes=5)
        return lambda: self.api.delete(delivery_url(post, "publication"))

    def change_channel(self) -> Arranged:
        return lambda: self.api.patch(f"/v1/channels/{self.channel}", json={"min_gap_seconds": 60})

    def disconnect(self) -> Arranged:
        return lambda: self.api.delete(f"/v1/channels/{self.channel}?posts=hold")

    def delete_channel(self) -> Arranged:
        self.tenant.posted("Hello", self.channel)
        return lambda: self.api.delete(f"/v1/channels/{self.channel}?posts=cancel")

    def sign_in(self) -> Arranged:
        side = FarSide(self.deployed.clock.now)
        self.deployed.hosts |= dict.fromkeys(side.hosts, side.answer)
        credentials = {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": side.entrance}
        return lambda: self.api.post("/v1/channels", json={"provider": "bluesky", "credentials": credentials})

    def declare(self) -> Arranged:
        return lambda: self.api.post("/v1/media", json={"content_type": "image/png", "bytes": len(PNG)})

    def import_media(self) -> Arranged:
        return lambda: self.api.post("/v1/media", json={"url": "https://files.example/one.png"})

    def complete(self) -> Arranged:
        media = declared(self.tenant)
        posted(self.deployed, media["upload"])
        return lambda: self.api.post(f"/v1/media/{media['id']}/complete")

    def describe(self) -> Arranged:
        media = declared(self.tenant)
        return lambda: self.api.patch(f"/v1/media/{media['id']}", json={"alt_text": "A picture"})

    def delete_media(self) -> Arranged:
        media = declared(self.tenant)
        return lambda: self.api.delete(f"/v1/media/{media['id']}")

    def create_calendar(self) -> Arranged:
        return lambda: self.api.post("/v1/calendars", json={})

    def revoke_calendar(self) -> Arranged:
        calendar = self.api.post("/v1/calendars", json={}).json()
        return lambda: self.api.delete(f"/v1/calendars/{calendar['id']}")

    def pause(self) -> Arranged:
        return lambda: self.api.post("/v1/workspace/pause")

    def resume(self) -> Arranged:
        self.api.post("/v1/workspace/pause")
        return lambda: self.api.post("/v1/workspace/resume")


@pytest.mark.parametrize("name", [name for name in vars(Requests) if not name.startswith("_")])
def test_what_a_request_writes_says_whose_it_is(
    deployed: Deployed, tenant: Tenant, channel: str, watch: Watch, name: str
) -> None:
    own = tenant.with_scopes("read", "write", "admin")
    request = getattr(Requests(deployed, own, channel), name)()
    watch.seen()
    answer = request()
    assert answer.is_success, answer.text
    written = [(row, change.old or {}) for change in watch.seen() if (row := told_by(change))]
    marks = [row["acted"] for row, _ in written]
    assert not any(row["acted"] == before.get("acted") for row, before in written)
    assert marks
    assert len(set(marks)) == len(marks)
    assert {acting.read(mark) for mark in marks} == {acting.Actor(key_id=key_of(own), request_id="request")}
    assert acting.current() is None


def told_by(change: Change) -> dict[str, Any] | None:
    """What an event's actor is taken from; None: this makes no event, or none with an actor of its own."""
    is_left = change.sk.startswith("deleted#")
    return change.new if is_left or kinds.of({"pk": change.pk, "sk": change.sk}) else None


def test_who_works_on_leaves_the_mark_as_it_was(deployed: Deployed, tenant: Tenant, watch: Watch, channel: str) -> None:
    deployed.run_clocks()
    tenant.posted("One", channel, in_minutes=90, thread=[{"text": "Two"}])
    tenant.posted("Three [sandbox:refuse=1]", channel, in_minutes=90)
    uploaded(deployed, tenant)
    watch.seen()
    deployed.clock.run(hours=2)
    worked = [change for change in watch.seen() if kinds.of({"pk": change.pk, "sk": change.sk})]
    assert {change.sk.partition("#")[0] for change in worked} >= {"post", "delivery", "media"}
    assert len(worked) > 20
    for change in worked:
        assert (change.old or {})["acted"] == (change.new or {})["acted"]


@contextmanager
def told(deployed: Deployed, tenant: Tenant) -> Iterator[list[tuple[str, str | None]]]:
    """What happens meanwhile, and whose key it was, as the feed has it."""
    deployed.follow_stream()
    found: list[tuple[str, str | None]] = []
    before = len(events(deployed, tenant))
    yield found
    found += [(each.type, each.actor.key_id if each.actor else None) for each in events(deployed, tenant)[before:]]


def events(deployed: Deployed, tenant: Tenant) -> list[Event]:
    deployed.deliver_stream()
    return Feed(deployed.table("EventsTable"), deployed.clock.now).read(tenant.workspace_id, None, 1000).events


def test_the_feed_says_who_did_what_and_what_punctual_did_by_itself(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    editor = tenant.with_scopes("read", "write")
    writes, edits = key_of(tenant), key_of(editor)
    with told(deployed, tenant) as found:
        post = tenant.posted("Hello", channel, in_minutes=2)
        editor.api.patch(post_url(post), json={"text": "Hello again"})
        deployed.deliver_stream()
        deployed.clock.run(minutes=3)
    assert sorted(found, key=lambda each: each[1] or "~") == sorted(
        [
            ("post.scheduled", writes),
            ("delivery.scheduled", writes),
            ("post.updated", edits),
            ("delivery.ready", None),
            ("delivery.publishing", None),
            ("delivery.completed", None),
            ("post.completed", None),
        ],
        key=lambda each: each[1] or "~",
    )


def test_an_edit_that_takes_a_channel_away_and_a_deletion_are_whose_they_were(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    other, editor = tenant.connect("bob"), tenant.with_scopes("read", "write")
    post = tenant.drafted("Hello", channel, other)
    events(deployed, tenant)
    with told(deployed, tenant) as found:
        editor.api.patch(post_url(post), json={"targets": [{"channel_id": channel}]})
        events(deployed, tenant)
        tenant.api.delete(post_url(post))
    assert sorted(found) == [
        ("delivery.removed", key_of(editor)),
        ("post.deleted", key_of(tenant)),
        ("post.updated", key_of(editor)),
    ]


def test_a_channel_is_connected_by_whose_key_began_it_though_a_browser_ended_it(
    deployed: Deployed, tenant: Tenant
) -> None:
    with told(deployed, tenant) as found:
        tenant.connect("ada")
    assert found == [("channel.connected", key_of(tenant))]


def test_what_a_link_connects_is_whose_key_made_the_link(deployed: Deployed, tenant: Tenant) -> None:
    link = made(tenant)
    with told(deployed, tenant) as found:
        browser = deployed.client()
        assert browser.get(consented(browser, link)).is_success
    assert found == [("channel.connected", key_of(tenant))]
