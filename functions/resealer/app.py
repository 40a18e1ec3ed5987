"""Seals anew what the grants table holds: invoked by the person who runs the stack, until `after` is null."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from edge import clients, parts
from edge.environment import KnowsGrantsKey
from edge.logs import logger
from punctual import clock
from punctual.resealing import Resealing

LAST_PAGE = timedelta(seconds=60)
"""Before the end of the invocation: a page of 50 takes some 100 calls of KMS."""
log = logger("resealer")


class ResealerEnvironment(KnowsGrantsKey):
    grants_table: str


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    everything: bool = False
    after: dict[str, str] | None = None


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    asked = Asked.model_validate(event)
    env = ResealerEnvironment.read()
    until = clock.now() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - LAST_PAGE
    resealing = Resealing(clients.table(env.grants_table), parts.vault(env), clock.now)
    found = asdict(resealing.run(until, asked.after, everything=asked.everything))
    log.info("resealed", extra={name: count for name, count in found.items() if name != "after"})
    return found
