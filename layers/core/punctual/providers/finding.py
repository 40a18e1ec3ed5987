"""What `find` goes by on every platform: when a post was made, and whose it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from punctual.providers.posting import Outgoing

CLOCK_SKEW = timedelta(seconds=5)
"""How far a platform's clock may be behind ours."""


def moment(text: Any) -> datetime | None:
    """`2026-11-22T16:00:00+0000`, `2026-11-22T16:00:00.000Z`; without a zone it is UTC. None: it is no time."""
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_since(made_at: datetime | None, since: datetime | None) -> bool:
    """What has no time, or is of a call that was never made, is no find."""
    return made_at is not None and since is not None and made_at >= since - CLOCK_SKEW


def is_free(platform_id: Any, post: Outgoing) -> bool:
    """Whether no other delivery is known to be that one."""
    return bool(platform_id) and str(platform_id) not in post.taken
