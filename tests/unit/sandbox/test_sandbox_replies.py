"""Replies: what a post answers is part of what it is, under every class of duplicate protection."""

import pytest

from punctual.providers.base import Published
from punctual.providers.outcomes import OutcomeUnknown, Rejected
from punctual.providers.sandbox import Settings
from tests.unit.sandbox.far_side import api, bearer, error

SEARCHED = ["duplicate_rejection", "search"]


@pytest.fixture
def parent(far, login):
    """A post that is there, of another account."""
    return api(far, far.login(handle="bob"), "POST", "/posts", text="Parent").json()["id"]


def published(platform_id):
    return Published(platform_id=platform_id, url=f"https://punctual.example/sandbox/posts/{platform_id}")


def test_a_part_answers_the_part_before_it(far, login, protection, parent):
    answered = {"kind": "thread", "part": 1, "root": published(parent), "parent": published(parent)}
    post = far.post(login, "Reply", protection, **answered)
    made = far.provider.publish(post, login.grant)
    shown = far.timeline()[0]
    assert (shown["id"], shown["in_reply_to"]) == (made.platform_id, parent)
    assert api(far, login, "GET", f"/posts/{made.platform_id}").json() == shown


def test_a_post_may_answer_any_post_that_is_there_and_its_parts_answer_it(far, login, protection, parent):
    settings = Settings(protection=protection, reply_to=parent)
    made = far.provider.publish(far.post(login, "First", settings=settings), login.grant)
    part = {"key": "dlv_1-1-1", "parent": made, "root": made, "part": 1}
    far.provider.publish(far.post(login, "Second", settings=settings, **part), login.grant)
    assert {post["text"]: post["in_reply_to"] for post in far.timeline()} == {
        "Parent": None,
        "First": parent,
        "Second": made.platform_id,
    }


@pytest.mark.parametrize("missing", ["nobody", "x y/..", "\N{SPARKLES}"])
def test_a_reply_to_nothing_is_refused(far, login, protection, missing):
    with pytest.raises(Rejected) as refused:
        far.provider.publish(
            far.post(login, "Reply", settings=Settings(protection=protection, reply_to=missing)), login.grant
        )
    assert (refused.value.status, refused.value.platform_code) == (404, "no_such_parent")
    assert far.timeline() == []


def test_a_parent_that_has_not_landed_is_not_there(far, login, protection):
    late = api(far, login, "PUT", "/posts/own-late-1", protection="chosen_id", text="[sandbox:late=5]")
    assert late.status_code == 504
    settings = Settings(protection=protection, reply_to="own-late-1")
    with pytest.raises(Rejected):
        far.provider.publish(far.post(login, "Reply", settings=settings), login.grant)
    far.clock.sleep(5)
    far.provider.publish(far.post(login, "Reply", settings=settings), login.grant)
    assert far.timeline()[0]["in_reply_to"] == "own-late-1"


def test_the_same_key_or_id_with_another_parent_is_another_post(far, login, parent):
    other = {"in_reply_to": parent}
    key = {"Idempotency-Key": "k"}
    assert api(far, login, "POST", "/posts", protection="key", **key).status_code == 201
    assert error(api(far, login, "POST", "/posts", protection="key", more=other, **key)) == (422, "key_reused")
    chosen = {"protection": "chosen_id"}
    assert api(far, login, "PUT", "/posts/own-12345", more=other, **chosen).status_code == 201
    assert api(far, login, "PUT", "/posts/own-12345", more=other, **chosen).status_code == 200
    assert error(api(far, login, "PUT", "/posts/own-12345", **chosen)) == (409, "id_taken")


def test_the_same_text_in_answer_to_another_post_is_no_duplicate(far, login, parent):
    same = {"protection": "duplicate_rejection"}
    assert api(far, login, "POST", "/posts", **same).status_code == 201
    assert api(far, login, "POST", "/posts", more={"in_reply_to": parent}, **same).status_code == 201
    assert error(api(far, login, "POST", "/posts", more={"in_reply_to": parent}, **same)) == (409, "duplicate")


@pytest.mark.parametrize(("asked", "found"), [({}, 2), ({"in_reply_to": None}, 1), ({"in_reply_to": "parent"}, 1)])
def test_a_search_may_name_what_is_answered(far, login, parent, asked, found):
    root = api(far, login, "POST", "/posts").json()
    reply = api(far, login, "POST", "/posts", more={"in_reply_to": parent}).json()
    named = {name: parent if value else None for name, value in asked.items()}
    answer = far.browser.post(f"{far.server}/api/search", json={"text": "Hello", **named}, headers=bearer(login))
    posts = answer.json()["posts"]
    assert len(posts) == found
    assert root in posts or asked.get("in_reply_to")
    assert reply in posts or asked == {"in_reply_to": None}


@pytest.mark.parametrize("protection", SEARCHED)
def test_a_look_takes_no_post_with_the_same_text_that_answers_another(far, login, protection, parent):
    root = far.draft(login, "Hello", protection)
    reply = far.draft(login, "Hello", protection, parent=published(parent))
    ours = far.provider.publish(root, login.grant)
    assert far.provider.find(reply, login.grant) is None
    theirs = far.provider.publish(reply, login.grant)
    assert far.provider.find(root, login.grant) == ours
    assert far.provider.find(reply, login.grant) == theirs


@pytest.mark.parametrize("protection", ["search"])
def test_a_look_takes_no_post_that_another_delivery_has(far, login, protection):
    first = far.provider.publish(far.draft(login, "Hello", protection), login.grant)
    post = far.draft(login, "Hello", protection, taken=frozenset({first.platform_id}))
    assert far.provider.find(post, login.grant) is None
    far.clock.sleep(1)
    second = far.provider.publish(post, login.grant)
    assert far.provider.find(post, login.grant) == second


def test_a_look_takes_the_first_of_several_and_nothing_older_than_the_first_sending(far, login):
    far.provider.publish(far.draft(login, "Hello", "search"), login.grant)
    far.clock.sleep(5.1)
    post = far.draft(login, "Hello [sandbox:error_after]", "search")
    assert far.provider.find(far.draft(login, "Hello", "search"), login.grant) is None
    with pytest.raises(OutcomeUnknown):
        far.provider.publish(post, login.grant)
    first = far.timeline()[0]["id"]
    far.clock.sleep(1)
    far.provider.publish(post, login.grant)
    assert far.provider.find(post, login.grant).platform_id == first


def test_the_pages_show_a_reply_as_one(far, login, parent):
    reply = api(far, login, "POST", "/posts", more={"in_reply_to": parent}).json()
    for address in (far.server, reply["url"]):
        assert f'href="{far.server}/posts/{parent}">in reply to' in far.browser.get(address).text
    assert "in reply to" not in far.browser.get(f"{far.server}/posts/{parent}").text
