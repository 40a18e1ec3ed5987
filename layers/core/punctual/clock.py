"""Time: aware, UTC, to the millisecond, and as text that sorts like the time it names."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import PlainSerializer

Now: TypeAlias = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """RFC 3339 in UTC with exactly three decimals: `2026-11-22T16:00:00.000Z`, so that index keys sort."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(to_text, return_type=str)]
"""A time in an item or an answer: read from any RFC 3339 text, written by `to_text`."""
