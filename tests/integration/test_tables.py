import json

from boto3.dynamodb.conditions import Attr

from punctual.tables import Change
from tests.integration.world import World


def test_numbers_come_back_as_json_knows_them_however_deep(aws: None) -> None:
    table = World().work
    table.put({"pk": "p", "sk": "s", "error": {"status": 422, "shares": [0.5, 1]}, "none": None})
    found = table.update({"pk": "p", "sk": "s"}, Change(set={"more": {"lat": 1.25}}), Attr("pk").exists())
    assert json.loads(json.dumps(found)) == {
        "pk": "p",
        "sk": "s",
        "error": {"status": 422, "shares": [0.5, 1]},
        "more": {"lat": 1.25},
    }
    assert table.get({"pk": "p", "sk": "s"}) == found
