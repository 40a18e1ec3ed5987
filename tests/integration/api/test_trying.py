"""Validate, preview and split: everything is said, and nothing is stored."""

from typing import Any

import pytest

from punctual.channels import Channels, key
from punctual.clock import to_text
from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_posts import settle

LONG = "One two three. " * 60
URL = "https://example.com/a/long/way/to/a/page"


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def tried(tenant: Tenant, what: str, **given: Any) -> dict[str, Any]:
    answer = tenant.api.post(f"/v1/posts/{what}", json=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def validated(tenant: Tenant, text: str, *channels: str, **more: Any) -> dict[str, Any]:
    return tried(tenant, "validate", text=text, targets=[{"channel_id": channel} for channel in channels], **more)


def rules(faults: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(fault["param"], fault["rule"]) for fault in faults]


def change_channel(deployed: Deployed, tenant: Tenant, channel: str, **changes: Any) -> None:
    table = deployed.table("WorkTable")
    item = table.get(key(tenant.workspace_id, channel))
    assert item
    table.put({**item, **changes})


def limit_posts(deployed: Deployed, tenant: Tenant, channel: str, daily: int) -> None:
    known = Channels(deployed.table("WorkTable"), deployed.clock.now).get(tenant.workspace_id, channel)
    assert known
    about = {"id": known.account.id, "handle": known.account.handle, "server": known.account.server}
    change_channel(deployed, tenant, channel, account={**about, "limits": {"daily_posts": daily}})


def test_a_post_that_would_be_taken_is_valid_and_nothing_is_stored(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    before = deployed.contents()
    at = "2026-12-24T18:00:00+01:00"
    thread = [{"text": "And on", "delay_seconds": 30}]
    found = validated(tenant, "Hello 👨‍👩‍👧‍👦", channel, scheduled_at=at, timezone="Europe/Berlin", thread=thread)
    part = {"max_length": 500, "counted_in": "characters", "media": [], "cost": None}
    assert found == {
        "valid": True,
        "errors": [],
        "warnings": [],
        "duplicates": [],
        "scheduled_at": "2026-12-24T17:00:00.000Z",
        "local_time": "2026-12-24T18:00:00.000+01:00",
        "timezone": "Europe/Berlin",
        "targets": [
            {
                "channel_id": channel,
                "provider": "sandbox",
                "parts": [
                    {**part, "kind": "post", "length": 7, "delay_seconds": 0},
                    {**part, "kind": "thread", "length": 6, "delay_seconds": 30},
                ],
                "quota": [],
                "limited_until": None,
                "lead_seconds": 0,
                "cost_usd": None,
            }
        ],
    }
    assert deployed.contents() == before


def test_all_that_is_wrong_is_said_at_once_whatever_its_kind(tenant: Tenant, channel: str) -> None:
    tenant.posted("Said", channel)
    found = validated(
        tenant, "Said", channel, "chn_UNKNOWN", scheduled_at="2020-01-01T00:00:00Z", labels=[""], colour="red",
        first_comment={"text": "x" * 501},
    )  # fmt: skip
    assert found["valid"] is False
    assert rules(found["errors"]) == [
        ("/labels/0", "min_length"),
        ("/colour", "unknown"),
        ("/targets/1/channel_id", "channel.exists"),
        ("/scheduled_at", "scheduled_at.future"),
        ("/first_comment/text", "sandbox.text.max_length"),
    ]
    assert [part["length"] for part in found["targets"][0]["parts"]] == [4, 501]


def test_a_time_that_cannot_be_read_keeps_nobody_from_looking_at_the_text(tenant: Tenant, channel: str) -> None:
    found = validated(tenant, "x" * 501, channel, scheduled_at="tomorrow")
    assert rules(found["errors"]) == [
        ("/scheduled_at", "format"),
        ("/targets/0/text", "sandbox.text.max_length"),
    ]
    both = validated(tenant, "x" * 501, channel, schedule="now", draft=True)
    assert rules(both["errors"]) == [("", "timing.exactly_one"), ("/targets/0/text", "sandbox.text.max_length")]
    assert both["scheduled_at"] is None
    three = validated(tenant, "x", channel, schedule="now", draft=True, labels=[""])
    assert rules(three["errors"]) == [("/labels/0", "min_length"), ("", "timing.exactly_one")]


def test_content_that_cannot_be_read_is_all_that_is_said(tenant: Tenant, channel: str) -> None:
    found = tried(tenant, "validate", text=7, targets=[{"channel_id": channel}], schedule="now")
    assert rules(found["errors"]) == [("/text", "type")]
    assert (found["targets"], found["timezone"]) == ([], None)


def test_without_a_time_it_is_looked_at_as_if_it_were_to_go_out_now(tenant: Tenant, channel: str) -> None:
    earlier = tenant.posted("Said", channel)
    found = validated(tenant, "Said", channel)
    assert rules(found["errors"]) == [("/targets/0/text", "duplicate_post")]
    assert earlier["id"] in found["errors"][0]["message"]
    assert found["duplicates"] == [
        {
            "channel_id": channel,
            "post_id": earlier["id"],
            "delivery_id": earlier["deliveries"][0]["id"],
            "status": "SCHEDULED",
            "scheduled_at": earlier["scheduled_at"],
            "url": None,
        }
    ]
    assert (found["scheduled_at"], found["local_time"]) == (None, None)
    assert validated(tenant, "Said", channel, allow_duplicate=True)["valid"] is True
    assert rules(validated(tenant, "Said")["errors"]) == [("/targets", "targets.required")]


def test_a_draft_may_break_rules_and_is_warned(tenant: Tenant, channel: str) -> None:
    found = validated(tenant, "x" * 501, channel, draft=True)
    assert (found["valid"], found["scheduled_at"], found["timezone"]) == (True, None, "UTC")
    assert rules(found["warnings"]) == [("/targets/0/text", "sandbox.text.max_length")]


def test_quota_is_what_is_made_and_what_goes_out_before(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    limit_posts(deployed, tenant, channel, 3)
    settle(deployed, tenant.posted("Failed", channel, in_minutes=5), DeliveryStatus.ERROR)
    first = tenant.posted("First", channel, in_minutes=10)
    tenant.posted("After", channel, in_minutes=90)
    (found,) = validated(tenant, "New", channel, scheduled_at=tenant.later(60))["targets"]
    assert found["quota"] == [
        {"posts": 3, "seconds": 86_400, "used": 1, "remaining": 2, "resets_at": day_after(first["scheduled_at"])}
    ]
    tenant.posted("Second", channel, in_minutes=20)
    tenant.posted("Third", channel, in_minutes=30)
    full = validated(tenant, "New", channel, scheduled_at=tenant.later(60))
    assert (full["targets"][0]["quota"][0]["used"], full["targets"][0]["quota"][0]["remaining"]) == (3, 0)
    assert full["valid"] is True
    assert rules(full["warnings"]) == [("/targets/0/channel_id", "channel.quota_used")]
    assert day_after(first["scheduled_at"]) in full["warnings"][0]["message"]


def day_after(text: str) -> str:
    day = int(text[8:10]) + 1
    return f"{text[:8]}{day:02}{text[10:]}"


def test_what_the_channel_remembers_is_told(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    until = tenant.later(30)
    change_channel(deployed, tenant, channel, limited_until=until, status="reconnect_required")
    found = validated(tenant, "New", channel)
    assert found["targets"][0]["limited_until"] == until
    assert rules(found["warnings"]) == [
        ("/targets/0/channel_id", "channel.reconnect_required"),
        ("/targets/0/channel_id", "channel.limited"),
    ]
    change_channel(deployed, tenant, channel, limited_until=to_text(deployed.clock.now()), status="active")
    gone = validated(tenant, "New", channel)
    assert (gone["targets"][0]["limited_until"], gone["warnings"]) == (None, [])


def test_what_is_no_json_is_refused_and_reading_is_enough(tenant: Tenant, channel: str) -> None:
    assert tenant.api.post("/v1/posts/validate", content=b"{").status_code == 400
    reader, writer = tenant.with_scopes("read"), tenant.with_scopes("write")
    for what in ("validate", "preview", "split"):
        body = {"text": "Hello", **({"providers": ["sandbox"]} if what == "split" else {})}
        assert reader.api.post(f"/v1/posts/{what}", json=body).status_code == 200
        assert writer.api.post(f"/v1/posts/{what}", json=body).status_code == 403


def test_a_preview_shows_each_part_in_order(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    before = deployed.contents()
    found = tried(
        tenant, "preview", text=f"See {URL}", targets=[{"channel_id": channel}],
        thread=[{"text": "x" * 501, "delay_seconds": 5}], first_comment={"text": "By the way"},
    )  # fmt: skip
    (target,) = found["targets"]
    assert (target["channel_id"], target["provider"]) == (channel, "sandbox")
    assert target["parts"][0] == {
        "kind": "post",
        "text": f"See {URL}",
        "entities": [],
        "folds_at": None,
        "length": len(f"See {URL}"),
        "max_length": 500,
        "counted_in": "characters",
        "content_warning": None,
        "media": [],
        "delay_seconds": 0,
        "cost": None,
    }
    assert [(part["kind"], part["length"], part["delay_seconds"]) for part in target["parts"][1:]] == [
        ("thread", 501, 5),
        ("comment", 10, 0),
    ]
    assert rules(found["errors"]) == [("/thread/0/text", "sandbox.text.max_length")]
    assert deployed.contents() == before


@pytest.mark.parametrize(
    ("provider", "shown", "settings", "warning"),
    [
        ("mastodon", "example.com/a/long/way/to/a/pa…", {"spoiler_text": "Spoilers"}, "Spoilers"),
        ("bluesky", "example.com/a/long/way/t...", {"labels": ["nudity"]}, "nudity"),
    ],
)
def test_a_preview_is_as_its_platform_shows_it(
    deployed: Deployed, tenant: Tenant, channel: str, provider: str, shown: str, settings: dict[str, Any], warning: str
) -> None:
    change_channel(deployed, tenant, channel, provider=provider)
    target = {"channel_id": channel, "settings": settings}
    (found,) = tried(tenant, "preview", text=f"See {URL}", targets=[target])["targets"]
    (part,) = found["parts"]
    assert part["text"] == f"See {shown}"
    assert part["entities"] == [{"kind": "link", "start": 4, "end": 4 + len(shown), "url": URL}]
    assert part["content_warning"] == warning


def test_a_preview_of_wrong_settings_shows_the_text_all_the_same(tenant: Tenant, channel: str) -> None:
    found = tried(tenant, "preview", text="Hello", targets=[{"channel_id": channel, "settings": {"colour": "red"}}])
    assert rules(found["errors"]) == [("/targets/0/settings/colour", "unknown")]
    assert found["targets"][0]["parts"][0]["text"] == "Hello"


def test_a_preview_needs_channels_that_exist(tenant: Tenant, channel: str) -> None:
    answer = tenant.api.post("/v1/posts/preview", json={"text": "Hello", "targets": [{"channel_id": "chn_UNKNOWN"}]})
    assert answer.status_code == 422
    assert rules(answer.json()["errors"]) == [("/targets/0/channel_id", "channel.exists")]


def test_a_split_can_be_sent_as_it_is_and_fits_everywhere(tenant: Tenant, channel: str) -> None:
    found = tried(tenant, "split", text=LONG, channel_ids=[channel], providers=["bluesky", "mastodon"], numbering="1/n")
    first, *rest = found["parts"]
    assert tenant.post(first["text"], channel, thread=rest).status_code == 201
    assert [(place["channel_id"], place["provider"], place["max_length"]) for place in found["targets"]] == [
        (channel, "sandbox", 500),
        (None, "bluesky", 300),
        (None, "mastodon", 500),
    ]
    for place in found["targets"]:
        assert place["lengths"] == [len(part["text"]) for part in found["parts"]]
        assert max(place["lengths"]) <= 300
    assert first["text"].endswith(f"three. 1/{len(found['parts'])}")


def test_a_split_goes_by_the_accounts_own_limit(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    known = Channels(deployed.table("WorkTable"), deployed.clock.now).get(tenant.workspace_id, channel)
    assert known
    account = {"id": known.account.id, "handle": known.account.handle, "limits": {"max_text": 40}}
    change_channel(deployed, tenant, channel, account=account)
    found = tried(tenant, "split", text=LONG[:600], channel_ids=[channel])
    assert max(found["targets"][0]["lengths"]) <= 40
    assert found["parts"][0]["text"] == "One two three. One two three."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"providers": ["sandbox"], "text": "A. " * 6000}, ("/text", "split.max_parts")),
        ({"providers": ["myspace"]}, ("/providers/0", "provider.exists")),
        ({"channel_ids": ["chn_UNKNOWN"]}, ("/channel_ids/0", "channel.exists")),
        ({}, ("", "value")),
        ({"providers": ["sandbox"], "text": " \n"}, ("/text", "text.blank")),
        ({"providers": ["sandbox"], "language": "English!"}, ("/language", "pattern")),
    ],
)
def test_a_split_that_cannot_be_is_refused(tenant: Tenant, given: dict[str, Any], expected: tuple[str, str]) -> None:
    answer = tenant.api.post("/v1/posts/split", json={"text": "Hello", **given})
    assert answer.status_code == 422, answer.text
    assert rules(answer.json()["errors"]) == [expected]
