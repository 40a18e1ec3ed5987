"""What becomes of keys is told in the feed: each change with its event, or neither."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from edge import clients
from punctual.acting import OPERATOR
from punctual.clock import to_text
from punctual.events.event import Event
from punctual.events.feed import Feed
from punctual.events.types import EVENT_TYPES
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.tenant import Tenant
from tests.integration.killing import Fate, Fated, When
from tests.integration.moved_clock import Killed
from tests.memory.refusals import transaction_canceled

NAME = "Nobody's business"


def feed(deployed: Deployed, tenant: Tenant) -> list[Event]:
    found = Feed(deployed.table("EventsTable"), deployed.clock.now).read(tenant.workspace_id, None, 100).events
    for event in found:
        TypeAdapter(EVENT_TYPES[event.type].data).validate_python(event.data)
    return found


def keys(deployed: Deployed, tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = deployed.admin("list_keys", workspace_id=tenant.workspace_id)["keys"]
    return found


def change(deployed: Deployed, tenant: Tenant, action: str) -> dict[str, Any]:
    """Of the tenant's own key, where there must be one."""
    given = {"create_key": {"name": NAME, "scopes": ["write", "read"], "expires_in_days": 9}}
    of_key = {"key_id": f"key_{tenant.key.split('_')[1]}"}
    found: dict[str, Any] = deployed.admin(action, workspace_id=tenant.workspace_id, **given.get(action, of_key))
    return found


def as_told(events: list[Event]) -> list[dict[str, Any]]:
    """The workspace's keys, as somebody knows them who has only read the feed."""
    known: dict[str, dict[str, Any]] = {}
    for event in events:
        known[event.data["key_id"]] = {**event.data, "revoked": event.type == "key.revoked"}
    return sorted(known.values(), key=lambda each: str(each["key_id"]))


def as_stored(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = ("scopes", "expires_at", "rotated_from", "rotated_to")
    known = [
        {"key_id": key["id"], **{name: key[name] for name in told}, "revoked": key["revoked_at"] is not None}
        for key in found
    ]
    return sorted(known, key=lambda each: str(each["key_id"]))


def test_a_new_key_is_told_of_without_its_name_or_anything_of_its_secret(deployed: Deployed, tenant: Tenant) -> None:
    made = change(deployed, tenant, "create_key")
    _, event = feed(deployed, tenant)
    assert event.type == "key.created"
    assert event.timestamp == deployed.clock.now()
    assert event.data == {
        "key_id": made["key_id"],
        "scopes": ["read", "write"],
        "expires_at": to_text(deployed.clock.now() + timedelta(days=9)),
        "rotated_from": None,
        "rotated_to": None,
    }
    (hashed,) = (row["secret_hash"] for row in deployed.items("KeysTable") if row["pk"] == made["key_id"])
    stored = repr(deployed.items("EventsTable"))
    assert not [each for each in (NAME, hashed, made["key"][30:]) if each in stored]


def test_a_rotation_tells_of_the_new_key_and_then_of_the_old_ones_end(deployed: Deployed, tenant: Tenant) -> None:
    made = change(deployed, tenant, "rotate_key")
    first, new, old = feed(deployed, tenant)
    assert [new.type, old.type] == ["key.created", "key.rotated"]
    assert (new.data["key_id"], new.data["rotated_from"]) == (made["key_id"], first.data["key_id"])
    assert (old.data["key_id"], old.data["rotated_to"]) == (first.data["key_id"], made["key_id"])
    assert old.data["expires_at"] == to_text(deployed.clock.now() + timedelta(days=1))


def test_a_revocation_is_told_once(deployed: Deployed, tenant: Tenant) -> None:
    for _ in range(2):
        assert change(deployed, tenant, "revoke_key") == {"revoked": True}
    first, last = feed(deployed, tenant)
    assert (last.type, last.data["key_id"]) == ("key.revoked", first.data["key_id"])


def test_who_runs_the_stack_is_who_did_it(deployed: Deployed, tenant: Tenant) -> None:
    for action in ("create_key", "rotate_key", "revoke_key"):
        change(deployed, tenant, action)
    actors = [event.actor for event in feed(deployed, tenant)]
    assert len(actors) == 5
    assert {(actor.key_id, actor.request_id) for actor in actors if actor} == {(OPERATOR, "test")}
    assert None not in actors


def test_a_key_that_is_used_is_no_event(deployed: Deployed, tenant: Tenant) -> None:
    before = feed(deployed, tenant)
    assert tenant.api.get("/v1/me").status_code == 200
    (key,) = keys(deployed, tenant)
    assert key["last_used_at"]
    assert feed(deployed, tenant) == before


def test_keys_that_go_with_their_workspace_are_not_told_of(deployed: Deployed, tenant: Tenant) -> None:
    before = feed(deployed, tenant)
    deployed.admin("delete_workspace", workspace_id=tenant.workspace_id, confirm=tenant.workspace_id)
    deployed.clock.run(seconds=1)
    (key,) = keys(deployed, tenant)
    assert key["revoked_at"]
    assert feed(deployed, tenant) == before


@pytest.mark.parametrize("action", ["create_key", "rotate_key", "revoke_key"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_change_whose_answer_was_a_conflict_of_its_own_is_known_again(
    deployed: Deployed, tenant: Tenant, action: str, place: int
) -> None:
    """DynamoDB may refuse a transaction for the very one that it carried out."""
    before = len(feed(deployed, tenant))

    def done_but_refused(request: dict[str, Any]) -> None:
        deployed.wire.transact_write_items(**request)
        reasons = [{"Code": "None"} for _ in request["TransactItems"]]
        reasons[place] = {"Code": "TransactionConflict"}
        raise transaction_canceled(reasons)

    deployed.wire.before("transact_write_items", done_but_refused)
    change(deployed, tenant, action)
    assert deployed.wire.forget() == 0
    found = feed(deployed, tenant)
    assert len(found) == before + (2 if action == "rotate_key" else 1)
    assert as_told(found) == as_stored(keys(deployed, tenant))


@pytest.mark.parametrize("action", ["create_key", "rotate_key", "revoke_key"])
def test_wherever_the_admin_function_dies_the_feed_says_what_the_keys_are(
    deployed: Deployed, tenant: Tenant, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fate in fates():
        with monkeypatch.context() as patch:
            patch.setattr(clients, "dynamodb", lambda: Fated(deployed.wire, fate))  # noqa: B023 - called in this round
            forget()
            with suppress(Killed):
                change(deployed, tenant, action)
        forget()
        assert as_told(feed(deployed, tenant)) == as_stored(keys(deployed, tenant)), vars(fate)
        if not fate.died_in:
            break
        deployed.empty()
        tenant = deployed.tenant()
    assert fate.calls >= 3


def fates() -> Iterator[Fate]:
    whens: tuple[When, When] = ("before", "after")
    for place in count(1):
        for when in whens:
            yield Fate(at=place, when=when)


def test_keys_made_at_the_same_moment_all_have_their_events(deployed: Deployed, tenant: Tenant) -> None:
    """Each finds the feed where another one has been since it looked."""

    def again(depth: int) -> Callable[[dict[str, Any]], object]:
        def act(_: dict[str, Any]) -> None:
            if depth:
                deployed.wire.before("transact_write_items", again(depth - 1))
            change(deployed, tenant, "create_key")

        return act

    deployed.wire.before("transact_write_items", again(3))
    change(deployed, tenant, "create_key")
    found = feed(deployed, tenant)
    assert [event.sequence for event in found] == [1, 2, 3, 4, 5, 6]
    assert as_told(found) == as_stored(keys(deployed, tenant))


def test_a_feed_that_cannot_be_written_changes_no_key(deployed: Deployed, tenant: Tenant) -> None:
    before = deployed.contents()

    def refuse(_: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "TransactWriteItems")

    for action in ("create_key", "rotate_key", "revoke_key"):
        deployed.wire.before("transact_write_items", refuse)
        with pytest.raises(ClientError):
            change(deployed, tenant, action)
    assert deployed.contents() == before
