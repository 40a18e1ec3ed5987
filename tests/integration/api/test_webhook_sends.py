"""What webhooks are sent: a test, the log, and what is asked for once more."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.hooking import OTHER, Receiver, faults, made, receiver, signed_then, told
from tests.integration.api.listening import Lines
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused

__all__ = ["receiver", "signed_then"]


def test_a_test_says_what_the_endpoint_said_and_is_in_no_feed(
    deployed: Deployed, tenant: Tenant, receiver: Receiver
) -> None:
    hook = made(tenant, event_types=["post.*"])
    path = f"/v1/webhooks/{hook['id']}"
    said = tenant.api.post(f"{path}/test").json()
    assert (said["code"], said["status"]) == ("delivered", 204)
    (body,) = receiver.verified(hook["secret"])
    assert (body["type"], body["data"]["webhook_id"]) == ("webhook.test", hook["id"])
    receiver.status = 302
    assert tenant.api.post(f"{path}/test").json()["code"] == "redirected"
    del deployed.hosts["hooks.example"]
    said = tenant.api.post(f"{path}/test").json()
    assert (said["code"], said["status"]) == ("connection_failed", None)
    deployed.addresses["hooks.example"] = ["10.0.0.1"]
    assert tenant.api.post(f"{path}/test").json()["code"] == "address_refused"
    del deployed.addresses["hooks.example"]
    assert [each[0] for each in told(tenant)] == ["webhook.created"]
    assert tenant.api.get(f"{path}/sends").json()["data"] == []


def test_the_log_shows_each_try_and_is_read_page_by_page(
    deployed: Deployed, tenant: Tenant, receiver: Receiver
) -> None:
    hook = made(tenant, event_types=["webhook.*"])
    path = f"/v1/webhooks/{hook['id']}"
    deployed.clock.run(seconds=1)
    for number in range(2):
        tenant.api.patch(path, json={"description": str(number)})
        deployed.clock.run(seconds=1)
    receiver.status = 500
    tenant.api.patch(path, json={"description": "last"})
    deployed.clock.run(seconds=1)
    seen, cursor = [], None
    for _ in range(5):
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = tenant.api.get(f"{path}/sends", params=query).json()
        seen += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [each["event_type"] for each in seen] == ["webhook.updated"] * 3 + ["webhook.created"]
    assert [each["state"] for each in seen] == ["failing", *["delivered"] * 3]
    assert [each["sequence"] for each in seen] == sorted((each["sequence"] for each in seen), reverse=True)
    (failed,) = seen[0]["tries"]
    assert (failed["code"], failed["status"]) == ("status_500", 500)
    assert seen[0]["next_try_at"] > failed["at"]
    only = tenant.api.get(f"{path}/sends", params={"state": "failing"}).json()["data"]
    assert only == seen[:1]
    assert tenant.api.get(path).json()["progress"]["failing_since"] is not None


def test_no_log_line_has_a_secret_or_where_a_webhook_leads(
    deployed: Deployed, tenant: Tenant, receiver: Receiver, lines: Lines
) -> None:
    hook = made(tenant, description="a-description")
    deployed.clock.run(seconds=1)
    path = f"/v1/webhooks/{hook['id']}"
    del deployed.hosts["hooks.example"]
    rotated = tenant.api.post(f"{path}/secret", json={}).json()
    for call in (f"{path}/test", f"{path}/disable", f"{path}/enable"):
        tenant.api.post(call)
    deployed.clock.run(minutes=10)
    deployed.wire.before("query", fails)
    assert tenant.api.get(f"{path}/sends").status_code == 500
    assert lines.leaks({hook["id"]}), "the sender says which one it was"
    assert lines.leaks({"ClientError"}), "and a fault what it was"
    assert lines.leaks({hook["secret"], rotated["secret"], "in-the-url", "hooks.example", "a-description"}) == []


def fails(_: object) -> None:
    raise refused("ValidationException", "Query")


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10"])
def test_a_cursor_of_another_list_is_none_of_the_log(tenant: Tenant, cursor: str) -> None:
    hook = made(tenant)
    answer = tenant.api.get(f"/v1/webhooks/{hook['id']}/sends", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def sent(deployed: Deployed, tenant: Tenant, receiver: Receiver) -> tuple[str, list[dict[str, Any]]]:
    """A webhook that got three events; and those."""
    hook = made(tenant, event_types=["webhook.*"])
    for number in range(2):
        deployed.clock.run(seconds=60)
        tenant.api.patch(f"/v1/webhooks/{hook['id']}", json={"description": str(number)})
    deployed.clock.run(seconds=60)
    events = tenant.api.get("/v1/events", params={"types": "webhook.*"}).json()["data"]
    assert len(receiver.got) == len(events) == 3
    receiver.got.clear()
    return f"/v1/webhooks/{hook['id']}", events


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        (lambda events: {"event_ids": [events[0]["id"], events[2]["id"], events[0]["id"]]}, [0, 2]),
        (lambda events: {"from_sequence": events[1]["sequence"]}, [1, 2]),
        (lambda events: {"from_sequence": events[0]["sequence"], "to_sequence": events[1]["sequence"]}, [0, 1]),
        (lambda events: {"since": events[1]["timestamp"]}, [1, 2]),
        (lambda events: {"since": events[0]["timestamp"], "until": events[1]["timestamp"]}, [0]),
        (lambda _: {"from_sequence": 1, "only_failed": True}, []),
    ],
)
def test_what_is_asked_for_is_sent_once_more(
    deployed: Deployed,
    tenant: Tenant,
    receiver: Receiver,
    asked: Callable[[list[dict[str, Any]]], dict[str, Any]],
    places: list[int],
) -> None:
    path, events = sent(deployed, tenant, receiver)
    answer = tenant.api.post(f"{path}/resend", json=asked(events))
    assert answer.status_code == 202
    assert answer.json()["data"] != []
    deployed.clock.run(seconds=5)
    assert sorted(each.headers["webhook-id"] for each in receiver.got) == sorted(
        events[place]["id"] for place in places
    )


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("", "value")]),
        ({"event_ids": []}, [("", "value")]),
        ({"event_ids": ["evt_1"], "from_sequence": 1}, [("", "value")]),
        ({"to_sequence": 1}, [("", "value")]),
        ({"from_sequence": 2, "to_sequence": 1}, [("", "value")]),
        ({"until": "2026-11-22T16:00:00Z"}, [("", "value")]),
        ({"since": "2026-11-22T16:00:00Z", "until": "2026-11-22T16:00:00Z"}, [("", "value")]),
        ({"event_ids": ["evt_1"], "only_failed": True}, [("", "value")]),
        ({"event_ids": ["evt_1", OTHER]}, [("/event_ids/0", "event.exists"), ("/event_ids/1", "event.exists")]),
        ({"from_sequence": 0}, [("/from_sequence", "minimum")]),
        ({"event_ids": ["a", "b", "c", "d", "e", "f"]}, [("/event_ids", "max_length")]),
    ],
)
def test_what_is_wrong_with_a_resend_is_said_and_nothing_is_planned(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    hook = made(tenant)
    before, messages = deployed.contents(), len(deployed.webhook_queue.sent)
    assert faults(tenant.api.post(f"/v1/webhooks/{hook['id']}/resend", json=body)) == found
    assert (deployed.contents(), len(deployed.webhook_queue.sent)) == (before, messages)


def test_a_disabled_webhook_and_one_with_enough_to_do_take_no_resend(
    deployed: Deployed, tenant: Tenant, receiver: Receiver
) -> None:
    path, events = sent(deployed, tenant, receiver)
    ids = [each["id"] for each in events]
    assert tenant.api.post(f"{path}/resend", json={"event_ids": ids}).status_code == 202
    before = deployed.contents()
    for body in ({"event_ids": ids},):
        answer = tenant.api.post(f"{path}/resend", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "resends_waiting")
        assert "retry-after" in answer.headers
    assert deployed.contents() == before
    disabled = tenant.api.post(f"{path}/disable").json()
    assert (disabled["status"], disabled["disabled_reason"]) == ("disabled", "by_request")
    answer = tenant.api.post(f"{path}/resend", json={"from_sequence": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")
    enabled = tenant.api.post(f"{path}/enable").json()
    assert (enabled["status"], enabled["disabled_reason"]) == ("active", None)


def test_a_wake_that_fails_undoes_nothing_and_is_no_fault(
    deployed: Deployed, tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(**_: object) -> None:
        raise refused("ServiceUnavailable", "SendMessageBatch")

    deployed.clock.run(seconds=1)  # the stream says that there is a workspace now, where another test follows it
    monkeypatch.setattr(deployed.webhook_queue, "send_message_batch", refuses)
    hook = made(tenant, event_types=["webhook.*"])
    monkeypatch.undo()
    deployed.clock.run(seconds=5)
    assert receiver.got == []
    deployed.run_clocks()
    deployed.clock.run(hours=1, minutes=2)
    assert receiver.types() == ["webhook.created"], "the lane's own clock came"
    assert tenant.api.get(f"/v1/webhooks/{hook['id']}").status_code == 200
