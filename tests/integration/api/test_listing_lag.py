"""An index has what was written a moment ago. Meanwhile a list shows no post as what it is not any more."""

from collections.abc import Iterator
from typing import Any

import pytest

from punctual.deliveries import Deliveries
from punctual.posts import Posts
from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.lists import FILTERS, FOUND_BY, listed, of
from tests.integration.api.tenant import Tenant


@pytest.fixture
def lag(deployed: Deployed) -> Iterator[Any]:
    """`lag.begin()`: from now on the indexes get nothing; `lag.end()`: they have caught up."""
    found = Lag(deployed)
    yield found
    found.end()


class Lag:
    def __init__(self, deployed: Deployed):
        self._memory: Any = deployed.wire._client

    def begin(self) -> None:
        self._memory.index_lag = 10_000.0

    def pause(self) -> None:
        """What is written from now on arrives; what was before is still on its way."""
        self._memory.index_lag = 0.0

    def end(self) -> None:
        self.pause()
        self._memory.settle()


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def posted(tenant: Tenant, channel: str, **more: Any) -> str:
    found: str = tenant.posted("Hello", channel, **FOUND_BY, **more)["id"]
    return found


def change(tenant: Tenant, post: str, **given: Any) -> None:
    answer = tenant.api.patch(f"/v1/posts/{post}", json={"allow_duplicate": True, **given})
    assert answer.status_code == 200, answer.text


CHANGES: dict[str, dict[str, Any]] = {
    "status": {"scheduled_at": None},
    "channel": {"targets": []},
    "provider": {"targets": []},
    "label": {"labels": ["summer"]},
    "external_id": {"external_id": None},
}


@pytest.mark.parametrize("by", CHANGES)
def test_a_post_that_does_not_fit_any_more_is_not_shown(tenant: Tenant, channel: str, lag: Lag, by: str) -> None:
    first, second = (posted(tenant, channel, in_minutes=minutes) for minutes in (60, 70))
    if CHANGES[by] == {"targets": []}:
        change(tenant, first, scheduled_at=None)
    assert set(listed(tenant, **of(by, channel))) == {first, second}
    lag.begin()
    change(tenant, first, **CHANGES[by])
    assert listed(tenant, limit=1, **of(by, channel)) == [second]


@pytest.mark.parametrize("by", ["status", "channel", "provider", "label", "external_id"])
def test_a_post_that_was_moved_is_not_shown_where_it_was(tenant: Tenant, channel: str, lag: Lag, by: str) -> None:
    first, second = (posted(tenant, channel, in_minutes=minutes) for minutes in (60, 70))
    lag.begin()
    change(tenant, first, scheduled_at=tenant.later(80))
    assert listed(tenant, **of(by, channel)) == [second]
    assert listed(tenant, to=tenant.later(65), **of(by, channel)) == []
    lag.end()
    assert listed(tenant, **of(by, channel)) == [second, first]


@pytest.mark.parametrize("by", ["status", "channel", "provider", "label", "external_id"])
def test_a_post_that_was_just_deleted_is_passed_over(tenant: Tenant, channel: str, lag: Lag, by: str) -> None:
    posts = [tenant.drafted("Draft", channel, **FOUND_BY)["id"] for _ in range(3)]
    query = {"status": "DRAFT"} if by == "status" else of(by, channel)
    lag.begin()
    assert tenant.api.delete(f"/v1/posts/{posts[1]}").status_code == 200
    assert listed(tenant, **query) == [posts[0], posts[2]]
    assert listed(tenant, limit=1, **query) == [posts[0], posts[2]]


@pytest.mark.parametrize("by", ["channel", "provider"])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_post_whose_delivery_was_replaced_is_shown_once(
    deployed: Deployed, tenant: Tenant, channel: str, lag: Lag, by: str, limit: int
) -> None:
    """The index has the new delivery, and the old one still."""
    other = tenant.connect("bob")
    draft = tenant.drafted("Draft", channel)["id"]
    last = tenant.drafted("Last", channel)["id"]
    lag.begin()
    change(tenant, draft, targets=[{"channel_id": other}])  # its delivery goes, and the index does not hear of it
    lag.pause()
    change(tenant, draft, targets=[{"channel_id": channel}])
    rows, _ = Deliveries(deployed.table("WorkTable")).of_channel(channel, ("0", "~"), 10)
    assert [row["pk"] for row in rows] == [draft, draft, last]
    assert listed(tenant, limit=limit, **of(by, channel)) == [draft, last]
    assert listed(tenant, limit=limit, order="desc", **of(by, channel)) == [last, draft]


def test_what_went_out_a_moment_ago_is_not_listed_as_scheduled(
    deployed: Deployed, tenant: Tenant, channel: str, lag: Lag
) -> None:
    post = posted(tenant, channel, in_minutes=60)
    lag.begin()
    deliveries = Deliveries(deployed.table("WorkTable"))
    (seen,) = deliveries.of_post(post)
    held = deliveries.claim(seen, "att_1", deployed.clock.now(), status=DeliveryStatus.PUBLISHING)
    deliveries.write(held, status=DeliveryStatus.COMPLETED)
    assert listed(tenant, status="SCHEDULED") == [post]  # the post's own state follows in a moment, as GET says
    Posts(deployed.table("WorkTable"), deliveries, deployed.clock.now).roll_up(post)
    assert listed(tenant, status="SCHEDULED") == []
    lag.end()
    assert listed(tenant, status="COMPLETED") == [post]


def test_every_list_but_the_unfiltered_one_is_held_by_these_tests() -> None:
    assert set(CHANGES) == set(FILTERS) - {"time"}
