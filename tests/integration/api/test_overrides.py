"""What differs from channel to channel: the target's words win over the provider's, and those over the post's."""

from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_posts import changed, read

LONG: dict[str, Any] = {"text": "x" * 501}
UNKNOWN = {"protection": "prayer"}


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def texts(delivery: dict[str, Any]) -> list[str]:
    return [part["text"] for part in delivery["parts"]]


def kinds(delivery: dict[str, Any]) -> list[str]:
    return [part["kind"] for part in delivery["parts"]]


def test_the_closest_text_thread_and_comment_win(tenant: Tenant, channel: str) -> None:
    bob = tenant.connect("bob")
    post = tenant.posted(
        "Post",
        thread=[{"text": "Post 2"}],
        first_comment={"text": "Post comment"},
        overrides={"sandbox": {"text": "Override", "first_comment": {"text": "Override comment"}}},
        targets=[{"channel_id": channel}, {"channel_id": bob, "text": "Target", "thread": []}],
    )
    ada_s, bob_s = post["deliveries"]
    assert texts(ada_s) == ["Override", "Post 2", "Override comment"]
    assert texts(bob_s) == ["Target", "Override comment"]
    assert kinds(ada_s) == ["post", "thread", "comment"]


@pytest.mark.parametrize(
    ("override", "target", "comment"),
    [
        ({}, {}, ["Post comment"]),
        ({"first_comment": None}, {}, []),
        ({}, {"first_comment": None}, []),
        ({"first_comment": None}, {"first_comment": {"text": "Target comment"}}, ["Target comment"]),
        ({"first_comment": {"text": "Override comment"}}, {"first_comment": None}, []),
    ],
)
def test_a_comment_of_null_is_none(
    tenant: Tenant, channel: str, override: dict[str, Any], target: dict[str, Any], comment: list[str]
) -> None:
    post = tenant.posted(
        "Post",
        first_comment={"text": "Post comment"},
        overrides={"sandbox": override},
        targets=[{"channel_id": channel, **target}],
    )
    assert texts(post["deliveries"][0])[1:] == comment
    assert read(tenant, post) == post
    assert post["targets"][0].get("first_comment", "left out") == target.get("first_comment", "left out") or (
        post["targets"][0]["first_comment"]["text"] == target["first_comment"]["text"]
    )


def test_settings_are_merged_by_name(tenant: Tenant, channel: str) -> None:
    post = tenant.posted(
        "Post",
        overrides={"sandbox": {"settings": {"protection": "handle", "processing_seconds": 5}}},
        targets=[{"channel_id": channel, "settings": {"processing_seconds": 7}}],
    )
    assert post["deliveries"][0]["settings"] == {"protection": "handle", "processing_seconds": 7}


def test_what_is_written_once_is_sent_to_each_as_it_should_be(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    bob = tenant.connect("bob")
    targets = [{"channel_id": channel}, {"channel_id": bob, "text": "For Bob", "thread": [{"text": "Bob 2"}]}]
    post = tenant.posted("For all", targets=targets, in_minutes=5)
    deployed.clock.run(minutes=7)
    assert read(tenant, post)["status"] == "COMPLETED"
    shown = deployed.client().get("/sandbox/api/timeline").json()["posts"]
    assert {(each["handle"], each["text"]) for each in shown} == {
        ("ada", "For all"),
        ("bob", "For Bob"),
        ("bob", "Bob 2"),
    }


@pytest.mark.parametrize(
    ("given", "param", "rule"),
    [
        ({"overrides": {"sandbox": {"text": "x" * 501}}}, "/targets/0/text", "sandbox.text.max_length"),
        ({"overrides": {"nowhere": {"text": "x"}}}, "/overrides/nowhere", "provider.exists"),
        ({"overrides": {"sandbox": {"settings": UNKNOWN}}}, "/overrides/sandbox/settings/protection", ""),
        ({"overrides": {"sandbox": {"thread": [LONG]}}}, "/overrides/sandbox/thread/0/text", ""),
        ({"overrides": {"sandbox": {"first_comment": LONG}}}, "/overrides/sandbox/first_comment/text", ""),
        ({"thread": [LONG]}, "/thread/0/text", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_where_it_was_written(
    deployed: Deployed, tenant: Tenant, channel: str, given: dict[str, Any], param: str, rule: str
) -> None:
    stored = deployed.contents()
    answer = tenant.post("Post", channel, **given)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["param"], fault["rule"] or rule) == (param, rule or fault["rule"])
    assert deployed.contents() == stored


def test_all_that_is_wrong_with_a_target_is_told_at_once(tenant: Tenant, channel: str) -> None:
    target = {"channel_id": channel, **LONG, "settings": UNKNOWN, "thread": [LONG]}
    answer = tenant.post("Post", targets=[target, {"channel_id": "chn_unknown"}])
    assert {fault["param"] for fault in answer.json()["errors"]} == {
        "/targets/0/text",
        "/targets/0/settings/protection",
        "/targets/0/thread/0/text",
        "/targets/1/channel_id",
    }


def test_overrides_are_changed_and_cleared(tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Post", channel, overrides={"sandbox": {"text": "Override"}})
    assert changed(tenant, post, timezone="Europe/Berlin")["deliveries"][0]["text"] == "Override"
    assert changed(tenant, post, overrides={"sandbox": {"text": "Other"}})["deliveries"][0]["text"] == "Other"
    after = changed(tenant, post, overrides=None)
    assert (after["overrides"], after["deliveries"][0]["text"]) == ({}, "Post")
