"""Many workers, one rotating grant, a server that ends the whole grant when a refresh token is used twice."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from punctual.channels import Channel
from punctual.clock import now
from punctual.providers.outcomes import RetryLater
from punctual.refreshing import Fresh, Refreshing
from tests.oidc.clients import METHODS, OidcProviders, apps
from tests.oidc.server import OidcServer
from tests.oidc.world import World

WORKERS = 50
PATIENCE_SECONDS = 20


@pytest.fixture
def world(server: OidcServer) -> World:
    return World(server)


def worker(world: World) -> Refreshing:
    """As another invocation has it."""
    return Refreshing(world.grants, world.channels, OidcProviders(now), now)


def at_once(world: World, ask: Callable[[Refreshing], Fresh]) -> list[Fresh]:
    """What each of the workers gets, who begin together and come back as publishers do while the grant is busy."""
    start = Barrier(WORKERS)

    def work(own: Refreshing) -> Fresh:
        start.wait()
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return ask(own)
            except RetryLater as busy:
                if busy.code != "refresh_running" or time.monotonic() > until:
                    raise
                time.sleep(0.2)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, [worker(world) for _ in range(WORKERS)]))


def refreshes(world: World, name: str) -> list[int]:
    """The statuses of what the server was asked."""
    return [one["status"] for one in world.server.asked_for_tokens(apps()[name], "refresh_token")]


def access(fresh: Fresh) -> str:
    return fresh.grant.access_token.get_secret_value()


def refreshed_once(world: World, name: str, channel: Channel, ask: Callable[[Refreshing], Fresh]) -> set[str]:
    """The tokens that the workers got."""
    before, revoked, old = refreshes(world, name), world.server.revoked(), world.grant_of(channel)
    with world.server.slow(400):
        got = at_once(world, ask)
    assert refreshes(world, name)[len(before) :] == [200]
    assert world.server.revoked() == revoked
    assert len(got) == WORKERS
    new = world.grant_of(channel)
    assert old.access_token != new.access_token
    assert world.server.lives(new) == (True, True)
    assert world.providers.get(name).accounts(new)[0].id == "ada"
    return {access(one) for one in got}


@pytest.mark.parametrize("name", METHODS)
def test_fifty_workers_who_need_a_fresh_grant_refresh_it_once(world: World, name: str) -> None:
    """One does; while it is at it, the others take the token at hand, which is good still."""
    channel = world.connect(name)
    old = world.grant_of(channel)
    ends = old.expires_at
    assert ends
    time.sleep(0.1)  # what the server gives now ends later than that
    got = refreshed_once(world, name, channel, lambda own: own.fresh(channel, ends + timedelta(milliseconds=50)))
    assert got == {grant.access_token.get_secret_value() for grant in (old, world.grant_of(channel))}


@pytest.mark.parametrize("name", ["basic", "signed"])
def test_fifty_workers_whose_token_was_refused_refresh_it_once(world: World, name: str) -> None:
    channel = world.connect(name)
    refused = world.refreshing.fresh(channel, now())
    got = refreshed_once(world, name, channel, lambda own: own.renew(channel, refused))
    assert got == {world.grant_of(channel).access_token.get_secret_value()}, "the others waited for it"


def test_a_grant_goes_on_through_many_refreshes(world: World) -> None:
    channel = world.connect("public")
    fresh = world.refreshing.fresh(channel, now())
    for _ in range(10):
        fresh = world.refreshing.renew(channel, fresh)
    assert world.server.lives(fresh.grant) == (True, True)
    assert fresh.version == 11


def test_a_disconnected_channel_leaves_no_token_that_works(world: World) -> None:
    channel = world.connect("basic")
    grant = world.grant_of(channel)
    assert world.disconnecting.disconnect(channel, "cancel", now() + timedelta(seconds=15)).revoked
    assert world.server.lives(grant) == (False, False)
    assert world.is_bare()
