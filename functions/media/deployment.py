"""The media function's environment, and the stores and processes built of it once a process."""

from functools import cache

from edge import clients, parts
from edge.environment import LimitsMedia
from punctual import clock
from punctual.deliveries import Deliveries
from punctual.idempotency import Idempotency
from punctual.media.discarding import Discarding
from punctual.media.library import Library
from punctual.media.needs import Needs
from punctual.media.receiving import Receiving
from punctual.media.renditions import Renditions
from punctual.media.storage import Storage
from punctual.media.uploads import Uploads
from punctual.media.uses import Uses
from punctual.tables import Table


class MediaEnvironment(LimitsMedia):
    work_table: str
    media_bucket: str
    media_queue_url: str
    import_queue_url: str
    allow_private_networks: bool = False


@cache
def environment() -> MediaEnvironment:
    return MediaEnvironment.read()


@cache
def table() -> Table:
    return clients.table(environment().work_table)


@cache
def library() -> Library:
    return Library(table(), clock.now)


@cache
def renditions() -> Renditions:
    return Renditions(table(), clock.now)


@cache
def uses() -> Uses:
    return Uses(table())


@cache
def storage() -> Storage:
    return parts.storage(table(), environment())


@cache
def uploads() -> Uploads:
    return Uploads(clients.client("s3"), environment().media_bucket, clock.now)


@cache
def idempotency() -> Idempotency:
    return Idempotency(table(), clock.now)


@cache
def receiving() -> Receiving:
    env = environment()
    return Receiving(
        library=library(),
        storage=storage(),
        uploads=uploads(),
        probing=clients.queue(env.media_queue_url),
        importing=clients.queue(env.import_queue_url),
        now=clock.now,
    )


@cache
def discarding() -> Discarding:
    deliveries = Deliveries(table())
    needs = Needs(uses(), parts.posts(table(), deliveries), deliveries)
    return Discarding(library=library(), storage=storage(), uploads=uploads(), needs=needs, now=clock.now)
