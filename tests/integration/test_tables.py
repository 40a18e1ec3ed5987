import json

import boto3
import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from punctual.tables import Change, Table
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.faults import Faulty, conflict
from tests.template import create_tables

KEY = {"pk": "p", "sk": "s"}


def test_numbers_come_back_as_json_knows_them_however_deep(aws: None) -> None:
    client = boto3.resource("dynamodb", region_name="eu-central-1").meta.client
    table = Table(client, create_tables(client)["WorkTable"])
    table.put({**KEY, "error": {"status": 422, "shares": [0.5, 1]}, "none": None})
    found = table.update(KEY, Change(set={"more": {"lat": 1.25}}), Attr("pk").exists())
    assert json.loads(json.dumps(found)) == {**KEY, "error": {"status": 422, "shares": [0.5, 1]}, "more": {"lat": 1.25}}
    assert table.get(KEY) == found


def test_a_single_write_outlasts_a_transaction_in_its_way_but_not_for_ever() -> None:
    memory, slept = MemoryDynamoDB(), list[float]()
    name = create_tables(memory)["WorkTable"]
    left = [conflict()] * 3
    passing = Table(Faulty(memory, lambda *_: left.pop() if left else None), name, slept.append)
    passing.put({**KEY, "done": True})
    assert (len(slept), memory.get_item(TableName=name, Key=KEY)["Item"]["done"]) == (3, True)
    lasting = Table(Faulty(memory, lambda *_: conflict()), name, slept.append)
    with pytest.raises(ClientError):
        lasting.put({**KEY, "done": False})
    assert sum(slept) < 5
