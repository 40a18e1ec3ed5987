"""Instagram by its own login: what is sent is in Meta's contract, and what is posted is live once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.providers.instagram_login import InstagramLogin
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater
from tests.contract.failure import Failure
from tests.contract.instagram.session import connect, whole_life
from tests.contract.instagram_login.far_side import InstagramLoginSide
from tests.contract.meta.requests import violations
from tests.contract.meta.session import Clock, Session, Shelf, as_sent, http_to, live

GRAPH = "https://graph.instagram.com"
TOKEN = {"Authorization": "Bearer token"}
MEANS: dict[str, Any] = {
    "rejected": Rejected,
    "reconnect": Reconnect,
    "unauthorized": Reconnect,
    "retry": RetryLater,
    "unknown": OutcomeUnknown,
}
TOLD_BY_A_SENTENCE = {"no_professional_account"}
"""The code is that of any value that is refused."""


class World:
    def __init__(self) -> None:
        self.clock, self.shelf = Clock(), Shelf()
        self.side = InstagramLoginSide(self.clock, self.shelf)
        self.session: Session = connect(InstagramLogin(http_to(self.side.answer), self.clock), self.side, self.clock)


@pytest.fixture
def world() -> World:
    return World()


def test_every_request_of_a_whole_life_is_in_the_contract(world: World) -> None:
    whole_life(world.session, world.side, world.shelf)
    world.clock.advance(timedelta(days=30).total_seconds())
    renewed = world.session.provider.refresh(world.session.grant, None)  # type: ignore[attr-defined]
    assert renewed.access_token != world.session.grant.access_token
    assert world.session.provider.accounts(renewed)[0].id == world.session.account.id  # type: ignore[attr-defined]
    assert {shown.kind for shown in world.side.posts} >= {"image", "reel", "images", "comment"}
    assert {request.headers["Host"] for request in world.side.seen} == {"api.instagram.com", "graph.instagram.com"}
    assert [violations(as_sent(request)) for request in world.side.seen] == [[] for _ in world.side.seen]


@pytest.mark.parametrize(
    ("request_sent", "problem"),
    [
        (httpx.Request("DELETE", f"{GRAPH}/v25.0/17", headers=TOKEN), "is not in the contract"),
        (httpx.Request("GET", f"{GRAPH}/refresh_access_token", params={"grant_type": "x"}), "access_token is missing"),
        (httpx.Request("GET", f"{GRAPH}/v25.0/me", headers=TOKEN, params={"fields": "handle"}), "handle is unknown"),
        (httpx.Request("POST", f"{GRAPH}/v25.0/17/media", headers=TOKEN, data={"text": "Hello"}), "text is unknown"),
    ],
)
def test_a_request_that_the_contract_does_not_allow_is_noticed(request_sent: httpx.Request, problem: str) -> None:
    found = violations(request_sent, {"17": "IGMediaForIGOnlyAPI"} if request_sent.method == "DELETE" else None)
    assert any(problem in violation for violation in found), found


@pytest.mark.parametrize("fault", ["loses_answer_of", "cuts"])
@pytest.mark.parametrize("operation", ["create_container", "container_status", "publish", "quota", "list"])
def test_a_post_goes_out_once_whatever_call_breaks_off(world: World, fault: str, operation: str) -> None:
    setattr(world.side, fault, {operation})
    found = live(world.session.run(world.shelf.picture(), world.shelf.video(), text="Hello @lee"))
    assert [shown.id for shown in world.side.posts] == [found.platform_id]


def test_what_is_carried_out_and_denied_is_found_and_not_made_again(world: World) -> None:
    world.side.denies_what_it_does = {"publish"}
    root = live(world.session.run(world.shelf.picture()))
    world.side.denies_what_it_does = {"comment"}
    live(world.session.run(text="First", kind="comment", part=1, root=root, parent=root))
    assert [shown.kind for shown in world.side.posts] == ["image", "comment"]


def test_a_code_is_used_without_the_mark_behind_it_and_the_first_token_may_come_in_a_list() -> None:
    for wraps in (False, True):
        clock = Clock()
        side = InstagramLoginSide(clock, Shelf())
        side.wraps_in_data, side.marks_code = wraps, True
        assert connect(InstagramLogin(http_to(side.answer), clock), side, clock).account.handle == "@kimsbakery"


def refused() -> list[Any]:
    calls = {"create_container", "publish", "container_status", "comment"}
    every = InstagramLoginSide.FAILURES.items()
    named = ((name, each) for name, each in every if each.operation in calls and name not in TOLD_BY_A_SENTENCE)
    return [pytest.param(each, id=name) for name, each in named]


@pytest.mark.parametrize("failure", refused())
def test_a_refusal_means_what_its_documents_say(world: World, failure: Failure) -> None:
    root = live(world.session.run(world.shelf.picture(), text="Before")) if failure.operation == "comment" else None
    part: dict[str, Any] = {"kind": "comment", "part": 1, "root": root, "parent": root} if root else {}
    world.side.fail_next = [(failure.operation, failure)]
    world.session.run(*([] if root else [world.shelf.picture()]), **part)
    assert isinstance(world.session.errors[0], MEANS[failure.means])
