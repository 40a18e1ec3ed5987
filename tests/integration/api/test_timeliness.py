"""Timeliness as the API tells it: ours and theirs apart, exact percentiles, and what does not count as ours."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from punctual.attempts import Attempts
from punctual.clock import to_text
from punctual.deliveries import Deliveries
from punctual.messages import Ended
from punctual.states import DeliveryStatus
from punctual.timeliness import spread
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

DAY = {"day", "provider", "count", "excluded", "missed", "dispatch", "platform"}


def report(tenant: Tenant, **query: str) -> list[dict[str, Any]]:
    answer = tenant.api.get("/v1/metrics/timeliness", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    found: list[dict[str, Any]] = answer.json()["data"]
    assert all(set(day) == DAY for day in found)
    return found


def only(tenant: Tenant) -> dict[str, Any]:
    (day,) = report(tenant)
    return day


def counts(day: dict[str, Any]) -> tuple[int, int, int]:
    return day["count"], day["excluded"], day["missed"]


def went_out(deployed: Deployed, tenant: Tenant, channel: str, lateness_ms: int, platform_ms: int, **more: Any) -> Any:
    """A post as the publisher leaves it."""
    post = tenant.posted("Hello", channel, in_minutes=0.5)
    deliveries = Deliveries(deployed.table("WorkTable"))
    (seen,) = deliveries.of_post(post["id"])
    changes = {"lateness_ms": lateness_ms, "platform_ms": platform_ms, **more}
    deliveries.write(seen, status=DeliveryStatus.COMPLETED, **changes)
    deployed.clock.run(minutes=1)
    return post


def test_percentiles_are_exact_by_nearest_rank() -> None:
    found = spread([*range(1, 101)][::-1])
    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.worst_ms) == (50, 95, 99, 100)
    few = spread([30, 10, 20])
    assert (few.p50_ms, few.p95_ms, few.p99_ms, few.worst_ms) == (20, 30, 30, 30)
    none = spread([])
    assert (none.p50_ms, none.p95_ms, none.p99_ms, none.worst_ms) == (None, None, None, None)


def test_ours_and_theirs_are_told_apart(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    for lateness_ms, platform_ms in ((5, 300), (1500, 100), (10, 200)):
        went_out(deployed, tenant, channel, lateness_ms, platform_ms)
    day = only(tenant)
    assert (day["day"], day["provider"], counts(day)) == (to_text(deployed.clock.now())[:10], "sandbox", (3, 0, 0))
    assert day["dispatch"] == {"p50_ms": 10, "p95_ms": 1500, "p99_ms": 1500, "worst_ms": 1500}
    assert day["platform"] == {"p50_ms": 200, "p95_ms": 300, "p99_ms": 300, "worst_ms": 300}


def test_what_was_late_for_no_reason_but_ours_counts(deployed: Deployed, tenant: Tenant) -> None:
    went_out(deployed, tenant, tenant.connect("ada"), 60_000, 100)
    assert (counts(only(tenant)), only(tenant)["dispatch"]["worst_ms"]) == ((1, 0, 0), 60_000)


@pytest.mark.parametrize("outcome", ["done", "no_time_left", None])
def test_what_our_own_workers_lost_counts(deployed: Deployed, tenant: Tenant, outcome: str | None) -> None:
    """A worker that died left an attempt without an outcome."""
    channel = tenant.connect("ada")
    deployed.clock.sleep(60)
    post = went_out(deployed, tenant, channel, 60_000, 100)
    table = deployed.table("WorkTable")
    attempts, (sent,) = Attempts(table, deployed.clock.now), Deliveries(table).of_post(post["id"])
    attempts.begin("att_1", sent, "publish", "request")
    if outcome:
        of_attempt = {"workspace_id": tenant.workspace_id, "post_id": post["id"], "delivery_id": sent.id, "rev": 1}
        attempts.end(Ended(**of_attempt, attempt_id="att_1", outcome=outcome))
    assert counts(only(tenant)) == (1, 0, 0)


def test_what_a_person_tried_again_is_left_out_unless_it_was_on_time(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    went_out(deployed, tenant, channel, 60_000, 100, retried_at=deployed.clock.now())
    went_out(deployed, tenant, channel, 7, 200, retried_at=deployed.clock.now())
    day = only(tenant)
    assert (counts(day), day["dispatch"]["worst_ms"], day["platform"]["worst_ms"]) == ((1, 1, 0), 7, 200)


@pytest.mark.parametrize("script", ["rate_limit=2", "error_before=2", "unready=2"])
def test_what_the_platform_kept_waiting_is_left_out(deployed: Deployed, tenant: Tenant, script: str) -> None:
    post = tenant.posted(f"[sandbox:{script}]", tenant.connect("ada"), in_minutes=5)
    deployed.clock.run(minutes=10)
    (delivery,) = tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
    assert delivery["lateness_ms"] > 2000, delivery
    assert counts(only(tenant)) == (0, 1, 0)


def test_what_waited_for_its_channel_is_left_out(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("[sandbox:revoked]", tenant.connect("ada"), in_minutes=5)
    deployed.clock.run(minutes=6)
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["status"] == "HELD"
    assert report(tenant) == []
    tenant.connect("ada")
    deployed.invoke("SweeperFunction", {})
    deployed.clock.run(minutes=3)
    deployed.invoke("SweeperFunction", {})
    deployed.clock.run(minutes=3)
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["status"] == "COMPLETED"
    assert counts(only(tenant)) == (0, 1, 0)


@pytest.mark.parametrize("whose", ["workspace", "stack"])
def test_what_waited_for_a_pause_to_end_is_left_out(deployed: Deployed, tenant: Tenant, whose: str) -> None:
    channel = tenant.connect("ada")
    given = {"workspace_id": tenant.workspace_id} if whose == "workspace" else {}
    deployed.admin(f"pause_{whose}", **given)
    deployed.clock.sleep(120)
    deployed.admin(f"resume_{whose}", **given)
    went_out(deployed, tenant, channel, 90_000, 100)
    deployed.admin(f"pause_{whose}", **given)
    deployed.clock.sleep(120)
    assert counts(only(tenant)) == (0, 1, 0), "the pause lasts, and the call began in it"
    deployed.admin(f"resume_{whose}", **given)
    assert counts(only(tenant)) == (0, 1, 0)
    went_out(deployed, tenant, channel, 30_000, 100)
    assert counts(only(tenant)) == (1, 1, 0), "a pause that was over before is no excuse"
    deployed.clock.sleep(120)
    deployed.admin(f"pause_{whose}", **given)
    deployed.clock.sleep(120)
    deployed.admin(f"resume_{whose}", **given)
    assert counts(only(tenant)) == (1, 1, 0), "nor is one that came after"


def test_what_waited_for_the_consent_after_a_restore_is_left_out(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    deployed.wire.put_item(TableName="WorkTable", Item={"pk": "stack", "sk": "stack", "table_id": "another"})
    went_out(deployed, tenant, channel, 90_000, 100)
    deployed.admin("resume_stack")
    deployed.clock.sleep(60)
    went_out(deployed, tenant, channel, 90_000, 100)
    assert counts(only(tenant)) == (1, 1, 0)


def test_what_was_never_sent_shows_as_missed(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    went_out(deployed, tenant, channel, 5, 100)
    post = tenant.posted("Hello", channel, in_minutes=5)
    deliveries = Deliveries(deployed.table("WorkTable"))
    deliveries.write(deliveries.of_post(post["id"])[0], status=DeliveryStatus.MISSED)
    tenant.posted("Later", channel, in_minutes=60)
    deployed.clock.run(minutes=6)
    assert counts(only(tenant)) == (1, 0, 1)


def test_days_and_providers_are_told_apart_and_asked_for(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    first = deployed.clock.now()
    went_out(deployed, tenant, channel, 5, 100)
    deployed.clock.sleep(8 * 86_400)
    went_out(deployed, tenant, channel, 6, 100)
    assert [day["dispatch"]["worst_ms"] for day in report(tenant)] == [6], "the last seven days"
    since = to_text(first)
    days = report(tenant, **{"from": since})
    assert [day["dispatch"]["worst_ms"] for day in days] == [5, 6]
    assert [day["day"] for day in days] == sorted(day["day"] for day in days)
    due_at = tenant.api.get("/v1/posts").json()["data"][0]["scheduled_at"]
    until = {"from": since, "to": due_at}
    assert report(tenant, **until) == [], "`to` is not included"
    a_moment_later = to_text(datetime.fromisoformat(due_at) + timedelta(milliseconds=1))
    assert len(report(tenant, **{"from": due_at, "to": a_moment_later})) == 1, "`from` is"
    assert len(report(tenant, **{"from": since, "provider": "sandbox"})) == 2
    assert report(tenant, provider="mastodon") == report(tenant, provider="nosuch") == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "1800000000"}, "to"),
        ({"provider": ""}, "provider"),
        ({"colour": "red"}, "colour"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-02-02T00:00:00Z"}, "from"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from"),
        ({"from": "2199-01-01T00:00:00Z"}, "from"),
    ],
    ids=str,
)
def test_a_span_that_makes_no_sense_is_refused(tenant: Tenant, query: dict[str, str], param: str) -> None:
    answer = tenant.api.get("/v1/metrics/timeliness", params=query)
    assert (answer.status_code, [fault["param"] for fault in answer.json()["errors"]]) == (422, [param])


def test_only_ones_own_workspace_is_told_of(deployed: Deployed, tenant: Tenant) -> None:
    went_out(deployed, tenant, tenant.connect("ada"), 5, 100)
    other = deployed.tenant()
    assert report(other) == []
    went_out(deployed, other, other.connect("bob"), 9, 100)
    assert (only(tenant)["dispatch"]["worst_ms"], only(other)["dispatch"]["worst_ms"]) == (5, 9)
