"""Threads and first comments over HTTP: what is taken, what is answered, what is wrong with it, and what fits."""

from typing import Any

import pytest

from punctual import channels
from punctual.deliveries import Deliveries
from punctual.tables import Change
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

THREAD = [{"text": "Two"}, {"text": "Three", "delay_seconds": 30}]
COMMENT = {"text": "A link", "media": [], "delay_seconds": 60}
TAKEN = [{"text": "Two", "media": [], "delay_seconds": 0}, {"text": "Three", "media": [], "delay_seconds": 30}]


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def read(tenant: Tenant, post: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tenant.api.get(f"/v1/posts/{post['id']}").json()
    return found


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {fault["param"]: fault["rule"] for fault in answer.json()["errors"]}


def test_a_thread_with_a_comment_is_answered_as_it_was_written(tenant: Tenant, channel: str) -> None:
    post = tenant.posted("One", channel, thread=THREAD, first_comment=COMMENT)
    assert (post["thread"], post["first_comment"]) == (TAKEN, COMMENT)
    (delivery,) = post["deliveries"]
    assert [(p["kind"], p["text"], p["delay_seconds"]) for p in delivery["parts"]] == [
        ("post", "One", 0),
        ("thread", "Two", 0),
        ("thread", "Three", 30),
        ("comment", "A link", 60),
    ]
    assert {(p["platform_id"], p["url"], p["live_at"]) for p in delivery["parts"]} == {(None, None, None)}
    assert read(tenant, post) == post
    (listed,) = tenant.api.get("/v1/posts").json()["data"]
    assert (listed["thread"], listed["first_comment"]) == (TAKEN, COMMENT)


def test_a_post_without_a_thread_has_one_part_and_says_so(tenant: Tenant, channel: str) -> None:
    post = tenant.posted("One", channel)
    assert (post["thread"], post["first_comment"]) == ([], None)
    assert [part["text"] for part in post["deliveries"][0]["parts"]] == ["One"]


def test_the_parts_that_are_live_are_filled_in_one_after_the_other(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = tenant.posted("One", channel, in_minutes=20, thread=THREAD, first_comment=COMMENT)
    deployed.clock.run(minutes=20, seconds=15)
    (delivery,) = read(tenant, post)["deliveries"]
    assert (delivery["status"], [bool(part["live_at"]) for part in delivery["parts"]]) == (
        "PUBLISHING",
        [True, True, False, False],
    )
    deployed.clock.run(minutes=3)
    (delivery,) = read(tenant, post)["deliveries"]
    assert delivery["status"] == "COMPLETED"
    parts = delivery["parts"]
    assert len({part["platform_id"] for part in parts}) == len({part["url"] for part in parts}) == 4
    assert [part["live_at"] for part in parts] == sorted(part["live_at"] for part in parts)
    assert (parts[0]["platform_id"], parts[0]["url"]) == (delivery["platform_id"], delivery["url"])
    assert delivery["platform_ms"] >= 0


def test_a_change_replaces_a_thread_and_null_clears_it(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("One", channel, thread=THREAD, first_comment=COMMENT)
    url = f"/v1/posts/{post['id']}"
    after = tenant.api.patch(url, json={"thread": [{"text": "Only"}]}).json()
    assert [part["text"] for part in after["deliveries"][0]["parts"]] == ["One", "Only", "A link"]
    after = tenant.api.patch(url, json={"text": "First"}).json()
    assert (after["thread"], after["first_comment"]) == ([{"text": "Only", "media": [], "delay_seconds": 0}], COMMENT)
    after = tenant.api.patch(url, json={"thread": None, "first_comment": None}).json()
    assert (after["thread"], after["first_comment"]) == ([], None)
    (stored,) = Deliveries(deployed.table("WorkTable")).of_post(post["id"])
    assert stored.follow_ups == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"thread": [{"text": "x" * 501}]}, {"/thread/0/text": "sandbox.text.max_length"}),
        ({"first_comment": {"text": "x" * 501}}, {"/first_comment/text": "sandbox.text.max_length"}),
        ({"thread": [{"text": "Two"}, {"text": " "}]}, {"/thread/1/text": "sandbox.text.required"}),
        ({"thread": [{"text": "x"}] * 25}, {"/thread": "sandbox.thread.max_parts"}),
        ({"thread": [{"text": ""}]}, {"/thread/0/text": "text.required"}),
        ({"thread": [{}]}, {"/thread/0/text": "text.required"}),
        ({"thread": [{"text": "x", "poll": []}]}, {"/thread/0/poll": "unknown"}),
        ({"thread": [{"text": "x", "delay_seconds": -1}]}, {"/thread/0/delay_seconds": "minimum"}),
        ({"thread": [{"text": "x", "delay_seconds": 86_401}]}, {"/thread/0/delay_seconds": "maximum"}),
        ({"thread": [{"text": "x"}] * 101}, {"/thread": "max_length"}),
        ({"thread": "Two"}, {"/thread": "type"}),
        ({"first_comment": "Two"}, {"/first_comment": "type"}),
        ({"first_comment": {"text": "x", "url": "https://x.example"}}, {"/first_comment/url": "unknown"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_named_where_it_stands_and_nothing_is_stored(
    deployed: Deployed, tenant: Tenant, channel: str, given: dict[str, Any], expected: dict[str, str]
) -> None:
    post = tenant.posted("One", channel)
    before = deployed.contents()
    assert faults(tenant.post("One", channel, **given)) == expected
    assert faults(tenant.api.patch(f"/v1/posts/{post['id']}", json=given)) == expected
    assert deployed.contents() == before


def test_a_fault_of_a_part_is_told_once_for_all_targets_of_a_kind(tenant: Tenant, channel: str) -> None:
    answer = tenant.post("One", channel, tenant.connect("bob"), thread=[{"text": "x" * 501}])
    assert faults(answer) == {"/thread/0/text": "sandbox.text.max_length"}
    assert len(answer.json()["errors"]) == 1


def roomy(deployed: Deployed, tenant: Tenant, count: int) -> list[str]:
    """Channels of accounts that may write long posts."""
    found = []
    for place in range(count):
        channel = tenant.connect(f"ada{place}")
        limit = Change(set={"account": {**stored_account(deployed, tenant, channel), "limits": {"max_text": 60_000}}})
        deployed.table("WorkTable").update(channels.key(tenant.workspace_id, channel), limit)
        found.append(channel)
    return found


def stored_account(deployed: Deployed, tenant: Tenant, channel: str) -> dict[str, Any]:
    item = deployed.table("WorkTable").get(channels.key(tenant.workspace_id, channel)) or {}
    account: dict[str, Any] = item["account"]
    return account


def test_what_its_targets_would_make_too_much_of_for_one_transaction_is_refused(
    deployed: Deployed, tenant: Tenant
) -> None:
    """DynamoDB takes 4 MB; whatever is accepted can be changed and stopped as well."""
    wide = roomy(deployed, tenant, 40)
    text = "0123456789" * 200
    post = tenant.posted("One", *wide, thread=[{"text": f"{place} {text}"} for place in range(24)])
    assert len(post["deliveries"]) == 40
    url = f"/v1/posts/{post['id']}"
    before = deployed.contents()
    longer = [{"text": f"{place} {text * 2}"} for place in range(24)]
    assert faults(tenant.post("One", *wide, thread=longer)) == {"/targets": "targets.too_large"}
    assert faults(tenant.api.patch(url, json={"thread": longer})) == {"/targets": "targets.too_large"}
    assert deployed.contents() == before
    assert tenant.api.patch(url, json={"text": "First"}).status_code == 200
    assert len(tenant.api.get(url).content) < 6_000_000
    assert tenant.api.post(f"{url}/cancel").json()["status"] == "CANCELLED"


@pytest.mark.parametrize("letter", ["x", "\U0001f600", '"', "\n."], ids=["ascii", "emoji", "quotes", "lines"])
def test_a_post_that_grows_by_changes_past_what_an_item_holds_is_refused(
    deployed: Deployed, tenant: Tenant, letter: str
) -> None:
    """Each request is short enough; together they would not be."""
    draft = tenant.drafted(letter * (60_000 // len(letter)))
    url = f"/v1/posts/{draft['id']}"
    for parts in range(1, 13):
        thread = [{"text": letter * 30_000}] * parts
        before = deployed.contents()
        answer = tenant.api.patch(url, json={"thread": thread})
        if answer.status_code != 200:
            break
    assert answer.status_code in (413, 422)
    if answer.status_code == 422:
        assert faults(answer) == {"": "post.too_large"}
    assert deployed.contents() == before
    assert tenant.api.get(url).status_code == 200


def test_half_a_surrogate_is_no_text(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    before = deployed.contents()
    for part in ('{"text": "\\ud800"}', '{"text": "x", "\\ud800": 1}'):
        targets = f'[{{"channel_id": "{channel}"}}]'
        body = f'{{"text": "One", "thread": [{part}], "targets": {targets}, "draft": true}}'
        answer = tenant.api.post("/v1/posts", content=body.encode())
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["param"].startswith("/thread/0")
    assert deployed.contents() == before
