"""Requests at the same moment, through the gateway and as many functions as it takes."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.e2e.test_main_job import connect

MANY, SIDE_BY_SIDE = 100, 10
"""The emulator starts a process for each call that it runs at once; a hundred threads on one table are in
tests/integration/api/test_idempotency.py."""


@pytest.fixture(scope="module")
def channel(api: httpx.Client) -> str:
    return str(connect(api, handle="ines")["id"])


def at_once(count: int, side_by_side: int, ask: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    gate = Barrier(side_by_side)

    def one(number: int) -> httpx.Response:
        if number < side_by_side:
            gate.wait()
        return ask(number)

    with ThreadPoolExecutor(side_by_side) as pool:
        return list(pool.map(one, range(count)))


def body(channel: str, text: str) -> dict[str, Any]:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    return {"text": text, "targets": [{"channel_id": channel}], "scheduled_at": at.isoformat()}


def test_a_hundred_creations_under_one_key_make_one_post_and_one_schedule(
    stack: Stack, api: httpx.Client, channel: str
) -> None:
    wanted = body(channel, "A hundred times")
    told = at_once(
        MANY,
        SIDE_BY_SIDE,
        lambda _: api.post("/v1/posts", json=wanted, headers={"Idempotency-Key": "hundred"}, timeout=120),
    )
    assert Counter(answer.status_code for answer in told) == {201: MANY}
    (post_id,) = {answer.json()["id"] for answer in told}
    assert [answer.headers.get("Idempotent-Replayed") for answer in told].count(None) == 1
    listed = [
        post for post in api.get("/v1/posts", params={"limit": 100}).json()["data"] if post["text"] == wanted["text"]
    ]
    assert [post["id"] for post in listed] == [post_id]
    schedules = stack.aws("scheduler").list_schedules(NamePrefix=post_id)["Schedules"]
    assert [schedule["Name"] for schedule in schedules] == [f"{post_id}-1"]


def test_of_two_changes_of_one_version_one_wins(api: httpx.Client, channel: str) -> None:
    post = api.post("/v1/posts", json=body(channel, "Two at once")).raise_for_status()
    url, tag = f"/v1/posts/{post.json()['id']}", post.headers["etag"]
    told = at_once(2, 2, lambda number: api.patch(url, json={"text": f"Change {number}"}, headers={"If-Match": tag}))
    assert sorted(answer.status_code for answer in told) == [200, 412]
    (winner,) = [answer.json()["text"] for answer in told if answer.status_code == 200]
    assert api.get(url).json()["text"] == winner
