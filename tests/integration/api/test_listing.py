"""GET /v1/posts, page by page: in order, nothing missed and nothing twice, and no cursor but the list's own."""

from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.lists import FILTERS, FOUND_BY, decoded, encoded, listed, of, pages
from tests.integration.api.tenant import Tenant


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def posted(tenant: Tenant, channel: str, **more: Any) -> str:
    """A post that every filter finds."""
    found: str = tenant.posted("Hello", channel, **FOUND_BY, **more)["id"]
    return found


@pytest.mark.parametrize("by", FILTERS)
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_miss_nothing_and_repeat_nothing_while_posts_are_inserted(
    tenant: Tenant, channel: str, by: str, limit: int
) -> None:
    there = [posted(tenant, channel, in_minutes=minutes) for minutes in (60, 60, 60, 70, 80, 90, 100)]
    late: list[str] = []

    def insert() -> None:
        if len(late) < 3:
            posted(tenant, channel, in_minutes=30)
            posted(tenant, channel, in_minutes=60)
            late.append(posted(tenant, channel, in_minutes=200))

    found = listed(tenant, insert, limit=limit, **of(by, channel))
    assert len(found) == len(set(found))
    assert [post for post in found if post in there] == sorted(there[:3]) + there[3:]
    assert set(late) <= set(found)


@pytest.mark.parametrize("by", FILTERS)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_latest_come_first_where_that_is_asked_for(tenant: Tenant, channel: str, by: str, limit: int) -> None:
    there = [posted(tenant, channel, in_minutes=minutes) for minutes in (60, 60, 70, 80, 90)]
    in_order = sorted(there[:2]) + there[2:]
    assert listed(tenant, limit=limit, **of(by, channel)) == in_order
    assert listed(tenant, limit=limit, order="asc", **of(by, channel)) == in_order
    assert listed(tenant, limit=limit, order="desc", **of(by, channel)) == in_order[::-1]


@pytest.mark.parametrize("by", ["time", "label", "provider"])
def test_pages_survive_posts_that_go_between_them(tenant: Tenant, channel: str, by: str) -> None:
    there = [tenant.drafted(f"Draft {place}", channel, labels=["spring"])["id"] for place in range(6)]

    def delete() -> None:
        if there:
            assert tenant.api.delete(f"/v1/posts/{there.pop()}").status_code == 200

    before = list(there)
    found = listed(tenant, delete, limit=2, **of(by, channel))
    assert len(found) == len(set(found))
    assert set(there) <= set(found) <= set(before)


@pytest.mark.parametrize("by", FILTERS)
def test_from_is_inclusive_and_to_is_not(tenant: Tenant, channel: str, by: str) -> None:
    at = [tenant.later(minutes) for minutes in (60, 70, 80)]
    first, second, third = (posted(tenant, channel, scheduled_at=time) for time in at)
    query = of(by, channel)
    for order, turn in (("asc", 1), ("desc", -1)):
        query["order"] = order
        assert listed(tenant, **query) == [first, second, third][::turn]
        assert listed(tenant, **{"from": at[1]}, **query) == [second, third][::turn]
        assert listed(tenant, to=at[1], **query) == [first]
        assert listed(tenant, **{"from": at[0], "to": at[2]}, limit=1, **query) == [first, second][::turn]
        assert listed(tenant, **{"from": at[1], "to": at[1]}, **query) == []
        assert listed(tenant, **{"from": at[2], "to": at[0]}, **query) == []
    assert listed(tenant, **{"from": at[1].replace("Z", "+00:00")}, **of(by, channel)) == [second, third]


def test_a_list_shows_posts_without_their_deliveries(tenant: Tenant, channel: str) -> None:
    posted(tenant, channel)
    for by in FILTERS:
        ((post,),) = pages(tenant, **of(by, channel))
        assert set(post) == {
            "id", "status", "rev", "text", "thread", "first_comment", "targets", "scheduled_at", "timezone",
            "max_delay_seconds", "created_at", "updated_at", "overrides", "labels", "external_id", "metadata",
            "allow_duplicate", "media",
        }  # fmt: skip


@pytest.mark.parametrize("by", FILTERS)
def test_another_workspaces_posts_are_never_listed_nor_hinted_at(
    deployed: Deployed, tenant: Tenant, channel: str, by: str
) -> None:
    for _ in range(3):
        posted(tenant, channel)
    other = deployed.tenant()
    answer = other.api.get("/v1/posts", params={**of(by, channel), "limit": 1})
    assert answer.json() == {"data": [], "next_cursor": None}
    own = posted(other, other.connect("ada"))
    assert listed(other, limit=1, **of(by, channel)) == ([] if by == "channel" else [own])


@pytest.mark.parametrize("by", FILTERS)
def test_a_cursor_that_is_none_of_ours_is_refused(tenant: Tenant, channel: str, by: str) -> None:
    for minutes in (60, 70, 80):
        posted(tenant, channel, in_minutes=minutes)
    query = of(by, channel)
    ours = tenant.api.get("/v1/posts", params={"limit": 1, **query}).json()["next_cursor"]
    name, order, sk = decoded(ours)
    time, _, post = order.partition("#")
    tampered = [
        "nonsense",
        ours[:-3],
        ours[3:],
        "é",
        encoded({"pk": post}),
        encoded([name]),
        encoded([name, order]),
        encoded([name, order, sk, sk]),
        encoded([name, order, 7]),
        encoded([name, 7, sk]),
        encoded([name, order, f"{sk}x"]),
        encoded([name, order, "post"]),
        encoded([name[::-1], order, sk]),
        encoded([name, order.lower(), sk]),
        encoded([name, f"{time}#post_other", sk]),
        encoded([name, f"sometime#{post}", sk]),
        encoded([name, post, sk]),
        encoded([name, "", sk]),
        encoded([name, f"{time}#{tenant.workspace_id}", sk]),
        encoded([[[]]]),
        "W" * 499,
    ]
    for cursor in tampered:
        answer = tenant.api.get("/v1/posts", params={"cursor": cursor, **query})
        assert (answer.status_code, answer.json().get("code")) == (400, "invalid_cursor"), cursor


def test_a_cursor_is_its_own_lists_only(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    """Not of another filter, nor of another value of it, nor of the other order, nor of another workspace."""
    for minutes in (60, 70, 80):
        posted(tenant, channel, in_minutes=minutes)
    queries = [of(by, channel) for by in FILTERS]
    queries += [{"label": "summer"}, {"label": "spring", "status": "SCHEDULED"}, {"status": "DRAFT"}]
    queries += [{**query, "order": "desc"} for query in queries]
    for query in queries:
        cursor = tenant.api.get("/v1/posts", params={"limit": 1, **query}).json()["next_cursor"]
        for other in queries:
            answer = tenant.api.get("/v1/posts", params={**other, "cursor": cursor} if cursor else other)
            assert answer.status_code == (200 if other == query or not cursor else 400), (query, other)
        stranger = deployed.tenant() if cursor and "channel_id" not in query else tenant
        answer = stranger.api.get("/v1/posts", params={**query, "cursor": cursor} if cursor else query)
        assert answer.status_code == (200 if stranger is tenant else 400)


@pytest.mark.parametrize("by", FILTERS)
def test_a_cursor_outside_of_the_span_that_is_asked_for_is_refused(tenant: Tenant, channel: str, by: str) -> None:
    """DynamoDB refuses a start key outside of the query's bounds, and with an error that is ours."""
    at = [tenant.later(minutes) for minutes in (60, 70, 80)]
    for time in at:
        posted(tenant, channel, scheduled_at=time)
    for order, bound in (("asc", {"from": at[1]}), ("desc", {"to": at[1]})):
        query = {**of(by, channel), "order": order}
        cursor = tenant.api.get("/v1/posts", params={"limit": 1, **query}).json()["next_cursor"]
        answer = tenant.api.get("/v1/posts", params={"cursor": cursor, **bound, **query})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), by


@pytest.mark.parametrize(
    "query",
    [
        {"label": ""},
        {"external_id": ""},
        {"provider": ""},
        {"label": "x" * 51},
        {"external_id": "x" * 256},
        {"order": "up"},
        {"limit": "0"},
        {"limit": "101"},
        {"status": "GONE"},
        {"labels": "spring"},
    ],
)
def test_what_no_list_knows_is_refused(tenant: Tenant, query: dict[str, str]) -> None:
    answer = tenant.api.get("/v1/posts", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["param"] for error in answer.json()["errors"]] == list(query)
