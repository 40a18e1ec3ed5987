"""How many requests a key or a person, and all of a workspace together, may make: counted before the call, told after.

A limit that cannot be counted is not held: DynamoDB's troubles with it must not be those of the API.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from math import ceil

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from botocore.exceptions import BotoCoreError, ClientError

from edge import clients
from edge.environment import Environment
from edge.http import Caller
from punctual import clock
from punctual.buckets import Buckets, Level
from punctual.problems import Problem
from punctual.providers.base import Rate
from punctual.tables import Key, Table

log = logging.getLogger("punctual.limits")

BURST_SECONDS = 20
"""A bucket holds what so long a time refills: one key alone cannot use up what API Gateway takes at once."""
_KEPT_IN = "limits"


class LimitsEnvironment(Environment):
    limits_table: str
    key_requests_per_minute: int
    workspace_requests_per_minute: int


@cache
def environment() -> LimitsEnvironment:
    return LimitsEnvironment.read()


@cache
def buckets() -> Buckets:
    return Buckets(Table(clients.hasty_dynamodb(), environment().limits_table))


def count(app: APIGatewayHttpResolver, caller: Caller) -> None:
    """What is left is told on the answer, whatever that will be: see `told`. Raises Problem."""
    rates = _rates()
    if not rates:
        return
    now = clock.now()
    key = _key(caller.workspace_id, now)
    own = {caller.key_id if policy == "key" else policy: rate for policy, rate in rates.items()}
    found = _taken(key, own, now)
    if not found:
        return
    levels = dict(zip(rates, found.values(), strict=True))
    over = {policy: level for policy, level in levels.items() if level.wait}
    app.append_context(**{_KEPT_IN: _headers(rates, over or levels)})
    if over:
        raise _too_many(rates, over, caller)


def hold(workspace_id: str, name: str, per_minute: int, what: str) -> None:
    """For what has a limit of its own: counted by itself. `what` begins the sentence. Raises Problem."""
    now = clock.now()
    found = _taken(_key(workspace_id, now), {name: rate_of(per_minute)}, now)
    if found and found[name].wait:
        seconds = ceil(found[name].wait)
        detail = f"{what} {per_minute} times a minute. Wait {seconds} s."
        raise Problem("rate_limited", detail, retry_after=seconds)


def told(app: APIGatewayHttpResolver) -> Mapping[str, str]:
    headers: Mapping[str, str] = app.context.get(_KEPT_IN, {})
    return headers


def _key(workspace_id: str, now: datetime) -> Key:
    """A new item each day: keys that are used no more leave it, and it expires as a whole."""
    return {"pk": workspace_id, "sk": f"{now:%Y-%m-%d}"}


def _taken(key: Key, rates: Mapping[str, Rate], now: datetime) -> Mapping[str, Level]:
    """Nothing where it could not be counted."""
    try:
        return buckets().take_each(key, rates, now)
    except (BotoCoreError, ClientError) as error:
        log.warning("limits not counted", extra={"fault": type(error).__name__})
        return {}


def _rates() -> dict[str, Rate]:
    """By policy; 0 requests a minute: it is not held."""
    env = environment()
    given = {"key": env.key_requests_per_minute, "workspace": env.workspace_requests_per_minute}
    return {policy: rate_of(per_minute) for policy, per_minute in given.items() if per_minute}


def rate_of(per_minute: int) -> Rate:
    return Rate(per_second=per_minute / 60, burst=max(per_minute * BURST_SECONDS // 60, 1))


def _headers(rates: Mapping[str, Rate], levels: Mapping[str, Level]) -> dict[str, str]:
    """A refusal names the policies that it is for, and their wait; any other answer all, and when they are full."""
    windows = {policy: ceil(rate.burst / rate.per_second) for policy, rate in rates.items()}
    policies = (f'"{policy}";q={rate.burst};w={windows[policy]}' for policy, rate in rates.items())
    left = (f'"{policy}";r={level.left};t={ceil(level.wait or level.full_in)}' for policy, level in levels.items())
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}


def _too_many(rates: Mapping[str, Rate], over: Mapping[str, Level], caller: Caller) -> Problem:
    seconds = max(ceil(level.wait) for level in over.values())
    own = "This person" if caller.is_person else "This API key"
    whose = {"key": own, "workspace": "This workspace, with all its keys,"}
    policy = next(iter(over))
    per_minute = round(rates[policy].per_second * 60)
    detail = f"{whose[policy]} may make {per_minute} requests a minute. Wait {seconds} s."
    return Problem("rate_limited", detail, retry_after=seconds, more={"violated-policies": list(over)})
