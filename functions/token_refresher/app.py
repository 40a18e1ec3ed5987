"""Every minute: refresh the grants whose time has come, and tell whoever must hear of their end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from typing import Any

from edge import clients, parts
from edge.environment import HoldsGrants
from edge.logs import logger
from punctual import clock
from punctual.alerts import Alerts
from punctual.refreshing import Refreshed, Refreshing

LIMIT = 2000
"""Of a shard: so many are shared out fairly by platform; what is behind them waits for a later run."""
WORKERS = 24
"""They wait for platforms nearly all the time."""
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
    until = clock.now() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - LAST_START
    work = refreshing()
    turns = work.turns(LIMIT)
    with ThreadPoolExecutor(WORKERS) as pool:
        parts_done = list(pool.map(lambda _: work.take_turns(turns, until), range(min(WORKERS, len(turns)))))
    found = asdict(sum(parts_done, Refreshed()))
    if any(found.values()):
        log.info("grants refreshed", extra=found)
    return found
