"""Grants stay fresh, are refreshed by one worker at a time, and die only of what the provider calls dead."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr

from punctual.channels import Channel
from punctual.connecting.logins import Logins
from punctual.grants.grants import GrantMoved
from punctual.grants.life import refresh_time
from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers
from punctual.providers.base import Account, App, Grant, Login
from punctual.providers.outcomes import Reconnect, RetryLater
from punctual.refreshing import Fresh, Refreshing
from punctual.sealing import SealBroken
from tests.integration.world import World
from tests.sandbox_bridge import loopback


def refreshing(world: World, token_answer: Callable[[httpx.Request], httpx.Response | None]) -> Refreshing:
    """With a platform whose token endpoint answers as told; None lets the sandbox answer."""

    def respond(request: httpx.Request) -> httpx.Response:
        told = token_answer(request) if request.url.path.endswith("/oauth/token") else None
        return told or world.transport.handle_request(request)

    http = GuardedHttp(transport=httpx.MockTransport(respond), resolve=loopback, allow_private=True)
    providers = Providers(http, world.clock.now, sandbox=True)
    return Refreshing(world.grants, world.channels, providers, world.clock.now, sleep=world.clock.sleep)


@pytest.fixture
def still(aws: None) -> World:
    """A world where nothing runs by itself."""
    return World()


def test_a_grant_is_refreshed_at_four_fifths_of_its_life(still: World) -> None:
    channel = still.connect(lifetime="3600")
    still.clock.run(minutes=44)
    assert still.refreshing.sweep(20).refreshed == 0
    still.clock.run(minutes=5)
    assert still.refreshing.sweep(20).refreshed == 1
    assert still.grant(channel).version == 2
    assert still.refreshing.sweep(20).refreshed == 0


def test_short_lives_are_refreshed_two_minutes_before_their_end_and_never_in_the_past(still: World) -> None:
    now = still.clock.now()
    for life in (1, 60, 300, 3600, 86400):
        at = refresh_time(now + timedelta(seconds=life), now)
        assert now <= at <= max(now, now + timedelta(seconds=life - 120))


@pytest.mark.parametrize(("minutes", "met"), [(4, None), (6, "refresh_running")])
def test_two_workers_at_once_refresh_a_rotating_grant_once(still: World, minutes: int, met: str | None) -> None:
    """The second one takes the token at hand, while that is good, and else waits for a moment."""
    channel = still.connect(lifetime="300")
    before = still.refreshing.fresh(channel, still.clock.now())
    still.clock.run(minutes=minutes)
    inner: list[Fresh | RetryLater] = []
    calls: list[httpx.Request] = []

    def meanwhile(request: httpx.Request) -> None:
        """While the first worker's call is on its way, a second one comes for the same grant."""
        calls.append(request)
        try:
            inner.append(still.refreshing.fresh(channel, still.clock.now() + timedelta(minutes=10)))
        except RetryLater as error:
            inner.append(error)

    fresh = refreshing(still, meanwhile).fresh(channel, still.clock.now() + timedelta(minutes=10))
    assert len(calls) == 1
    assert [getattr(each, "code", each) for each in inner] == [met or before]
    assert fresh.version == still.grant(channel).version == 2
    grant, _ = still.grants.open(still.grant(channel))
    assert grant.access_token.get_secret_value() == fresh.grant.access_token.get_secret_value()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(429, headers={"Retry-After": "5"}),
        httpx.Response(200, content=b"not json"),
        httpx.Response(400, json={"error": "invalid_request"}),
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(403),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_a_transient_failure_disconnects_nobody_and_is_tried_again(still: World, answer: httpx.Response) -> None:
    channel = still.connect(lifetime="300")
    still.clock.run(minutes=4)
    broken = refreshing(still, lambda _: answer)
    assert broken.sweep(20).postponed == 1
    assert broken.sweep(20).postponed == 0
    assert still.channels.get(still.workspace_id, channel.id).status == "active"
    still.clock.run(minutes=2)
    assert still.refreshing.sweep(20).refreshed == 1


def test_what_the_provider_calls_dead_is_dead_and_is_not_asked_again(still: World) -> None:
    channel = still.connect(lifetime="300")
    still.clock.run(minutes=4)
    calls: list[httpx.Request] = []

    def dead(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(400, json={"error": "invalid_grant"})

    worker = refreshing(still, dead)
    assert worker.sweep(20).dead == 1
    assert still.channels.get(still.workspace_id, channel.id).status == "reconnect_required"
    worker.sweep(20)
    still.clock.run(hours=1)
    assert worker.sweep(20) == refreshing(still, dead).sweep(20)
    assert len(calls) == 1
    with pytest.raises(Reconnect):
        worker.fresh(channel, still.clock.now())


def test_a_worker_that_dies_with_the_lease_holds_nobody_up_for_long(still: World) -> None:
    channel = still.connect(lifetime="300")
    still.grants.lease(still.grant(channel))
    still.clock.run(minutes=4)
    assert still.refreshing.sweep(20).refreshed == 1


def test_a_late_worker_cannot_put_its_grant_over_a_newer_one(still: World) -> None:
    channel = still.connect("maria", lifetime="300")
    leased = still.grants.lease(still.grant(channel))
    sealer = still.grants.sealer(leased)
    grant, app = still.grants.open(leased)
    again = still.connect("maria")
    assert again.id == channel.id
    for late in (
        lambda: still.grants.renew(leased, sealer, grant, app, still.providers.get("sandbox")),
        lambda: still.grants.postpone(leased, 5, "server_error"),
        lambda: still.grants.bury(leased, "grant_dead"),
    ):
        with pytest.raises(GrantMoved):
            late()
    assert still.grant(channel).id == again.grant_id != leased.id
    assert still.grant(channel).dead is False
    assert still.grants.get(leased.id) is None


def test_reconnecting_wakes_a_dead_grant_up(still: World) -> None:
    channel = still.connect("maria", lifetime="300")
    still.clock.run(minutes=4)
    refreshing(still, lambda _: httpx.Response(400, json={"error": "invalid_grant"})).sweep(20)
    again = still.connect("maria")
    assert again.id == channel.id
    assert still.channels.get(still.workspace_id, channel.id).status == "active"
    assert still.refreshing.fresh(again, still.clock.now()).id == again.grant_id


def test_a_grant_copied_over_another_one_stays_shut(still: World) -> None:
    one, two = still.connect("one"), still.connect("two")
    stolen: Any = still.grant(one)
    with pytest.raises((ClientError, SealBroken)):
        still.grants.open(replace(stolen, id=two.grant_id))


def test_the_seal_itself_knows_its_context(still: World) -> None:
    context = {"workspace": "ws_1", "channel": "chn_1"}
    sealer = still.vault.sealer(context)
    sealed = sealer.seal(b"secret")
    assert b"secret" not in sealed.box
    assert still.vault.open(sealed, context) == b"secret"
    flipped = bytes([sealed.box[-1] ^ 1])
    with pytest.raises(SealBroken):
        still.vault.open(replace(sealed, box=sealed.box[:-1] + flipped), context)


def test_no_stored_item_holds_a_token(still: World) -> None:
    channel = still.connect()
    grant, _ = still.grants.open(still.grant(channel))
    secret = grant.access_token.get_secret_value()
    for table in ("WorkTable", "GrantsTable"):
        stored = repr(still.dynamodb.scan(TableName=still.names[table])["Items"])
        assert secret not in stored
        assert grant.refresh_token.get_secret_value() not in stored


def test_no_refresh_is_begun_that_the_end_of_the_invocation_could_cut_off(still: World) -> None:
    for name in ("one", "two", "three"):
        still.connect(name, lifetime="300")
    still.clock.run(minutes=4)

    def slow(request: httpx.Request) -> None:
        still.clock.sleep(20)

    worker = refreshing(still, slow)
    assert worker.sweep(20, still.clock.now() + timedelta(seconds=30)).refreshed == 2
    assert worker.sweep(20, still.clock.now() + timedelta(seconds=30)).refreshed == 1


def test_one_broken_grant_stops_no_other_and_is_put_off(still: World) -> None:
    broken, fine = still.connect("broken", lifetime="300"), still.connect("fine", lifetime="300")
    table = still.names["GrantsTable"]
    key = {"pk": broken.grant_id, "sk": "grant"}
    put = {"TableName": table, "Key": key, "UpdateExpression": "SET sealed_box = :junk, refresh_shard = :first"}
    still.dynamodb.update_item(**put, ExpressionAttributeValues={":junk": b"x" * 40, ":first": 0})
    still.clock.run(minutes=4)
    swept = still.refreshing.sweep(20)
    assert (swept.failed, swept.refreshed) == (1, 1)
    assert still.grant(fine).version == 2
    assert still.refreshing.sweep(20).failed == 0, "put off, not asked again at once"
    assert still.channels.get(still.workspace_id, broken.id).status == "active"


def two_channels(world: World, **own: Grant) -> tuple[Channel, Channel]:
    """Of one login, on one grant."""
    ada = world.connect("ada", lifetime="300")
    grant, app = world.grants.open(world.grant(ada))
    page = Account(id="page", handle="page", server=ada.account.server)
    login = Login(grant=grant, accounts=(ada.account, page), grants=own)
    first, second = Logins(world.channels, world.grants).store(
        world.workspace_id, world.providers.get("sandbox"), login, app
    )
    return first, second


def test_a_login_shared_by_two_channels_is_refreshed_once_for_both(still: World) -> None:
    first, second = two_channels(still)
    assert first.grant_id == second.grant_id
    still.clock.run(minutes=4)
    calls: list[httpx.Request] = []
    worker = refreshing(still, lambda request: calls.append(request))
    until = still.clock.now() + timedelta(minutes=3)
    tokens = {worker.fresh(each, until).grant.access_token.get_secret_value() for each in (first, second)}
    assert (len(tokens), len(calls)) == (1, 1)


def test_a_shared_grant_that_dies_asks_every_channel_for_a_reconnect_although_its_worker_died(still: World) -> None:
    first, second = two_channels(still)
    still.clock.run(minutes=4)
    still.grants.bury(still.grant(first), "grant_dead")
    assert still.refreshing.sweep(20).skipped == 1
    for channel in (first, second):
        assert still.channels.get(still.workspace_id, channel.id).status == "reconnect_required"
    assert still.refreshing.sweep(20).skipped == 0, "they know"


def test_a_shared_grant_goes_with_its_last_channel_only_and_is_ended_at_the_platform_then(still: World) -> None:
    first, second = two_channels(still)
    soon = still.clock.now() + timedelta(seconds=15)
    assert still.disconnecting().disconnect(first, "cancel", soon).revoked is False
    assert still.refreshing.fresh(second, still.clock.now()).grant
    assert still.disconnecting().disconnect(second, "cancel", soon).revoked is True
    assert still.grants.get(second.grant_id) is None


def test_accounts_with_grants_of_their_own_share_none(still: World) -> None:
    own = Grant(access_token=SecretStr("the page's"), server="https://punctual.example/sandbox")
    first, second = two_channels(still, page=own)
    assert first.grant_id != second.grant_id
    assert still.refreshing.fresh(second, still.clock.now()).grant == own


def test_a_consent_without_a_refresh_token_keeps_the_one_that_the_channel_has(still: World) -> None:
    channel = still.connect("ada")
    grant, app = still.grants.open(still.grant(channel))
    given = Login(grant=replace(grant, refresh_token=None), accounts=(channel.account,))
    logins = Logins(still.channels, still.grants)
    for its_app, kept in ((app, grant.refresh_token), (App(client_id="another"), None)):
        (again,) = logins.store(still.workspace_id, still.providers.get("sandbox"), given, its_app)
        assert still.refreshing.fresh(again, still.clock.now()).grant.refresh_token == kept
