"""Posts as the API answers them."""

from typing import Any

from punctual.clock import to_text
from punctual.deliveries import Delivery
from punctual.posts import Post
from punctual.writing import Written


def post_answer(written: Written) -> dict[str, Any]:
    found = summary_answer(written.post)
    return {**found, "deliveries": [delivery_answer(delivery) for delivery in written.deliveries]}


def summary_answer(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "status": post.status.value,
        "rev": post.rev,
        "text": post.text or None,
        "targets": [{"channel_id": t.channel_id, "text": t.text, "settings": t.settings} for t in post.targets],
        "scheduled_at": to_text(post.due_at) if post.due_at else None,
        "timezone": post.timezone,
        "max_delay_seconds": post.max_delay_seconds,
        "created_at": to_text(post.created_at),
        "updated_at": to_text(post.updated_at),
    }


def delivery_answer(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "channel_id": delivery.channel_id,
        "provider": delivery.provider,
        "status": delivery.status.value,
        "text": delivery.text,
        "settings": delivery.settings,
        "woken_by": delivery.woken_by,
        "started_at": to_text(delivery.started_at) if delivery.started_at else None,
        "completed_at": to_text(delivery.completed_at) if delivery.completed_at else None,
        "lateness_ms": delivery.lateness_ms,
        "platform_id": delivery.platform_id,
        "url": delivery.url,
        "error": delivery.error,
    }
