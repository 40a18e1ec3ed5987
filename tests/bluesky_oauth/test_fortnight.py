"""A fortnight of one connection at the real server: two posts a day, outages, and every refresh token used once."""

import sys
import time
from datetime import datetime, timedelta

import pytest

from tests.bluesky_oauth.stage import Stage
from tests.e2e.pds.accounts import NEW_HANDLES

DAYS = 14
SWEEPS_EVERY = timedelta(hours=1)


def keep_fresh(stage: Stage) -> None:
    """As the clock's rule does each minute; minutes in which nothing is due are left out."""
    stage.deployed.invoke("TokenRefresherFunction", {})
    due = [item["refresh_at"] for item in stage.deployed.items("GrantsTable") if item.get("refresh_at")]
    assert due, "nothing will be refreshed any more"
    at = max(datetime.fromisoformat(min(due)), stage.deployed.clock.now()) + timedelta(seconds=60)
    stage.deployed.clock.plan(at, lambda: keep_fresh(stage))


@pytest.mark.slow
def test_a_fortnight_of_posts_and_refreshes_never_disconnects(online: Stage):
    member = online.account(next(NEW_HANDLES))
    channel = online.connect(member)
    clock = online.deployed.clock
    began, since = clock.now(), online.channel(channel)
    online.outages = [
        (began + timedelta(days=3), began + timedelta(days=3, minutes=50)),
        (began + timedelta(days=9, hours=2), began + timedelta(days=9, hours=4)),
    ]
    texts = [f"Day {half // 2}, {'evening' if half % 2 else 'morning'}" for half in range(2 * DAYS)]
    for half, text in enumerate(texts):
        online.tenant.posted(text, channel, in_minutes=12 * 60 * half + 360)
    online.said.clear()
    started = time.monotonic()

    keep_fresh(online)
    clock.every(SWEEPS_EVERY.total_seconds(), lambda: online.deployed.invoke("SweeperFunction", {}))
    statuses = set()
    for _ in range(4 * DAYS):
        clock.run(hours=6)
        statuses.add(online.channel(channel)["status"])

    took = time.monotonic() - started
    asked = [said for said in online.said if said.is_refresh]
    done = [said for said in asked if said.status == 200]
    spent = [said.form["refresh_token"] for said in done]
    nonces = sum(said.code == "use_dpop_nonce" for said in online.said)
    others = {said.code for said in online.said if said.status >= 400} - {"use_dpop_nonce"}
    puts = [said for said in online.said if said.path.endswith("putRecord")]
    sys.stdout.write(
        f"\n{DAYS} days in {took:.1f} s: {len(done)} refreshes, {len(set(spent))} refresh tokens, each used once; "
        f"{len(texts)} posts in {len(puts)} calls; {nonces} nonces asked for; {online.missed} calls in outages; "
        f"{len(online.said)} answers in all\n"
    )
    assert clock.now() - began >= timedelta(days=DAYS)
    assert statuses == {"active"}
    assert online.channel(channel) == since, "nothing about it ever changed"
    assert online.missed > 0
    assert online.texts(member) == texts
    assert len(set(spent)) == len(spent) >= DAYS * 24
    assert others == set(), "nothing was ever refused but a proof without a nonce"
    assert {said.form["refresh_token"] for said in asked} == set(spent), "none was tried without an answer"


def test_a_laptops_session_ends_after_a_fortnight_as_its_channel_said(laptop: Stage):
    channel = laptop.connect(laptop.account(next(NEW_HANDLES)))
    ends_at = laptop.health(channel)["grant"]["ends_at"]
    assert datetime.fromisoformat(ends_at) - laptop.deployed.clock.now() == timedelta(days=14)

    laptop.deployed.clock.run(days=13, hours=23, minutes=30)
    laptop.deployed.invoke("TokenRefresherFunction", {})
    assert laptop.channel(channel)["status"] == "active"
    assert laptop.health(channel)["grant"]["ends_at"] == ends_at
    laptop.deployed.clock.run(hours=1)
    laptop.deployed.invoke("TokenRefresherFunction", {})

    found = laptop.health(channel)
    assert (found["status"], found["verdict"]) == ("reconnect_required", "broken")
