"""When something of ours breaks: a problem without details for the client, a log line without values for us."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.gateway import Route, routes
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused

CAPTION = "a-caption-nobody-may-see"
READS = ("get_item", "query", "put_item", "transact_write_items")
ROUTES = [route for route in routes() if route.function != "SandboxFunction" and not route.is_open]


def throttled(request: dict[str, Any]) -> None:
    raise refused("ProvisionedThroughputExceededException", "GetItem", f"table WorkTable: {CAPTION}")


def unreadable(request: dict[str, Any]) -> None:
    raise ValueError(f"{CAPTION} in {request}")


@pytest.fixture(scope="module")
def tenant(deployed: Deployed) -> Tenant:
    return deployed.tenant()


@pytest.mark.parametrize("breaks", [throttled, unreadable])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_a_broken_table_is_answered_as_a_problem_that_tells_nothing(
    deployed: Deployed,
    tenant: Tenant,
    route: Route,
    breaks: Callable[[dict[str, Any]], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def after_the_authorizer(_: dict[str, Any]) -> None:
        for operation in READS:
            deployed.wire.before(operation, breaks)

    deployed.wire.before("get_item", after_the_authorizer)
    body = {"text": CAPTION, "draft": True} if route.path == "/v1/posts" else {}
    answer = tenant.api.request(route.method, route.example("sandbox"), json=body)
    if deployed.wire.forget() == len(READS):
        assert answer.status_code < 500, "nothing was read"
        return
    assert answer.headers["content-type"] == "application/problem+json"
    members = {"type", "title", "status", "code", "detail", "retryable", "remediation", "request_id"}
    assert set(answer.json()) == members
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    for secret in (CAPTION, "WorkTable", "Throughput", tenant.key, tenant.workspace_id):
        assert secret not in answer.text
    told = [vars(record) for record in caplog.records if record.getMessage() == "fault"]
    assert told
    assert told[0]["where"]
    assert CAPTION not in str(told)


def test_a_broken_table_breaks_nothing_by_half(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    stored = deployed.contents()
    deployed.wire.before("transact_write_items", throttled)
    assert tenant.post("Hello", channel).status_code == 500
    assert deployed.contents() == stored
    assert deployed.scheduler.schedules == {}
    assert deployed.queue.sent == []


def test_a_schedule_that_cannot_be_made_fails_no_request(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("bob")
    deployed.scheduler.fail_next = 1
    post = tenant.posted("Hello", channel, in_minutes=10)
    assert deployed.scheduler.schedules == {}
    deployed.run_clocks()
    deployed.clock.run(minutes=12)
    (delivery,) = tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
    assert (delivery["status"], delivery["woken_by"]) == ("COMPLETED", "sweep")
    assert delivery["lateness_ms"] < 2000


def test_a_broken_keys_table_is_never_an_open_door(deployed: Deployed, tenant: Tenant) -> None:
    deployed.wire.before("get_item", throttled)
    with pytest.raises(Exception, match="Throughput"):
        tenant.api.get("/v1/me")
