"""The work table's stream, told as events; and a clock, every minute.

`{"repair": true}`, by a person: whatever the feed lacks is told from the table.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from edge.logs import logger
from events import clock, deployment
from punctual.events.changes import from_record

WORKERS = 8
"""Workspaces of a batch side by side: those of a busy stack are many, and each takes some four calls."""
log = logger("events")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    if "Records" in event:
        return told(event["Records"])
    return clock.ask_for_repair() if event.get("repair") else clock.tick()


def told(records: list[dict[str, Any]]) -> dict[str, int]:
    """What fails raises, and the stream gives the whole batch again for a day: what was told of it is told no more.
    Bisecting finds the record that keeps the others waiting, if it is one."""
    changes = [from_record(record) for record in records]
    repairs = deployment.repairs()
    old_was_told, began = not repairs.is_settled(), repairs.began(min(each.at for each in changes))
    with ThreadPoolExecutor(WORKERS) as pool:
        workspaces = deployment.telling().tell(changes, old_was_told=old_was_told, repaired_at=began, each=pool.map)
        list(pool.map(deployment.waking().wake, workspaces))
    deployment.watching().look(changes)
    log.info("told", extra={"records": len(records), "workspaces": len(workspaces)})
    return {"records": len(records), "workspaces": len(workspaces)}
