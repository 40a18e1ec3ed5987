"""What the routes of events and webhooks work with, as this function's environment says."""

from functools import cache

from edge import clients
from edge.environment import Environment
from punctual import clock
from punctual.events.feed import Feed


class WebhooksEnvironment(Environment):
    events_table: str
    public_url: str = ""


@cache
def environment() -> WebhooksEnvironment:
    return WebhooksEnvironment.read()


@cache
def feed() -> Feed:
    return Feed(clients.table(environment().events_table), clock.now)
