"""Posts from their writing to LinkedIn, by Punctual's own core under a moved clock: once, or said that nobody knows."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.apps.workspace import WorkspaceApps
from punctual.channels import Channel
from punctual.connecting import wanted
from punctual.providers import provider_class
from tests.contract.linkedin.failures import FAILURES
from tests.contract.linkedin.far_side import LinkedInSide
from tests.integration.world import BASE, World


class Linked(World):
    """A world whose platform is LinkedIn."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.side = LinkedInSide(self.clock.now)
        self.side.refreshes = True
        self.run_sweeper()

    def answer(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(host=request.headers["Host"])
        return self.side.answer(httpx.Request(request.method, url, headers=request.headers, content=request.content))

    def channel(self, name: str, **fields: str) -> Channel:
        provider: Any = self.providers.get(name)
        model = provider_class(name).spec.app_fields
        assert model
        app = provider.app(model.model_validate({**self.side.app, **fields}))
        WorkspaceApps(self.grants_table, self.vault).put(self.workspace_id, name, app, self.clock.now())
        self.side.redirect_uri = f"{BASE}/v1/oauth/{name}/callback"
        started = self.connecting.start(self.workspace_id, name, wanted({}), BASE)
        sending = self.connecting.authorize(name, self.ticket(started.authorization_url), None)
        ending = self.connecting.callback(name, self.side.consent(sending.url), sending.browser)
        assert ending.error is None, ending
        return ending.channels[0]

    def number_by_time(self) -> None:
        """Numbers tell their time, as LinkedIn's do."""
        self.side.feed.count = int(self.clock.now().timestamp() * 1000) << 22

    def ended(self, written: Any) -> tuple[str, str | None]:
        found = self.delivery(written)
        return found.status.value, (found.error or {}).get("code")


@pytest.fixture
def linked() -> Linked:
    return Linked()


@pytest.mark.parametrize("name", ["linkedin", "linkedin_page"])
def test_a_post_and_its_first_comment_go_out_at_their_time(linked, name):
    channel = linked.channel(name)
    written = linked.post("Hello (all) #there", channel, first_comment={"text": "First"})
    linked.clock.run(hours=2)
    assert linked.ended(written) == ("COMPLETED", None)
    post, comment = linked.side.posts
    assert (post.text, comment.text, comment.answers) == ("Hello (all) #there", "First", post.id)
    assert timedelta(0) <= post.made_at - written.post.due_at < timedelta(seconds=2)
    assert linked.delivery(written).url == post.url


def test_a_page_whose_answer_is_lost_is_looked_up_and_posts_once(linked):
    written = linked.post("Hello", linked.channel("linkedin_page"))
    linked.side.loses_answer_of.add("publish")
    linked.clock.run(hours=2)
    assert linked.ended(written) == ("COMPLETED", None)
    assert [shown.text for shown in linked.side.posts] == ["Hello"]


def test_a_member_whose_answer_is_lost_is_told_and_nothing_is_sent_again(linked):
    written = linked.post("Hello", linked.channel("linkedin"))
    linked.side.loses_answer_of.add("publish")
    linked.clock.run(hours=30)
    assert linked.ended(written) == ("UNCONFIRMED", "not_readable")
    assert [shown.text for shown in linked.side.posts] == ["Hello"]
    assert sum(one.url.path == "/rest/posts" and one.method == "POST" for one in linked.side.seen) == 1


def test_the_same_as_an_older_post_ends_with_its_address(linked):
    channel = linked.channel("linkedin_page")
    linked.number_by_time()
    first = linked.post("Hello", channel, in_minutes=60)
    linked.clock.run(minutes=61)
    linked.number_by_time()
    second = linked.post("Hello", channel, in_minutes=5)
    linked.clock.run(hours=1)
    assert linked.ended(first) == ("COMPLETED", None)
    assert linked.ended(second) == ("ERROR", "duplicate")
    assert linked.side.posts[0].url in (linked.delivery(second).error or {})["message"]


def test_a_duplicate_that_is_another_delivery_is_not_taken_for_this_one(linked):
    """Both are due at once: LinkedIn names the first to the second, made in the very second of its call."""
    channel = linked.channel("linkedin_page")
    both = [linked.post("Hello", channel, in_minutes=60) for _ in range(2)]
    linked.clock.run(minutes=59)
    linked.number_by_time()
    linked.clock.run(hours=2)
    assert sorted(linked.ended(each)[0] for each in both) == ["COMPLETED", "UNCONFIRMED"]
    assert len(linked.side.posts) == 1


def test_the_ghost_of_a_deleted_post_leaves_it_unconfirmed(linked):
    channel = linked.channel("linkedin_page")
    linked.post("Hello", channel, in_minutes=60)
    linked.clock.run(minutes=61)
    linked.side.feed.delete(linked.side.posts[0].id)
    linked.number_by_time()
    again = linked.post("Hello", channel, in_minutes=1)
    linked.clock.run(minutes=30)
    assert linked.ended(again)[0] == "UNCONFIRMED"
    assert linked.side.posts == []


@pytest.mark.parametrize(
    ("failure", "status", "count"),
    [
        ("no_permission", "ERROR", 0),
        ("version_sunset", "ERROR", 0),
        ("text_too_long", "ERROR", 0),
        ("revoked_token_at_publish", "COMPLETED", 1),
        ("broken", "UNCONFIRMED", 0),
        ("no_permission_to_comment", "PARTIAL", 1),
    ],
)
def test_a_refusal_ends_as_it_means(linked, failure, status, count):
    written = linked.post(
        "Hello", linked.channel("linkedin"), first_comment={"text": "First"} if "comment" in failure else None
    )
    found = FAILURES[failure]
    linked.side.fail_next.append((found.operation, found))
    linked.clock.run(hours=3)
    assert linked.ended(written)[0] == status
    assert len(linked.side.posts) == count
