"""Messages that failed five times: every delivery gets a named end or goes on, whatever killed its messages."""

import json
from datetime import timedelta
from typing import Any

import pytest

from punctual import deliveries
from punctual.attempts import Attempts
from punctual.clock import to_text
from punctual.deliveries import Deliveries, Delivery
from punctual.messages import Ended, Message, Step, Wake
from punctual.tables import Change
from tests.integration.api.deployed import Deployed, sqs_event
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused

LIVE = [{"platform_id": "1234", "url": "https://social.example/1234", "live_at": "2026-11-22T16:00:00.000Z"}]
CAPTION = "a-caption-nobody-may-see"
UNREADABLE = {"max_delay_seconds": "a while"}


@pytest.fixture
def post(tenant: Tenant) -> dict[str, Any]:
    return tenant.posted("Hello", tenant.connect("ada"), in_minutes=30, max_delay_seconds=600)


class Bench:
    """One post's only delivery, by its attributes."""

    def __init__(self, deployed: Deployed, tenant: Tenant, post: dict[str, Any]):
        self.deployed, self.tenant, self.post = deployed, tenant, post
        self.table = deployed.table("WorkTable")
        self.key = deliveries.key(post["id"], post["deliveries"][0]["id"])

    def put(self, **attributes: Any) -> None:
        if attributes:
            self.table.update(self.key, Change(set=attributes))

    def item(self) -> dict[str, Any]:
        return self.table.get(self.key) or {}

    def delivery(self) -> Delivery:
        return deliveries.read(self.item())

    def step(self) -> Step:
        given = {"workspace_id": self.tenant.workspace_id, "post_id": self.post["id"], "rev": 1, "woken_by": "sweep"}
        return Step.model_validate({**given, "delivery_id": self.post["deliveries"][0]["id"]})

    def bury(self, *messages: Message | str) -> list[str]:
        """Which of them come again."""
        bodies = [each if isinstance(each, str) else each.model_dump_json() for each in messages or (self.step(),)]
        answer = self.deployed.invoke("DeadLettersFunction", sqs_event(*bodies))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def past(self) -> None:
        """Time goes by, and nothing else happens."""
        self.deployed.clock.sleep(45 * 60)

    def post_status(self) -> str:
        item = self.table.get({"pk": self.post["id"], "sk": "post"}) or {}
        return str(item["status"])


@pytest.fixture
def bench(deployed: Deployed, tenant: Tenant, post: dict[str, Any]) -> Bench:
    return Bench(deployed, tenant, post)


def has_clock(item: dict[str, Any]) -> bool:
    assert ("next_at" in item) == ("due_shard" in item)
    return "next_at" in item


def test_a_delivery_whose_provider_is_gone_ends_missed_once_its_time_is_over(bench: Bench) -> None:
    deployed, post = bench.deployed, bench.post
    bench.put(provider="gone")
    deployed.run_clocks()
    deployed.clock.run(minutes=40)
    assert deployed.queue.dead, "the publisher must have failed five times"
    before = bench.item()
    assert bench.bury(*deployed.queue.dead) == []
    assert {**bench.item(), "next_at": ""} == {**before, "next_at": ""}, "its clock still has a future"
    deployed.clock.run(minutes=10)
    assert bench.bury(deployed.queue.dead[-1]) == []
    (delivery,) = (found := bench.tenant.api.get(f"/v1/posts/{post['id']}").json())["deliveries"]
    assert (delivery["status"], delivery["error"]["code"], found["status"]) == ("MISSED", "dead_letter", "MISSED")
    assert delivery["completed_at"]
    assert bench.post_status() == "MISSED"
    assert not has_clock(bench.item())
    deployed.queue.dead.clear()


@pytest.mark.parametrize(
    ("attributes", "status", "is_readable"),
    [
        ({}, "MISSED", True),
        ({"live": LIVE}, "PARTIAL", True),
        ({"status": "READY"}, "MISSED", True),
        ({"status": "HELD"}, "MISSED", True),
        ({"status": "PUBLISHING"}, "MISSED", True),
        (UNREADABLE, "ERROR", False),
        ({**UNREADABLE, "live": LIVE}, "PARTIAL", False),
        ({**UNREADABLE, "sending_at": "2026-11-22T16:00:00.000Z"}, "UNCONFIRMED", False),
        ({**UNREADABLE, "live": LIVE, "sending_at": "2026-11-22T16:00:00.000Z"}, "UNCONFIRMED", False),
        ({**UNREADABLE, "status": "UNCONFIRMED"}, "UNCONFIRMED", False),
        ({"status": "WAITING"}, "ERROR", False),
        ({"fence": "none"}, "ERROR", False),
        ({"provider": {"of": "a kind"}}, "ERROR", False),
    ],
    ids=lambda value: str(value)[:60],
)
def test_whatever_it_looks_like_it_ends_with_a_name_and_so_does_its_post(
    bench: Bench, attributes: dict[str, Any], status: str, is_readable: bool
) -> None:
    bench.put(**attributes)
    if is_readable:
        bench.past()
    assert bench.bury() == []
    item = bench.item()
    assert (item["status"], bench.post_status()) == (status, status)
    assert item["error"]["code"] == "dead_letter"
    assert item["error"]["message"]
    assert not has_clock(item)
    assert ("completed_at" in item) == (status != "UNCONFIRMED")
    assert bench.bury() == []
    assert bench.item()["status"] == status


@pytest.mark.parametrize("status", ["SCHEDULED", "READY", "HELD", "PUBLISHING", "UNCONFIRMED"])
def test_what_has_time_left_is_left_to_the_sweep(bench: Bench, status: str) -> None:
    bench.put(status=status)
    before = bench.item()
    assert bench.bury() == []
    assert bench.item() == before


@pytest.mark.parametrize("attributes", [{}, UNREADABLE], ids=["readable", "unreadable"])
def test_what_a_worker_holds_is_left_to_it(bench: Bench, attributes: dict[str, Any]) -> None:
    bench.past()
    bench.put(leased_until=to_text(bench.deployed.clock.now() + timedelta(seconds=30)), **attributes)
    before = bench.item()
    assert bench.bury() == []
    assert bench.item() == before
    bench.deployed.clock.sleep(31)
    bench.bury()
    assert bench.item()["status"] in ("MISSED", "ERROR")


def test_what_may_be_live_is_called_so_and_looked_for_a_day_more(bench: Bench) -> None:
    """The look is what may still find out; when it dies for a day as well, only a person can."""
    bench.past()
    sent_at = bench.delivery().due_at
    bench.put(status="PUBLISHING", sending_at=to_text(sent_at), first_sent_at=to_text(sent_at))
    assert bench.bury() == []
    item = bench.item()
    assert (item["status"], item["error"]["code"], bench.post_status()) == ("UNCONFIRMED", "dead_letter", "UNCONFIRMED")
    assert has_clock(item)
    assert item["sending_at"] == to_text(sent_at)
    assert bench.bury() == []
    assert bench.item() == item
    bench.deployed.clock.sleep(86_400)
    assert bench.bury() == []
    assert (bench.item()["status"], has_clock(bench.item())) == ("UNCONFIRMED", False)


def test_what_the_look_finds_in_that_day_is_told(bench: Bench) -> None:
    targets = [{"channel_id": bench.tenant.connect("bob"), "settings": {"protection": "search"}}]
    post = bench.tenant.posted("[sandbox:error_after]", targets=targets, in_minutes=5, max_delay_seconds=0)
    other = Bench(bench.deployed, bench.tenant, post)
    bench.deployed.clock.run(minutes=5, seconds=1)
    assert other.item()["sending_at"]
    other.deployed.clock.sleep(60)
    other.bury()
    assert other.item()["status"] == "UNCONFIRMED"
    other.deployed.clock.sleep(60)
    other.deployed.invoke("SweeperFunction", {})
    other.deployed.clock.run(minutes=2)
    assert (other.item()["status"], other.post_status()) == ("COMPLETED", "COMPLETED")


@pytest.mark.parametrize("status", ["COMPLETED", "ERROR", "PARTIAL", "MISSED", "CANCELLED"])
def test_what_is_over_stays_as_it_is(bench: Bench, status: str) -> None:
    bench.put(status=status, **UNREADABLE)
    bench.past()
    before = bench.deployed.contents()
    assert bench.bury() == []
    assert bench.deployed.contents() == before


def test_what_is_about_nothing_changes_nothing(bench: Bench) -> None:
    bench.past()
    before = bench.deployed.contents()
    gone = bench.step().model_copy(update={"delivery_id": "dlv_none"})
    wake = Wake(workspace_id=bench.tenant.workspace_id, post_id=bench.post["id"], rev=1, woken_by="schedule")
    assert bench.bury("no message of ours", "[1]", "{}", gone, wake) == []
    assert bench.deployed.contents() == before


def test_who_claims_it_at_the_same_moment_wins(bench: Bench) -> None:
    bench.past()

    def claim(_: dict[str, Any]) -> None:
        store = Deliveries(bench.table)
        store.claim(bench.delivery(), "att_1", bench.deployed.clock.now() + timedelta(seconds=75))

    bench.deployed.wire.before("update_item", claim)
    assert bench.bury() == []
    assert (bench.item()["status"], bench.item()["attempt_id"]) == ("SCHEDULED", "att_1")


def test_a_worker_that_lost_its_lease_writes_nothing_more(bench: Bench) -> None:
    store = Deliveries(bench.table)
    bench.past()
    held = store.claim(bench.delivery(), "att_1", bench.deployed.clock.now())
    bench.bury()
    with pytest.raises(deliveries.Fenced):
        store.write(held, text="Too late")


def test_what_an_attempt_found_out_is_told_however_late(bench: Bench) -> None:
    attempts = Attempts(bench.table, bench.deployed.clock.now)
    attempts.begin("att_1", bench.delivery(), "publish", "request")
    ids = bench.step().model_dump(exclude={"woken_by"})
    bench.bury(Ended.model_validate({**ids, "attempt_id": "att_1", "outcome": "published", "platform_id": "1234"}))
    (attempt,) = attempts.of_post(bench.post["id"])
    assert (attempt.outcome, attempt.platform_id) == ("published", "1234")
    assert bench.bury(Ended.model_validate({**ids, "attempt_id": "att_gone", "outcome": "rejected"})) == []


@pytest.mark.parametrize("operation", ["get_item", "update_item", "query"])
def test_a_fault_of_aws_ends_no_delivery_and_the_message_comes_again(bench: Bench, operation: str) -> None:
    bench.past()
    before = bench.deployed.contents()
    bench.deployed.wire.before(operation, throttled)
    other = bench.step().model_copy(update={"delivery_id": "dlv_none"})
    assert bench.bury(bench.step(), other) == ["message-0"]
    if operation != "query":
        assert bench.deployed.contents() == before
    bench.deployed.wire.forget()
    assert bench.bury() == []
    assert bench.item()["status"] == "MISSED"
    bench.deployed.invoke("SweeperFunction", {})
    assert bench.post_status() == "MISSED"


def throttled(_: dict[str, Any]) -> None:
    raise refused("ProvisionedThroughputExceededException", "GetItem")


def test_the_logs_name_ids_and_what_became_of_them_only(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.put(text={"caption": CAPTION})
    bench.bury(bench.step(), json.dumps({"caption": CAPTION}))
    said = {record.getMessage(): vars(record) for record in caplog.records}
    assert said["dead letter"]["became"] == "ERROR"
    assert said["dead letter"]["delivery_id"] == bench.post["deliveries"][0]["id"]
    assert {"a delivery cannot be read", "not a message of ours"} <= set(said)
    assert CAPTION not in str(said)
