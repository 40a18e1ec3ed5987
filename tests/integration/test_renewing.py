"""What may go wrong around a refresh: answers and acknowledgements that get lost, platforms that are away, a worker
that is busy when a post is due."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from punctual.channels import Channel
from punctual.connecting.logins import Logins
from punctual.grants.grants import GrantMoved
from punctual.providers.base import Login, Provider
from punctual.providers.outcomes import Reconnect
from punctual.providers.sandbox import Sandbox
from punctual.refreshing import Fresh, Refreshed
from punctual.states import DeliveryStatus
from tests.integration.refreshers import Place, cut, forgiving, refresher
from tests.integration.workers import meanwhile, once, writes
from tests.memory.faults import Fault, Faulty, lost_acknowledgement, outage, throttle
from token_refresher import app

RENEWED, LEASED = writes(renewed_by=None), writes(lease=None)
HOUR = "3600"


def due(lifetime: str = HOUR, minutes: float = 48.5) -> tuple[Place, Channel]:
    world = Place()
    channel = world.connect(lifetime=lifetime)
    world.clock.run(minutes=minutes)
    return world, channel


def faulty(asked: Callable[..., bool], fault: Fault) -> Callable[[object], object]:
    return lambda client: Faulty(client, once(asked, fault))


def counted(answers: list[httpx.Response | None]) -> tuple[list[httpx.Request], Callable[..., httpx.Response]]:
    """A platform that gives these answers first, and then its own; and the calls that it got."""
    calls: list[httpx.Request] = []

    def around(request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
        calls.append(request)
        told = answers.pop(0) if answers else None
        return told or call()

    return calls, around


# Our own writes


@pytest.mark.parametrize("fault", [lost_acknowledgement, outage, throttle])
def test_a_write_that_stumbles_is_tried_until_the_new_grant_is_stored(fault: Callable[[], Fault]) -> None:
    world, channel = due()
    assert refresher(world, wrap=faulty(RENEWED, fault())).sweep(20).refreshed == 1
    stored = world.grant(channel)
    assert (stored.version, stored.lease, stored.failures) == (2, None, 0)


def test_a_lease_whose_acknowledgement_was_lost_is_ours() -> None:
    world, channel = due()

    def twice(name: str, kwargs: object, call: Callable[[], object]) -> object:
        """As botocore's own second try."""
        call()
        return call()

    assert refresher(world, wrap=faulty(LEASED, twice)).sweep(20).refreshed == 1
    assert world.grant(channel).interrupted_at is None


def test_the_table_may_be_away_for_half_a_minute_after_the_answer() -> None:
    world, channel = due()
    away_until = []

    def policy(name: str, kwargs: dict[str, object]) -> Fault | None:
        if not RENEWED(name, kwargs):
            return None
        away_until.append(world.clock.now() + timedelta(seconds=30))
        return outage() if world.clock.now() < away_until[0] else None

    assert refresher(world, wrap=lambda client: Faulty(client, policy)).sweep(20).refreshed == 1
    assert world.grant(channel).version == 2


def test_a_grant_that_could_not_be_stored_keeps_its_lease_as_a_mark(caplog: pytest.LogCaptureFixture) -> None:
    world, channel = due()
    lost = Faulty(world.dynamodb, lambda name, kwargs: outage() if RENEWED(name, kwargs) else None)
    assert refresher(world, wrap=lambda client: lost if client is world.dynamodb else client).sweep(20).failed == 1
    assert "renewed grant not stored" in caplog.text
    assert world.grant(channel).lease
    world.clock.run(minutes=1)
    assert refresher(world).sweep(20).postponed == 1
    assert world.grant(channel).interrupted_at, "nobody asks again while the token at hand is good"


def test_a_failure_before_the_platform_was_asked_is_no_interruption() -> None:
    world, channel = due()
    assert refresher(world, wrap=faulty(lambda name, _: name == "decrypt", throttle())).sweep(20).failed == 1
    stored = world.grant(channel)
    assert (stored.lease, stored.interrupted_at, stored.failures) == (None, None, 1)
    world.clock.run(minutes=1)
    assert refresher(world).sweep(20).refreshed == 1


def test_a_worker_whose_lease_ran_out_changes_nothing_any_more() -> None:
    world, channel = due()
    late = world.grants.lease(world.grant(channel))
    sealer, provider = world.grants.sealer(late), world.providers.get("sandbox")
    grant, app = world.grants.open(late)
    world.clock.run(minutes=1.1)
    other = world.grants.lease(world.grant(channel))
    for what in (
        lambda: world.grants.renew(late, sealer, grant, app, provider),
        lambda: world.grants.postpone(late, 5, "server_error"),
        lambda: world.grants.strand(late),
    ):
        with pytest.raises(GrantMoved):
            what()
    assert world.grant(channel).lease == other.lease


def test_who_connected_again_meanwhile_keeps_what_came_of_that(caplog: pytest.LogCaptureFixture) -> None:
    world, channel = due()
    again = meanwhile(lambda: world.connect(lifetime=HOUR))
    assert refresher(world, wrap=faulty(RENEWED, again)).sweep(20).skipped == 1
    current = world.grant(channel)
    assert (current.version, current.dead) == (1, False)
    assert "renewed grant dropped" in caplog.text
    assert world.refreshing.fresh(world.channels.get(world.workspace_id, channel.id), world.clock.now())


# The platform's answers


def test_an_answer_that_broke_off_is_asked_for_again_at_once_where_the_platform_forgives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, channel = due()
    forgives, calls = forgiving(monkeypatch), []

    def around(request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
        calls.append(request)
        found = forgives(request, call)
        if len(calls) == 1:
            raise httpx.ReadError("reset", request=request)
        return found

    began = world.clock.now()
    assert refresher(world, around).sweep(20).refreshed == 1
    assert len(calls) == 2
    assert world.clock.now() - began < timedelta(seconds=5)
    assert world.grant(channel).version == 2


def test_where_a_second_call_would_end_everything_the_token_at_hand_is_used_up_first() -> None:
    world, channel = due()
    assert refresher(world, cut).sweep(20).postponed == 1
    stored = world.grant(channel)
    assert stored.life.expires_at
    assert stored.life.renew_at == stored.life.expires_at - timedelta(minutes=8)
    written = world.post("Still", channel, in_minutes=3)
    world.run_refresher()
    world.clock.run(minutes=3.3)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert world.calls("POST", "/oauth/token") == 1, "the consent's own"


def test_a_second_call_that_is_refused_says_nothing_of_the_token_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its refresh token was used up by the call whose answer nobody has."""
    monkeypatch.setattr(Sandbox, "spec", replace(Sandbox.spec, reuse_ends_grant=False))
    world, channel = due()
    dead = httpx.Response(400, json={"error": "invalid_grant"})
    calls: list[httpx.Request] = []

    def around(request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
        calls.append(request)
        if len(calls) == 1:
            raise httpx.ReadError("reset", request=request)
        return dead

    worker = refresher(world, around)
    assert worker.sweep(20).postponed == 1
    world.refreshing.sweep(20)
    assert world.channels.get(world.workspace_id, channel.id).token_expiring_since == world.clock.now()
    assert len(world.topic.mails) == 1, "a person can still do something in time"
    written = world.post("Still", channel, in_minutes=3)
    world.clock.run(minutes=6)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert world.channels.get(world.workspace_id, channel.id).status == "active"
    world.run_refresher()
    world.clock.run(minutes=6)
    assert world.channels.get(world.workspace_id, channel.id).status == "reconnect_required", "at its end"
    assert len(calls) == 2


def test_the_nearer_the_end_the_sooner_the_next_try() -> None:
    world, channel = due(minutes=50)
    waits = []
    for _ in range(6):
        calls, around = counted([httpx.Response(500)])
        world.clock.run_until(max(world.clock.now(), _next(world, channel)))
        assert refresher(world, around).sweep(20).postponed == 1
        assert len(calls) == 1
        left = world.grant(channel).life.expires_at - world.clock.now()
        wait = _next(world, channel) - world.clock.now()
        assert wait <= max(left / 8, timedelta(seconds=5))
        waits.append(wait)
    assert waits[1] > waits[0], "ever longer, while there is time"


@pytest.mark.parametrize(("asked", "wait"), [("120", 120), ("31536000", 3600)])
def test_what_a_platform_asks_for_is_waited_for_within_reason(asked: str, wait: int) -> None:
    world, channel = due()
    _, around = counted([httpx.Response(429, headers={"Retry-After": asked})])
    refresher(world, around).sweep(20)
    assert _next(world, channel) - world.clock.now() == timedelta(seconds=wait)


# Posts


def test_a_post_that_is_due_while_its_grant_is_being_refreshed_takes_the_token_at_hand() -> None:
    world, channel = due(minutes=40)
    written = world.post("On time", channel, in_minutes=19)
    lease = world.delivery(written).due_at - timedelta(seconds=30)
    world.clock.plan(lease, lambda: world.grants.lease(world.grant(channel)))
    world.clock.run(minutes=20)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.tries) == (DeliveryStatus.COMPLETED, 0)
    assert delivery.lateness_ms <= 2000
    assert world.grant(channel).lease, "its worker has not come back"


@pytest.mark.parametrize("ask", ["fresh", "renew"])
def test_without_a_token_at_hand_the_other_workers_refresh_is_waited_for(ask: str) -> None:
    world, channel = due(minutes=61)
    leased = world.grants.lease(world.grant(channel))
    grant, app = world.grants.open(leased)
    refused = Fresh(id=leased.id, version=leased.version, grant=grant)
    sealer = world.grants.sealer(leased)
    new = replace(grant, access_token=SecretStr("new"), expires_at=world.clock.now() + timedelta(hours=1))
    ends_at = world.clock.now() + timedelta(seconds=1)

    def sleep(seconds: float) -> None:
        world.clock.sleep(seconds)
        if leased.lease == world.grant(channel).lease and world.clock.now() >= ends_at:
            world.grants.renew(leased, sealer, new, app, world.providers.get("sandbox"))

    began, worker = world.clock.now(), refresher(world, sleep=sleep)
    fresh = worker.fresh(channel, began) if ask == "fresh" else worker.renew(channel, refused)
    assert fresh.grant.access_token.get_secret_value() == "new"
    assert world.clock.now() - began <= timedelta(seconds=2)


def test_a_platform_that_hangs_before_a_post_does_not_hang_at_its_time_again() -> None:
    world, channel = due(minutes=50)
    written = world.post("On time", channel, in_minutes=9.6)
    calls: list[datetime] = []

    def hangs(request: httpx.Request, _: Callable[[], httpx.Response]) -> httpx.Response:
        calls.append(world.clock.now())
        world.clock.sleep(20)
        raise httpx.ConnectTimeout("nobody there", request=request)

    world.publishing = world.worker(refreshing=refresher(world, hangs))
    world.clock.run(minutes=10)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.tries) == (DeliveryStatus.COMPLETED, 0)
    assert delivery.lateness_ms <= 2000
    assert len(calls) == 1, "while it was prepared"


def test_a_grant_that_ends_between_preparing_and_publishing_is_refreshed_in_between() -> None:
    world, channel = due("160", minutes=0)
    written = world.post("On time", channel, in_minutes=10)
    world.clock.run(minutes=11)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.tries) == (DeliveryStatus.COMPLETED, 0)
    assert delivery.lateness_ms <= 2000
    assert world.grant(channel).version > 2


# Grants that cannot be refreshed


def without_refresh_token() -> tuple[Place, Channel]:
    world = Place()
    ada = world.connect("ada", lifetime=HOUR)
    grant, _ = world.grants.open(world.grant(ada))
    login = Login(grant=replace(grant, refresh_token=None), accounts=(ada.account,))
    logins = Logins(world.channels, world.grants)
    (channel,) = logins.store(world.workspace_id, world.providers.get("sandbox"), login, None)
    return world, channel


def test_a_grant_that_nobody_can_refresh_is_used_to_its_end_and_then_given_up() -> None:
    world, channel = without_refresh_token()
    world.run_refresher()
    world.clock.run(minutes=59)
    assert world.channels.get(world.workspace_id, channel.id).status == "active"
    assert world.refreshing.fresh(channel, world.clock.now() + timedelta(minutes=5)).grant.access_token
    world.clock.run(minutes=3)
    assert world.channels.get(world.workspace_id, channel.id).status == "reconnect_required"
    with pytest.raises(Reconnect):
        world.refreshing.fresh(channel, world.clock.now())


def test_a_refused_token_that_nobody_can_refresh_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform of that kind has no `refresh` to be called."""
    world, channel = without_refresh_token()
    monkeypatch.setattr(Sandbox, "refresh", Provider.refresh)
    fresh = world.refreshing.fresh(channel, world.clock.now())
    with pytest.raises(Reconnect, match="no way to renew"):
        world.refreshing.renew(channel, fresh)
    assert world.channels.get(world.workspace_id, channel.id).status == "reconnect_required"


def test_what_a_consent_does_not_bring_again_goes_on_with_the_day_on_which_it_ends() -> None:
    world = Place()
    channel = world.connect("ada", lifetime=HOUR)
    sandbox = world.providers.get("sandbox")
    grant, app = world.grants.open(world.grant(channel))
    until = world.clock.now() + timedelta(days=30)
    logins = Logins(world.channels, world.grants)
    for given in (replace(grant, renewable_until=until), replace(grant, refresh_token=None)):
        logins.store(world.workspace_id, sandbox, Login(grant=given, accounts=(channel.account,)), app)
    kept, _ = world.grants.open(world.grant(channel))
    assert (kept.refresh_token, kept.renewable_until) == (grant.refresh_token, until)


def test_a_refresh_token_that_was_used_up_does_not_go_on_with_the_next_consent() -> None:
    world, channel = due()
    grant, app = world.grants.open(world.grant(channel))
    world.grants.strand(world.grants.lease(world.grant(channel)))
    login = Login(grant=replace(grant, refresh_token=None), accounts=(channel.account,))
    Logins(world.channels, world.grants).store(world.workspace_id, world.providers.get("sandbox"), login, app)
    kept, _ = world.grants.open(world.grant(channel))
    assert kept.refresh_token is None


# Many at once


def test_many_workers_refresh_each_grant_once() -> None:
    world = Place()
    channels = [world.connect(f"person{number}", lifetime=HOUR) for number in range(30)]
    world.clock.run(minutes=48.5)
    calls, around = counted([])
    work = refresher(world, around)
    turns = work.turns(2000)
    with ThreadPoolExecutor(8) as pool:
        found = sum(pool.map(lambda _: work.take_turns(turns), range(8)), Refreshed())
    assert found == Refreshed(refreshed=30)
    assert len(calls) == 30
    assert {world.grant(channel).version for channel in channels} == {2}


@pytest.mark.parametrize(("seconds", "refreshed"), [(24, 0), (55, 3)])
def test_the_function_begins_nothing_that_its_end_could_cut_off(
    monkeypatch: pytest.MonkeyPatch, seconds: int, refreshed: int
) -> None:
    world = Place()
    for name in ("one", "two", "three"):
        world.connect(name, lifetime=HOUR)
    world.clock.run(minutes=48.5)
    monkeypatch.setattr(app, "refreshing", lambda: refresher(world))
    monkeypatch.setattr(app.clock, "now", world.clock.now)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000)
    assert app.handler({}, context)["refreshed"] == refreshed


def test_runs_that_overlap_refresh_nothing_twice() -> None:
    world = Place()
    for number in range(10):
        world.connect(f"person{number}", lifetime=HOUR)
    world.clock.run(minutes=48.5)
    calls, around = counted([])
    work = refresher(world, around)
    first, second = work.turns(2000), work.turns(2000)
    assert work.take_turns(first) == Refreshed(refreshed=10)
    assert work.take_turns(second).refreshed == 0
    assert len(calls) == 10


def _next(world: Place, channel: Channel) -> datetime:
    at = world.grant(channel).life.renew_at
    assert at
    return at
