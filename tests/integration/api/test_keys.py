"""Workspaces and keys: made by the admin function, checked by the authorizer."""

import hmac
from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


def status(deployed: Deployed, authorization: str) -> int:
    with deployed.client(Authorization=authorization) as client:
        return client.get("/v1/me").status_code


def test_a_key_says_whose_it_is_and_what_it_may_do(deployed: Deployed, tenant: Tenant) -> None:
    found = tenant.api.get("/v1/me").json()
    assert found["workspace"] == {"id": tenant.workspace_id, "name": "Test", "paused_at": None, "deleting_at": None}
    assert found["key"]["scopes"] == ["read", "write"]
    (stored,) = deployed.admin("list_keys", workspace_id=tenant.workspace_id)["keys"]
    assert found["key"]["id"] == stored["id"]


def test_a_key_is_shown_once_and_stored_as_a_hash(deployed: Deployed, tenant: Tenant) -> None:
    listed = deployed.admin("list_keys", workspace_id=tenant.workspace_id)
    _, key_id, secret = tenant.key.split("_", 2)
    assert secret not in repr(listed)
    assert secret not in repr(deployed.contents())
    (key,) = listed["keys"]
    assert key["id"] == f"key_{key_id}"
    assert set(key) == {
        *("id", "workspace_id", "name", "scopes", "status", "created_at", "expires_at", "last_used_at", "revoked_at"),
        *("rotated_from", "rotated_to"),
    }


def test_the_scheme_is_bearer_in_any_case_and_no_other(deployed: Deployed, tenant: Tenant) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert status(deployed, f"{scheme} {tenant.key}") == 200
    for wrong in (tenant.key, f"Basic {tenant.key}", f"Bearer{tenant.key}", f"Token {tenant.key}", "Bearer"):
        assert status(deployed, wrong) == 403


def test_a_key_that_is_nearly_right_is_wrong(deployed: Deployed, tenant: Tenant) -> None:
    key = tenant.key
    last = "B" if key.endswith("A") else "A"
    nearly = (key[:-1], key[:-1] + last, key + "x", key.upper(), key.lower(), key.removeprefix("pk_"))
    for wrong in (*nearly, f"{key} {key}", f"{key},{key}", "pk_", "pk__", key[:30], key[:29]):
        assert status(deployed, f"Bearer {wrong}") == 403, wrong


def test_the_id_of_one_key_with_the_secret_of_another_is_wrong(deployed: Deployed, tenant: Tenant) -> None:
    other = deployed.key(tenant.workspace_id, "read")
    assert status(deployed, f"Bearer {tenant.key[:30]}{other[30:]}") == 403
    assert status(deployed, f"Bearer {other[:30]}{tenant.key[30:]}") == 403
    assert status(deployed, f"Bearer {other}") == 200


def test_hashes_are_compared_in_constant_time_for_unknown_ids_too(
    deployed: Deployed, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    def compare(left: str, right: str) -> bool:
        compared.append((left, right))
        return hmac_compare_digest(left, right)

    hmac_compare_digest = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    unknown = f"pk_{'0' * 26}_{tenant.key[30:]}"
    for secret, expected in ((tenant.key, 200), (tenant.key[:-2] + "__", 403), (unknown, 403)):
        assert status(deployed, f"Bearer {secret}") == expected
    assert [len(left) == len(right) == 64 for left, right in compared] == [True] * 3


def test_a_revoked_key_opens_nothing_and_the_others_still_do(deployed: Deployed, tenant: Tenant) -> None:
    second = deployed.key(tenant.workspace_id, "read")
    key_id = tenant.api.get("/v1/me").json()["key"]["id"]
    assert deployed.admin("revoke_key", workspace_id=tenant.workspace_id, key_id=key_id) == {"revoked": True}
    assert status(deployed, f"Bearer {tenant.key}") == 403
    assert status(deployed, f"Bearer {second}") == 200
    listed = deployed.admin("list_keys", workspace_id=tenant.workspace_id)["keys"]
    assert [key["id"] for key in listed if key["revoked_at"]] == [key_id]


def test_revoking_twice_keeps_the_first_time(deployed: Deployed, tenant: Tenant) -> None:
    key_id = tenant.api.get("/v1/me").json()["key"]["id"]
    given = {"workspace_id": tenant.workspace_id, "key_id": key_id}
    deployed.admin("revoke_key", **given)
    (first,) = deployed.admin("list_keys", workspace_id=tenant.workspace_id)["keys"]
    assert first["status"] == "revoked"
    deployed.clock.sleep(60)
    assert deployed.admin("revoke_key", **given) == {"revoked": True}
    assert deployed.admin("list_keys", workspace_id=tenant.workspace_id)["keys"] == [first]


def test_a_key_of_another_workspace_is_not_revoked(deployed: Deployed, tenant: Tenant) -> None:
    other = deployed.tenant()
    key_id = tenant.api.get("/v1/me").json()["key"]["id"]
    assert deployed.admin("revoke_key", workspace_id=other.workspace_id, key_id=key_id) == {"revoked": False}
    assert status(deployed, f"Bearer {tenant.key}") == 200


def test_an_unknown_key_is_not_revoked_into_being(deployed: Deployed, tenant: Tenant) -> None:
    before = deployed.contents()
    given = {"workspace_id": tenant.workspace_id, "key_id": f"key_{'0' * 26}"}
    assert deployed.admin("revoke_key", **given) == {"revoked": False}
    assert deployed.contents() == before


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({}, ""),
        ({"action": "drop_everything"}, ""),
        ({"action": "create_workspace"}, "/create_workspace/name"),
        ({"action": "create_workspace", "name": ""}, "/create_workspace/name"),
        ({"action": "create_workspace", "name": "A", "return_urls": ["ftp://x"]}, "/create_workspace/return_urls/0"),
        ({"action": "create_workspace", "name": "A", "colour": "red"}, "/create_workspace/colour"),
        ({"action": "create_key", "workspace_id": "ws_1", "scopes": []}, "/create_key/scopes"),
        ({"action": "create_key", "workspace_id": "ws_1", "scopes": ["root"]}, "/create_key/scopes/0"),
        ({"action": "create_key", "workspace_id": "ws_1", "expires_in_days": 0}, "/create_key/expires_in_days"),
        ({"action": "create_key", "workspace_id": "ws_unknown"}, "/workspace_id"),
        ({"action": "rotate_key", "workspace_id": "ws_1"}, "/rotate_key/key_id"),
        (
            {"action": "rotate_key", "workspace_id": "ws_1", "key_id": "key_1", "overlap_hours": -1},
            "/rotate_key/overlap_hours",
        ),
        ({"action": "list_keys", "workspace_id": "ws_unknown"}, "/workspace_id"),
    ],
)
def test_the_admin_function_says_what_is_wrong_and_stores_nothing(
    deployed: Deployed, event: dict[str, Any], param: str
) -> None:
    stored = deployed.contents()
    answer = deployed.invoke("AdminFunction", event)
    assert answer["error"] in ("invalid_request", "not_found")
    assert answer["errors"][0]["param"] == param
    assert deployed.contents() == stored
