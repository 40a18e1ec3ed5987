"""The main job through the public API of the deployed stack."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local import browsing
from local.stack import Stack
from tests.e2e.pds.server import Pds

CAPTIONS = ("On time", "Right now", "Delivered twice", "Grüße", "[sandbox:refuse]")
UNFINISHED = {"SCHEDULED", "READY", "PUBLISHING"}


def eventually(read: Callable[[], Any], *, seconds: float) -> Any:
    """The first answer that is not None."""
    end = time.monotonic() + seconds
    while (found := read()) is None:
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.5)
    return found


def finished(api: httpx.Client, post_id: str, *, seconds: float) -> dict[str, Any]:
    def read() -> dict[str, Any] | None:
        post: dict[str, Any] = api.get(f"/v1/posts/{post_id}").raise_for_status().json()
        return post if post["status"] not in UNFINISHED else None

    found: dict[str, Any] = eventually(read, seconds=seconds)
    return found


def connect(api: httpx.Client, **typed: str) -> dict[str, Any]:
    started = api.post("/v1/oauth/sandbox/start", json={}).raise_for_status().json()
    page = browsing.connect(started["authorization_url"], **typed)
    assert page.status_code == 200, page.text
    channels = api.get("/v1/channels").json()["data"]
    (found,) = [c for c in channels if c["account"]["handle"] == typed.get("handle", "ada")]
    return dict(found)


@pytest.fixture(scope="module")
def channel(api: httpx.Client) -> dict[str, Any]:
    return connect(api, handle="walter")


def timeline(api: httpx.Client) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = api.get("/sandbox/api/timeline").raise_for_status().json()["posts"]
    return posts


def test_a_scheduled_post_is_woken_by_its_schedule_and_goes_out_once_not_early(
    api: httpx.Client, channel: dict[str, Any]
) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=32)
    body = {"text": "On time", "scheduled_at": due.isoformat(), "targets": [{"channel_id": channel["id"]}]}
    post = api.post("/v1/posts", json=body).raise_for_status().json()
    done = finished(api, post["id"], seconds=60)
    (delivery,) = done["deliveries"]
    assert (done["status"], delivery["woken_by"]) == ("COMPLETED", "schedule")
    assert delivery["lateness_ms"] >= 0
    (shown,) = [p for p in timeline(api) if p["text"] == "On time"]
    assert datetime.fromisoformat(shown["arrived_at"]) >= due
    assert shown["url"] == delivery["url"]


def test_publish_now_answers_at_once_and_goes_out(api: httpx.Client, channel: dict[str, Any]) -> None:
    body = {"text": "Right now", "schedule": "now", "targets": [{"channel_id": channel["id"]}]}
    answer = api.post("/v1/posts", json=body)
    assert answer.status_code == 202
    done = finished(api, answer.json()["id"], seconds=30)
    assert (done["status"], done["deliveries"][0]["woken_by"]) == ("COMPLETED", "direct")


def test_a_message_that_the_queue_delivers_twice_makes_one_post(
    stack: Stack, api: httpx.Client, channel: dict[str, Any]
) -> None:
    due = datetime.now(UTC) + timedelta(seconds=8)
    body = {"text": "Delivered twice", "scheduled_at": due.isoformat(), "targets": [{"channel_id": channel["id"]}]}
    post = api.post("/v1/posts", json=body).raise_for_status().json()
    wake = json.dumps({"workspace_id": "ws_1", "post_id": post["id"], "rev": 1, "woken_by": "direct"})
    for _ in range(3):
        stack.aws("sqs").send_message(QueueUrl=stack.resources["PublishQueue"], MessageBody=wake)
    assert finished(api, post["id"], seconds=40)["status"] == "COMPLETED"
    assert len([p for p in timeline(api) if p["text"] == "Delivered twice"]) == 1


def test_a_refusal_is_told_in_a_sentence(api: httpx.Client, channel: dict[str, Any]) -> None:
    body = {"text": "[sandbox:refuse] no", "schedule": "now", "targets": [{"channel_id": channel["id"]}]}
    done = finished(api, api.post("/v1/posts", json=body).json()["id"], seconds=30)
    assert (done["status"], done["deliveries"][0]["error"]["code"]) == ("ERROR", "refused")


def test_an_answer_without_a_key_or_with_a_wrong_one_is_refused_by_the_gateway(stack: Stack) -> None:
    with stack.client() as stranger, stack.client("pk_wrong") as wrong:
        assert stranger.get("/v1/posts").status_code == 401
        assert wrong.get("/v1/posts").status_code == 403
        assert stranger.get("/v1/health").json()["status"] == "ok"
        assert stranger.get("/docs").status_code == 200


def test_a_post_reaches_a_real_bluesky_server_with_its_link(api: httpx.Client, pds: Pds) -> None:
    identifier, password, did = pds.make_account("walter.test")
    given = {"identifier": identifier, "app_password": password, "server": pds.url}
    answer = api.post("/v1/channels", json={"provider": "bluesky", "credentials": given})
    assert answer.status_code == 201, answer.text
    (channel,) = answer.json()["data"]
    text = "Grüße 👋 from https://example.com #punctual"
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    body = {"text": text, "scheduled_at": due.isoformat(), "targets": [{"channel_id": channel["id"]}]}
    done = finished(api, api.post("/v1/posts", json=body).raise_for_status().json()["id"], seconds=40)
    assert done["status"] == "COMPLETED", done
    (record,) = pds.records(did)
    assert record["value"]["text"] == text
    kinds = [feature["$type"] for facet in record["value"]["facets"] for feature in facet["features"]]
    assert kinds == ["app.bsky.richtext.facet#link", "app.bsky.richtext.facet#tag"]
    assert record["uri"] == done["deliveries"][0]["platform_id"]


def test_no_log_line_holds_a_caption_a_handle_or_a_token(stack: Stack, api: httpx.Client) -> None:
    """After all that went before in this module; a line that must be there shows that lines are seen at all."""
    stack.aws("sqs").send_message(QueueUrl=stack.resources["PublishQueue"], MessageBody='{"caption": "walter"}')
    eventually(lambda: [line for line in stack.log_lines() if "not a message of ours" in line] or None, seconds=30)
    lines = stack.log_lines()
    assert [line for line in lines for said in (*CAPTIONS, "walter", "pk_") if said in line] == []


def test_a_workspace_cannot_see_anothers_channel_or_post(stack: Stack, api: httpx.Client) -> None:
    posts = api.get("/v1/posts").json()["data"]
    channels = api.get("/v1/channels").json()["data"]
    with stack.client(stack.create_key()) as other:
        assert other.get(f"/v1/posts/{posts[0]['id']}").status_code == 404
        assert other.get(f"/v1/channels/{channels[0]['id']}").status_code == 404
        assert other.get("/v1/posts").json()["data"] == []
