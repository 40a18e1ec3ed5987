"""The catalogue: what a client must know of a platform before it writes for it."""

import json
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from catalogue.answers import provider_answer
from catalogue.media_limits import DocumentLimits, PictureLimits, VideoLimits
from punctual.guarded_http import GuardedHttp
from punctual.providers import modules, provider_class
from punctual.providers.base import Provider, Rate
from punctual.providers.media import NO_MEDIA, DocumentRules, ImageRules, MediaKind, VideoRules
from tests.integration.api.tenant import Tenant


def looked_up(tenant: Tenant, name: str) -> dict[str, Any]:
    answer = tenant.api.get(f"/v1/providers/{name}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_platforms_limits_and_what_is_done_there(tenant: Tenant) -> None:
    found = looked_up(tenant, "mastodon")
    assert {**found["limits"]["text"], "counting": None} == {
        "max": 500,
        "counted_in": "characters",
        "counting": None,
        "url_length": 23,
        "max_bytes": None,
    }
    assert "23" in found["limits"]["text"]["counting"]
    assert found["limits"]["parts"] == {"max": 25}
    assert found["limits"]["caps"] == [{"posts": 300, "seconds": 10_800}]
    assert found["limits"]["rate"] is None
    assert found["supports"] == {
        "threads": True,
        "first_comment": True,
        "delete": True,
        "edit": False,
        "media": True,
        "alt_text": True,
    }
    assert (found["retry_safety"]["kind"], found["retry_safety"]["window_seconds"]) == ("key", 3540)
    assert found["retry_safety"]["sentence"] == found["duplicate_protection"]
    assert found["lead_seconds"] == 0


def test_another_platforms_facts_are_its_own(tenant: Tenant) -> None:
    found = looked_up(tenant, "bluesky")
    assert (found["limits"]["text"]["url_length"], found["limits"]["text"]["max_bytes"]) == (None, 3000)
    assert len(found["limits"]["caps"]) == 2
    assert (found["retry_safety"]["kind"], found["retry_safety"]["window_seconds"]) == ("chosen_id", None)


@pytest.mark.parametrize("name", modules())
def test_what_it_says_is_supported_is_what_a_post_may_have(tenant: Tenant, name: str) -> None:
    found = looked_up(tenant, name)
    spec = provider_class(name).spec
    assert found["supports"]["threads"] == (found["limits"]["parts"]["max"] > 1) == (spec.max_parts > 1)
    assert found["supports"]["first_comment"] == spec.comments
    assert found["supports"]["delete"] == spec.can_delete
    rules, media = spec.media, found["limits"]["media"]
    assert found["supports"]["media"] == (media is not None) == (rules.max_items > 0)
    assert media["max_items"] == rules.max_items
    for kind in get_args(MediaKind):
        mine = getattr(rules, kind)
        assert (media[kind] is None, media[f"max_{kind}s"] == 0) == (mine is None, mine is None)
        if mine:
            assert media[kind] == json.loads(json.dumps(asdict(mine)))
    assert found in tenant.api.get("/v1/providers").json()["data"]


def test_every_limit_of_media_is_shown() -> None:
    shown = {ImageRules: PictureLimits, VideoRules: VideoLimits, DocumentRules: DocumentLimits}
    for rules, answer in shown.items():
        assert {each.name for each in fields(rules)} == set(answer.__annotations__)


class Plain(Provider):
    spec = replace(
        provider_class("sandbox").spec,
        max_parts=1,
        comments=False,
        can_delete=True,
        media=NO_MEDIA,
        rate=Rate(per_second=2, burst=5),
        key_window_seconds=0,
        retry_safety="none",
        duplicate_protection="",
    )


def test_a_platform_that_has_less_says_so() -> None:
    found = provider_answer(Plain(GuardedHttp(), lambda: datetime.now(UTC)), "https://punctual.example")
    assert (found["supports"]["threads"], found["supports"]["first_comment"]) == (False, False)
    assert found["supports"]["delete"] is True
    assert (found["limits"]["media"], found["supports"]["media"], found["supports"]["alt_text"]) == (None, False, False)
    assert found["limits"]["rate"] == {"per_second": 2, "burst": 5}
    assert found["retry_safety"] == {"kind": "none", "window_seconds": None, "sentence": None}


def test_the_redirect_uri_is_where_the_platform_can_send_people_back_to() -> None:
    """Of a laptop some take no name, and what is registered is compared to the letter."""
    for name in modules():
        provider = provider_class(name)(GuardedHttp(), lambda: datetime(2026, 11, 26, tzinfo=UTC))
        oauth = provider_answer(provider, "http://localhost:4566")["connect"]["oauth"]
        if oauth:
            assert oauth["redirect_uri"] == f"{provider.own_url('http://localhost:4566')}/v1/oauth/{name}/callback"


def test_what_a_platform_must_be_told_of_the_deployment_is_there_to_copy(tenant: Tenant) -> None:
    oauth = looked_up(tenant, "threads")["connect"]["oauth"]
    assert oauth["notices"] == {
        "deauthorize_uri": "https://punctual.example/v1/oauth/threads/deauthorize",
        "data_deletion_uri": "https://punctual.example/v1/oauth/threads/data-deletion",
    }
    assert "threads_delete" in oauth["optional_scopes"]
    assert not set(oauth["scopes"]) & set(oauth["optional_scopes"])
    assert looked_up(tenant, "mastodon")["connect"]["oauth"]["notices"] is None
