"""Posts on Threads by the real publisher, on a platform that works on files, loses answers and has a day's limit."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from punctual.channels import Channel
from punctual.connecting.logins import Logins
from punctual.states import DeliveryStatus
from tests.contract.threads.session import Profile
from tests.integration.world import World
from tests.shelves import BUCKET, MP4, PNG

S = DeliveryStatus
HOST = "graph.threads.net"


class Beside(httpx.BaseTransport):
    """A profile of Threads, beside what the world has."""

    def __init__(self, world: World):
        self.world, self.others = world, world.transport
        self.profile = Profile(world.clock.now, self._fetch)
        self.side = self.profile.side

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_ours = request.headers["Host"] == HOST
        return self.side.answer(request) if is_ours else self.others.handle_request(request)

    def connect(self) -> Channel:
        provider = self.world.providers.get("threads")
        logins = Logins(self.world.channels, self.world.grants)
        return logins.store(self.world.workspace_id, provider, self.profile.login(), self.profile.app)[0]

    def media(self, *files: bytes) -> list[dict[str, str]]:
        return [{"id": self.world.files.ready(self.world.workspace_id, each).id, "alt_text": "A cat"} for each in files]

    def _fetch(self, url: str) -> bytes:
        found: bytes = self.world.files.s3.get_object(Bucket=BUCKET, Key=urlsplit(url).path.lstrip("/"))["Body"].read()
        return found


@pytest.fixture
def threads(world: World) -> Beside:
    beside = Beside(world)
    world.transport = beside
    return beside


def called(threads: Beside, edge: str) -> int:
    return sum(each.method == "POST" and each.url.path.endswith(edge) for each in threads.side.seen)


def test_a_carousel_is_made_early_and_out_on_the_second(world: World, threads: Beside) -> None:
    channel = threads.connect()
    threads.side.processing_seconds = 50
    written = world.post("Hello #cats", channel, in_minutes=10, media=threads.media(PNG, MP4, PNG + b"!"))
    world.clock.run(minutes=9, seconds=58)
    assert (called(threads, "/threads"), threads.side.posts) == (4, [])
    world.clock.run(minutes=1)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED, delivery.error
    (shown,) = threads.side.posts
    assert (shown.id, shown.url, shown.alt_texts) == (delivery.platform_id, delivery.url, ("A cat",) * 3)
    assert 0 <= (shown.made_at - delivery.due_at).total_seconds() <= 2


def test_a_thread_and_its_first_comment_answer_one_another(world: World, threads: Beside) -> None:
    channel = threads.connect()
    threads.side.profile.containers.text_processing_seconds = 8
    more: dict[str, Any] = {"thread": [{"text": "Two"}, {"text": "Three"}], "first_comment": {"text": "First!"}}
    written = world.post("One", channel, in_minutes=5, settings={"reply_control": "followers_only"}, **more)
    world.clock.run(minutes=12)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED, delivery.error
    answers = {shown.text: shown.answers for shown in threads.side.posts}
    ids = {shown.text: shown.id for shown in threads.side.posts}
    assert answers == {"One": None, "Two": ids["One"], "Three": ids["Two"], "First!": ids["One"]}
    assert [part.url for part in delivery.live] == [
        shown.url for part in delivery.live for shown in threads.side.posts if shown.id == part.platform_id
    ]


@pytest.mark.parametrize("fault", ["loses_answer_of", "cuts"])
def test_an_answer_that_is_lost_makes_no_second_post(world: World, threads: Beside, fault: str) -> None:
    channel = threads.connect()
    getattr(threads.side, fault).add("publish")
    written = world.post("One", channel, in_minutes=5, thread=[{"text": "Two"}], max_delay_seconds=3600)
    world.clock.run(minutes=15)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED, delivery.error
    assert [shown.text for shown in threads.side.posts] == ["One", "Two"]
    assert [part.platform_id for part in delivery.live] == [shown.id for shown in threads.side.posts]


def test_a_day_that_others_used_up_is_waited_for(world: World, threads: Beside) -> None:
    channel = threads.connect()
    threads.side.profile.quotas[""] = 1
    threads.side.profile.used.append(("", world.clock.now()))
    written = world.post("Hello", channel, in_minutes=5, max_delay_seconds=7200)
    world.clock.run(minutes=8)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["code"]) == (S.SCHEDULED, "cap_reached")
    assert called(threads, "/threads") == 0
    threads.side.profile.quotas[""] = 250
    world.clock.run(minutes=30)
    assert world.delivery(written).status is S.COMPLETED


def test_a_token_renews_itself_for_as_long_as_the_stack_lives(world: World, threads: Beside) -> None:
    channel = threads.connect()
    tokens = set()
    for _ in range(3):
        grant, _ = world.grants.open(world.grant(channel))
        tokens.add(grant.access_token.get_secret_value())
        world.clock.run(days=35)  # half of its life, and the twentieth part by which grants are dispersed
        world.refreshing.sweep(20)
    assert len(tokens) == 3
    written = world.post("Hello", channel, in_minutes=5)
    world.clock.run(minutes=10)
    assert world.delivery(written).status is S.COMPLETED


def test_a_person_who_removed_the_app_holds_what_waits_until_they_come_back(world: World, threads: Beside) -> None:
    channel = threads.connect()
    written = world.post("Hello", channel, in_minutes=5, max_delay_seconds=7200)
    threads.side.tokens.revoke_all()
    world.clock.run(minutes=7)
    assert world.delivery(written).status is S.HELD
    assert threads.connect().id == channel.id
    world.clock.run(minutes=5)
    assert world.delivery(written).status is S.COMPLETED
