"""GET /v1/audit: who did what, as JSON Lines, all of it in as many answers as it takes."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from punctual.acting import Actor
from punctual.clock import to_text
from punctual.events import reading
from punctual.events.event import Draft
from punctual.events.feed import KEPT, Feed, key
from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant
from webhooks.routes import audit

ADA, BOB, EVE = f"key_{0:026}", f"key_{1:026}", f"prs_{0:026}"
_NEXT = re.compile(r'<([^>]+)>; rel="next"')


@pytest.fixture
def tenant(deployed: Deployed, tenant: Tenant) -> Tenant:
    """With a feed that is empty: its key was told to have been made."""
    for item in deployed.items("EventsTable"):
        deployed.table("EventsTable").delete({"pk": item["pk"], "sk": item["sk"]})
    return tenant


@pytest.fixture
def feed(deployed: Deployed) -> Feed:
    return Feed(deployed.table("EventsTable"), deployed.clock.now)


def done(feed: Feed, tenant: Tenant, at: datetime, *by: str | None, data: dict[str, Any] | None = None) -> None:
    actors = [Actor(key_id=each, request_id=f"r-{each}") if each else None for each in by]
    feed.append(
        tenant.workspace_id,
        [Draft(type="post.updated", timestamp=at, data=data or {"post_id": "p"}, actor=actor) for actor in actors],
    )


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl"), answer.text
    assert answer.text == "" or answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def exported(tenant: Tenant, **query: Any) -> list[dict[str, Any]]:
    """Whatever `Link` leads to, as a program would."""
    answer = tenant.api.get("/v1/audit", params=query)
    found = lines(answer)
    followed = set[str]()
    while link := answer.headers.get("link"):
        assert link not in followed, "it leads to where it was"
        followed.add(link)
        match = _NEXT.fullmatch(link)
        assert match
        assert match[1].startswith(f"{BASE}/v1/audit?")
        answer = tenant.api.get(match[1])
        found += lines(answer)
    return found


def whose(found: list[dict[str, Any]]) -> list[tuple[int, str | None]]:
    return [(each["sequence"], each["actor"] and each["actor"]["key_id"]) for each in found]


def test_it_shows_what_somebody_did_and_the_rest_if_asked(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    done(feed, tenant, deployed.clock.now(), ADA, None, BOB, EVE)
    assert whose(exported(tenant)) == [(1, ADA), (3, BOB), (4, EVE)]
    assert whose(exported(tenant, all="true")) == [(1, ADA), (2, None), (3, BOB), (4, EVE)]
    assert whose(exported(tenant, actor=BOB)) == [(3, BOB)]
    assert whose(exported(tenant, types="channel.*")) == []
    assert exported(tenant) == [each for each in tenant.api.get("/v1/events").json()["data"] if each["actor"]]


def test_two_keys_are_told_apart_by_what_each_did(deployed: Deployed, tenant: Tenant) -> None:
    deployed.follow_stream()
    other = tenant.with_scopes("read", "write")
    ada, bob = (each.api.get("/v1/me").json()["key"]["id"] for each in (tenant, other))
    channel = tenant.connect("ada")
    post = tenant.posted("Hello", channel, in_minutes=10)["id"]
    deployed.deliver_stream()
    other.api.patch(f"/v1/posts/{post}", json={"text": "Hello there"}).raise_for_status()
    deployed.deliver_stream()
    deployed.clock.run(minutes=11)
    done = exported(tenant, post_id=post)
    assert {each["type"] for each in exported(tenant, actor=ada, post_id=post)} >= {"post.scheduled"}
    assert {each["type"] for each in exported(tenant, actor=bob)} >= {"post.updated"}
    assert "post.updated" not in {each["type"] for each in exported(tenant, actor=ada)}
    assert {each["actor"]["key_id"] for each in done} == {ada, bob}
    assert "post.completed" not in {each["type"] for each in done}, "nobody did that but Punctual"
    assert "post.completed" in {each["type"] for each in exported(tenant, all="true", post_id=post)}


def test_all_of_it_is_read_by_following_the_link(
    deployed: Deployed, tenant: Tenant, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST", reading.Most(events=7, reads=2))
    monkeypatch.setattr(reading, "READ_AT_ONCE", 10)
    for _ in range(5):
        done(feed, tenant, deployed.clock.now(), *[ADA, None, BOB] * 9)
    assert [each[0] for each in whose(exported(tenant))] == [n for n in range(1, 136) if n % 3 != 2]
    assert [each[0] for each in whose(exported(tenant, all="true"))] == list(range(1, 136))
    assert whose(exported(tenant, actor=f"key_{2:026}")) == []


def test_an_answer_has_no_more_bytes_than_fit(
    deployed: Deployed, tenant: Tenant, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST", reading.Most(events=100, bytes=20_000))
    data = {"post_id": "p", "channel_ids": [f"chn_{n:026}" for n in range(200)]}
    done(feed, tenant, deployed.clock.now(), *[ADA] * 12, data=data)
    first = tenant.api.get("/v1/audit")
    assert 6_000 < len(first.content) < 22_000
    assert "link" in first.headers
    assert len(exported(tenant)) == 12


def test_a_full_answer_stays_below_what_lambda_takes() -> None:
    assert audit.MOST.bytes < 6_000_000 / 1.5
    assert audit.MOST.reads * reading.READ_AT_ONCE >= audit.MOST.events


def test_times_are_of_what_happened_and_the_second_is_not_in_it(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    began = deployed.clock.now()
    for _ in range(5):
        done(feed, tenant, deployed.clock.now(), ADA)
        deployed.clock.sleep(3600)

    def at(hours: float) -> str:
        return to_text(began + timedelta(hours=hours))

    def within(**span: str) -> list[int]:
        return [each[0] for each in whose(exported(tenant, **span))]

    assert within(since=at(2)) == [3, 4, 5]
    assert within(until=at(2)) == [1, 2]
    assert within(since=at(1), until=at(3)) == [2, 3]
    assert within(since=at(9)) == []
    assert within(since="2001-01-01T00:00:00Z") == [1, 2, 3, 4, 5]


def test_what_was_told_a_day_late_is_still_found_by_when_it_happened(
    deployed: Deployed, tenant: Tenant, feed: Feed
) -> None:
    began = deployed.clock.now()
    done(feed, tenant, began, ADA)
    deployed.clock.sleep(23 * 3600)
    done(feed, tenant, began + timedelta(seconds=30), BOB)
    deployed.clock.sleep(3 * 3600)
    done(feed, tenant, deployed.clock.now(), f"key_{2:026}")
    found = exported(tenant, until=to_text(began + timedelta(minutes=1)))
    assert whose(found) == [(1, ADA), (2, BOB)]


def test_what_came_long_after_is_not_read_for_an_old_span(
    deployed: Deployed, tenant: Tenant, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST", reading.Most(events=100, reads=1))
    monkeypatch.setattr(reading, "READ_AT_ONCE", 10)
    began = deployed.clock.now()
    done(feed, tenant, began, ADA)
    deployed.clock.sleep(30 * 3600)
    done(feed, tenant, deployed.clock.now(), *[BOB] * 50)
    answer = tenant.api.get("/v1/audit", params={"until": to_text(began + timedelta(minutes=1))})
    assert (whose(lines(answer)), "link" in answer.headers) == ([(1, ADA)], False)


def test_a_time_before_what_is_kept_begins_with_what_is(deployed: Deployed, tenant: Tenant, feed: Feed) -> None:
    """DynamoDB deletes what is over in no order."""
    done(feed, tenant, deployed.clock.now(), ADA, ADA, ADA, ADA)
    for number in (2, 4):
        deployed.table("EventsTable").delete(key(tenant.workspace_id, number))
    deployed.clock.sleep((KEPT + timedelta(hours=1)).total_seconds())
    done(feed, tenant, deployed.clock.now(), BOB)
    assert whose(exported(tenant, since="2001-01-01T00:00:00Z")) == whose(exported(tenant)) == [(5, BOB)]


def test_faults_name_their_parameter(tenant: Tenant) -> None:
    now = "2026-11-22T16:00:00Z"
    for query, param in (
        ({"since": "yesterday"}, "since"),
        ({"since": now, "until": now}, ""),
        ({"all": "perhaps"}, "all"),
        ({"types": "x"}, "types"),
        ({"limit": "1"}, "limit"),
    ):
        answer = tenant.api.get("/v1/audit", params=query)
        assert (answer.status_code, [each["param"] for each in answer.json()["errors"]]) == (422, [param]), query


def test_a_browser_may_read_where_there_is_more(tenant: Tenant) -> None:
    answer = tenant.api.get("/v1/audit", headers={"Origin": "https://app.example"})
    assert "Link" in answer.headers["access-control-expose-headers"]
