"""Lists of what is live, in which a part of ours is looked for."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from punctual.providers.finding import CLOCK_SKEW, is_free, moment
from punctual.providers.outcomes import RetryLater
from punctual.providers.posting import Outgoing

_SHOWS_WITHIN = timedelta(minutes=10)


def candidates(found: Mapping[str, Any], post: Outgoing, since: datetime | None = None) -> Iterator[Mapping[str, Any]]:
    """What an answer lists that may be the part by its time, and is no other delivery's; `since`, where that is not the
    first call. Raises RetryLater."""
    rows = found.get("data")
    if not isinstance(rows, list):
        raise RetryLater("The platform's answer could not be read.", code="unreadable_answer")
    sent_at = post.first_sent_at or post.due_at
    first, last = (since or sent_at) - CLOCK_SKEW, sent_at + _SHOWS_WITHIN
    for row in rows:
        at = moment(row.get("timestamp")) if isinstance(row, dict) else None
        if at and first <= at <= last and is_free(row.get("id"), post):
            yield row


def objects(found: Any) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
