"""How long after a change the webhook that tells of it arrives, on the local stack: one change at a time, and many.

    python -m tests.benchmarks.webhook_lag [CHANGES]

From the row's own time (`updated_at`, to the millisecond, taken just before it is written) to the arrival of the
request at a receiver on loopback, by the same clock. Posts of another day are written, and then cancelled. The machine
and its emulator set the pace; what is checked is that each change arrived.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any

import httpx

from local import browsing
from local.stack import running
from tests.receiving import Received, Receiver, receiving

PATIENCE_SECONDS = 180
AT_ONCE = 8
Change = tuple[str, str]
"""A type of event, and the post's id."""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with receiving() as receiver, running(say=print) as stack, stack.client(stack.create_key()) as api:
        browsing.connect(api.post("/v1/oauth/sandbox/start", json={}).json()["authorization_url"])
        channel = api.get("/v1/channels").json()["data"][0]["id"]
        api.post("/v1/webhooks", json={"url": receiver.url, "event_types": ["post.*"]}).raise_for_status()
        Lag(api, receiver, channel).measure(count)


class Lag:
    def __init__(self, api: httpx.Client, receiver: Receiver, channel: str):
        self._api = api
        self._receiver = receiver
        self._channel = channel

    def measure(self, count: int) -> None:
        self._one_by_one("warm", 4)
        report("quiet", self._one_by_one("quiet", count))
        report("burst", self._at_once(count))
        doubled = [each for each, times in Counter(e.event["id"] for e in self._receiver.got).items() if times > 1]
        print(f"{len(self._receiver.got)} requests, {len(doubled)} events more than once")

    def _one_by_one(self, name: str, count: int) -> list[float]:
        lags = []
        for number in range(count // 2):
            post = self._write(f"{name} {number}")
            lags += self._arrived([written(post)], [post])
            lags += self._arrived([cancelled(post)], [self._cancel(post)])
            time.sleep(0.2)
        return lags

    def _at_once(self, count: int) -> list[float]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            posts = list(pool.map(lambda number: self._write(f"burst {number}"), range(count // 2)))
            ended = list(pool.map(self._cancel, posts))
        changes = [*map(written, posts), *map(cancelled, posts)]
        return self._arrived(changes, [*posts, *ended])

    def _arrived(self, changes: Sequence[Change], rows: Sequence[dict[str, Any]]) -> list[float]:
        """In milliseconds after their rows."""
        wanted = set(changes)
        got = self._receiver.wait(lambda found: wanted <= set(map(change_of, found)), seconds=PATIENCE_SECONDS)
        first = {change: min(each.at for each in got if change_of(each) == change) for change in wanted}
        times = [datetime.fromisoformat(row["updated_at"]).timestamp() for row in rows]
        return [1000 * (first[change] - at) for change, at in zip(changes, times, strict=True)]

    def _write(self, text: str) -> dict[str, Any]:
        due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        body = {"text": text, "scheduled_at": due, "targets": [{"channel_id": self._channel}]}
        found: dict[str, Any] = self._api.post("/v1/posts", json=body).raise_for_status().json()
        return found

    def _cancel(self, post: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._api.post(f"/v1/posts/{post['id']}/cancel").raise_for_status().json()
        return found


def written(post: dict[str, Any]) -> Change:
    return "post.scheduled", post["id"]


def cancelled(post: dict[str, Any]) -> Change:
    return "post.cancelled", post["id"]


def change_of(received: Received) -> Change:
    event = received.event
    return event["type"], event["data"].get("post_id", "")


def report(name: str, lags: Iterable[float]) -> None:
    ordered = sorted(lags)
    cuts = quantiles(ordered, n=100, method="inclusive")
    print(f"{name}: {len(ordered)} changes, p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, worst {ordered[-1]:.0f} ms")


if __name__ == "__main__":
    main()
