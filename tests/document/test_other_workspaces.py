"""Ids of another workspace are ids that exist nowhere, for every operation that has one in its path."""

from typing import Any

import httpx
import pytest

from tests.document.calling import Call, calls
from tests.document.media_scenes import MEDIA
from tests.document.scenes import CALENDAR, CHANNEL, CONNECTION, DELIVERY, EVENT, LINK, POST, WEBHOOK, Real, scene
from tests.integration.api.deployed import Deployed

CALLS = [call for call in calls() if call.has_id]
NOWHERE = {
    CHANNEL: CHANNEL,
    POST: POST,
    DELIVERY: DELIVERY,
    CONNECTION: CONNECTION,
    LINK: LINK,
    MEDIA: MEDIA,
    CALENDAR: CALENDAR,
    EVENT: EVENT,
    WEBHOOK: WEBHOOK,
}
SCOPES = ("read", "write", "admin")


@pytest.fixture
def theirs(deployed: Deployed, call: Call) -> Real:
    """Another workspace in which the call would succeed."""
    deployed.empty()
    return scene(call.name, deployed, deployed.tenant(scopes=SCOPES))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_another_workspaces_ids_are_not_found_and_nothing_is_stored(
    deployed: Deployed, theirs: Real, call: Call
) -> None:
    tenant = deployed.tenant(scopes=SCOPES)
    stored, schedules, sent = deployed.contents(), dict(deployed.scheduler.schedules), len(deployed.queue.sent)
    answer, unknown = call.send(tenant.api, theirs), call.send(tenant.api, NOWHERE)
    assert refusal(answer) == refusal(unknown)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (deployed.contents(), deployed.scheduler.schedules) == (stored, schedules)
    assert len(deployed.queue.sent) == sent


def refusal(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "request_id"}


@pytest.mark.parametrize("call", [call for call in CALLS if "deliveries" in call.path], ids=lambda call: call.name)
def test_a_delivery_of_another_workspace_is_not_found_under_a_post_of_ones_own(
    deployed: Deployed, theirs: Real, call: Call
) -> None:
    tenant = deployed.tenant(scopes=SCOPES)
    own = scene(call.name, deployed, tenant)
    stored = deployed.contents()
    for mixed in ({**own, DELIVERY: theirs[DELIVERY]}, {**own, POST: theirs[POST]}):
        answer = call.send(tenant.api, mixed)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert deployed.contents() == stored


def test_most_operations_on_posts_and_channels_have_an_id() -> None:
    assert {"get_post", "change_post", "delete_channel", "resolve_delivery"} <= {call.name for call in CALLS}
