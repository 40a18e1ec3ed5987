"""Lists, read to their end, and what each page asks of DynamoDB, counted from its requests and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from punctual.clock import now
from punctual.deliveries import Deliveries
from punctual.listing import Filter, Listing
from punctual.posts import Posts
from punctual.tables import Table
from tests.benchmarks.lists.filling import WORKSPACE, fill
from tests.integration.counting import read_units
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.values import item_size
from tests.template import create_tables

LIMIT = 50


@dataclass(frozen=True)
class Cost:
    """Of one page. `bytes` are of the items that DynamoDB reads for it, as AWS counts them."""

    posts: int = 0
    queries: int = 0
    examined: int = 0
    batches: int = 0
    fetched: int = 0
    bytes: int = 0
    read_units: float = 0
    others: int = 0

    def plus(self, **more: float) -> "Cost":
        return Cost(**{name: value + more.get(name, 0) for name, value in vars(self).items()})


@dataclass
class Meter:
    """A client of DynamoDB that counts what is read through it."""

    client: Any
    cost: Cost = field(default_factory=Cost)

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, name)

    def _call(self, name: str, **given: Any) -> Any:
        answer = getattr(self.client, name)(**given)
        self.cost = self.cost.plus(**_counted(name, answer), read_units=read_units(name, given, answer))
        return answer


def _counted(name: str, answer: Mapping[str, Any]) -> dict[str, int]:
    if name == "query":
        size = sum(map(item_size, answer["Items"]))
        return {"queries": 1, "examined": answer["ScannedCount"], "bytes": size}
    if name == "batch_get_item":
        found = [item for items in answer["Responses"].values() for item in items]
        return {"batches": 1, "fetched": len(found), "bytes": sum(map(item_size, found))}
    return {"others": 1}


@dataclass
class Workspace:
    """Of so many posts."""

    count: int

    def __post_init__(self) -> None:
        memory = MemoryDynamoDB()
        create_tables(memory)
        fill(Table(memory, "WorkTable"), self.count)
        self.meter = Meter(memory)
        table = Table(self.meter, "WorkTable")
        self.listing = Listing(Posts(table, Deliveries(table), now))

    def pages(self, wanted: Filter, *, oldest_first: bool = True) -> list[Cost]:
        """Of every page, up to the one after which there is nothing more."""
        found = []
        cursor = None
        while True:
            self.meter.cost = Cost()
            posts, cursor = self.listing.page(WORKSPACE, wanted, LIMIT, cursor, oldest_first=oldest_first)
            found.append(self.meter.cost.plus(posts=len(posts)))
            if cursor is None:
                return found
