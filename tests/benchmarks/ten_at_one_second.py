"""Ten posts due at one second, through the warmed local stack. Prints lateness; fails on an early, lost or double post.

    python -m tests.benchmarks.ten_at_one_second [POSTS]

Two figures a post: when our call started, by the publisher's clock, and when it arrived, by the sandbox's own stamp.
The machine and its emulator set the pace: compare within one run, not between machines.
"""

import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import httpx

from local import browsing
from local.stack import Stack, running

AHEAD = timedelta(seconds=45)
PATIENCE_SECONDS = 90


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with running(say=print) as stack, stack.client(stack.create_key()) as api:
        browsing.connect(api.post("/v1/oauth/sandbox/start", json={}).json()["authorization_url"])
        channel = api.get("/v1/channels").json()["data"][0]["id"]
        measure(stack, api, channel, count)


def measure(stack: Stack, api: httpx.Client, channel: str, count: int) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + AHEAD + timedelta(seconds=count // 5)
    written = [schedule(api, channel, f"bench {number}", due) for number in range(count)]
    stack.warm(workers=10)
    print(f"{count} posts due at {due:%H:%M:%S} UTC, {os.cpu_count()} cores, 10 warm publisher workers")
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
    posts = [finished(api, post_id) for post_id in written]
    starts = [post["deliveries"][0]["lateness_ms"] for post in posts]
    shown = api.get("/sandbox/api/timeline", params={"limit": 1000}).json()["posts"]
    arrivals = [(datetime.fromisoformat(p["arrived_at"]) - due).total_seconds() * 1000 for p in shown]
    report("call start", starts)
    report("arrival", arrivals)
    print("woken by:", dict(Counter(post["deliveries"][0]["woken_by"] for post in posts)))
    assert min(starts) >= 0, "a call started early"
    assert min(arrivals) >= 0, "a post arrived early"
    assert Counter(p["text"] for p in shown) == Counter(f"bench {number}" for number in range(count)), "not each once"
    print(f"bench: none early, {count} posts, each once")


def schedule(api: httpx.Client, channel: str, text: str, due: datetime) -> str:
    body = {"text": text, "scheduled_at": due.isoformat(), "targets": [{"channel_id": channel}]}
    return str(api.post("/v1/posts", json=body).raise_for_status().json()["id"])


def finished(api: httpx.Client, post_id: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        post: dict[str, Any] = api.get(f"/v1/posts/{post_id}").raise_for_status().json()
        if post["status"] == "COMPLETED":
            return post
        assert time.monotonic() < end, f"{post_id} is still {post['status']}"
        time.sleep(0.2)


def report(name: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    print(f"{name:>10}: p50 {median(ordered):6.0f} ms, worst {ordered[-1]:6.0f} ms, first {ordered[0]:6.0f} ms after T")


if __name__ == "__main__":
    main()
