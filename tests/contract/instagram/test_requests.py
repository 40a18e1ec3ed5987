"""Every request that is sent, of every post type, is one that Meta's published contract allows."""

import contextlib
import json
from collections.abc import Callable

import httpx
import pytest

from punctual.providers.instagram import Instagram
from punctual.providers.outcomes import Rejected
from tests.contract.instagram.far_side import ACCOUNT, InstagramSide
from tests.contract.instagram.session import connect, registered, whole_life
from tests.contract.meta.requests import violations
from tests.contract.meta.session import Clock, Shelf, as_sent, http_to, live

GRAPH = "https://graph.facebook.com/v25.0"
TOKEN = {"Authorization": "Bearer token"}


def test_every_request_of_a_whole_life_is_in_the_contract() -> None:
    clock, shelf = Clock(), Shelf()
    side = InstagramSide(clock, shelf)
    side.deletes_media = True
    session = connect(Instagram(http_to(side.answer), clock), side, clock)
    whole_life(session, side, shelf)
    made = [shown for shown in side.posts if shown.kind == "image"]
    found = live(session.run(shelf.picture(), text="To be taken down"))
    for _ in range(2):
        session.provider.delete(found, session.grant, session.account)
    with contextlib.suppress(Rejected):  # the far side takes it with a person's token only
        session.provider.revoke(session.grant, registered(session.provider, side))
    assert [shown.id for shown in side.posts if shown.kind == "image"] == [shown.id for shown in made]
    assert {shown.kind for shown in side.posts} == {"image", "reel", "images", "story", "comment"}
    assert [violations(httpx.Request("GET", asked)) for asked in side.consents] == [[]]
    assert {(request.method, name(request)) for request in side.seen} == {
        *(("GET", each) for each in ("oauth/access_token", "me", "me/permissions", "me/accounts")),
        *(("GET", f"#/{each}") for each in ("content_publishing_limit", "media", "stories", "comments")),
        *(("POST", f"#/{each}") for each in ("media", "media_publish", "comments")),
        *(("GET", "#"), ("DELETE", "#"), ("DELETE", "#/permissions")),
    }
    assert [violations(as_sent(request)) for request in side.seen] == [[] for _ in side.seen]


def name(request: httpx.Request) -> str:
    """The path, whatever the number of its node."""
    return "/".join("#" if each.isdecimal() else each for each in request.url.path.split("/")[2:])


def post(path: str, **form: str) -> httpx.Request:
    return httpx.Request("POST", f"{GRAPH}/{path}", headers=TOKEN, data=form)


def media(**form: str) -> httpx.Request:
    return post(f"{ACCOUNT}/media", image_url="https://media.example/1", **form)


def get(path: str, **query: str) -> httpx.Request:
    return httpx.Request("GET", f"{GRAPH}/{path}", headers=TOKEN, params=query)


MUTATIONS: dict[str, tuple[Callable[[], httpx.Request], str]] = {
    "another edge": (lambda: post(f"{ACCOUNT}/medias", caption="Hello"), "is not in the contract"),
    "a misspelled field": (lambda: media(captoin="Hello"), "captoin is unknown"),
    "tags that are no objects": (lambda: media(user_tags='["kim"]'), "user_tags: no map"),
    "a flag that is none": (lambda: media(share_to_feed="perhaps"), "share_to_feed: no bool"),
    "trial parameters that are no object": (lambda: media(trial_params='"MANUAL"'), "trial_params: no map"),
    "another kind of media": (lambda: media(media_type="REEL"), "media_type: not one of its values"),
    "no container": (lambda: post(f"{ACCOUNT}/media_publish"), "creation_id is missing"),
    "a container that is no number": (lambda: post(f"{ACCOUNT}/media_publish", creation_id="x1"), "creation_id: no"),
    "a field that there is not": (lambda: get(f"{ACCOUNT}/media", fields="id,text"), "text is unknown"),
    "a comment by another name": (lambda: post("1/comments", txt="Hello"), "txt is unknown"),
    "no token": (lambda: httpx.Request("GET", f"{GRAPH}/{ACCOUNT}/media"), "no access token"),
    "no version": (
        lambda: httpx.Request("GET", f"https://graph.facebook.com/{ACCOUNT}/media", headers=TOKEN),
        "no version in the path",
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_request_that_the_contract_does_not_allow_is_noticed(mutation: str) -> None:
    request, problem = MUTATIONS[mutation]
    assert any(problem in violation for violation in violations(request())), violations(request())


def test_what_is_noticed_is_what_was_mutated() -> None:
    tags = json.dumps([{"username": "kim", "x": 0.5, "y": 0.5}])
    assert violations(media(caption="Hello", user_tags=tags, share_to_feed="true")) == []
