"""`param` says where: a pointer into the body, or the name of a query parameter or of a header; `rule` what."""

from typing import Any

import pytest

from punctual.outcome_codes import OUTCOME_CODES
from punctual.rules import RULES
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

DRAFT = {"text": "Hello", "draft": True}


@pytest.mark.parametrize(
    ("body", "param", "rule"),
    [
        ({"text": "Hello"}, "", "timing.exactly_one"),
        ({**DRAFT, "schedule": "now"}, "", "timing.exactly_one"),
        ({"text": "Hello", "scheduled_at": 1_900_000_000}, "/scheduled_at", "time.rfc3339"),
        ({"text": "Hello", "scheduled_at": "2027-01-31"}, "/scheduled_at", "time.rfc3339"),
        ({"text": "Hello", "scheduled_at": "2027-01-31T09:00:00"}, "/scheduled_at", "format"),
        ({"text": "Hello", "scheduled_at": "2300-01-31T09:00:00Z"}, "/scheduled_at", "time.range"),
        ({"text": "Hello", "schedule": "later"}, "/schedule", "choice"),
        ({**DRAFT, "text": ""}, "/text", "min_length"),
        ({**DRAFT, "labels": ["a"] * 11}, "/labels", "max_length"),
        ({**DRAFT, "labels": [" a"]}, "/labels/0", "pattern"),
        ({**DRAFT, "targets": [{}]}, "/targets/0/channel_id", "required"),
        ({**DRAFT, "a/b~": 1}, "/a~1b~0", "unknown"),
        ({**DRAFT, "max_delay_seconds": "soon"}, "/max_delay_seconds", "type"),
        ({**DRAFT, "max_delay_seconds": -1}, "/max_delay_seconds", "minimum"),
        ({**DRAFT, "metadata": []}, "/metadata", "type"),
        ({**DRAFT, "timezone": "Nowhere/Land"}, "/timezone", "format"),
    ],
)
def test_of_a_body_it_is_a_pointer(tenant: Tenant, body: dict[str, Any], param: str, rule: str) -> None:
    answer = tenant.api.post("/v1/posts", json=body)
    assert answer.status_code == 422
    found = {fault["param"]: fault["rule"] for fault in answer.json()["errors"]}
    assert found.get(param) == rule
    assert rule in RULES


@pytest.mark.parametrize(
    ("query", "param", "rule"),
    [
        ("limit=0", "limit", "minimum"),
        ("limit=x", "limit", "format"),
        ("status=GONE", "status", "choice"),
        ("from=2027", "from", "time.rfc3339"),
        ("colour=red", "colour", "unknown"),
        ("cursor=x", "cursor", "invalid_cursor"),
    ],
)
def test_of_a_query_it_is_the_parameters_name(tenant: Tenant, query: str, param: str, rule: str) -> None:
    answer = tenant.api.get(f"/v1/posts?{query}")
    assert [(fault["param"], fault["rule"]) for fault in answer.json()["errors"]] == [(param, rule)]


def test_of_a_header_it_is_the_headers_name(tenant: Tenant) -> None:
    post = tenant.drafted()
    stale = tenant.api.patch(f"/v1/posts/{post['id']}", json={"text": "Other"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["errors"][0]["param"]) == (412, "If-Match")
    odd = tenant.api.post("/v1/posts", json=DRAFT, headers={"Idempotency-Key": "a b"})
    assert (odd.status_code, odd.json()["errors"][0]["param"]) == (400, "Idempotency-Key")
    tenant.api.post("/v1/posts", json=DRAFT, headers={"Idempotency-Key": "a"})
    other = tenant.api.post("/v1/posts", json={**DRAFT, "text": "Other"}, headers={"Idempotency-Key": "a"})
    assert (other.status_code, other.json()["errors"][0]["param"]) == (422, "Idempotency-Key")


def test_a_deliverys_error_says_what_to_do(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    post = tenant.posted("Hello", channel, in_minutes=5)
    assert tenant.api.delete(f"/v1/channels/{channel}").status_code == 200
    deployed.clock.run(minutes=6)
    (delivery,) = tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
    assert delivery["error"] == {
        "code": "channel_deleted",
        "message": "Its channel was disconnected before this post was due.",
        "retryable": False,
        "remediation": OUTCOME_CODES["channel_deleted"].remediation,
    }


def test_a_refusal_among_many_names_the_request_too(deployed: Deployed, tenant: Tenant) -> None:
    """The delivery is tried again by somebody else, at the same moment."""
    channel = tenant.connect("ada")
    post = tenant.posted("[sandbox:reject] Hello", channel, in_minutes=5)
    since = tenant.later(0)
    deployed.clock.run(minutes=6)
    delivery = post["deliveries"][0]["id"]
    path = f"/v1/posts/{post['id']}/deliveries/{delivery}/retry"
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["status"] == "ERROR"
    deployed.wire.before("transact_write_items", lambda _: tenant.api.post(path))
    (found,) = tenant.api.post("/v1/posts/retry", json={"channel_id": channel, "since": since}).json()["data"]
    assert (found["status"], found["problem"]["code"]) == (409, "in_progress")
    assert found["problem"]["request_id"]
