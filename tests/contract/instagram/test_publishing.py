"""Instagram's posts on a platform that loses answers, breaks off and refuses: each is live once, or is not."""

from dataclasses import replace
from typing import Any

import pytest

from punctual.providers.instagram import Instagram
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater
from tests.contract.failure import Failure
from tests.contract.instagram.far_side import InstagramSide
from tests.contract.instagram.session import connect
from tests.contract.meta.session import Clock, Session, Shelf, http_to, live

WHOLE = ("create_container", "container_status", "publish", "quota", "list")
MEANS: dict[str, Any] = {
    "rejected": Rejected,
    "reconnect": Reconnect,
    "unauthorized": Reconnect,
    "retry": RetryLater,
    "unknown": OutcomeUnknown,
}
A_DAY = {"Retry-After": "90000"}


class World:
    def __init__(self) -> None:
        self.clock, self.shelf = Clock(), Shelf()
        self.side = InstagramSide(self.clock, self.shelf)
        self.session: Session = connect(Instagram(http_to(self.side.answer), self.clock), self.side, self.clock)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("fault", ["loses_answer_of", "cuts"])
@pytest.mark.parametrize("operation", WHOLE)
@pytest.mark.parametrize("files", [1, 3])
def test_a_post_goes_out_once_whatever_call_breaks_off(world: World, fault: str, operation: str, files: int) -> None:
    setattr(world.side, fault, {operation})
    world.side.processing_seconds = 12
    found = live(world.session.run(*[world.shelf.picture() for _ in range(files)], text="Hello @lee"))
    assert [shown.id for shown in world.side.posts] == [found.platform_id]


@pytest.mark.parametrize("fault", ["loses_answer_of", "cuts"])
def test_a_story_goes_out_once_though_nothing_but_its_time_is_known_of_it(world: World, fault: str) -> None:
    setattr(world.side, fault, {"publish"})
    found = live(world.session.run(world.shelf.picture(), text="", settings={"post_type": "story"}))
    assert [(shown.id, shown.kind) for shown in world.side.posts] == [(found.platform_id, "story")]


def test_a_post_that_is_listed_late_is_waited_for(world: World) -> None:
    world.side.loses_answer_of = {"publish"}
    world.side.listing_lag_seconds = 200
    found = live(world.session.run(world.shelf.picture()))
    assert [(shown.id, shown.url) for shown in world.side.posts] == [(found.platform_id, found.url)]
    assert world.session.steps.count("look") > 2


def test_two_posts_with_one_caption_are_told_apart_by_what_is_taken(world: World) -> None:
    other = live(world.session.run(world.shelf.picture(), text="The same"))
    world.side.loses_answer_of = {"publish"}
    came = world.session.run(world.shelf.picture(), text="The same", taken=frozenset({other.platform_id}))
    assert live(came).platform_id == world.side.posts[-1].id


def test_two_that_nobody_can_tell_apart_stay_open(world: World) -> None:
    live(world.session.run(world.shelf.picture(), text="The same"))
    world.side.loses_answer_of = {"publish"}
    came = world.session.run(world.shelf.picture(), text="The same")
    assert isinstance(came, OutcomeUnknown)
    assert len(world.side.posts) == 2


def test_a_comment_is_found_or_left_open_and_never_made_twice(world: World) -> None:
    root = live(world.session.run(world.shelf.picture()))
    part: dict[str, Any] = {"kind": "comment", "part": 1, "root": root, "parent": root}
    world.side.loses_answer_of = {"comment"}
    assert live(world.session.run(text="First", **part)).platform_id == world.side.posts[-1].id
    world.side.cuts = {"comment"}
    came = world.session.run(text="Second", **part)
    assert isinstance(came, Rejected)
    assert came.code == "outcome_unknown"
    assert [shown.text for shown in world.side.posts if shown.kind == "comment"] == ["First"]


def test_a_container_that_is_a_day_old_is_made_anew(world: World) -> None:
    files = [world.shelf.picture(), world.shelf.picture()]
    world.side.fail_next = [("publish", replace(InstagramSide.FAILURES["daily_limit"], headers=A_DAY))]
    found = live(world.session.run(*files))
    assert [shown.id for shown in world.side.posts] == [found.platform_id]
    assert len(world.side.containers) == 2 * 3


def test_a_day_that_is_used_up_is_waited_for_before_anything_is_made(world: World) -> None:
    world.side.quota_total = 1
    live(world.session.run(world.shelf.picture()))
    world.clock.advance(23.7 * 3600)
    found = live(world.session.run(world.shelf.picture(), text="The next day"))
    assert [shown.id for shown in world.side.posts][1:] == [found.platform_id]
    assert world.session.steps == ["prepare", "prepare", "prepare", "publish"]
    assert len(world.side.containers) == 2


def refused() -> list[Any]:
    every = InstagramSide.FAILURES.items()
    calls = {"create_container", "publish", "container_status", "comment"}
    return [pytest.param(each, id=name) for name, each in every if each.operation in calls]


@pytest.mark.parametrize("failure", refused())
def test_a_refusal_means_what_its_documents_say(world: World, failure: Failure) -> None:
    root = live(world.session.run(world.shelf.picture(), text="Before")) if failure.operation == "comment" else None
    part: dict[str, Any] = {"kind": "comment", "part": 1, "root": root, "parent": root} if root else {}
    world.side.fail_next = [(failure.operation, failure)]
    came = world.session.run(*([] if root else [world.shelf.picture()]), **part)
    assert isinstance(world.session.errors[0], MEANS[failure.means])
    if failure.means in ("retry", "unknown"):
        assert [shown.id for shown in world.side.posts][-1:] == [live(came).platform_id]
        assert len(world.side.posts) == (2 if root else 1)
