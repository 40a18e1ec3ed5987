"""GET /v1/channels and GET /v1/posts/{id}/attempts, page by page."""

from typing import Any

import pytest

from punctual import paging
from punctual.attempts import Attempts
from punctual.channels import Channels
from punctual.deliveries import Deliveries
from punctual.providers.base import Account
from tests.integration.api.deployed import Deployed
from tests.integration.api.lists import decoded, encoded, listed, pages
from tests.integration.api.tenant import Tenant

CHANNELS = "/v1/channels"


@pytest.fixture
def store(deployed: Deployed) -> Channels:
    return Channels(deployed.table("WorkTable"), deployed.clock.now)


def connected(store: Channels, tenant: Tenant, name: str, provider: str = "sandbox", *, works: bool = True) -> str:
    account = Account(id=name, handle=name, server="https://social.example")
    channel = store.claim(tenant.workspace_id, provider, account)
    if works:
        store.activate(channel, account, "grt_1")
    return channel.id


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_channels_miss_nothing_while_others_come_and_go(tenant: Tenant, store: Channels, limit: int) -> None:
    there = sorted(connected(store, tenant, f"ada{place}") for place in range(6))
    gone = there[0]

    def come_and_go() -> None:
        channel = store.get(tenant.workspace_id, gone)
        if channel:
            store.disconnect(channel)
            store.delete(channel)
        connected(store, tenant, "late")

    found = listed(tenant, come_and_go, path=CHANNELS, limit=limit)
    assert [each for each in found if each in there] == there
    assert len(found) == len(set(found))
    assert len(found) == (6 if limit == 100 else 7)


def test_channels_are_filtered_by_provider_and_by_status(tenant: Tenant, store: Channels) -> None:
    ada, bob = (connected(store, tenant, name) for name in ("ada", "bob"))
    eve = connected(store, tenant, "eve", "mastodon")
    dead = connected(store, tenant, "dead", "mastodon", works=False)
    for limit in (1, 3, 100):
        assert set(listed(tenant, path=CHANNELS, limit=limit)) == {ada, bob, eve, dead}
        assert set(listed(tenant, path=CHANNELS, limit=limit, provider="sandbox")) == {ada, bob}
        assert set(listed(tenant, path=CHANNELS, limit=limit, status="active")) == {ada, bob, eve}
        assert listed(tenant, path=CHANNELS, limit=limit, provider="mastodon", status="active") == [eve]
        assert listed(tenant, path=CHANNELS, limit=limit, provider="mastodon", status="reconnect_required") == [dead]
        assert listed(tenant, path=CHANNELS, limit=limit, provider="bluesky") == []


def test_a_page_of_channels_reads_so_many_and_no_more(
    tenant: Tenant, store: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST_READS", 2)
    for place in range(9):
        connected(store, tenant, f"ada{place}")
    rare = connected(store, tenant, "eve", "mastodon")
    found = pages(tenant, path=CHANNELS, limit=2, provider="mastodon")
    assert [[each["id"] for each in page] for page in found] in ([[], [], [rare]], [[], [rare]], [[rare], []])
    assert len(found) > 1


def test_another_workspaces_channels_are_not_listed(deployed: Deployed, tenant: Tenant, store: Channels) -> None:
    other = deployed.tenant()
    for name in ("ada", "bob"):
        connected(store, tenant, name)
    theirs = connected(store, other, "ada")
    assert listed(other, path=CHANNELS, limit=1) == [theirs]
    cursor = tenant.api.get(CHANNELS, params={"limit": 1}).json()["next_cursor"]
    assert other.api.get(CHANNELS, params={"cursor": cursor}).json()["code"] == "invalid_cursor"


def test_a_cursor_of_channels_is_its_own_lists_only(tenant: Tenant, store: Channels) -> None:
    for name in ("ada", "bob"):
        connected(store, tenant, name)
    cursor = tenant.api.get(CHANNELS, params={"limit": 1}).json()["next_cursor"]
    name, place = decoded(cursor)
    for wrong in ("nonsense", encoded([name]), encoded([name, 7]), encoded([name, "chn_x"]), encoded([place, place])):
        answer = tenant.api.get(CHANNELS, params={"cursor": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), wrong
    for other in ({"provider": "sandbox"}, {"status": "active"}):
        assert tenant.api.get(CHANNELS, params={"cursor": cursor, **other}).status_code == 400
    assert tenant.api.get(CHANNELS, params={"cursor": cursor}).status_code == 200
    for wrong_query in ({"limit": "0"}, {"limit": "101"}, {"status": "gone"}, {"handle": "ada"}):
        assert tenant.api.get(CHANNELS, params=wrong_query).status_code == 422


def test_attempts_come_in_pages_in_the_order_in_which_they_were_made(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("Hello", tenant.connect("ada"), tenant.connect("bob"))
    table = deployed.table("WorkTable")
    deliveries, attempts = Deliveries(table).of_post(post["id"]), Attempts(table, deployed.clock.now)
    made: list[str] = []

    def begin(place: int) -> None:
        """Of both deliveries in turn; two of them at one moment."""
        made.append(f"att_{place:026d}")
        attempts.begin(made[-1], deliveries[place % 2], "look", "test")
        deployed.clock.run(seconds=place % 2)

    for place in range(8):
        begin(place)
    path = f"/v1/posts/{post['id']}/attempts"
    for limit in (1, 3, 7, 8, 100):
        assert listed(tenant, path=path, limit=limit) == made
    late: list[Any] = []

    def more() -> None:
        if not late:
            late.append(begin(8))

    assert listed(tenant, more, path=path, limit=3) == made
    assert len(made) == 9


def test_a_cursor_of_attempts_is_of_one_post_only(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    first, second = (tenant.posted("Hello", channel, in_minutes=20)["id"] for _ in range(2))
    deployed.clock.run(minutes=21)
    cursor = tenant.api.get(f"/v1/posts/{first}/attempts", params={"limit": 1}).json()["next_cursor"]
    assert tenant.api.get(f"/v1/posts/{first}/attempts", params={"cursor": cursor}).status_code == 200
    for wrong in (cursor, "nonsense", cursor[1:]):
        answer = tenant.api.get(f"/v1/posts/{second}/attempts", params={"cursor": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
