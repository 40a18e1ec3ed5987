"""Whatever is done to a post, the indexes have it exactly where it is: no entry is missing, late, doubled or left."""

import random
from collections import Counter
from typing import Any

import pytest

from punctual.channels import Channels
from punctual.providers.base import Account
from tests.integration.api.deployed import Deployed
from tests.integration.api.lists import listed
from tests.integration.api.tenant import Tenant

Entry = tuple[str, str, str]
"""Of an index: its name, what it is found by, and its order."""

KEYS = {
    "by_time": ("workspace_id", "listed_at"),
    "by_status": ("workspace_status", "listed_at"),
    "by_channel": ("channel_id", "channel_order"),
    "by_facet": ("facet", "facet_order"),
}
LABELS = ("spring", "sale", "a#b", "label#spring")


@pytest.fixture
def channels(deployed: Deployed, tenant: Tenant) -> list[str]:
    """Two of one provider, one of another."""
    store = Channels(deployed.table("WorkTable"), deployed.clock.now)
    other = store.claim(tenant.workspace_id, "mastodon", Account(id="1", handle="ada", server="https://social.example"))
    return [tenant.connect("ada"), tenant.connect("bob"), other.id]


def there(deployed: Deployed) -> Counter[Entry]:
    """The entries of all posts, as an index would have them."""
    found: Counter[Entry] = Counter()
    for item in deployed.items("WorkTable"):
        for index, (hash_key, range_key) in KEYS.items():
            if hash_key in item and range_key in item:
                found[index, item[hash_key], item[range_key]] += 1
    return found


def wanted(tenant: Tenant, post: dict[str, Any]) -> Counter[Entry]:
    """What its answer says that they must be."""
    workspace = tenant.workspace_id
    order = f"{post['scheduled_at'] or post['created_at']}#{post['id']}"
    facets = [f"label#{label}" for label in post["labels"]]
    facets += [f"provider#{provider}" for provider in {each["provider"] for each in post["deliveries"]}]
    facets += [f"external_id#{post['external_id']}"] if post["external_id"] else []
    return Counter(
        [("by_time", workspace, order), ("by_status", f"{workspace}#{post['status']}", order)]
        + [("by_channel", each["channel_id"], order) for each in post["deliveries"]]
        + [("by_facet", f"{workspace}#{facet}", order) for facet in facets]
    )


def seen(tenant: Tenant, post: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tenant.api.get(f"/v1/posts/{post['id']}").json()
    return found


def change(tenant: Tenant, post: dict[str, Any], **given: Any) -> dict[str, Any]:
    answer = tenant.api.patch(f"/v1/posts/{post['id']}", json={"allow_duplicate": True, **given})
    assert answer.status_code == 200, answer.text
    return seen(tenant, post)


EDITS: dict[str, dict[str, Any]] = {
    "another time": {"scheduled_at": "2030-01-01T00:00:00Z"},
    "no time": {"scheduled_at": None},
    "another text": {"text": "After"},
    "the provider's other channel": {"targets": [1, 2]},
    "another provider only": {"targets": [2]},
    "one more channel": {"targets": [0, 1, 2]},
    "another order": {"targets": [2, 1, 0]},
    "a label less": {"labels": ["sale"]},
    "another label": {"labels": ["spring", "summer"]},
    "no labels": {"labels": None},
    "another external_id": {"external_id": "8"},
    "no external_id": {"external_id": None},
    "all at once": {"scheduled_at": "2030-01-01T00:00:00Z", "targets": [1], "labels": ["spring"], "external_id": "9"},
    "another time and label": {"scheduled_at": "2030-01-01T00:00:00Z", "labels": ["spring", "summer"]},
}


def with_targets(given: dict[str, Any], channels: list[str]) -> dict[str, Any]:
    if "targets" not in given:
        return given
    return {**given, "targets": [{"channel_id": channels[place]} for place in given["targets"]]}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_moves_every_entry_with_it(deployed: Deployed, tenant: Tenant, channels: list[str], edit: str) -> None:
    post = tenant.posted("Before", channels[0], channels[2], labels=["spring", "sale"], external_id="7")
    assert there(deployed) == wanted(tenant, post)
    post = change(tenant, post, **with_targets(EDITS[edit], channels))
    assert there(deployed) == wanted(tenant, post)
    back = change(tenant, post, scheduled_at="2031-01-01T00:00:00Z", targets=[{"channel_id": channels[0]}])
    assert there(deployed) == wanted(tenant, back)


def test_cancelling_publishing_and_deleting_leave_no_entry_behind(
    deployed: Deployed, tenant: Tenant, channels: list[str]
) -> None:
    mine = {"labels": ["spring", "sale"], "external_id": "7"}
    posts = [tenant.posted("Hello", *channels[:2], **mine) for _ in range(3)]
    for action in ("cancel", "publish"):
        answer = tenant.api.post(f"/v1/posts/{posts[0 if action == 'cancel' else 1]['id']}/{action}")
        assert answer.status_code in (200, 202)
    copy = tenant.api.post(f"/v1/posts/{posts[2]['id']}/duplicate", json={}).json()
    assert there(deployed) == sum((wanted(tenant, seen(tenant, post)) for post in (*posts, copy)), Counter())
    deployed.clock.run(minutes=5)
    shown = [seen(tenant, post) for post in (*posts, copy)]
    assert [post["status"] for post in shown] == ["CANCELLED", "COMPLETED", "SCHEDULED", "DRAFT"]
    assert there(deployed) == sum((wanted(tenant, post) for post in shown), Counter())
    for post in (posts[0], copy):
        assert tenant.api.delete(f"/v1/posts/{post['id']}").status_code == 200
    assert there(deployed) == sum((wanted(tenant, post) for post in shown[1:3]), Counter())


@pytest.mark.parametrize("seed", range(12))
def test_any_row_of_edits_leaves_the_post_where_its_lists_have_it(
    deployed: Deployed, tenant: Tenant, channels: list[str], seed: int
) -> None:
    dice = random.Random(seed)
    post = tenant.drafted("Draft", *dice.sample(channels, dice.randint(0, 3)))
    for _ in range(8):
        drawn = {
            "scheduled_at": dice.choice([None, tenant.later(dice.randint(10, 90))]),
            "targets": [{"channel_id": each} for each in dice.sample(channels, dice.randint(1, 3))],
            "labels": dice.sample(LABELS, dice.randint(0, 4)),
            "external_id": dice.choice([None, "7", "label#spring"]),
        }
        kept = dice.sample(sorted(drawn), dice.randint(1, 4))
        kept += ["targets"] if "scheduled_at" in kept and not post["deliveries"] else []
        post = change(tenant, post, **{name: drawn[name] for name in kept})
        assert there(deployed) == wanted(tenant, post), kept
        for label in LABELS:
            assert listed(tenant, label=label) == ([post["id"]] if label in post["labels"] else [])
        for provider in ("sandbox", "mastodon"):
            on = {each["provider"] for each in post["deliveries"]}
            assert listed(tenant, provider=provider) == ([post["id"]] if provider in on else [])
            assert listed(tenant, provider=provider, status=post["status"]) == listed(tenant, provider=provider)
