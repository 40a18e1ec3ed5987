"""Every minute: refresh the grants whose time has come."""

from dataclasses import asdict
from functools import cache
from typing import Any

from edge import parts
from edge.environment import HoldsGrants
from edge.logs import logger
from punctual.refreshing import Refreshing

LIMIT = 20
log = logger("token_refresher")


@cache
def refreshing() -> Refreshing:
    return parts.refreshing(HoldsGrants.read())


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    found = asdict(refreshing().sweep(LIMIT))
    if any(found.values()):
        log.info("grants refreshed", extra=found)
    return found
