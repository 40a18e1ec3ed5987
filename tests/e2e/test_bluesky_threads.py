"""Threads, first comments and answers on the real Bluesky server, by the provider alone; see tests/e2e/pds."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from punctual.atproto.addresses import place_of
from punctual.providers.base import Login, Published
from punctual.providers.bluesky import Bluesky, Settings
from punctual.providers.outcomes import Rejected
from tests.contract.bluesky.session import next_part, record_of, thread
from tests.e2e.pds.accounts import NEW_HANDLES, connect, make_provider, prepared
from tests.e2e.pds.server import Pds
from tests.e2e.test_main_job import finished


@pytest.fixture(scope="module")
def provider() -> Bluesky:
    return make_provider()


@pytest.fixture
def handle() -> str:
    return next(NEW_HANDLES)


@pytest.fixture
def login(pds: Pds, provider: Bluesky, handle: str) -> Login:
    return connect(pds, provider, handle)


def test_a_thread_with_a_first_comment_hangs_together(pds: Pds, provider: Bluesky, login: Login):
    made = thread(provider, login, due_at=datetime.now(UTC))

    newest_first = pds.records(login.accounts[0].id)
    records = {record["uri"]: record for record in newest_first}
    one, two, three, comment = (records[published.platform_id] for _, published in made)
    assert [record["cid"] for record in (one, two, three, comment)] == [each.extra["cid"] for _, each in made]
    assert "reply" not in one["value"]
    assert two["value"]["reply"] == {"root": ref(one), "parent": ref(one)}
    assert three["value"]["reply"] == {"root": ref(one), "parent": ref(two)}
    assert comment["value"]["reply"] == {"root": ref(one), "parent": ref(one)}
    times = [record["value"]["createdAt"] for record in (one, two, three, comment)]
    assert times == sorted(set(times))
    assert newest_first[-1] == one, "the server sorts by key"
    assert newest_first.index(three) < newest_first.index(two)


def test_each_part_sent_again_is_no_new_post_and_is_found(pds: Pds, provider: Bluesky, login: Login):
    made = thread(provider, login, due_at=datetime.now(UTC))
    before = pds.records(login.accounts[0].id)

    for post, published in made:
        assert provider.publish(post, login.grant) == published
        assert provider.find(post, login.grant) == published

    assert pds.records(login.accounts[0].id) == before
    assert len(before) == 4


def test_a_part_whose_parent_was_settled_by_its_address_asks_for_the_rest(provider: Bluesky, login: Login):
    (_, one), (second, _), *_ = thread(provider, login, due_at=datetime.now(UTC))
    settled = Published(platform_id="", url=one.url)

    again = next_part(provider, login, 1, settled, settled, key="dlv_2-1.1", due_at=datetime.now(UTC))

    assert record_of(again)["reply"] == record_of(second)["reply"]
    assert provider.publish(again, login.grant)


def test_a_post_answers_another_persons_and_joins_its_thread(pds: Pds, provider: Bluesky, login: Login):
    somebody = connect(pds, provider, next(NEW_HANDLES))
    (_, one), (_, two), *_ = thread(provider, somebody, due_at=datetime.now(UTC))

    chosen = Settings(reply_to=two.url)
    published = provider.publish(prepared(provider, login, "An answer", settings=chosen), login.grant)

    (found,) = pds.records(login.accounts[0].id)
    assert found["uri"] == published.platform_id
    assert found["value"]["reply"] == {
        "root": {"uri": one.platform_id, "cid": one.extra["cid"]},
        "parent": {"uri": two.platform_id, "cid": two.extra["cid"]},
    }


def test_a_post_that_was_deleted_cannot_be_answered(pds: Pds, provider: Bluesky, login: Login, handle: str):
    published = provider.publish(prepared(provider, login, "Gone soon"), login.grant)
    pds.call("repo.deleteRecord", token=pds.owner(handle), json=place_of(published.platform_id))

    with pytest.raises(Rejected, match="deleted"):
        prepared(provider, login, "An answer", key="dlv_2-1", settings=Settings(reply_to=published.platform_id))


def test_the_deployed_stack_sends_a_thread_with_its_comment_that_answers_a_post(
    api: httpx.Client, pds: Pds, provider: Bluesky, login: Login
):
    answered = provider.publish(prepared(provider, login, "A question"), login.grant)
    identifier, password, did = pds.make_account(next(NEW_HANDLES))
    given = {"identifier": identifier, "app_password": password, "server": pds.url}
    made = api.post("/v1/channels", json={"provider": "bluesky", "credentials": given}).raise_for_status().json()
    target = {"channel_id": made["data"][0]["id"], "settings": {"reply_to": answered.url}}
    thread = [{"text": "Part 2"}, {"text": "Part 3"}]
    body = {"text": "Part 1", "thread": thread, "first_comment": {"text": "A comment"}, "targets": [target]}

    post = api.post("/v1/posts", json={**body, "schedule": "now"}).raise_for_status().json()

    done = finished(api, post["id"], seconds=60)
    assert done["status"] == "COMPLETED", done
    by_text = {record["value"]["text"]: record for record in pds.records(did)}
    one, two, three, comment = (by_text.pop(text) for text in ("Part 1", "Part 2", "Part 3", "A comment"))
    assert by_text == {}
    first = {"uri": answered.platform_id, "cid": answered.extra["cid"]}
    for record, parent in ((one, first), (two, ref(one)), (three, ref(two)), (comment, ref(one))):
        assert record["value"]["reply"] == {"root": first, "parent": parent}
    times = [record["value"]["createdAt"] for record in (one, two, three, comment)]
    assert times == sorted(set(times))


def ref(record: dict[str, Any]) -> dict[str, str]:
    return {"uri": record["uri"], "cid": record["cid"]}
