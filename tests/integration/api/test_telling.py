"""The events function behind the work table's stream, with the filters of the template, under a moved clock."""

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
