"""The events function behind the work table's stream, with the filters of the template, under a moved clock."""

from typing import Any

import pytest

from punctual.events.feed import Feed
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


@pytest.fixture(autouse=True)
def _followed(deployed: Deployed) -> None:
    deployed.follow_stream()


def told(deployed: Deployed, tenant: Tenant, subject: str) -> list[str]:
    """Of this post's own, in order."""
    feed = Feed(deployed.table("EventsTable"), deployed.clock.now)
    events = feed.read(tenant.workspace_id, None, 1000).events
    assert [each.sequence for each in events] == list(range(1, len(events) + 1))
    return [each.type for each in events if each.type.startswith("post.") and each.data["post_id"] == subject]


def ended(deployed: Deployed, tenant: Tenant, channel: str) -> dict[str, Any]:
    post = tenant.posted("Hello", channel)
    deployed.clock.run(hours=2)
    return post


def test_what_a_post_goes_through_is_told_as_the_clock_runs(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = ended(deployed, tenant, channel)
    assert told(deployed, tenant, post["id"]) == ["post.scheduled", "post.completed"]


def test_the_two_readers_of_the_stream_are_each_given_what_their_filter_lets_through(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = ended(deployed, tenant, channel)
    assert deployed.streaming
    deployed.streaming.stream.expire({"pk": post["id"], "sk": "post"})
    deployed.deliver_stream()
    assert not [row for row in deployed.items("WorkTable") if row["pk"] == post["id"]], "the expirer had its record"
    assert told(deployed, tenant, post["id"])[-1] == "post.expired"


def test_a_batch_that_failed_comes_again(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    def fails(_: object) -> None:
        raise refused("ThrottlingException", "TransactWriteItems")

    post = tenant.posted("Hello", channel)
    deployed.wire.before("transact_write_items", fails)
    deployed.clock.run(seconds=0.5)
    assert (deployed.wire.forget(), told(deployed, tenant, post["id"])) == (0, [])
    deployed.clock.run(seconds=5)
    assert told(deployed, tenant, post["id"]) == ["post.scheduled"]


def test_the_clock_runs_beside_the_stream(deployed: Deployed) -> None:
    deployed.invoke("EventsFunction", {"source": "aws.scheduler"})
    assert deployed.invoke("EventsFunction", {"source": "aws.scheduler"}) == {"lanes": 0}, "something was repaired"
