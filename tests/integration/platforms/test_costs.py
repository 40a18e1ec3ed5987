"""What a platform asks for is said before a post is written."""

from typing import Any

import pytest

from tests.integration.platforms import linkedin, x
from tests.integration.platforms.stage import Stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    found = Stage(monkeypatch, x.PLATFORM)
    found.connect()
    return found


def target_of(stage: Stage, what: str, text: str, **more: Any) -> dict[str, Any]:
    body = {"text": text, "targets": [{"channel_id": stage.channel}], **more}
    (found,) = stage.tenant.api.post(f"/v1/posts/{what}", json=body).json()["targets"]
    target: dict[str, Any] = found
    return target


def test_a_link_makes_a_post_on_x_dearer_and_each_part_is_paid_for(stage: Stage) -> None:
    plain = target_of(stage, "validate", "Bread, fresh.")
    assert (plain["cost_usd"], plain["parts"][0]["cost"]["usd"]) == ("0.015", "0.015")
    thread = [{"text": "Recipe: https://bakery.com/bread"}, {"text": "Bye."}]
    linked = target_of(stage, "validate", "Bread, fresh.", thread=thread)
    assert [part["cost"]["usd"] for part in linked["parts"]] == ["0.015", "0.2", "0.015"]
    assert linked["cost_usd"] == "0.23"
    assert all(part["cost"]["why"] for part in linked["parts"])


def test_a_preview_says_so_too(stage: Stage) -> None:
    assert target_of(stage, "preview", "https://bakery.com/bread")["parts"][0]["cost"]["usd"] == "0.2"


def test_where_posts_cost_nothing_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, linkedin.PLATFORM)
    stage.connect()
    free = target_of(stage, "validate", "https://bakery.com/bread")
    assert (free["cost_usd"], free["parts"][0]["cost"]) == (None, None)
