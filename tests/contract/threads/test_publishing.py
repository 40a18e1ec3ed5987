"""Threads' posts on a platform that loses answers, breaks off and refuses: each is live once, or is not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from punctual.providers.base import Published
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater
from tests.contract.failure import Failure
from tests.contract.meta.session import as_sent, live
from tests.contract.threads.far_side import ThreadsSide
from tests.contract.threads.requests import violations
from tests.contract.threads.session import World

WHOLE = ("create_container", "container_status", "publish", "quota", "list", "list_replies")
MEANS: dict[str, Any] = {
    "rejected": Rejected,
    "reconnect": Reconnect,
    "retry": RetryLater,
    "unknown": OutcomeUnknown,
}
A_DAY = {"Retry-After": "90000"}


@pytest.fixture
def world() -> World:
    return World()


def answering(other: Published) -> dict[str, Any]:
    return {"kind": "thread", "part": 1, "root": other, "parent": other}


def test_a_whole_life_goes_well_and_every_request_is_in_the_collection(world: World) -> None:
    session, shelf, side = world.session, world.shelf, world.side
    side.processing_seconds = 40
    first = live(session.run(text="One #topic", settings={"link": "https://example.com/", "reply_control": "everyone"}))
    live(session.run(shelf.picture(alt_text="A cat"), text="", settings={"topic_tag": "Cats", "is_spoiler": True}))
    live(
        session.run(
            shelf.video(alt_text="A dog"), settings={"quote_post_id": first.platform_id, "location_id": "12345"}
        )
    )
    live(session.run(shelf.picture(alt_text="1"), shelf.video(alt_text="2"), shelf.picture(alt_text="3")))
    live(session.run(text="Which?", settings={"poll": {"options": ["This", "That"]}}))
    live(session.run(settings={"gif": "3o7btP"}))
    live(session.run(settings={"long_text": "Long"}))
    live(session.run(settings={"is_ghost": True}))
    second = live(session.run(shelf.picture(), text="Two", **answering(first)))
    live(session.run(text="Three", **{**answering(second), "root": first, "part": 2}))
    live(session.run(text="First", **{**answering(first), "kind": "comment", "part": 3}))
    live(session.run(text="Later", settings={"reply_to": first.platform_id}))
    assert [shown.kind for shown in side.posts] == [
        *("link", "image", "video", "images", "poll", "text", "text", "text", "image", "text", "text", "text")
    ]
    assert [shown.answers for shown in side.posts[8:]] == [
        first.platform_id,
        second.platform_id,
        *[first.platform_id] * 2,
    ]
    assert side.posts[3].alt_texts == ("1", "2", "3")
    assert [each.value for each in world.provider.options("locations", "Menlo", session.grant, session.account)] == [
        "12345"
    ]
    assert world.provider.permalink(first, session.grant, session.account) == side.posts[0].url
    for _ in range(2):
        world.provider.delete(second, session.grant, session.account)
    assert second.platform_id not in [shown.id for shown in side.posts]
    world.clock.advance(timedelta(days=2).total_seconds())
    world.provider.refresh(session.grant, None)
    assert [violations(as_sent(request)) for request in side.seen] == [[] for _ in side.seen]


@pytest.mark.parametrize("fault", ["loses_answer_of", "cuts"])
@pytest.mark.parametrize("operation", WHOLE)
@pytest.mark.parametrize("files", [0, 1, 3])
@pytest.mark.parametrize("is_reply", [False, True])
def test_a_part_goes_out_once_whatever_call_breaks_off(
    world: World, fault: str, operation: str, files: int, is_reply: bool
) -> None:
    part = answering(live(world.session.run(text="Before"))) if is_reply else {}
    setattr(world.side, fault, {operation})
    world.side.processing_seconds = 12
    media = [world.shelf.picture() for _ in range(files)]
    found = live(world.session.run(*media, text="Hello #tag", **part))
    assert [shown.id for shown in world.side.posts][-1:] == [found.platform_id]
    assert len(world.side.posts) == (2 if is_reply else 1)


def test_a_post_that_is_listed_late_is_waited_for(world: World) -> None:
    world.side.loses_answer_of = {"publish"}
    world.side.listing_lag_seconds = 200
    found = live(world.session.run())
    assert [(shown.id, shown.url) for shown in world.side.posts] == [(found.platform_id, found.url)]


def test_replies_with_one_text_are_told_apart_by_what_they_answer(world: World) -> None:
    one, two = live(world.session.run(text="One")), live(world.session.run(text="Two"))
    live(world.session.run(text="Same", **answering(one)))
    world.side.loses_answer_of = {"publish"}
    found = live(world.session.run(text="Same", **answering(two)))
    assert found.platform_id == world.side.posts[-1].id


def test_two_that_nobody_can_tell_apart_stay_open(world: World) -> None:
    live(world.session.run(text="Same"))
    world.side.loses_answer_of = {"publish"}
    assert isinstance(world.session.run(text="Same"), OutcomeUnknown)
    assert len(world.side.posts) == 2


def test_a_container_that_is_ready_and_not_there_yet_is_tried_again(world: World) -> None:
    world.side.profile.containers.propagation_seconds = 25
    found = live(world.session.run())
    assert [shown.id for shown in world.side.posts] == [found.platform_id]
    assert world.session.steps.count("publish") > 1


def test_a_container_that_is_a_day_old_is_made_anew(world: World) -> None:
    world.side.fail_next = [("publish", replace(ThreadsSide.FAILURES["quota_used_up"], headers=A_DAY))]
    found = live(world.session.run(world.shelf.picture(), world.shelf.picture()))
    assert [shown.id for shown in world.side.posts] == [found.platform_id]


def test_a_file_that_was_not_fetched_is_given_once_more(world: World) -> None:
    world.side.profile.containers.spoils_next = "FAILED_DOWNLOADING_VIDEO"
    found = live(world.session.run(world.shelf.video()))
    assert [shown.id for shown in world.side.posts] == [found.platform_id]


def test_a_video_that_is_wrong_is_refused(world: World) -> None:
    world.side.profile.containers.spoils_next = "INVALID_DURATION"
    came = world.session.run(world.shelf.video())
    assert isinstance(came, Rejected)
    assert came.code == "media_refused"


def test_a_day_that_is_used_up_is_waited_for_before_anything_is_made(world: World) -> None:
    world.side.profile.quotas[""] = 1
    live(world.session.run(text="Today"))
    world.clock.advance(timedelta(hours=23.7).total_seconds())
    live(world.session.run(text="Tomorrow"))
    assert world.session.steps == ["prepare", "prepare", "prepare", "publish"]
    assert len(world.side.profile.containers.kept) == 2


@pytest.mark.parametrize(("is_seen", "ends"), [(True, Published), (False, OutcomeUnknown)])
def test_a_reply_that_may_not_be_listed_stays_open(world: World, is_seen: bool, ends: type) -> None:
    first = live(world.session.run(text="One"))
    world.side.loses_answer_of = {"publish"}
    if not is_seen:
        _lose(world, "threads_read_replies")
    came: Published | ProviderError = world.session.run(text="Two", **answering(first))
    assert isinstance(came, ends)
    assert [shown.text for shown in world.side.posts] == ["One", "Two"]


def test_what_the_person_did_not_allow_is_refused_when_it_is_needed(world: World) -> None:
    first = live(world.session.run(text="One"))
    for scope in ("threads_manage_replies", "threads_delete", "threads_location_tagging"):
        _lose(world, scope)
    came = world.session.run(text="Two", **answering(first))
    assert isinstance(came, Rejected)
    assert came.code == "permission_missing"
    with pytest.raises(Rejected):
        world.provider.delete(first, world.session.grant, world.session.account)
    assert [shown.text for shown in world.side.posts] == ["One"]


def _lose(world: World, scope: str) -> None:
    token = world.session.grant.access_token.get_secret_value()
    given = world.side.tokens.tokens[token]
    world.side.tokens.tokens[token] = replace(given, scopes=given.scopes - {scope})


def test_a_part_is_refused_whose_parent_was_deleted(world: World) -> None:
    first = live(world.session.run(text="One"))
    world.provider.delete(first, world.session.grant, world.session.account)
    came = world.session.run(text="Two", **answering(first))
    assert isinstance(came, Rejected)
    assert came.code == "parent_gone"


def test_a_carousel_whose_files_are_not_there_is_made_anew(world: World) -> None:
    """`child_too_early`: the same answer as to files that are gone."""
    lost = {"children": ["17", "18"], "children_ready": 2}
    found = live(world.session.run(world.shelf.picture(), world.shelf.picture(), prepared=lost))
    assert isinstance(world.session.errors[0], RetryLater)
    assert [shown.id for shown in world.side.posts] == [found.platform_id]


def refused() -> list[Any]:
    every = ThreadsSide.FAILURES.items()
    mine = {"create_container", "publish", "container_status"}
    return [pytest.param(each, id=name) for name, each in every if each.operation in mine and name != "child_too_early"]


@pytest.mark.parametrize("failure", refused())
def test_a_refusal_means_what_is_known_of_it(world: World, failure: Failure) -> None:
    world.side.fail_next = [(failure.operation, failure)]
    came = world.session.run(world.shelf.picture())
    assert isinstance(world.session.errors[0], MEANS[failure.means])
    if failure.means in ("retry", "unknown"):
        assert [shown.id for shown in world.side.posts] == [live(came).platform_id]
    else:
        assert world.side.posts == []
