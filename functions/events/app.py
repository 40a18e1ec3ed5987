"""The work table's stream, told as events; and a clock, every minute."""

from typing import Any

from edge.logs import logger
from events import clock, deployment
from punctual.events.changes import from_record

log = logger("events")


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    return told(event["Records"]) if "Records" in event else clock.tick()


def told(records: list[dict[str, Any]]) -> dict[str, int]:
    """What fails raises, and the stream gives the whole batch again for a day: what was told of it is told no more.
    Bisecting finds the record that keeps the others waiting, if it is one."""
    workspaces = deployment.telling().tell([from_record(record) for record in records])
    for workspace_id in workspaces:
        deployment.waking().wake(workspace_id)
    log.info("told", extra={"records": len(records), "workspaces": len(workspaces)})
    return {"records": len(records), "workspaces": len(workspaces)}
