"""Grants that nobody can renew: used to their very end, a person warned in time, and what channels hear of it."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.alerts import Alerts
from punctual.channels import Channel
from punctual.connecting.logins import Logins
from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers
from punctual.providers.base import Account, Login
from punctual.providers.outcomes import Reconnect, RetryLater
from punctual.refreshing import Refreshing
from punctual.states import DeliveryStatus
from tests.integration.world import World
from tests.sandbox_bridge import loopback

SIXTY_DAYS = {"lifetime": str(60 * 86_400), "renewable": "0"}


@pytest.fixture
def world(aws: None) -> World:
    found = World()
    found.clock.every(3600, lambda: found.refreshing.sweep(20))
    return found


def row(world: World, channel: Channel) -> Channel:
    found = world.channels.get(world.workspace_id, channel.id)
    assert found
    return found


def test_a_channel_works_to_the_last_hour_of_its_sixty_days_and_two_mails_say_so_before(world: World) -> None:
    channel = world.connect("ada", **SIXTY_DAYS)
    ends_at = channel.grant_ends_at
    assert ends_at is not None
    world.clock.run_until(ends_at - timedelta(days=7, hours=1))
    assert (row(world, channel).token_expiring_since, world.topic.mails) == (None, [])
    world.clock.run(hours=2)
    since = row(world, channel).token_expiring_since
    assert since is not None
    assert len(world.topic.mails) == 1
    world.clock.run_until(ends_at - timedelta(hours=2))
    assert len(world.topic.mails) == 2
    assert (row(world, channel).status, row(world, channel).token_expiring_since) == ("active", since)
    assert world.refreshing.fresh(row(world, channel), ends_at + timedelta(days=1)).grant
    assert world.calls("POST", "/oauth/token") == 1, "nobody asks to renew it"
    world.clock.run(hours=4)
    ended = row(world, channel)
    assert (ended.status, ended.status_reason) == ("reconnect_required", "grant_expired")
    assert len(world.topic.mails) == 3
    world.clock.run(days=3)
    assert len(world.topic.mails) == 3


def test_a_mail_names_the_channels_the_day_and_what_to_do_and_nobodys_handle(world: World) -> None:
    channel = world.connect("ada_lovelace", **SIXTY_DAYS)
    world.clock.run(days=61)
    for subject, text in world.topic.mails:
        assert channel.id in subject
        assert channel.id in text
        assert world.workspace_id in text
        assert "Sandbox" in subject
        assert "POST /v1/oauth/sandbox/start" in text
        assert "ada" not in subject + text
    near, _, over = (subject for subject, _ in world.topic.mails)
    assert f"{channel.grant_ends_at:%Y-%m-%d}" in near
    assert "ended" in over


def test_a_post_that_is_due_after_the_end_is_held_and_goes_out_when_a_person_has_reconnected(world: World) -> None:
    channel = world.connect("ada", lifetime="7200", renewable="0")
    late = world.post("late", channel, in_minutes=150)
    early = world.post("early", channel, in_minutes=119)
    world.run_sweeper()
    world.clock.run(minutes=155)
    assert world.delivery(early).status is DeliveryStatus.COMPLETED
    assert world.delivery(late).status is DeliveryStatus.HELD
    assert world.connect("ada").id == channel.id
    world.clock.run(minutes=5)
    assert world.delivery(late).status is DeliveryStatus.COMPLETED


def test_reconnecting_takes_back_what_was_said_of_the_old_grant(world: World) -> None:
    channel = world.connect("ada", **SIXTY_DAYS)
    world.clock.run(days=58)
    assert row(world, channel).token_expiring_since
    again = world.connect("ada", **SIXTY_DAYS)
    assert again.token_expiring_since is None
    assert again.grant_ends_at == world.grant(again).life.ends_at
    world.clock.run(days=3)
    assert (row(world, channel).status, len(world.topic.mails)) == ("active", 1)


def test_a_login_of_several_channels_is_one_mail(world: World) -> None:
    ada = world.connect("ada", **SIXTY_DAYS)
    grant, app = world.grants.open(world.grant(ada))
    page = Account(id="page", handle="page", server=ada.account.server)
    login = Login(grant=grant, accounts=(ada.account, page))
    both = Logins(world.channels, world.grants).store(world.workspace_id, world.providers.get("sandbox"), login, app)
    world.clock.run(days=54)
    ((subject, text),) = world.topic.mails
    assert "2 channels" in subject
    assert all(channel.id in text and row(world, channel).token_expiring_since for channel in both)


def test_a_worker_that_dies_before_it_has_told_anyone_is_replaced_by_the_next_sweep(world: World) -> None:
    channel = world.connect("ada", **SIXTY_DAYS)
    world.clock.run(days=52)
    stored = world.grant(channel)
    world.clock.sleep(2 * 86_400)
    world.grants.warn(stored)
    assert row(world, channel).token_expiring_since is None
    world.refreshing.sweep(20)
    assert (row(world, channel).token_expiring_since is not None, len(world.topic.mails)) == (True, 1)
    world.refreshing.sweep(20)
    assert len(world.topic.mails) == 1


def test_a_mail_that_cannot_be_sent_holds_nothing_up(world: World) -> None:
    channel = world.connect("ada", **SIXTY_DAYS)
    world.topic.fail_next = 1
    world.clock.run(days=54)
    assert (row(world, channel).token_expiring_since is not None, world.topic.mails) == (True, [])
    world.clock.run(days=5, hours=2)
    assert len(world.topic.mails) == 1


def test_a_warning_of_a_grant_that_was_replaced_meanwhile_changes_no_channel(world: World) -> None:
    channel = world.connect("ada", **SIXTY_DAYS)
    stored = world.grant(channel)
    world.connect("ada")
    facts = stored.facts
    world.channels.repeat(world.workspace_id, channel.id, stored.id, facts)
    assert row(world, channel).grant_ends_at is None


def failing(world: World, answers: list[Any]) -> Refreshing:
    """Whose platform gives each token request the next of these; None lets the sandbox answer."""

    def respond(request: httpx.Request) -> httpx.Response:
        told = answers.pop(0) if request.url.path.endswith("/oauth/token") and answers else None
        return told or world.transport.handle_request(request)

    http = GuardedHttp(transport=httpx.MockTransport(respond), resolve=loopback, allow_private=True)
    providers = Providers(http, world.clock.now, sandbox=True)
    return Refreshing(world.grants, world.channels, providers, world.clock.now, Alerts(world.topic, "arn"))


def test_channels_hear_of_a_refresh_that_failed_three_times_and_of_its_recovery(aws: None) -> None:
    world = World()
    channel = world.connect("ada", lifetime="3600")
    worker = failing(world, [httpx.Response(503)] * 3)

    def sweep_until(failures: int) -> None:
        while world.grant(channel).failures < failures:
            world.clock.run(minutes=1)
            worker.sweep(20)

    sweep_until(2)
    assert row(world, channel).refresh_failing_since is None
    first = world.grant(channel).failing_since
    sweep_until(3)
    worker.sweep(20)
    told = row(world, channel)
    assert (told.refresh_failing_since, told.grant_expires_at) == (first, world.grant(channel).life.expires_at)
    world.clock.run(minutes=5)
    assert worker.sweep(20).refreshed == 1
    worker.sweep(20)
    healthy = row(world, channel)
    assert (healthy.refresh_failing_since, healthy.grant_expires_at) == (None, None)
    assert (healthy.status, world.grant(channel).last_error) == ("active", None)
    assert world.topic.mails == [], "a person could do nothing about it"


def test_a_refresh_that_gives_less_than_was_consented_to_is_told(aws: None) -> None:
    world = World()
    channel = world.connect("ada", lifetime="3600")
    less = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": "read"}
    worker = failing(world, [httpx.Response(200, text=json.dumps(less))])
    world.clock.every(60, lambda: worker.sweep(20))
    world.clock.run(minutes=52)
    assert row(world, channel).missing_scopes == ("write",)


def test_a_refresh_as_every_day_writes_nothing_to_the_channel(aws: None) -> None:
    world = World()
    channel = world.connect("ada", lifetime="3600")
    before = world.dynamodb.tables[world.names["WorkTable"]].rows.copy()
    world.clock.every(60, lambda: world.refreshing.sweep(20))
    world.clock.run(hours=5)
    assert world.grant(channel).version > 5
    assert world.dynamodb.tables[world.names["WorkTable"]].rows == before


def test_a_refresh_that_fails_for_now_and_one_that_is_refused_are_told_apart(aws: None) -> None:
    world = World()
    channel = world.connect("ada", lifetime="300")
    world.clock.run(minutes=6)
    until = world.clock.now() + timedelta(minutes=10)
    with pytest.raises(RetryLater):
        failing(world, [httpx.Response(503)]).fresh(channel, until)
    assert world.grant(channel).last_error == {"code": "server_error", "at": world.grant(channel).last_error["at"]}
    with pytest.raises(Reconnect):
        failing(world, [httpx.Response(400, json={"error": "invalid_grant"})]).fresh(channel, until)
    assert (row(world, channel).status_reason, world.topic.mails) == ("grant_dead", [])
    world.refreshing.sweep(20)
    assert len(world.topic.mails) == 1, "the sweep mails what the publisher found"
