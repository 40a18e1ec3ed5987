"""A page's posts by the real publisher, on a Facebook that loses answers, works for a while, and fails at it."""

from typing import Any

import httpx
import pytest

from punctual.channels import Channel
from punctual.connecting.logins import Logins
from punctual.states import DeliveryStatus
from tests.contract.facebook.person import JPEG, MP4
from tests.contract.facebook.session import Session
from tests.integration.world import World

S = DeliveryStatus
AS_REELS = {"width": 1080, "height": 1920}


class Beside(httpx.BaseTransport):
    """The session's Facebook, beside what the world has."""

    def __init__(self, world: World):
        self.world, self.others = world, world.transport
        self.session = Session()
        self.session.side.now = world.clock.now
        self.side = self.session.side

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Host"].endswith("facebook.com"):
            return self.side.answer(request)
        return self.others.handle_request(request)

    def connect(self) -> Channel:
        """The clocks of the far side and of whoever connects are the world's."""
        self.session.moment = self.world.clock.now()
        login = self.session.login()
        provider = self.world.providers.get("facebook")
        logins = Logins(self.world.channels, self.world.grants)
        return logins.store(self.world.workspace_id, provider, login, self.session.app)[0]

    def media(self, content: bytes, **facts: Any) -> list[dict[str, str]]:
        return [{"id": self.world.files.ready(self.world.workspace_id, content, **facts).id}]


@pytest.fixture
def facebook(world: World) -> Beside:
    beside = Beside(world)
    world.transport = beside
    return beside


def test_a_lost_answer_is_found_and_nothing_is_posted_twice(world: World, facebook: Beside) -> None:
    channel = facebook.connect()
    facebook.side.loses_answer_of.add("feed")
    written = world.post("Hello", channel, in_minutes=5)
    world.clock.run(minutes=10)
    assert world.delivery(written).status is S.COMPLETED
    (shown,) = facebook.side.posts
    assert world.delivery(written).platform_id == shown.id


def test_an_album_and_its_first_comment_go_out_with_their_address(world: World, facebook: Beside) -> None:
    channel = facebook.connect()
    files = [*facebook.media(JPEG, type="image/jpeg"), *facebook.media(JPEG + b"!", type="image/jpeg")]
    written = world.post("Hello", channel, in_minutes=5, media=files, first_comment={"text": "First!"})
    world.clock.run(minutes=10)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED, delivery.error
    album, comment = facebook.side.posts
    assert (album.kind, len(album.media), comment.answers) == ("images", 2, album.id)
    assert delivery.url == album.url


def test_a_reel_is_live_when_facebook_says_so(world: World, facebook: Beside) -> None:
    channel = facebook.connect()
    facebook.side.processing_seconds = 45
    reel = facebook.media(MP4, **AS_REELS)
    written = world.post("Hello", channel, in_minutes=5, media=reel, settings={"post_type": "reel"})
    world.clock.run(minutes=5, seconds=20)
    assert world.delivery(written).status is S.PUBLISHING
    world.clock.run(minutes=5)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED, delivery.error
    assert delivery.url == facebook.side.posts[0].url


def test_a_reel_whose_end_was_lost_on_the_way_is_ended_again(world: World, facebook: Beside) -> None:
    channel = facebook.connect()
    facebook.side.cuts.add("reel_finish")
    reel = facebook.media(MP4, **AS_REELS)
    written = world.post("Hello", channel, in_minutes=5, media=reel, settings={"post_type": "reel"})
    world.clock.run(minutes=15)
    assert world.delivery(written).status is S.COMPLETED
    assert len(facebook.side.posts) == 1


def test_a_reel_that_fails_ends_with_the_reason(world: World, facebook: Beside) -> None:
    channel = facebook.connect()
    facebook.side.spoils = True
    reel = facebook.media(MP4, **AS_REELS)
    written = world.post("Hello", channel, in_minutes=5, media=reel, settings={"post_type": "reel"})
    world.clock.run(minutes=15)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["code"]) == (S.ERROR, "media_refused")
    assert facebook.side.posts == []


def test_a_page_whose_person_left_holds_its_posts(world: World, facebook: Beside) -> None:
    channel = facebook.connect()
    written = world.post("Hello", channel, in_minutes=5, max_delay_seconds=7200)
    facebook.side.change_password()
    world.clock.run(minutes=7)
    assert world.delivery(written).status is S.HELD
    assert facebook.connect().id == channel.id
    world.clock.run(minutes=5)
    assert world.delivery(written).status is S.COMPLETED
