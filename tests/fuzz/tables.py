"""What the local stack stores, read whole: which items came and which went.

What items hold is not compared, nor is what others write meanwhile: the publisher, and whoever tells events.
"""

from local.stack import Stack
from tests.integration.api.deployed import KEPT

Place = tuple[str, str, str]
_OTHERS = ("attempt#", "live#", "feed#", "told#", "watch", "beat#")


class ReadTables:
    def __init__(self, stack: Stack):
        self._pages = stack.aws("dynamodb").get_paginator("scan")
        self._names = {name: stack.resources[name] for name in KEPT}
        self._before: set[Place] = set()

    def begin(self) -> None:
        self._before = self._places()

    def changes(self) -> list[str]:
        return sorted(f"{table} {sk.partition('#')[0]}" for table, _, sk in self._before ^ self._places())

    def _places(self) -> set[Place]:
        found = set()
        for name, table in self._names.items():
            for page in self._pages.paginate(TableName=table, ConsistentRead=True):
                for item in page["Items"]:
                    place = (name, item["pk"]["S"], item.get("sk", {"S": ""})["S"])
                    if not place[1].startswith(_OTHERS) and not place[2].startswith(_OTHERS):
                        found.add(place)
        return found
