"""Each fault: what the caller hears, and whether the call was carried out. Against the stand-in and against KMS."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.memory import faults
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.faults import Fault, Faulty
from tests.memory.kms import MemoryKms
from tests.template import create_tables

ITEM = {"pk": "p", "sk": "s"}
PUT: dict[str, Any] = {"TableName": "WorkTable", "Item": ITEM}


class Killed(BaseException):
    """No Exception: nobody catches it by accident."""


def always(client: Any, fault: Fault | None) -> Faulty:
    def policy(operation_name: str, kwargs: dict[str, Any]) -> Fault | None:
        return fault

    return Faulty(client, policy)


def put(fault: Fault | None) -> tuple[BaseException | None, bool]:
    """What a put raised under the fault, and whether the item stands."""
    memory = MemoryDynamoDB()
    create_tables(memory)
    raised: BaseException | None = None
    try:
        always(memory, fault).put_item(**PUT)
    except BaseException as error:  # noqa: BLE001 - Killed, too
        raised = error
    return raised, "Item" in memory.get_item(TableName="WorkTable", Key=ITEM)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.throttle(), "ProvisionedThroughputExceededException"),
        (faults.throttle("ThrottlingException"), "ThrottlingException"),
        (faults.conflict(), "TransactionConflictException"),
    ],
)
def test_a_refused_call_did_not_happen(fault: Fault, code: str) -> None:
    raised, happened = put(fault)
    assert isinstance(raised, ClientError)
    assert (raised.response["Error"]["Code"], raised.operation_name, happened) == (code, "PutItem", False)


@pytest.mark.parametrize(
    ("fault", "error", "carried_out"),
    [
        (None, type(None), True),
        (faults.outage(), EndpointConnectionError, False),
        (faults.lost_acknowledgement(), ReadTimeoutError, True),
        (faults.die(Killed), Killed, False),
        (faults.die(Killed, after=True), Killed, True),
    ],
)
def test_what_is_heard_and_what_happened(fault: Fault | None, error: type, carried_out: bool) -> None:
    raised, happened = put(fault)
    assert (type(raised), happened) == (error, carried_out)


def test_a_refusal_can_get_lost_too() -> None:
    memory = MemoryDynamoDB()
    lost = always(memory, faults.lost_acknowledgement())
    with pytest.raises(ReadTimeoutError):
        lost.put_item(**PUT)


def test_a_transaction_conflicts_at_the_places_named() -> None:
    memory = MemoryDynamoDB()
    create_tables(memory)
    operations = [{"Put": {**PUT, "Item": {**ITEM, "sk": str(number)}}} for number in range(3)]
    with pytest.raises(ClientError) as caught:
        always(memory, faults.conflict(1)).transact_write_items(TransactItems=operations)
    found: Any = caught.value.response
    assert [reason["Code"] for reason in found["CancellationReasons"]] == ["None", "TransactionConflict", "None"]
    assert memory.scan(TableName="WorkTable")["Count"] == 0


@pytest.mark.parametrize(("after", "stood"), [(False, False), (True, True)])
def test_a_stall_lets_time_pass_before_or_after(after: bool, stood: bool) -> None:
    memory = MemoryDynamoDB()
    create_tables(memory)
    slept: list[tuple[float, bool]] = []

    def sleep(seconds: float) -> None:
        slept.append((seconds, "Item" in memory.get_item(TableName="WorkTable", Key=ITEM)))

    always(memory, faults.stall(3.0, sleep, after=after)).put_item(**PUT)
    assert slept == [(3.0, stood)]
    assert "Item" in memory.get_item(TableName="WorkTable", Key=ITEM)


def test_the_policy_sees_each_call_by_its_name_and_arguments() -> None:
    seen = []

    def policy(operation_name: str, kwargs: dict[str, Any]) -> None:
        seen.append((operation_name, kwargs))

    kms = Faulty(MemoryKms("key"), policy)
    made = kms.generate_data_key(KeyId="key", KeySpec="AES_256")
    kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert [name for name, _ in seen] == ["generate_data_key", "decrypt"]
    assert seen[0][1] == {"KeyId": "key", "KeySpec": "AES_256"}
