"""What `prepare` made may be gone at the platform when the post goes out: it is made anew, for the same post."""

from collections.abc import Container
from typing import Any

import pytest

from punctual.providers.base import Grant, Keep, Outgoing, Published
from punctual.providers.outcomes import Processing, Rejected, Unprepared
from punctual.providers.sandbox import Sandbox
from punctual.states import DeliveryStatus
from tests.integration.world import World

S = DeliveryStatus


class Forgetful:
    """A platform that has let go of what was prepared at these calls, counted from 0."""

    def __init__(self, patch: pytest.MonkeyPatch, forgets: Container[int] = (0,)):
        self.forgets = forgets
        self.seen: list[dict[str, Any]] = []
        self.prepared = 0
        self.works_on_it = 0
        publish = Sandbox.publish
        patch.setattr(Sandbox, "prepare", lambda _, post, grant, keep: self.prepare(post, grant, keep))
        patch.setattr(Sandbox, "publish", lambda provider, post, grant: self.publish(provider, post, grant, publish))

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        if "file" in post.prepared:
            return
        self.prepared += 1
        if self.prepared > 1 and self.works_on_it:
            self.works_on_it -= 1
            raise Processing(retry_after=2)
        keep(file=self.prepared, key="mine")

    def publish(self, provider: Sandbox, post: Outgoing, grant: Grant, publish: Any) -> Published:
        self.seen.append(dict(post.prepared))
        if len(self.seen) - 1 in self.forgets:
            raise Unprepared("It is gone.", code="media_expired", kept={"file": None, "again": len(self.seen)})
        found: Published = publish(provider, post, grant)
        return found


def test_it_is_made_anew_and_the_post_goes_out_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Forgetful(monkeypatch)
    written = world.post("Once", world.connect(), in_minutes=5)
    world.clock.run(minutes=7)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED
    assert platform.seen == [{"file": 1, "key": "mine"}, {"file": 2, "key": "mine", "again": 1}]
    assert world.texts() == ["Once"]
    assert [each.code for each in world.attempts.of_delivery(delivery)] == [None, "media_expired", None]


def test_it_is_waited_for_where_the_platform_is_at_work_on_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Forgetful(monkeypatch)
    platform.works_on_it = 2
    written = world.post("Once", world.connect(), in_minutes=5)
    world.clock.run(minutes=7)
    assert world.delivery(written).status is S.COMPLETED
    assert platform.prepared == 4
    assert world.texts() == ["Once"]


def test_a_platform_that_never_keeps_it_ends_the_delivery_in_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Forgetful(monkeypatch, forgets=range(1000))
    written = world.post("Never", world.connect(), in_minutes=5, max_delay_seconds=600)
    world.clock.run(minutes=30)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["cause"]["code"]) == (S.MISSED, "media_expired")
    assert len(platform.seen) < 12
    assert world.timeline() == []


def test_a_part_of_a_thread_is_made_anew_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Forgetful(monkeypatch, forgets=(1, 2))
    written = world.post("One", world.connect(), in_minutes=5, thread=[{"text": "Two"}])
    world.clock.run(minutes=8)
    assert world.delivery(written).status is S.COMPLETED
    assert [each.get("file") for each in platform.seen] == [1, 2, 3, 4]
    assert sorted(world.texts()) == ["One", "Two"]


def test_what_was_refused_otherwise_is_not_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Forgetful(monkeypatch)

    def refuse(*_: Any) -> Published:
        raise Rejected("No.", code="refused")

    monkeypatch.setattr(platform, "publish", refuse)
    written = world.post("No", world.connect(), in_minutes=5)
    world.clock.run(minutes=30)
    assert (world.delivery(written).status, platform.prepared) == (S.ERROR, 1)
