"""Connecting with credentials: used once, answered without, stored nowhere."""

import gzip
import json
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.bluesky.far_side import APP_PASSWORD, DID, FarSide, failed
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


@pytest.fixture
def bluesky(deployed: Deployed) -> Iterator[FarSide]:
    side = FarSide(deployed.clock.now)
    deployed.hosts |= dict.fromkeys(side.hosts, side.answer)
    yield side
    for host in side.hosts:
        del deployed.hosts[host]


def given(side: FarSide, **changed: object) -> dict[str, object]:
    credentials = {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": side.entrance, **changed}
    return {"provider": "bluesky", "credentials": credentials}


def test_an_account_is_connected_by_its_credentials(tenant: Tenant, bluesky: FarSide) -> None:
    answer = tenant.api.post("/v1/channels", json=given(bluesky))
    assert answer.status_code == 201, answer.text
    (channel,) = answer.json()["data"]
    assert (channel["account"]["id"], channel["status"]) == (DID, "active")
    assert tenant.api.get(f"/v1/channels/{channel['id']}").json() == channel
    again = tenant.api.post("/v1/channels", json=given(bluesky))
    assert [found["id"] for found in again.json()["data"]] == [channel["id"]]


def test_neither_password_nor_tokens_are_stored_or_answered(
    deployed: Deployed, tenant: Tenant, bluesky: FarSide
) -> None:
    answer = tenant.api.post("/v1/channels", json=given(bluesky))
    everywhere = repr(deployed.contents()) + answer.text + tenant.api.get("/v1/channels").text
    for secret in (APP_PASSWORD, *bluesky.access, *bluesky.refreshing):
        assert secret not in everywhere
    for item in deployed.items("GrantsTable"):
        assert APP_PASSWORD.encode() not in bytes(item.get("sealed_box", b""))


def test_wrong_credentials_are_told_and_store_nothing(deployed: Deployed, tenant: Tenant, bluesky: FarSide) -> None:
    stored = deployed.contents()
    answer = tenant.api.post("/v1/channels", json=given(bluesky, app_password="wrong-one"))
    assert answer.status_code == 422
    assert [(fault["param"], fault["rule"]) for fault in answer.json()["errors"]] == [("/credentials", "login_refused")]
    assert "wrong-one" not in answer.text
    assert deployed.contents() == stored


def test_a_platform_that_does_not_answer_is_no_fault_of_the_credentials(
    deployed: Deployed, tenant: Tenant, bluesky: FarSide
) -> None:
    stored = deployed.contents()
    for answers in (failed(503, "Down"), failed(429, "RateLimitExceeded")):
        bluesky.answers_next = [answers]
        answer = tenant.api.post("/v1/channels", json=given(bluesky))
        assert (answer.status_code, answer.json()["code"]) == (502, "platform_unavailable")
    answer = tenant.api.post("/v1/channels", json=given(bluesky, server="https://nobody.example"))
    assert (answer.status_code, answer.json()["code"]) == (502, "platform_unavailable")
    assert deployed.contents() == stored


def test_a_server_that_answers_nonsense_is_no_fault_of_ours(deployed: Deployed, tenant: Tenant) -> None:
    import httpx

    stored = deployed.contents()
    for nonsense in (
        httpx.Response(200, text="hello"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"accessJwt": 1}),
        httpx.Response(302, headers={"Location": "https://10.0.0.5/"}),
        httpx.Response(200, content=gzip.compress(b" " * 5_000_000), headers={"Content-Encoding": "gzip"}),
        httpx.Response(400, content=json.dumps({"error": "x" * 900}).encode()),
    ):
        deployed.hosts["odd.example"] = lambda _, said=nonsense: said
        credentials = {"identifier": "a", "app_password": "secret-password", "server": "https://odd.example"}
        answer = tenant.api.post("/v1/channels", json={"provider": "bluesky", "credentials": credentials})
        assert answer.status_code in (422, 502), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "x" * 100 not in answer.text
    assert deployed.contents() == stored


KEY = {"Idempotency-Key": "connect-alice"}


def test_under_a_key_an_account_is_asked_for_once(deployed: Deployed, tenant: Tenant, bluesky: FarSide) -> None:
    first = tenant.api.post("/v1/channels", json=given(bluesky), headers=KEY)
    asked, stored = len(deployed.requests), deployed.contents()
    again = tenant.api.post("/v1/channels", json=given(bluesky), headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert (len(deployed.requests), deployed.contents()) == (asked, stored)
    other = tenant.api.post("/v1/channels", json=given(bluesky, app_password="other-one"), headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert APP_PASSWORD not in repr(stored)


def test_while_it_is_asked_others_with_the_key_are_told_to_wait(
    deployed: Deployed, tenant: Tenant, bluesky: FarSide
) -> None:
    second = deployed.client(Authorization=f"Bearer {tenant.key}", **KEY)
    told: list[tuple[int, str]] = []

    def slowly(request: httpx.Request) -> httpx.Response:
        if not told:
            told.append((0, ""))
            answer = second.post("/v1/channels", json=given(bluesky))
            told[0] = (answer.status_code, answer.json()["code"])
        return bluesky.answer(request)

    deployed.hosts["bsky.example"] = deployed.hosts["enoki.example"] = slowly
    assert tenant.api.post("/v1/channels", json=given(bluesky), headers=KEY).status_code == 201
    assert told == [(409, "idempotency_in_flight")]


def test_what_failed_leaves_its_key_free(deployed: Deployed, tenant: Tenant, bluesky: FarSide) -> None:
    assert tenant.api.post("/v1/channels", json=given(bluesky, app_password="wrong"), headers=KEY).status_code == 422
    assert tenant.api.post("/v1/channels", json=given(bluesky), headers=KEY).status_code == 201
