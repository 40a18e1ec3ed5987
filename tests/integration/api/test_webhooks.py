"""/v1/webhooks: endpoints made, changed and deleted; their secrets."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from standardwebhooks import WebhookVerificationError

from punctual.webhooks.endpoints import MOST
from tests.integration.api.deployed import Deployed
from tests.integration.api.hooking import URL, Receiver, faults, made, receiver, signed_then, told
from tests.integration.api.tenant import Tenant

__all__ = ["receiver", "signed_then"]


def test_a_webhook_that_was_made_is_found_and_is_told_of_with_who_made_it(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    answer = tenant.api.post("/v1/webhooks", json={"url": URL, "description": "Ours", "channel_ids": [channel] * 2})
    hook = answer.json()
    assert answer.headers["location"] == f"/v1/webhooks/{hook['id']}"
    assert (hook["url"], hook["description"], hook["event_types"]) == (URL, "Ours", [])
    assert (hook["channel_ids"], hook["status"], hook["disabled_reason"]) == ([channel], "active", None)
    shown = {name: value for name, value in hook.items() if name != "secret"}
    found = tenant.api.get(f"/v1/webhooks/{hook['id']}").json()
    assert found == {**shown, "progress": found["progress"]}
    assert tenant.api.get("/v1/webhooks").json() == {"data": [found], "next_cursor": None}
    (event,) = tenant.api.get("/v1/events", params={"types": "webhook.*"}).json()["data"]
    assert event["data"] == {"webhook_id": hook["id"], "status": "active", "reason": None}
    assert event["actor"]["key_id"] == tenant.api.get("/v1/me").json()["key"]["id"]


def test_what_happens_reaches_the_endpoint_signed_with_its_secret(
    deployed: Deployed, tenant: Tenant, receiver: Receiver
) -> None:
    deployed.follow_stream()
    hook = made(tenant, event_types=["post.*", "webhook.created"])
    tenant.posted("Hello", tenant.connect("ada"))
    deployed.clock.run(seconds=5)
    assert receiver.types() == ["webhook.created", "post.scheduled"]
    bodies = receiver.verified(hook["secret"])
    seen = tenant.api.get("/v1/events", params={"types": "post.*,webhook.*"}).json()["data"]
    assert bodies == seen, "what is sent is what the feed shows"
    assert [each.headers["webhook-id"] for each in receiver.got] == [each["id"] for each in seen]
    with pytest.raises(WebhookVerificationError):
        receiver.verified("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def test_a_change_is_told_by_itself_to_who_is_there(deployed: Deployed, tenant: Tenant, receiver: Receiver) -> None:
    """Nothing of the work table's stream says so."""
    hook = made(tenant)
    deployed.clock.run(seconds=1)
    for path, body in (("secret", {"overlap_hours": 1}), ("disable", {}), ("enable", {})):
        assert tenant.api.post(f"/v1/webhooks/{hook['id']}/{path}", json=body).status_code == 200
        deployed.clock.run(seconds=1)
    tenant.api.patch(f"/v1/webhooks/{hook['id']}", json={"description": "Ours"})
    deployed.clock.run(seconds=1)
    expected = ["created", "secret_rotated", "enabled", "updated"]
    assert receiver.types() == [f"webhook.{each}" for each in expected]


def test_a_request_under_its_key_makes_one_webhook_and_is_shown_the_secret_again(tenant: Tenant) -> None:
    headers = {"Idempotency-Key": "one"}
    first, second = (tenant.api.post("/v1/webhooks", json={"url": URL}, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert first.json()["secret"].startswith("whsec_")
    assert (first.headers.get("idempotent-replayed"), second.headers["idempotent-replayed"]) == (None, "true")
    assert second.headers["location"] == first.headers["location"]
    assert len(tenant.api.get("/v1/webhooks").json()["data"]) == 1
    other = tenant.api.post("/v1/webhooks", json={"url": f"{URL}&b"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_of_two_requests_under_one_key_at_once_one_is_done_and_both_are_answered_alike(
    deployed: Deployed, tenant: Tenant
) -> None:
    def both(path: str, body: dict[str, Any], key: str) -> list[dict[str, Any]]:
        def ask(_: object = None) -> None:
            answers.append(tenant.api.post(path, json=body, headers={"Idempotency-Key": key}).json())

        answers: list[dict[str, Any]] = []
        deployed.wire.before("transact_write_items", ask)
        ask()
        return answers

    first, second = both("/v1/webhooks", {"url": URL}, "one")
    assert first == second
    assert len(tenant.api.get("/v1/webhooks").json()["data"]) == 1
    deployed.clock.sleep(1)
    one, other = both(f"/v1/webhooks/{first['id']}/secret", {}, "two")
    assert one == other
    assert one["secret"] != first["secret"]
    assert [each[0] for each in told(tenant)] == ["webhook.created", "webhook.secret_rotated"]


def test_a_secret_is_in_no_record_of_a_request_and_a_replay_shows_none_that_is_of_later(
    deployed: Deployed, tenant: Tenant
) -> None:
    headers = {"Idempotency-Key": "one"}
    hook = tenant.api.post("/v1/webhooks", json={"url": URL}, headers=headers).json()
    deployed.clock.sleep(1)
    rotated = [
        tenant.api.post(f"/v1/webhooks/{hook['id']}/secret", json={}, headers={"Idempotency-Key": "two"}).json()
        for _ in range(2)
    ]
    assert rotated[0] == rotated[1]
    assert rotated[0]["secret"] not in (None, hook["secret"])
    again = tenant.api.post("/v1/webhooks", json={"url": URL}, headers=headers).json()
    assert again == {**hook, "secret": None}
    tenant.api.delete(f"/v1/webhooks/{hook['id']}")
    assert tenant.api.post("/v1/webhooks", json={"url": URL}, headers=headers).json() == {**hook, "secret": None}
    secrets = (hook["secret"], rotated[0]["secret"])
    assert not [each for each in secrets if each in str(deployed.contents())]


def test_no_other_answer_has_a_secret(deployed: Deployed, tenant: Tenant, receiver: Receiver) -> None:
    hook = made(tenant)
    deployed.clock.run(seconds=1)
    path = f"/v1/webhooks/{hook['id']}"
    asked: list[Callable[[], httpx.Response]] = [
        lambda: tenant.api.get(path),
        lambda: tenant.api.get("/v1/webhooks"),
        lambda: tenant.api.patch(path, json={"description": "x"}),
        lambda: tenant.api.post(f"{path}/test"),
        lambda: tenant.api.get(f"{path}/sends"),
        lambda: tenant.api.post(f"{path}/resend", json={"from_sequence": 1}),
        lambda: tenant.api.post(f"{path}/disable"),
        lambda: tenant.api.post(f"{path}/enable"),
        lambda: tenant.api.get("/v1/events"),
        lambda: tenant.api.delete(path),
    ]
    answers = [each() for each in asked]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 200, 202, 200, 200, 200, 200]
    assert not [each.request.url for each in answers if "whsec_" in each.text]
    assert "in-the-url" not in answers[8].text


def test_a_new_secret_signs_beside_the_one_before_until_its_hours_are_over(
    deployed: Deployed, tenant: Tenant, receiver: Receiver
) -> None:
    old = made(tenant, event_types=["webhook.updated"])
    path = f"/v1/webhooks/{old['id']}"
    new = tenant.api.post(f"{path}/secret", json={"overlap_hours": 2}).json()
    assert [each["ends_at"] is None for each in new["secrets"]] == [True, False]
    tenant.api.post(f"{path}/test")
    assert receiver.verified(old["secret"]) == receiver.verified(new["secret"]) != []
    deployed.clock.sleep(2 * 3600 + 1)
    receiver.got.clear()
    tenant.api.post(f"{path}/test")
    assert len(receiver.verified(new["secret"])) == 1
    with pytest.raises(WebhookVerificationError):
        receiver.verified(old["secret"])
    assert [each["ends_at"] for each in tenant.api.get(path).json()["secrets"]] == [None]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("/url", "required")]),
        ({"url": "http://hooks.example/"}, [("/url", "webhook.url")]),
        ({"url": "https://user:password@hooks.example/"}, [("/url", "webhook.url")]),
        ({"url": "https://hooks.example:8443/"}, [("/url", "webhook.url")]),
        ({"url": ""}, [("/url", "min_length")]),
        ({"url": URL, "event_types": ["post.*", "post.gone", "*"]},
         [("/event_types/1", "event.type"), ("/event_types/2", "event.type")]),
        ({"url": URL, "channel_ids": ["chn_x"]}, [("/channel_ids/0", "channel.exists")]),
        ({"url": "ftp://x", "event_types": ["x"], "channel_ids": ["x"]},
         [("/url", "webhook.url"), ("/event_types/0", "event.type"), ("/channel_ids/0", "channel.exists")]),
        ({"url": URL, "secret": "whsec_x"}, [("/secret", "unknown")]),
        ({"url": URL, "description": "x" * 201}, [("/description", "max_length")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_webhook_is_said_at_once_and_nothing_is_stored(
    deployed: Deployed, tenant: Tenant, body: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    before = deployed.contents()
    assert faults(tenant.api.post("/v1/webhooks", json=body)) == found
    assert deployed.contents() == before
    hook = made(tenant)
    before = deployed.contents()
    if "url" in body:
        assert faults(tenant.api.patch(f"/v1/webhooks/{hook['id']}", json=body)) == found
        assert deployed.contents() == before


def test_another_workspaces_channel_is_none(deployed: Deployed, tenant: Tenant) -> None:
    theirs = deployed.tenant().connect("ada")
    answer = tenant.api.post("/v1/webhooks", json={"url": URL, "channel_ids": [theirs]})
    assert faults(answer) == [("/channel_ids/0", "channel.exists")]


def test_a_change_changes_what_it_names_and_null_clears(deployed: Deployed, tenant: Tenant) -> None:
    hook = made(tenant, description="Ours", event_types=["post.*"])
    path = f"/v1/webhooks/{hook['id']}"
    changed = tenant.api.patch(path, json={"event_types": ["channel.*"]}).json()
    assert (changed["description"], changed["event_types"]) == ("Ours", ["channel.*"])
    cleared = tenant.api.patch(path, json={"description": None, "event_types": None}).json()
    assert (cleared["url"], cleared["description"], cleared["event_types"]) == (URL, "", [])
    count = len(told(tenant))
    assert tenant.api.patch(path, json={}).status_code == 200
    assert len(told(tenant)) == count, "nothing new is no event"
    assert faults(tenant.api.patch(path, json={"url": None})) == [("/url", "type")]


def test_a_workspace_has_so_many_webhooks_and_no_more(tenant: Tenant) -> None:
    hooks = [made(tenant) for _ in range(MOST)]
    assert faults(tenant.api.post("/v1/webhooks", json={"url": URL})) == [("", "webhook.max_in_workspace")]
    tenant.api.delete(f"/v1/webhooks/{hooks[0]['id']}")
    made(tenant)


def test_a_deleted_webhook_is_gone_with_its_log_and_is_sent_nothing(
    deployed: Deployed, tenant: Tenant, receiver: Receiver
) -> None:
    hook = made(tenant)
    deployed.clock.run(seconds=1)
    assert tenant.api.delete(f"/v1/webhooks/{hook['id']}").json() == {"id": hook["id"], "deleted": True}
    deployed.clock.run(seconds=5)
    assert receiver.types() == ["webhook.created"]
    assert not [each for each in deployed.items("EventsTable") if each["pk"] == hook["id"]]
    for again in (tenant.api.delete, tenant.api.get):
        assert again(f"/v1/webhooks/{hook['id']}").status_code == 404
    assert told(tenant)[-1] == ("webhook.deleted", hook["id"])
