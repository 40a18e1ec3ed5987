"""One workspace full of posts, stored as the stores themselves store them. Every filter finds half of the posts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from punctual import ids
from punctual.deliveries import Deliveries, Delivery
from punctual.listing import Filter
from punctual.posts import Post, Posts, Target
from punctual.states import DeliveryStatus, PostStatus
from punctual.tables import Table

START = datetime(2027, 1, 1, tzinfo=UTC)
WORKSPACE = ids.new("ws")
CHANNELS = {ids.new("chn"): "sandbox", ids.new("chn"): "mastodon"}
CHANNEL = next(iter(CHANNELS))

SINGLE: dict[str, Filter] = {
    "time": Filter(from_at=START),
    "status": Filter(status=PostStatus.SCHEDULED),
    "channel_id": Filter(channel_id=CHANNEL),
    "provider": Filter(provider="sandbox"),
    "label": Filter(label="spring"),
    "external_id": Filter(external_id="campaign-1"),
}
TOGETHER: dict[str, Filter] = {
    "label, status": Filter(label="spring", status=PostStatus.SCHEDULED),
    "label, status (none)": Filter(label="spring", status=PostStatus.ERROR),
}


def fill(table: Table, count: int) -> None:
    """`count` must be a multiple of 20, so that the halves are halves."""
    deliveries = Deliveries(table)
    posts = Posts(table, deliveries, lambda: START)
    for post, delivery in _written(count):
        for operation in (*posts.putting(post), deliveries.putting(delivery)):
            put = operation["Put"]
            table.client.put_item(TableName=put["TableName"], Item=put["Item"])


def _written(count: int) -> Iterator[tuple[Post, Delivery]]:
    channels = list(CHANNELS)
    for place in range(count):
        channel = channels[place % 2]
        is_waiting = place // 2 % 2 == 0
        at = START + timedelta(minutes=place)
        post = Post(
            id=ids.new("post"),
            workspace_id=WORKSPACE,
            status=PostStatus.SCHEDULED if is_waiting else PostStatus.COMPLETED,
            text="x" * 280,
            targets=(Target(channel_id=channel),),
            created_at=START,
            updated_at=START,
            due_at=at,
            labels=("spring",) if place // 5 % 2 == 0 else ("autumn",),
            external_id=f"campaign-{1 if place // 10 % 2 == 0 else 2}",
            metadata={"order": "0123456789"},
            providers=(CHANNELS[channel],),
        )
        yield post, _delivery(post, channel, at)


def _delivery(post: Post, channel: str, at: datetime) -> Delivery:
    return Delivery(
        id=ids.new("dlv"),
        post_id=post.id,
        workspace_id=WORKSPACE,
        channel_id=channel,
        provider=CHANNELS[channel],
        status=DeliveryStatus(post.status.value),
        rev=1,
        due_at=at,
        max_delay_seconds=3600,
        text=post.text,
        stands_for_provider=True,
    )
