"""Relations of the template that events rely on."""

from datetime import timedelta
from typing import Any

import pytest

from events import clock
from punctual.events import kinds
from punctual.events.repairs import HELD
from punctual.webhooks.calling import SECONDS
from punctual.webhooks.lanes import LEASE
from tests.memory.stream_filters import passing
from tests.template import template
from tests.unit.test_template import FUNCTIONS, listed, named, queue_event, resources, statements, timeout
from webhook_sender.app import WORKS_FOR

STREAM = FUNCTIONS["EventsFunction"]["Properties"]["Events"]["Stream"]["Properties"]
TOLD = ["post", "delivery#dlv_x", "channel#chn_x", "media#med_x", "workspace", "calendar#cal_x", "beat"]
UNTOLD = [
    "attempt#dlv_x#att_x",
    "media_usage",
    "media_day#2026-11-22",
    "label#x",
    "pause#x",
    "use#med_x#post_x",
    "stack",
]


def record(sk: str) -> dict[str, Any]:
    return {"eventName": "MODIFY", "dynamodb": {"Keys": {"pk": {"S": "x"}, "sk": {"S": sk}}}}


@pytest.mark.parametrize("sk", TOLD + UNTOLD)
def test_the_stream_gives_what_is_told_of_and_nothing_else(sk: str) -> None:
    """Every other record would be paid for."""
    assert passing(STREAM)(record(sk)) == (sk in TOLD)


@pytest.mark.parametrize("sk", UNTOLD)
def test_no_kind_tells_of_what_the_stream_does_not_give(sk: str) -> None:
    assert kinds.of({"pk": "x", "sk": sk}) is None


def test_of_a_stream_that_failed_the_whole_batch_comes_again_and_a_broken_record_keeps_few_waiting() -> None:
    assert STREAM["StartingPosition"] == "TRIM_HORIZON", "LATEST misses what is written while the stack is made"
    assert STREAM["BisectBatchOnFunctionError"] is True
    assert not {"MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "FunctionResponseTypes"} & set(STREAM)


def test_the_stream_has_two_readers() -> None:
    """More are throttled: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""
    reading = [
        name
        for name, found in FUNCTIONS.items()
        for event in found["Properties"].get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    ]
    assert reading == ["ExpirerFunction", "EventsFunction"]


def test_what_is_written_beside_the_feed_wakes_nobody() -> None:
    """A feed that is told of would tell without end; and webhooks' secrets are in no stream."""
    assert "StreamSpecification" not in template()["Resources"]["EventsTable"]["Properties"]


def test_who_tells_events_changes_nothing_that_it_tells_of() -> None:
    work = [s["Action"] for s in statements("EventsFunction") if "WorkTable" in str(s["Resource"])]
    reads = {f"dynamodb:{name}" for name in ("BatchGetItem", "GetItem", "Query", "Scan")}
    assert {action for each in work for action in listed(each)} == reads
    events = [s["Action"] for s in statements("EventsFunction") if "EventsTable" in str(s["Resource"])]
    assert "dynamodb:DeleteItem" not in str(events)


def test_late_events_are_noticed_long_before_the_stream_forgets_them() -> None:
    """It keeps a record for a day."""
    alarm = resources("AWS::CloudWatch::Alarm")["EventsBehindAlarm"]["Properties"]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("IteratorAge", "Maximum")
    assert alarm["Threshold"] == 10 * 60 * 1000


def test_a_sender_is_killed_before_its_lease_ends_and_that_before_its_message_comes_again() -> None:
    visibility = template()["Resources"]["WebhookQueue"]["Properties"]["VisibilityTimeout"]
    assert WORKS_FOR.total_seconds() + SECONDS + 10 < timeout("WebhookSenderFunction"), "the last round ends in time"
    assert timeout("WebhookSenderFunction") < LEASE.total_seconds() < visibility


def test_one_message_is_one_endpoints_and_senders_leave_the_publisher_its_workers() -> None:
    given = queue_event("WebhookSenderFunction")
    assert given["BatchSize"] == 1
    most = given["ScalingConfig"]["MaximumConcurrency"]
    assert most * 10 <= template()["Parameters"]["PublisherConcurrency"]["Default"]


def test_who_calls_strangers_endpoints_reaches_no_grant_no_key_and_no_post() -> None:
    reached = {name for each in statements("WebhookSenderFunction") for name in named(each["Resource"])}
    assert reached == {"EventsTable", "WebhookQueue"}


def test_a_repair_ends_within_its_minute_and_is_held_for_longer_than_whoever_holds_it_lives() -> None:
    timeout = timedelta(seconds=FUNCTIONS["EventsFunction"]["Properties"]["Timeout"])
    assert clock.WORKS_FOR + timedelta(seconds=10) < timeout < HELD
    assert timeout < timedelta(minutes=1)
