"""Keys that expire, that say when they were last used, and that are replaced while programs go on with the old one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from punctual.api_keys import ApiKeys
from punctual.clock import to_text
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.memory.refusals import transaction_canceled

HOUR = 3600
DAY = 24 * HOUR


def opens(deployed: Deployed, secret: str) -> bool:
    with deployed.client(Authorization=f"Bearer {secret}") as client:
        return client.get("/v1/me").status_code == 200


def listed(deployed: Deployed, tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = deployed.admin("list_keys", workspace_id=tenant.workspace_id)["keys"]
    return found


def id_of(secret: str) -> str:
    return f"key_{secret.split('_')[1]}"


def rotate(deployed: Deployed, tenant: Tenant, secret: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = deployed.invoke(
        "AdminFunction",
        {"action": "rotate_key", "workspace_id": tenant.workspace_id, "key_id": id_of(secret), **more},
    )
    return found


def done_but(deployed: Deployed, told: Exception) -> Callable[[dict[str, Any]], None]:
    """A transaction that is carried out, and of which this is heard."""

    def act(request: dict[str, Any]) -> None:
        deployed.wire.transact_write_items(**request)
        raise told

    return act


def refusing(told: Exception) -> Callable[[dict[str, Any]], None]:
    def act(request: dict[str, Any]) -> None:
        raise told

    return act


def conflict(place: int) -> ClientError:
    """With another transaction, at one of the operations: the feed's place, two events, the new key, the old one."""
    reasons = [{"Code": "None"} for _ in range(5)]
    reasons[place] = {"Code": "TransactionConflict"}
    return transaction_canceled(reasons)


def test_a_key_opens_nothing_from_its_last_second_on(deployed: Deployed, tenant: Tenant) -> None:
    secret = deployed.key(tenant.workspace_id, "read", expires_in_days=1)
    expires_at = to_text(deployed.clock.now() + timedelta(days=1))
    with deployed.client(Authorization=f"Bearer {secret}") as client:
        assert client.get("/v1/me").json()["key"]["expires_at"] == expires_at
    deployed.clock.sleep(DAY - 1)
    assert opens(deployed, secret)
    deployed.clock.sleep(1)
    assert not opens(deployed, secret)
    assert opens(deployed, tenant.key)
    (endless, ended) = listed(deployed, tenant)
    assert (endless["status"], endless["expires_at"]) == ("active", None)
    assert (ended["status"], ended["expires_at"]) == ("expired", expires_at)


def test_last_use_is_told_to_the_hour_and_written_once_in_it(deployed: Deployed, tenant: Tenant) -> None:
    assert listed(deployed, tenant)[0]["last_used_at"] is None
    seen = []
    for _ in range(3):
        for _ in range(2):
            assert opens(deployed, tenant.key)
        seen.append(listed(deployed, tenant)[0]["last_used_at"])
        deployed.clock.sleep(0.6 * HOUR)
    first = deployed.clock.now() - timedelta(hours=1.8)
    assert seen == [to_text(first), to_text(first), to_text(first + timedelta(hours=1.2))]


def test_a_use_that_was_noted_costs_no_write_within_the_hour(deployed: Deployed, tenant: Tenant) -> None:
    assert opens(deployed, tenant.key)
    deployed.clock.sleep(HOUR - 1)
    deployed.wire.before("update_item", lambda _: None, times=2)
    assert opens(deployed, tenant.key)
    deployed.clock.sleep(1)
    assert opens(deployed, tenant.key)
    assert deployed.wire.forget() == 1


def test_of_many_who_note_a_use_at_once_one_does(deployed: Deployed, tenant: Tenant) -> None:
    keys = ApiKeys(deployed.table("KeysTable"), deployed.clock.now)
    read = keys.find(tenant.key)
    assert read
    keys.note_use(read)
    first = listed(deployed, tenant)
    deployed.clock.sleep(60)
    keys.note_use(read)  # as it was before the first did
    assert listed(deployed, tenant) == first


def test_a_use_that_cannot_be_noted_refuses_nobody(deployed: Deployed, tenant: Tenant) -> None:
    deployed.wire.before("update_item", refusing(EndpointConnectionError(endpoint_url="https://dynamodb")))
    assert opens(deployed, tenant.key)
    assert listed(deployed, tenant)[0]["last_used_at"] is None
    assert opens(deployed, tenant.key)
    assert listed(deployed, tenant)[0]["last_used_at"] is not None


def test_a_key_that_is_gone_is_not_noted_into_being(deployed: Deployed, tenant: Tenant) -> None:
    keys = ApiKeys(deployed.table("KeysTable"), deployed.clock.now)
    read = keys.find(tenant.key)
    assert read
    deployed.empty()
    keys.note_use(read)
    assert deployed.items("KeysTable") == []


def test_a_rotated_key_works_beside_its_successor_for_a_day(deployed: Deployed, tenant: Tenant) -> None:
    made = rotate(deployed, tenant, tenant.key)
    assert made["scopes"] == ["read", "write"]
    assert opens(deployed, made["key"])
    deployed.clock.sleep(DAY - 1)
    assert opens(deployed, tenant.key)
    deployed.clock.sleep(1)
    assert not opens(deployed, tenant.key)
    assert opens(deployed, made["key"])
    old, new = listed(deployed, tenant)
    assert (old["rotated_to"], new["rotated_from"]) == (new["id"], old["id"])
    assert (old["status"], new["status"], new["expires_at"]) == ("expired", "active", None)
    assert (old["name"], old["scopes"]) == (new["name"], new["scopes"])


def test_without_overlap_the_old_key_ends_at_once(deployed: Deployed, tenant: Tenant) -> None:
    made = rotate(deployed, tenant, tenant.key, overlap_hours=0)
    assert not opens(deployed, tenant.key)
    assert opens(deployed, made["key"])


def test_rotating_gives_the_new_key_the_whole_lifetime_and_the_old_one_no_more(
    deployed: Deployed, tenant: Tenant
) -> None:
    secret = deployed.key(tenant.workspace_id, "read", expires_in_days=90)
    ends_at = to_text(deployed.clock.now() + timedelta(days=90))
    deployed.clock.sleep(89.5 * DAY)
    made = rotate(deployed, tenant, secret)
    _, old, new = listed(deployed, tenant)
    assert old["expires_at"] == ends_at, "in twelve hours, not in the twenty-four of the overlap"
    assert new["expires_at"] == made["expires_at"] == to_text(deployed.clock.now() + timedelta(days=90))


def test_rotating_twice_makes_one_key_and_says_where_it_is(deployed: Deployed, tenant: Tenant) -> None:
    made = rotate(deployed, tenant, tenant.key)
    before = deployed.contents()
    again = rotate(deployed, tenant, tenant.key, overlap_hours=0)
    assert again["error"] == "not_rotated"
    assert made["key_id"] in again["errors"][0]["message"]
    assert deployed.contents() == before
    assert opens(deployed, tenant.key)
    assert opens(deployed, made["key"])


def test_a_successor_whose_secret_was_lost_is_rotated_itself(deployed: Deployed, tenant: Tenant) -> None:
    unheard = ReadTimeoutError(endpoint_url="https://dynamodb")
    deployed.wire.before("transact_write_items", done_but(deployed, unheard))
    with pytest.raises(ReadTimeoutError):
        rotate(deployed, tenant, tenant.key)
    _, lost = listed(deployed, tenant)
    assert opens(deployed, tenant.key), "nobody is locked out"
    assert lost["id"] in rotate(deployed, tenant, tenant.key)["errors"][0]["message"]
    made = deployed.admin("rotate_key", workspace_id=tenant.workspace_id, key_id=lost["id"], overlap_hours=0)
    assert opens(deployed, made["key"])
    assert opens(deployed, tenant.key)
    assert [key["status"] for key in listed(deployed, tenant)] == ["active", "expired", "active"]


def test_a_rotation_that_meets_another_write_is_tried_again(deployed: Deployed, tenant: Tenant) -> None:
    for place in (4, 3, 0):
        deployed.wire.before("transact_write_items", refusing(conflict(place)))
    assert opens(deployed, rotate(deployed, tenant, tenant.key)["key"])
    assert len(listed(deployed, tenant)) == 2


def test_a_rotation_whose_answer_was_a_conflict_of_its_own_is_known_again(deployed: Deployed, tenant: Tenant) -> None:
    deployed.wire.before("transact_write_items", done_but(deployed, conflict(4)))
    assert opens(deployed, rotate(deployed, tenant, tenant.key)["key"])
    assert len(listed(deployed, tenant)) == 2


@pytest.mark.parametrize("ended", ["revoked", "expired"])
def test_a_key_that_ended_is_not_rotated(deployed: Deployed, tenant: Tenant, ended: str) -> None:
    secret = deployed.key(tenant.workspace_id, "read", expires_in_days=1)
    if ended == "revoked":
        deployed.admin("revoke_key", workspace_id=tenant.workspace_id, key_id=id_of(secret))
    else:
        deployed.clock.sleep(DAY)
    before = deployed.contents()
    assert ended in rotate(deployed, tenant, secret)["errors"][0]["message"]
    assert deployed.contents() == before


def test_a_key_revoked_while_it_is_rotated_stays_revoked_and_has_no_successor(
    deployed: Deployed, tenant: Tenant
) -> None:
    deployed.wire.before(
        "transact_write_items",
        lambda _: deployed.admin("revoke_key", workspace_id=tenant.workspace_id, key_id=id_of(tenant.key)),
    )
    assert rotate(deployed, tenant, tenant.key)["error"] == "not_rotated"
    (key,) = listed(deployed, tenant)
    assert key["status"] == "revoked"


def test_a_key_of_another_workspace_is_not_rotated(deployed: Deployed, tenant: Tenant) -> None:
    other = deployed.tenant()
    before = deployed.contents()
    assert rotate(deployed, other, tenant.key)["error"] == "not_found"
    assert deployed.contents() == before
