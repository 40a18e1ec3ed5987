"""What happens to a post, told by the deployed stack: in the feed, by signed webhooks, in a calendar."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from standardwebhooks import Webhook

from local.stack import Stack
from tests.e2e.test_main_job import connect, eventually, timeline
from tests.receiving import Received, receiving

TEXT = "Told by webhook"
LIFE = ("post.scheduled", "delivery.ready", "delivery.publishing", "delivery.completed", "post.completed")


def test_a_posts_life_is_told_in_the_feed_by_signed_webhooks_and_in_a_calendar(stack: Stack) -> None:
    with receiving() as receiver, stack.client(stack.create_key()) as api:
        made = api.post("/v1/webhooks", json={"url": receiver.url}).raise_for_status().json()
        link = api.post("/v1/calendars", json={}).raise_for_status().json()["url"]
        channel = connect(api, handle="told")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=30)
        body = {"text": TEXT, "scheduled_at": due.isoformat(), "targets": [{"channel_id": channel["id"]}]}
        post = api.post("/v1/posts", json=body).raise_for_status().json()
        assert f"Scheduled: {TEXT}" in calendar(link)
        got = receiver.wait(lambda found: "post.completed" in types_of(found, post["id"]), seconds=90)
        feed = eventually(lambda: all_read(api, len(got)), seconds=20)
        assert [p["text"] for p in timeline(api) if p["text"] == TEXT] == [TEXT]
        assert f"Published: {TEXT}" in calendar(link)
        sends = eventually(lambda: all_sent(api, made["id"], len(feed)), seconds=20)
        got = receiver.got
    verified = [Webhook(made["secret"]).verify(each.body, dict(each.headers)) for each in got]
    assert [each.headers["webhook-id"] for each in got] == [event["id"] for event in verified]
    once = {event["sequence"]: event for event in verified}
    assert [once[sequence] for sequence in sorted(once)] == feed[1:], "the key was made before the webhook"
    told = [event for event in feed if event["data"].get("post_id") == post["id"]]
    life = [event["type"] for event in told if event["type"] in LIFE]
    assert life == list(LIFE)
    assert [each["event_id"] for each in reversed(sends)] == [event["id"] for event in feed[1:]]
    assert arrivals(got, post["id"], "post.scheduled") < arrivals(got, post["id"], "delivery.completed")
    (done,) = (event for event in told if event["type"] == "delivery.completed")
    assert done["data"]["lateness_ms"] >= 0
    assert done["actor"] is None
    lines = stack.log_lines()
    secrets = (made["secret"].removeprefix("whsec_"), TEXT, receiver.url, link.rsplit("/", 1)[-1])
    assert [said for line in lines for said in secrets if said in line] == []


def types_of(found: Any, post_id: str) -> set[str]:
    return {each.event["type"] for each in found if each.event["data"].get("post_id") == post_id}


def arrivals(got: Any, post_id: str, type_: str) -> float:
    received: list[Received] = list(got)
    return min(e.at for e in received if e.event["type"] == type_ and e.event["data"].get("post_id") == post_id)


def calendar(link: str) -> str:
    with httpx.Client(timeout=30, trust_env=False) as app:
        answer = app.get(link).raise_for_status()
    return answer.text.replace("\r\n ", "")


def all_read(api: httpx.Client, least: int) -> list[dict[str, Any]] | None:
    """As a reader that follows the cursor, from the oldest on."""
    events: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        page = api.get("/v1/events", params={"limit": 3, **after}).raise_for_status().json()
        events += page["data"]
        after = {"after": page["next_cursor"]}
        if not page["has_more"]:
            assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
            return events if len(events) > least else None


def all_sent(api: httpx.Client, webhook_id: str, events: int) -> list[dict[str, Any]] | None:
    """Newest first; all but the one that was there before the webhook."""
    sends: list[dict[str, Any]] = api.get(f"/v1/webhooks/{webhook_id}/sends", params={"limit": 100}).json()["data"]
    return sends if len(sends) == events - 1 and {each["state"] for each in sends} == {"delivered"} else None
