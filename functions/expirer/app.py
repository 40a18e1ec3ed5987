"""The work table's stream: posts that DynamoDB deleted because their time was over, and what they leave behind."""

from functools import cache
from typing import Any

from edge import clients
from edge.environment import Environment
from edge.logs import logger
from punctual import expiring
from punctual.tables import Table

log = logger("expirer")


class ExpirerEnvironment(Environment):
    work_table: str


@cache
def table() -> Table:
    return clients.table(ExpirerEnvironment.read().work_table)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What fails raises, and the stream gives it again for a day; the template's filter lets nothing else through."""
    gone = [record["dynamodb"] for record in event["Records"]]
    removed = sum(expiring.clear(table(), each["Keys"]["pk"]["S"], each.get("OldImage")) for each in gone)
    log.info("posts expired", extra={"posts": len(gone), "rows": removed})
    return {"rows": removed}
