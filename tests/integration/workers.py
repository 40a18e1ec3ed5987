"""Publishers with parts of their own: clients that fail, a far side that answers otherwise."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from punctual.attempts import Attempts
from punctual.buckets import Buckets
from punctual.channels import Channels
from punctual.deliveries import Deliveries
from punctual.grants.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.messages import Queue
from punctual.pauses import Pauses
from punctual.posts import Posts
from punctual.providers import Providers
from punctual.publishing import Publishing
from punctual.refreshing import Refreshing
from punctual.tables import Table
from tests.integration.world import World
from tests.memory.faults import Call, Fault, Faulty
from tests.sandbox_bridge import loopback

Respond = Callable[[httpx.Request], httpx.Response]
Asked = Callable[[str, Mapping[str, Any]], bool]


def worker(
    world: World,
    *,
    dynamodb: Any = None,
    sqs: Any = None,
    s3: Any = None,
    respond: Respond | None = None,
    **replaced: Any,
) -> Publishing:
    now, client = world.clock.now, dynamodb or world.dynamodb
    work = Table(client, world.names["WorkTable"], world.clock.sleep)
    deliveries, channels = Deliveries(work), Channels(work, now)
    transport = httpx.MockTransport(respond or world.answer)
    providers = Providers(GuardedHttp(transport=transport, resolve=loopback, allow_private=True), now, sandbox=True)
    grants = Grants(Table(client, world.names["GrantsTable"], world.clock.sleep), world.vault, now)
    return world.worker(
        **{
            "posts": Posts(work, deliveries, now),
            "deliveries": deliveries,
            "attempts": Attempts(work, now),
            "channels": channels,
            "pauses": Pauses(work, now),
            "buckets": Buckets(work),
            "refreshing": Refreshing(grants, channels, providers, now, sleep=world.clock.sleep),
            "providers": providers,
            "shelf": world.files.shelf(work, s3),
            "queue": Queue(sqs or world.sqs, "queue"),
            **replaced,
        }
    )


def once(asked: Asked, fault: Fault) -> Callable[[str, dict[str, Any]], Fault | None]:
    """A policy: the first call that `asked` picks meets the fault."""
    left = [fault]

    def policy(name: str, kwargs: dict[str, Any]) -> Fault | None:
        return left.pop() if left and asked(name, kwargs) else None

    return policy


def meanwhile(what: Callable[[], object], *, after: bool = False) -> Fault:
    """Something else happens just before the call is carried out, or just after it."""

    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        if after:
            answer = call()
            what()
            return answer
        what()
        return call()

    return fault


def writes(**attributes: Any) -> Asked:
    """Updates that set these attributes; None stands for any value."""

    def asked(name: str, kwargs: Mapping[str, Any]) -> bool:
        if name != "update_item":
            return False
        given = kwargs.get("ExpressionAttributeValues", {})
        return all(f":{key}" in given and value in (None, given[f":{key}"]) for key, value in attributes.items())

    return asked


def reads_delivery(name: str, kwargs: Mapping[str, Any]) -> bool:
    return name == "get_item" and str(kwargs["Key"].get("sk", "")).startswith("delivery#")


def faulty(world: World, asked: Asked, fault: Fault) -> Faulty:
    return Faulty(world.dynamodb, once(asked, fault))
