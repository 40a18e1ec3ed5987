"""Every minute: refresh the grants whose time has come, and tell whoever must hear of their end."""

from dataclasses import asdict
from datetime import timedelta
from functools import cache
from typing import Any

from edge import clients, parts
from edge.environment import HoldsGrants
from edge.logs import logger
from punctual import clock
from punctual.alerts import Alerts
from punctual.refreshing import Refreshing

LIMIT = 20
LAST_START = timedelta(seconds=25)
"""Before the end of the invocation: a refresh's call may take 20 s, and its answer must be stored."""
log = logger("token_refresher")


class RefresherEnvironment(HoldsGrants):
    alert_topic_arn: str = ""


@cache
def refreshing() -> Refreshing:
    env = RefresherEnvironment.read()
    alerts = Alerts(clients.client("sns"), env.alert_topic_arn) if env.alert_topic_arn else None
    return parts.refreshing(env, alerts)


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    end = clock.now() + timedelta(milliseconds=context.get_remaining_time_in_millis())
    found = asdict(refreshing().sweep(LIMIT, end - LAST_START))
    if any(found.values()):
        log.info("grants refreshed", extra=found)
    return found
