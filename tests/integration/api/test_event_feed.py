"""GET /v1/events: whoever follows the cursor misses nothing and sees nothing twice."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from punctual.acting import Actor
from punctual.events.event import Draft, Event, new_id
from punctual.events.feed import KEPT, Feed
from punctual.events.reading import READ_AT_ONCE, Most
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

KEY = f"key_{0:026}"
NOBODY = "evt_01KJ0000000000000000000007"


@pytest.fixture
def tenant(deployed: Deployed, tenant: Tenant) -> Tenant:
    """With a feed that is empty: its key was told to have been made."""
    for item in deployed.items("EventsTable"):
        deployed.table("EventsTable").delete({"pk": item["pk"], "sk": item["sk"]})
    return tenant


@pytest.fixture
def feed(deployed: Deployed) -> Feed:
    return Feed(deployed.table("EventsTable"), deployed.clock.now)


def told(feed: Feed, deployed: Deployed, tenant: Tenant, *drafts: tuple[str, dict[str, Any]]) -> list[Event]:
    now = deployed.clock.now()
    return feed.append(tenant.workspace_id, [Draft(type=kind, timestamp=now, data=data) for kind, data in drafts])


def numbered(feed: Feed, deployed: Deployed, tenant: Tenant, count: int, *, every: int = 1) -> list[Event]:
    """Every so-manieth is of a channel, the others of posts."""
    drafts = [
        ("post.updated" if number % every else "channel.updated", {"post_id": f"post_{number}"})
        for number in range(count)
    ]
    return [e for start in range(0, count, 90) for e in told(feed, deployed, tenant, *drafts[start : start + 90])]


def asked(tenant: Tenant, **query: Any) -> dict[str, Any]:
    answer = tenant.api.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sequences(found: dict[str, Any]) -> list[int]:
    return [each["sequence"] for each in found["data"]]


def refused(tenant: Tenant, **query: Any) -> tuple[int, str, list[dict[str, str]]]:
    answer = tenant.api.get("/v1/events", params=query)
    said = answer.json()
    return answer.status_code, said["code"], said.get("errors", [])


def test_a_reader_that_follows_the_cursor_sees_each_event_once_and_in_order_while_more_are_written(
    deployed: Deployed, tenant: Tenant, feed: Feed
) -> None:
    numbered(feed, deployed, tenant, 10)
    seen: list[int] = []
    after: dict[str, Any] = {}
    for step in range(30):
        found = asked(tenant, limit=3, **after)
        after = {"after": found["next_cursor"]}
        seen += sequences(found)
        if step < 12:
            numbered(feed, deployed, tenant, 4)
        elif not found["has_more"]:
            break
    assert seen == list(range(1, 10 + 12 * 4 + 1))
    assert asked(tenant, **after) == {"data": [], "next_cursor": after["after"], "has_more": False}


def test_posts_that_are_written_and_published_are_read_as_they_happened(deployed: Deployed, tenant: Tenant) -> None:
    deployed.follow_stream()
    channel = tenant.connect("ada")
    post = tenant.posted("Hello", channel)["id"]
    deployed.deliver_stream()
    first = asked(tenant, types="post.*")
    assert [(each["type"], each["data"]["post_id"]) for each in first["data"]] == [("post.scheduled", post)]
    deployed.clock.run(hours=1, minutes=1)
    then = asked(tenant, types="post.*,delivery.*", after=first["next_cursor"])
    told = [each["type"] for each in then["data"]]
    assert told[-2:] == ["delivery.completed", "post.completed"]
    assert "delivery.publishing" in told
    assert [each["actor"] for each in then["data"]] == [None] * len(told)
    by = first["data"][0]["actor"]["key_id"]
    assert by == tenant.api.get("/v1/me").json()["key"]["id"]


def test_an_event_says_what_it_is_and_is_found_by_its_id(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    actor = Actor(key_id=tenant.api.get("/v1/me").json()["key"]["id"], request_id="r-1")
    at = deployed.clock.now()
    (event,) = feed.append(
        tenant.workspace_id, [Draft(type="post.updated", timestamp=at, data={"post_id": "p"}, actor=actor)]
    )
    (shown,) = asked(tenant)["data"]
    assert shown == {
        "id": event.id,
        "type": "post.updated",
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sequence": 1,
        "workspace_id": tenant.workspace_id,
        "actor": {"key_id": actor.key_id, "request_id": "r-1"},
        "data": {"post_id": "p"},
    }
    assert tenant.api.get(f"/v1/events/{event.id}").json() == shown


def test_another_event_of_the_same_number_is_not_found(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    numbered(feed, deployed, tenant, 1)
    other = tenant.api.get(f"/v1/events/{new_id(1, deployed.clock.now())}")
    assert (other.status_code, other.json()["code"]) == (404, "not_found")


def test_an_empty_feed_has_no_cursor_and_is_no_fault(tenant: Tenant) -> None:
    assert asked(tenant) == {"data": [], "next_cursor": None, "has_more": False}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"types": "post.updated"}, [1, 4]),
        ({"types": "post.*"}, [1, 3, 4]),
        ({"types": "post.updated, channel.*"}, [1, 2, 4]),
        ({"post_id": "post_1"}, [1, 5]),
        ({"channel_id": "chn_1"}, [2, 3, 5]),
        ({"channel_id": "chn_2", "types": "post.*"}, [3]),
        ({"actor": KEY}, [4]),
        ({"actor": "key"}, []),
    ],
)
def test_filters_leave_out_what_is_not_asked_for_and_the_cursor_is_past_all(
    deployed: Deployed, tenant: Tenant, feed: Feed, query: dict[str, str], found: Sequence[int]
) -> None:
    told(
        feed,
        deployed,
        tenant,
        ("post.updated", {"post_id": "post_1"}),
        ("channel.updated", {"channel_id": "chn_1"}),
        ("post.scheduled", {"post_id": "post_2", "channel_ids": ["chn_1", "chn_2"]}),
    )
    actor = Actor(key_id=KEY, request_id="r")
    now = deployed.clock.now()
    feed.append(tenant.workspace_id, [Draft(type="post.updated", timestamp=now, data={}, actor=actor)])
    (last,) = told(feed, deployed, tenant, ("delivery.ready", {"post_id": "post_1", "channel_id": "chn_1"}))
    page = asked(tenant, **query)
    assert (sequences(page), page["next_cursor"], page["has_more"]) == (found, last.id, False)


def test_a_filter_that_fits_seldom_is_read_on_in_bounded_steps(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    most = READ_AT_ONCE * Most(events=1).reads
    events = numbered(feed, deployed, tenant, most + 50, every=most + 20)
    first = asked(tenant, types="channel.*", limit=2)
    assert (sequences(first), first["next_cursor"], first["has_more"]) == ([1], events[most - 1].id, True)
    then = asked(tenant, types="channel.*", limit=2, after=first["next_cursor"])
    assert (sequences(then), then["next_cursor"], then["has_more"]) == ([most + 21], events[-1].id, False)


@pytest.mark.parametrize("after", ["x", "evt_", "post_01KJ0000000000000000000001", "evt_01kj0000000000000000000007"])
def test_what_is_no_events_id_is_no_cursor(tenant: Tenant, after: str) -> None:
    status, code, errors = refused(tenant, after=after)
    assert (status, code, [each["param"] for each in errors]) == (400, "invalid_cursor", ["after"])


def test_whoever_was_away_for_longer_than_events_are_kept_is_told_so(
    deployed: Deployed, tenant: Tenant, feed: Feed
) -> None:
    first, _ = numbered(feed, deployed, tenant, 2)
    for event in (1, 2):
        deployed.table("EventsTable").delete({"pk": f"feed#{tenant.workspace_id}", "sk": f"{event:012d}"})
    deployed.clock.sleep(KEPT.total_seconds() + 60)
    (kept,) = numbered(feed, deployed, tenant, 1)
    deployed.clock.sleep(60)
    status, code, errors = refused(tenant, after=first.id)
    assert (status, code, [each["param"] for each in errors]) == (410, "cursor_expired", ["after"])
    assert sequences(asked(tenant)) == [kept.sequence]


def test_another_workspaces_event_is_no_place_in_this_feed(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    other = deployed.tenant()
    (theirs,) = numbered(feed, deployed, other, 1)
    numbered(feed, deployed, tenant, 2)
    assert refused(tenant, after=theirs.id)[:2] == (410, "cursor_expired")
    assert refused(tenant, after=NOBODY)[:2] == (410, "cursor_expired")


@pytest.mark.parametrize(
    "types", ["post", "post.", ".x", "post.updated,", "*", "POST.*", "post.x y", "post.gone", "nothing.*"]
)
def test_what_cannot_be_a_type_is_refused(tenant: Tenant, types: str) -> None:
    status, code, errors = refused(tenant, types=types)
    assert (status, code) == (422, "invalid_request")
    assert [(each["param"], each["rule"]) for each in errors] == [("types", "event.type")]


def test_a_type_or_a_parameter_too_many_and_a_limit_out_of_bounds_are_refused(tenant: Tenant) -> None:
    for wrong in ({"limit": 0}, {"limit": 101}, {"cursor": "x"}, {"types": ""}):
        (name,) = wrong
        status, code, errors = refused(tenant, **wrong)
        assert (status, code, [each["param"] for each in errors]) == (422, "invalid_request", [name])


def test_an_event_whose_time_is_over_is_not_shown_though_it_is_still_stored(
    deployed: Deployed, tenant: Tenant, feed: Feed
) -> None:
    (event,) = numbered(feed, deployed, tenant, 1)
    deployed.clock.sleep((KEPT + timedelta(seconds=1)).total_seconds())
    assert tenant.api.get(f"/v1/events/{event.id}").status_code == 404
    assert asked(tenant) == {"data": [], "next_cursor": None, "has_more": False}
    numbered(feed, deployed, tenant, 3)
    first = asked(tenant, limit=2)
    assert (sequences(first), first["has_more"]) == ([2, 3], True), "there is more behind what is kept no longer"
    assert sequences(asked(tenant, limit=2, after=first["next_cursor"])) == [4]
