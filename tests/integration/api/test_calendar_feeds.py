"""What a calendar's link answers to apps, which have no key; and what it costs whoever guesses."""

import re
from typing import Any

import icalendar
import pytest

from punctual import ids
from punctual.calendars import feeds
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_calendars import DAY, looked, made, said, summaries


def cancelled(tenant: Tenant, channel: str, text: str, in_minutes: float) -> None:
    """It stays as it is, whatever time does."""
    post = tenant.posted(text, channel, in_minutes=in_minutes)
    assert tenant.api.post(f"/v1/posts/{post['id']}/cancel").is_success


@pytest.fixture
def dynamodb(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What is asked of it from here on."""
    found: list[tuple[str, dict[str, Any]]] = []
    for operation in ("get_item", "query", "update_item"):
        call = getattr(deployed.wire, operation)

        def heard(_name: str = operation, _call: Any = call, **request: Any) -> Any:
            found.append((_name, request))
            return _call(**request)

        monkeypatch.setattr(deployed.wire, operation, heard, raising=False)
    return found


def test_an_app_without_a_key_sees_the_posts_that_have_a_time(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    calendar = made(tenant)
    post = tenant.posted("Good morning.\n\nAnd more.", channel, in_minutes=DAY)
    tenant.drafted("A draft without a time", channel)
    tenant.posted("Out", channel, schedule="now", scheduled_at=None)
    cancelled(tenant, channel, "Not any more", 3 * DAY)
    deployed.clock.run(minutes=1)
    assert summaries(deployed, calendar) == [
        "Published: Out", "Scheduled: Good morning. And more.", "Cancelled: Not any more",
    ]  # fmt: skip
    events = icalendar.Calendar.from_ical(looked(deployed, calendar).text).walk("VEVENT")
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert (str(events[1]["UID"]), events[1]["CATEGORIES"].cats) == (post["id"], ["sandbox"])


def test_an_answer_is_kept_by_the_app_alone_and_found_by_nobody(deployed: Deployed, tenant: Tenant) -> None:
    answer = looked(deployed, made(tenant))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "X-WR-CALNAME:Test\r\n" in answer.text
    named = looked(deployed, made(tenant, description="Acme's posts"))
    assert "X-WR-CALNAME:Acme's posts\r\n" in named.text


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(deployed: Deployed, tenant: Tenant) -> None:
    calendar, other, revoked = made(tenant), made(tenant), made(tenant)
    answer = tenant.api.delete(f"/v1/calendars/{revoked['id']}")
    assert answer.status_code == 200
    assert looked(deployed, calendar).status_code == 200
    (where, secret), (_, foreign) = (each["url"].removesuffix(".ics").rsplit(".", 1) for each in (calendar, other))
    wrong = [
        f"{where}.{foreign}.ics",
        f"{where}.{secret[:-1]}{'B' if secret[-1] == 'A' else 'A'}.ics",
        f"{where}.{secret}",
        f"{where}..ics",
        f"{where}.{secret.upper()}.ics",
        where.replace(calendar["id"], ids.new("cal")) + f".{secret}.ics",
        where.replace(tenant.workspace_id, ids.new("ws")) + f".{secret}.ics",
        where.replace(tenant.workspace_id, deployed.tenant().workspace_id) + f".{secret}.ics",
        where.rpartition("/")[0] + "/none.ics",
        revoked["url"],
    ]
    answers = [said(looked(deployed, {"url": url})) for url in wrong]
    assert answers[0]["code"] == "not_found"
    assert answers == answers[:1] * len(wrong)


def test_a_wrong_link_costs_one_read_and_what_is_none_costs_nothing(
    deployed: Deployed, tenant: Tenant, dynamodb: list[tuple[str, Any]]
) -> None:
    calendar = made(tenant)
    dynamodb.clear()
    looked(
        deployed,
        {"url": calendar["url"][:-5] + "A.ics" if calendar["url"][-5] != "A" else calendar["url"][:-5] + "B.ics"},
    )
    assert [name for name, _ in dynamodb] == ["get_item"]
    dynamodb.clear()
    for token in ("none.ics", "ws_1.cal_1.x.ics", "." * 90, "calendar%23cal_1.ics"):
        assert looked(deployed, {"url": f"/v1/calendar/{token}"}).status_code == 404
    assert dynamodb == []


def test_a_look_costs_two_reads_of_items_a_count_and_few_pages_of_one_index(
    deployed: Deployed, tenant: Tenant, dynamodb: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_POSTS", 2)
    channel, other = tenant.connect("ada"), tenant.connect("bob")
    calendar = made(tenant, channel_ids=[other])
    for place in range(9):
        tenant.posted(f"Post {place}", channel, in_minutes=DAY + place)
    dynamodb.clear()
    assert looked(deployed, calendar).status_code == 200
    assert [name for name, _ in dynamodb] == ["get_item", "get_item", "update_item", *["query"] * 4]
    assert {request.get("IndexName") for name, request in dynamodb if name == "query"} == {"by_time"}
    assert dynamodb[2][1]["TableName"] == "LimitsTable"
    dynamodb.clear()
    assert len(summaries(deployed, made(tenant))) == 2
    assert [name for name, _ in dynamodb if name == "query"] == ["query"] * 2, "no more is read than is shown"


def test_what_an_app_has_already_is_not_sent_again(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    post = tenant.posted("Good morning.", channel, in_minutes=DAY)
    calendar = made(tenant)
    tag = looked(deployed, calendar).headers["etag"]
    assert re.fullmatch('"[0-9a-f]{32}"', tag)
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = looked(deployed, calendar, **{"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"] == "private, max-age=300"
    for unknown in ('"other"', tag.strip('"'), ""):
        assert looked(deployed, calendar, **{"If-None-Match": unknown}).status_code == 200
    tags = [tag, looked(deployed, made(tenant)).headers["etag"]]
    for change in ({"text": "Good evening."}, {"scheduled_at": tenant.later(2 * DAY)}):
        assert tenant.api.patch(f"/v1/posts/{post['id']}", json=change).is_success
        tags.append(looked(deployed, calendar).headers["etag"])
    assert tenant.api.post(f"/v1/posts/{post['id']}/cancel").is_success
    tags.append(looked(deployed, calendar).headers["etag"])
    assert tenant.api.delete(f"/v1/posts/{post['id']}").is_success
    tags.append(looked(deployed, calendar).headers["etag"])
    assert len(set(tags)) == len(tags)


def test_a_post_that_comes_to_its_end_is_another_version(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    tenant.posted("Good morning.", channel, in_minutes=10)
    calendar = made(tenant)
    before = looked(deployed, calendar)
    deployed.clock.run(minutes=11)
    after = looked(deployed, calendar)
    assert after.headers["etag"] != before.headers["etag"]
    sequences = [int(re.findall(r"SEQUENCE:(\d+)", answer.text)[0]) for answer in (before, after)]
    assert sequences[0] < sequences[1]


def test_a_calendar_of_some_channels_shows_their_posts_alone(deployed: Deployed, tenant: Tenant) -> None:
    ada, bob = tenant.connect("ada"), tenant.connect("bob")
    tenant.posted("Of ada", ada, in_minutes=1 * DAY)
    tenant.posted("Of bob", bob, in_minutes=2 * DAY)
    tenant.posted("Of both", ada, bob, in_minutes=3 * DAY)
    calendar = made(tenant, channel_ids=[bob, bob])
    assert calendar["channel_ids"] == [bob]
    assert summaries(deployed, calendar) == ["Scheduled: Of bob", "Scheduled: Of both"]
    assert len(summaries(deployed, made(tenant, channel_ids=[ada, bob]))) == 3


def test_texts_can_be_hidden(deployed: Deployed, tenant: Tenant) -> None:
    tenant.posted("A secret plan", tenant.connect("ada"), in_minutes=DAY)
    calendar = made(tenant, shows_text=False)
    assert "secret" not in looked(deployed, calendar).text
    assert summaries(deployed, calendar) == ["Scheduled: Post on sandbox"]


def test_posts_of_a_month_before_and_a_year_ahead_are_shown_and_no_others(deployed: Deployed, tenant: Tenant) -> None:
    channel, calendar = tenant.connect("ada"), made(tenant)
    for days in (1, 2, 35, 370, 400):
        cancelled(tenant, channel, f"On day {days}", days * DAY)
    deployed.clock.run(days=31, hours=12)
    assert summaries(deployed, calendar) == [f"Cancelled: On day {days}" for days in (2, 35, 370)]


def test_of_many_posts_the_nearest_are_shown(
    deployed: Deployed, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, calendar = tenant.connect("ada"), made(tenant)
    for hours in (1, 2, 3, 20, 22, 30, 60):
        cancelled(tenant, channel, f"Hour {hours}", hours * 60)
    deployed.clock.run(hours=21)
    monkeypatch.setattr(feeds, "MOST_POSTS", 3)
    assert summaries(deployed, calendar) == [f"Cancelled: Hour {hours}" for hours in (20, 22, 30)]


def test_a_calendar_is_looked_at_so_often_a_minute_and_each_for_itself(deployed: Deployed, tenant: Tenant) -> None:
    calendar, other = made(tenant), made(tenant)
    answers = [looked(deployed, calendar) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == ("rate_limited", "1")
    assert looked(deployed, other).status_code == 200
    deployed.clock.run(seconds=2)
    assert looked(deployed, calendar).status_code == 200
