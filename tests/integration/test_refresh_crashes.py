"""The refresher's process dies before and after everything it does. Where a refresh token works once, one window loses
the grant, and nothing makes it smaller: between the provider's answer and the write that stores it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from punctual.channels import Channel
from punctual.providers.outcomes import Reconnect
from tests.integration.killing import Fate, Fated, When
from tests.integration.moved_clock import Killed
from tests.integration.refreshers import Around, Place, forgiving, plain, refresher

SHARDS = ["query"] * 8
REFRESH = [*SHARDS, "update_item", "get_item", "decrypt", "generate_data_key", "http", "update_item"]
"""All that refreshing a grant asks of anyone, and in this order."""
ANSWERED, STORED = 13, 14
"""Places in that list, counted from 1."""
DUE = 48.5
"""Minutes of an hour's life after which it surely is."""


def die(world: Place, fate: Fate, around: Around) -> None:
    """One run of the refresher that ends as the fate wants."""

    def met(request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
        found: httpx.Response = fate.meet("http", lambda: around(request, call))
        return found

    with suppress(Killed):
        refresher(world, met, wrap=lambda client: Fated(client, fate)).sweep(20)


def works(world: Place, channel: Channel) -> bool:
    """Whether the platform takes the token that a post would go out with now."""
    try:
        fresh = world.refreshing.fresh(channel, world.clock.now())
    except Reconnect:
        return False
    token = fresh.grant.access_token.get_secret_value()
    with httpx.Client(transport=world.transport) as client:
        url = f"{fresh.grant.server}/api/me"
        return client.get(url, headers={"Authorization": f"Bearer {token}"}).is_success


def lost(around: Around = plain) -> list[tuple[When, int]]:
    """The places in which a crash cost the grant; at no place may it cost the token that is still good."""
    found: list[tuple[When, int]] = []
    for when in ("before", "after"):
        for at in range(1, len(REFRESH) + 1):
            world = Place()
            channel = world.connect(lifetime="3600")
            world.clock.run(minutes=DUE)
            fate = Fate(at=at, when=when)
            die(world, fate, around)
            assert fate.names == REFRESH[:at]
            again = refresher(world, around)
            world.clock.every(60, lambda again=again: again.sweep(20))
            world.clock.run(minutes=2.5)
            assert works(world, channel), f"died {when} call {at}: posts can no longer go out with the token at hand"
            world.clock.run(minutes=15)
            if not works(world, channel):
                found.append((when, at))
                assert world.channels.get(world.workspace_id, channel.id).status == "reconnect_required"
    return found


def test_what_refreshing_a_grant_asks_of_anyone() -> None:
    world = Place()
    world.connect(lifetime="3600")
    world.clock.run(minutes=DUE)
    fate = Fate(at=0, when="before")
    die(world, fate, plain)
    assert fate.names == REFRESH


def test_only_a_crash_between_the_answer_and_its_write_loses_a_token_that_works_once() -> None:
    assert lost() == [("before", STORED), ("after", ANSWERED)]


def test_where_the_platform_forgives_a_second_call_no_crash_loses_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost(forgiving(monkeypatch)) == []


def test_a_lease_left_behind_keeps_no_warning_back() -> None:
    """A publisher died in the middle of a refresh that was not due yet; what is due is telling a person of the end."""
    world = Place()
    channel = world.connect(lifetime="3600")
    world.clock.run(minutes=DUE)
    world.grants.strand(world.grants.lease(world.grant(channel)))
    world.grants.lease(world.grant(channel))
    assert world.refreshing.sweep(20).skipped == 1
    assert not world.topic.mails, "its worker may be alive"
    world.clock.run(minutes=1.1)
    world.refreshing.sweep(20)
    assert len(world.topic.mails) == 1


def test_a_refresh_whose_worker_died_is_marked_and_said(caplog: pytest.LogCaptureFixture) -> None:
    world = Place()
    channel = world.connect(lifetime="3600")
    world.clock.run(minutes=DUE)
    die(world, Fate(at=ANSWERED, when="after"), plain)
    world.clock.run(minutes=1.1)
    swept = refresher(world).sweep(20)
    assert (swept.postponed, swept.interrupted) == (1, 1)
    stored = world.grant(channel)
    assert stored.interrupted_at == world.clock.now()
    assert stored.life.renew_at == stored.life.expires_at - timedelta(minutes=8), "until then its token goes on"
    assert "refresh interrupted" in caplog.text
