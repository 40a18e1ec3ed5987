"""What a video says of itself, in all the ways that Facebook has of saying it."""

from typing import Any

import pytest

from punctual.facebook_api.videos import outcome
from punctual.providers.base import Published
from punctual.providers.outcomes import OutcomeUnknown, Processing
from tests.unit.facebook.platform import outgoing

REEL = {"media_0": {"id": "701"}, "carries": "video"}
TAKEN = {**REEL, "video": "701", "accepted": True}


def phases(work: str, state: str, status: str = "processing", **publishing: str) -> dict[str, Any]:
    return {
        "status": {
            "video_status": status,
            "processing_phase": {"status": work},
            "publishing_phase": {"status": state, **publishing},
        }
    }


def came_of(video: dict[str, Any], prepared: dict[str, Any], post_type: str = "reel") -> Any:
    try:
        return outcome(video, "701", outgoing(settings={"post_type": post_type}, prepared=prepared))
    except (Processing, OutcomeUnknown) as error:
        return type(error)


@pytest.mark.parametrize(
    ("video", "prepared", "wanted"),
    [
        (phases("complete", "complete"), REEL, Published),
        (phases("complete", "complete", publish_status="published"), TAKEN, Published),
        (phases("complete", "complete", publish_status="draft"), REEL, OutcomeUnknown),
        (phases("complete", "complete", publish_status="scheduled"), TAKEN, Processing),
        (phases("complete", "not_started", "ready"), TAKEN, Processing),
        ({**phases("complete", "not_started", "ready"), "published": True}, TAKEN, Published),
        ({**phases("complete", "not_started", "ready"), "published": False}, REEL, OutcomeUnknown),
        (phases("not_started", "not_started"), REEL, None),
        (phases("not_started", "not_started"), TAKEN, Processing),
        (phases("in_progress", "not_started"), REEL, Processing),
        (phases("complete", "in_progress"), REEL, Processing),
        (phases("complete", "error"), TAKEN, Processing),
        (phases("complete", "error"), {**TAKEN, "failed": True}, None),
        ({"status": {"video_status": "ready"}}, TAKEN, Published),
        ({"status": {"video_status": "ready"}, "published": False}, TAKEN, Processing),
        ({"status": {"video_status": "ready"}}, REEL, OutcomeUnknown),
        ({"status": "ready"}, REEL, OutcomeUnknown),
        ({}, TAKEN, Processing),
    ],
)
def test_a_video_is(video: dict[str, Any], prepared: dict[str, Any], wanted: Any) -> None:
    came = came_of(video, prepared)
    assert (type(came) if isinstance(came, Published) else came) is wanted


@pytest.mark.parametrize(
    ("post_type", "given", "wanted"),
    [
        ("reel", "501", "102_501"),
        ("post", "102_501", "102_501"),
        ("story", "601", "601"),
        ("reel", None, "701"),
        ("reel", "../me", "701"),
    ],
)
def test_its_post_is_called_so_that_it_can_be_commented_on(post_type: str, given: Any, wanted: str) -> None:
    came = came_of({**phases("complete", "complete"), "post_id": given}, TAKEN, post_type)
    assert came.platform_id == wanted
